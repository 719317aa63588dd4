"""``personae run``: the runs there are, and continuing them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from personae.cli import options
from personae.cli.output import Grid, JsonFlag, Result, reporting
from personae.cli.run_data import export_run, query_run
from personae.errors import InputError

if TYPE_CHECKING:
    from rich.console import Console

    from personae.study import RunFolder

run_app = typer.Typer(name="run", help="Runs: list, show, resume, report.", no_args_is_help=True)
run_app.command("export")(export_run)
run_app.command("query")(query_run)

Folder = Annotated[Path, typer.Argument(metavar="FOLDER", help="Run folder.")]


@run_app.command("list")
@reporting
def list_run_folders(
    inside: Annotated[
        Path | None, typer.Option("--in", help="Folder of runs. [default: $PERSONAE_LOG_DIR or runs]")
    ] = None,
    as_json: JsonFlag = False,
) -> Result:
    """List the runs, oldest first."""
    from personae.settings import runs_dir
    from personae.study import list_runs

    runs = [_summary(path) for path in list_runs(inside or runs_dir())]
    rows = [
        [str(one[name] if one[name] is not None else "?") for name in ("folder", "what", "model", "cells", "created")]
        for one in runs
    ]
    grid = Grid("", ["folder", "study", "model", "cells", "started"], rows, frozenset((3,)))
    return Result({"runs": runs}, grid.show)


@run_app.command("show")
@reporting
def show_run(folder: Folder, as_json: JsonFlag = False) -> Result:
    """Show what a run is, how far it is, and what it cost."""
    from personae.study import RunFolder, has_ledger, open_ledger, read_record

    record = read_record(folder)
    data: dict[str, Any] = {"record": record}
    held = RunFolder(folder)
    if has_ledger(held):
        ledger = open_ledger(held)
        try:
            data["statuses"], data["calls"] = ledger.count_statuses(), ledger.count_calls()
        finally:
            ledger.close()
    data["report"] = str(held.report_file) if held.report_file.is_file() else None

    def show(console: Console) -> None:
        for name in ("study", "replay", "fingerprint", "created", "seed", "models", "parameters", "ledger", "versions"):
            if name in record:
                console.print(f"{name}: {record[name]}", markup=False)
        for name in ("statuses", "calls", "report"):
            if data.get(name):
                console.print(f"{name}: {data[name]}", markup=False)

    return Result(data, show)


@run_app.command("resume")
@reporting
def resume_run(
    folder: Folder,
    limit: options.Limit = None,
    cost_limit: options.CostLimit = None,
    token_limit: options.TokenLimit = None,
    max_connections: options.Workers = 32,
    cache: options.CacheFlag = True,
    progress: options.ProgressFlag = True,
    metrics_port: options.MetricsPort = None,
    fail_on_error: options.FailOnError = 1.0,
    wait: options.WaitFlag = True,
    as_json: JsonFlag = False,
) -> Result:
    """Continue a run in its folder: only what is missing or failed is asked for."""
    from personae.cli.paper import conclude
    from personae.launch import relaunch

    outcome, conclusion = relaunch(folder).run(
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


@run_app.command("merge")
@reporting
def merge_run(
    target: Annotated[Path, typer.Argument(metavar="TARGET", help="Folder of the whole run; made if it is not there.")],
    parts: Annotated[list[Path], typer.Argument(metavar="PART...", help="Folders of the parts.")],
    as_json: JsonFlag = False,
) -> Result:
    """Bring the parts of a run together, then measure and report the whole."""
    from personae.cli.shown import show_conclusion
    from personae.launch import relaunch
    from personae.study import RunFolder, merge_runs
    from personae.study.conclude import conclude_run

    merge_runs(target, parts)
    launch = relaunch(target)
    study = launch.experiment.make_study(launch.parameters)
    with RunFolder(target) as held:
        conclusion = conclude_run(launch.experiment, study, held)
    return Result(conclusion.to_json(), lambda console: show_conclusion(conclusion, console))


@run_app.command("cost")
@reporting
def show_cost(
    folder: Folder,
    by: Annotated[str, typer.Option("--by", metavar="WHAT", help="role, model, or a factor such as type.")] = "role",
    as_json: JsonFlag = False,
) -> Result:
    """Show what the calls of a run took: by role, by model, or by a factor of its design."""
    from dataclasses import asdict

    from personae.study import RunFolder, has_ledger, open_ledger, read_record

    read_record(folder)
    held = RunFolder(folder)
    if not has_ledger(held):
        raise InputError("holds no calls", where=str(folder), remedy="a replay asks no model")
    ledger = open_ledger(held)
    try:
        parts = ledger.spending(by)
    finally:
        ledger.close()
    columns = [by, "calls", "from cache", "failed", "input", "of it cached", "output", "of it reasoning", "US dollars"]
    rows = [
        [
            *(str(value) for value in (one.name, one.calls, one.from_cache, one.failed)),
            *(str(value) for value in (one.input_tokens, one.cached_tokens, one.output_tokens, one.reasoning_tokens)),
            f"{one.cost:.4f}" if not one.unpriced else f"over {one.cost:.4f}" if one.cost else "unknown",
        ]
        for one in parts
    ]
    grid = Grid("", columns, rows, frozenset(range(1, len(columns))))
    return Result({"by": by, "spending": [asdict(one) for one in parts]}, grid.show)


@run_app.command("report")
@reporting
def report_run(
    folder: Folder,
    parameter: options.Parameters = [],  # noqa: B006  # typer copies it
    as_json: JsonFlag = False,
) -> Result:
    """Measure a run again and write its report, without asking any model; the run may be unfinished."""
    from personae.cli.shown import show_conclusion
    from personae.launch import relaunch
    from personae.study import RunFolder
    from personae.study.conclude import conclude_run

    launch = relaunch(folder)
    study = launch.experiment.make_study({**launch.parameters, **options.read_pairs(parameter, "-P")})
    conclusion = conclude_run(launch.experiment, study, RunFolder(folder))
    return Result(conclusion.to_json(), lambda console: show_conclusion(conclusion, console))


def _summary(path: Path) -> dict[str, object]:
    from personae.study import RunFolder, read_record

    record = read_record(path)
    held = RunFolder(path)
    models = record.get("models") or {}
    return {
        "folder": str(path),
        "what": record.get("study") or f"{record.get('replay')} (replay)",
        "model": models.get("subject", {}).get("name", ""),
        "cells": _count_cells(held),
        "created": record["created"],
        "has_report": held.report_file.is_file(),
    }


def _count_cells(folder: RunFolder) -> int | None:
    """How many cells a run has; None where its database does not say so, which must not hide the other runs."""
    from personae.errors import MissingExtraError, StorageError
    from personae.study import has_ledger, open_ledger

    if not has_ledger(folder):
        return 0
    try:
        ledger = open_ledger(folder)
    except (InputError, StorageError, MissingExtraError):
        if folder.ledger_file.is_file():
            raise
        return None
    try:
        return sum(ledger.count_statuses().values())
    finally:
        ledger.close()
