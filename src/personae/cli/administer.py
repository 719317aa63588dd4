"""``personae instrument administer`` and ``score``: any instrument, any model, any people, one report."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from personae.cli import options
from personae.cli.output import JsonFlag, Result, reporting
from personae.cli.paper import conclude, forecast_data

Key = Annotated[str, typer.Argument(metavar="INSTRUMENT", help="Key of the library, or a TOML file.")]
People = Annotated[
    list[Path], typer.Option("--persona", help="File of personas (YAML, JSON, JSONL, CSV); may be given again.")
]
Population = Annotated[
    Path | None,
    typer.Option("--population", help="File of a population that was drawn before; read as --persona is."),
]
Models = Annotated[
    list[str],
    typer.Option("--model", help="Model; given again, all are compared on one page. [default: $PERSONAE_MODEL or sim]"),
]


@reporting
def administer_instrument(
    key: Key,
    model: Models = [],  # noqa: B006  # typer copies it
    persona: People = [],  # noqa: B006
    population: Population = None,
    model_option: options.ModelSettings = [],  # noqa: B006
    model_base_url: options.BaseUrl = "",
    parameter: options.Parameters = [],  # noqa: B006
    plan: options.PlanOption = None,
    seed: options.Seed = 0,
    limit: options.Limit = None,
    cost_limit: options.CostLimit = None,
    token_limit: options.TokenLimit = None,
    dry_run: options.DryRun = False,
    shard: options.ShardOption = "",
    ledger: options.LedgerOption = "",
    max_connections: options.Workers = 32,
    folder: options.FolderOption = None,
    cache: options.CacheFlag = True,
    progress: options.ProgressFlag = True,
    metrics_port: options.MetricsPort = None,
    fail_on_error: options.FailOnError = 1.0,
    as_json: JsonFlag = False,
) -> Result:
    """Put an instrument to a model as itself or to people that it plays; the same command again continues."""
    from personae.canonical import content_hash
    from personae.cli.shown import show_conclusion, show_forecast
    from personae.instrument.assessment import assessment, compare_models, parameters_of
    from personae.launch import Launch, ModelChoice, short_name
    from personae.settings import default_model, runs_dir
    from personae.study import RunFolder

    people = [*persona, *([population] if population else [])]
    given = parameters_of(key, people, options.read_pairs(parameter, "-P"))
    experiment = assessment(given)
    settings = options.read_pairs(model_option, "-M")
    locked = options.read_plan(plan)
    launches = [
        Launch(experiment, given, ModelChoice.read(name, {}, settings, model_base_url), seed, shard, ledger, locked)
        for name in dict.fromkeys(model or [default_model()])
    ]
    if dry_run:
        forecast = launches[0].forecast(limit=limit)
        return Result(forecast_data(forecast), lambda console: show_forecast(forecast, console))

    ended = []
    several = len(launches) > 1
    for launch in launches:
        name = launch.models.names["subject"]
        at = folder / short_name(name) if folder and several else folder
        outcome, conclusion = launch.run(
            folder=at,
            workers=max_connections,
            limit=limit,
            budget=options.read_budget(cost_limit, token_limit),
            use_cache=cache,
            is_quiet=not progress,
            hooks=options.make_hooks(metrics_port),
        )
        ended.append((conclusion, conclude(outcome, conclusion, fail_on_error)))
    if not several:
        return ended[0][1]
    runs = [conclusion.folder for conclusion, _ in ended]
    together = folder or runs_dir() / f"{experiment.key}-models-{content_hash([str(run) for run in runs])[:8]}"
    with RunFolder(together) as held:
        conclusion = compare_models(runs, held)
    return Result(
        {**conclusion.to_json(), "runs": [result.data for _, result in ended]},
        lambda console: show_conclusion(conclusion, console),
        [warning for _, result in ended for warning in result.warnings],
        max(result.exit_code for _, result in ended),
    )


@reporting
def score_answers(
    key: Key,
    answers: Annotated[Path, typer.Argument(metavar="CSV", help="A row for each respondent, a column for each item.")],
    folder: options.FolderOption = None,
    plan: options.PlanOption = None,
    as_json: JsonFlag = False,
) -> Result:
    """Score answers that are there already, from people or from elsewhere, and report on them as on a run's."""
    from personae.canonical import content_hash
    from personae.cli.shown import show_conclusion
    from personae.instrument import load_instrument
    from personae.instrument.assessment import assess_answers
    from personae.settings import runs_dir
    from personae.study import RunFolder

    instrument = load_instrument(key)
    mark = content_hash([instrument.hash, str(answers.resolve())])[:8]
    with RunFolder(folder or runs_dir() / f"{instrument.key}-scored-{mark}") as held:
        conclusion = assess_answers(instrument, answers, held, options.read_plan(plan))
    return Result(conclusion.to_json(), lambda console: show_conclusion(conclusion, console))
