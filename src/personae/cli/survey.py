"""``personae survey``: questions with branches, put to any model and any people."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from personae.cli import options
from personae.cli.administer import People, Population
from personae.cli.output import Grid, JsonFlag, Result, reporting
from personae.cli.paper import conclude, forecast_data

if TYPE_CHECKING:
    from rich.console import Console

survey_app = typer.Typer(name="survey", help="Surveys with branches: show, run.", no_args_is_help=True)

File = Annotated[Path, typer.Argument(metavar="FILE", help="TOML file of the survey.")]


@survey_app.command("show")
@reporting
def show_survey(file: File, as_json: JsonFlag = False) -> Result:
    """Show the questions of a survey with the conditions that they stand under."""
    from personae.instrument.survey import read_survey

    survey = read_survey(file)
    rows = []
    for block in survey.blocks:
        if block.ends:
            rows.append([block.key, "", "ends the survey", "", block.show_if])
        for one in block.questions:
            condition = " and ".join(filter(None, (block.show_if, one.show_if)))
            after = "; ".join(f"{jump.when} -> {jump.to}" for jump in one.jumps)
            rows.append([block.key, one.key, one.text, one.kind, f"{condition}{f' (then {after})' if after else ''}"])

    def show(console: Console) -> None:
        console.print(
            f"{survey.title or survey.key} ({survey.key}, version {survey.version})", style="bold", markup=False
        )
        Grid("", ["block", "question", "text", "kind", "shown if (then)"], rows).show(console)

    return Result({**survey.model_dump(mode="json"), "hash": survey.hash}, show)


@survey_app.command("run")
@reporting
def run_survey(
    file: File,
    model: options.ModelOption = "",
    model_option: options.ModelSettings = [],  # noqa: B006  # typer copies it
    model_base_url: options.BaseUrl = "",
    persona: People = [],  # noqa: B006
    population: Population = None,
    parameter: options.Parameters = [],  # noqa: B006
    seed: options.Seed = 0,
    limit: options.Limit = None,
    cost_limit: options.CostLimit = None,
    token_limit: options.TokenLimit = None,
    dry_run: options.DryRun = False,
    max_connections: options.Workers = 32,
    folder: options.FolderOption = None,
    cache: options.CacheFlag = True,
    progress: options.ProgressFlag = True,
    fail_on_error: options.FailOnError = 1.0,
    as_json: JsonFlag = False,
) -> Result:
    """Put a survey to a model as itself or to people that it plays; the same command again continues."""
    from personae.cli.shown import show_forecast
    from personae.instrument.survey import survey_experiment
    from personae.launch import Launch, ModelChoice

    people = [str(path.resolve()) for path in (*persona, *([population] if population else []))]
    given = {**options.read_pairs(parameter, "-P"), "survey": str(file.resolve())}
    if people:
        given["people"] = json.dumps(people)
    models = ModelChoice.read(model, {}, options.read_pairs(model_option, "-M"), model_base_url)
    launch = Launch(survey_experiment(given), given, models, seed)
    if dry_run:
        forecast = launch.forecast(limit=limit)
        return Result(forecast_data(forecast), lambda console: show_forecast(forecast, console))
    outcome, conclusion = launch.run(
        folder=folder,
        workers=max_connections,
        limit=limit,
        budget=options.read_budget(cost_limit, token_limit),
        use_cache=cache,
        is_quiet=not progress,
    )
    return conclude(outcome, conclusion, fail_on_error)
