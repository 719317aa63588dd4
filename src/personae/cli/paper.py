"""``personae paper``: the papers, what they claim, and running them."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from personae.cli import options
from personae.cli.output import Grid, JsonFlag, Result, reporting

if TYPE_CHECKING:
    from rich.console import Console

    from personae.study import Forecast, Outcome
    from personae.study.conclude import Conclusion

paper_app = typer.Typer(name="paper", help="Papers: list, show, run, replay.", no_args_is_help=True)

Key = Annotated[str, typer.Argument(metavar="PAPER", help="Key or number of the paper.")]


@paper_app.command("list")
@reporting
def list_papers(
    runs: Annotated[bool, typer.Option("--runs", help="Only papers that run.")] = False,
    tag: Annotated[str, typer.Option("--tag", metavar="TERM", help="Only papers under a term of the taxonomies.")] = "",
    markdown: Annotated[bool, typer.Option("--markdown", help="Print the page of the documentation.")] = False,
    as_json: JsonFlag = False,
) -> Result:
    """List all papers, and say of each whether it runs."""
    from personae.papers import catalogue, is_runnable, papers_tagged, write_index

    papers = [paper for paper in (papers_tagged(tag) if tag else catalogue()) if not runs or is_runnable(paper)]
    data = {"papers": [{**paper.model_dump(mode="json"), "runs": is_runnable(paper)} for paper in papers]}
    if markdown:
        return Result(data, lambda console: console.out(write_index(), end=""))
    rows = [[str(one.number), one.key, one.title, one.kind, "yes" if is_runnable(one) else ""] for one in papers]
    return Result(data, Grid("", ["#", "key", "title", "kind", "runs"], rows, frozenset((0,))).show)


@paper_app.command("show")
@reporting
def show_paper(key: Key, as_json: JsonFlag = False) -> Result:
    """Show a paper: what it is, whether it runs, its parameters, its published figures."""
    from personae.papers import find_paper, is_runnable, load_paper

    entry = find_paper(key)
    data = {**entry.model_dump(mode="json"), "runs": is_runnable(entry)}
    if not is_runnable(entry):
        return Result(data, lambda console: _describe(console, data))
    paper = load_paper(entry.key)
    data["parameters"] = dict(paper.parameters)
    data["roles"] = dict(paper.roles)
    data["full"] = dict(paper.full)
    data["claims"] = [
        {"name": one.name, "subject": one.subject, "value": one.value, "where": one.where, "confidence": one.confidence}
        for one in paper.claims
    ]

    def show(console: Console) -> None:
        _describe(console, data)
        Grid("Parameters (-P NAME=VALUE)", ["name", "sets"], [list(pair) for pair in paper.parameters.items()]).show(
            console
        )
        if paper.full:
            published = " ".join(f"-P {name}={value}" for name, value in paper.full.items())
            console.print(f"published size (--full): {published}", markup=False)
        rows = [[one.name, one.subject, f"{one.value:g}", one.where, one.confidence] for one in paper.claims]
        Grid("Published figures", ["finding", "for", "value", "where", "confidence"], rows, frozenset((2,))).show(
            console
        )

    return Result(data, show)


@paper_app.command("run")
@reporting
def run_paper(
    key: Key,
    model: options.ModelOption = "",
    model_role: options.RoleOption = [],  # noqa: B006  # typer copies it
    model_option: options.ModelSettings = [],  # noqa: B006
    model_base_url: options.BaseUrl = "",
    parameter: options.Parameters = [],  # noqa: B006
    full: Annotated[bool, typer.Option("--full", help="Take the published size instead of the reduced one.")] = False,
    plan: options.PlanOption = None,
    seed: options.Seed = 0,
    limit: options.Limit = None,
    cost_limit: options.CostLimit = None,
    token_limit: options.TokenLimit = None,
    dry_run: options.DryRun = False,
    shard: options.ShardOption = "",
    ledger: options.LedgerOption = "",
    wait: options.WaitFlag = True,
    on: options.OnOption = "",
    parts: options.PartsOption = 2,
    max_connections: options.Workers = 32,
    folder: options.FolderOption = None,
    cache: options.CacheFlag = True,
    progress: options.ProgressFlag = True,
    metrics_port: options.MetricsPort = None,
    fail_on_error: options.FailOnError = 1.0,
    as_json: JsonFlag = False,
) -> Result:
    """Run a paper's study, or continue it: the same command again asks only for what is missing."""
    from personae.launch import Launch, ModelChoice
    from personae.papers import load_paper

    paper, given = load_paper(key), options.read_pairs(parameter, "-P")
    launch = Launch(
        paper,
        {**paper.full, **given} if full else given,
        ModelChoice.read(
            model,
            options.read_pairs(model_role, "--model-role"),
            options.read_pairs(model_option, "-M"),
            model_base_url,
        ),
        seed,
        shard,
        ledger,
        options.read_plan(plan),
    )
    if dry_run:
        from personae.cli.shown import show_forecast

        forecast = launch.forecast(limit=limit)
        return Result(forecast_data(forecast), lambda console: show_forecast(forecast, console))
    if on:
        options.check_on(on, {"--limit": limit, "--shard": shard, "--ledger": ledger})
        outcome, conclusion = launch.run_on_ray(
            parts=parts,
            folder=folder,
            workers=max_connections,
            budget=options.read_budget(cost_limit, token_limit),
            use_cache=cache,
            is_quiet=not progress,
        )
        return conclude(outcome, conclusion, fail_on_error)
    outcome, conclusion = launch.run(
        folder=folder,
        workers=max_connections,
        limit=limit,
        budget=options.read_budget(cost_limit, token_limit),
        use_cache=cache,
        is_quiet=not progress,
        waits=wait,
        hooks=options.make_hooks(metrics_port),
    )
    return conclude(outcome, conclusion, fail_on_error)


@paper_app.command("replay")
@reporting
def replay_paper(
    key: Key,
    source: Annotated[Path, typer.Argument(metavar="FOLDER", help="Folder of raw outputs that the authors published.")],
    parameter: options.Parameters = [],  # noqa: B006
    folder: options.FolderOption = None,
    as_json: JsonFlag = False,
) -> Result:
    """Score raw outputs that a paper's authors published, with the same code that scores a fresh run."""
    from personae.canonical import content_hash
    from personae.cli.shown import show_conclusion
    from personae.errors import InputError
    from personae.papers import conclude_replay, load_paper
    from personae.settings import runs_dir
    from personae.study import RunFolder

    paper = load_paper(key)
    if paper.read_replay is None:
        raise InputError("published no raw outputs that could be replayed", where=paper.key)
    if not source.is_dir():
        raise InputError("there is no such folder", where=str(source), remedy="name the folder that holds the outputs")
    replay = paper.read_replay(source, options.read_pairs(parameter, "-P"))
    mark = content_hash([paper.key, str(source.resolve()), sorted(parameter)])[:8]
    with RunFolder(folder or runs_dir() / f"{paper.key}-replay-{mark}") as held:
        conclusion = conclude_replay(paper, replay, held)
    return Result(conclusion.to_json(), lambda console: show_conclusion(conclusion, console), replay.warnings)


def conclude(outcome: Outcome, conclusion: Conclusion, fail_on_error: float) -> Result:
    """The result of a run: its findings, and exit code 5 if too many cells failed or a budget was reached."""
    from personae.cli.shown import show_conclusion
    from personae.errors import IncompleteError

    failed = conclusion.statuses.get("whole observation", {}).get("failed", 0)
    share = failed / conclusion.cells if conclusion.cells else 0.0
    warnings = []
    if failed:
        warnings.append(f"{failed} of {conclusion.cells} cells failed; run the same command again to ask them again")
    tally = outcome.tally
    warnings += tally.warnings
    data = {
        **conclusion.to_json(),
        "calls": {
            "made": tally.calls,
            "cached": tally.cached_calls,
            "failed": tally.failed_calls,
            "input_tokens": tally.usage.input_tokens,
            "output_tokens": tally.usage.output_tokens,
            "cost": None if tally.has_unknown_cost else tally.cost,
        },
    }
    if outcome.stopped:
        warnings.append(f"stopped: {outcome.stopped}; the same command with a higher limit goes on")
    if outcome.left:
        warnings.append(f"{outcome.left} cells were left to other workers; personae run report shows the whole later")
    is_short = bool(outcome.stopped) or (failed and share >= fail_on_error)
    code = IncompleteError.exit_code if is_short else 0
    return Result(data, lambda console: show_conclusion(conclusion, console), warnings, code)


def forecast_data(forecast: Forecast) -> dict[str, object]:
    """What a run is expected to take, as JSON."""
    return {
        "cells": forecast.cells,
        "tried": forecast.tried,
        "tokens": forecast.tokens,
        "cost": forecast.cost,
        "roles": [asdict(expense) for expense in forecast.expenses],
    }


def _describe(console: Console, data: dict[str, object]) -> None:
    year = f" ({data['year']})" if data["year"] else ""
    console.print(f"[{data['number']}] {data['title']}{year}", style="bold", markup=False)
    console.print(str(data["summary"]), markup=False)
    if data["link"]:
        console.print(str(data["link"]), markup=False)
    console.print(
        f"key {data['key']}, kind {data['kind']}, {'runs' if data['runs'] else 'does not run yet'}", markup=False
    )
