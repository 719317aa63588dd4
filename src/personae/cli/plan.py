"""``personae plan``: fix an analysis before the first answer is seen, and hold a run against it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from personae.cli.output import Grid, JsonFlag, Result, reporting

if TYPE_CHECKING:
    from rich.console import Console

    from personae.study.locked_plan import LockedPlan
    from personae.study.plan_check import PlanCheck

plan_app = typer.Typer(name="plan", help="Analysis plans: write, lock, check.", no_args_is_help=True)
Lock = Annotated[Path, typer.Argument(metavar="LOCK", help="File that personae plan lock wrote.")]


@plan_app.command("new")
@reporting
def new_plan(
    target: Annotated[Path, typer.Argument(metavar="FILE", help="Where the plan is written, as TOML.")],
    as_json: JsonFlag = False,
) -> Result:
    """Write a plan to begin with."""
    from personae.errors import ConflictError
    from personae.study.locked_plan import TEMPLATE

    if target.exists():
        raise ConflictError("there is a file already", where=str(target), remedy="choose another name")
    target.write_text(TEMPLATE, encoding="utf-8")
    return Result({"plan": str(target)}, lambda console: console.print(f"plan: {target}", markup=False))


@plan_app.command("lock")
@reporting
def lock(
    plan: Annotated[Path, typer.Argument(metavar="PLAN", help="The plan, as TOML.")],
    out: Annotated[Path | None, typer.Option("--out", help="Lock file. [default: PLAN with .lock.json]")] = None,
    as_json: JsonFlag = False,
) -> Result:
    """Lock a plan: the file gets the time and a seal. Keep a copy of the seal where you cannot change it."""
    from personae.study.locked_plan import lock_plan, read_plan, write_lock

    locked = lock_plan(read_plan(plan))
    target = out or plan.with_suffix(".lock.json")
    write_lock(locked, target)

    def show(console: Console) -> None:
        _show_lock(locked, console)
        console.print(f"lock: {target}; give it to a run with --plan {target}", markup=False)

    return Result({**locked.to_json(), "lock": str(target)}, show)


@plan_app.command("show")
@reporting
def show_plan(lock: Lock, as_json: JsonFlag = False) -> Result:
    """Show a locked plan, and whether it is the one that was locked."""
    from personae.study.locked_plan import read_lock

    locked = read_lock(lock)
    return Result(locked.to_json(), lambda console: _show_lock(locked, console))


@plan_app.command("check")
@reporting
def check(
    lock: Lock,
    run: Annotated[Path, typer.Argument(metavar="FOLDER", help="Folder of a run that was concluded.")],
    as_json: JsonFlag = False,
) -> Result:
    """Hold a run against a locked plan, whether or not it was started with it."""
    from personae.study import read_record
    from personae.study.locked_plan import read_lock
    from personae.study.plan_check import check_plan, read_findings

    findings, cells, expected = read_findings(run)
    checked = check_plan(read_lock(lock), read_record(run), findings, cells=cells, expected=expected)
    return Result(checked.to_json(), lambda console: show_check(checked, console))


def show_check(checked: PlanCheck, console: Console) -> None:
    """Print a run beside its plan."""
    rows = [
        [one.text, one.finding, one.subject, one.expects, _number(one.estimate), _number(one.p_adjusted), one.verdict]
        for one in checked.hypotheses
    ]
    head = ["hypothesis", "finding", "of", "expected", "found", "p, corrected", "verdict"]
    Grid(f"Plan: {checked.title}, locked {checked.locked}", head, rows, frozenset((4, 5))).show(console)
    held = [[one.what, one.planned, one.done, one.standing] for one in checked.elements]
    Grid("", ["element", "planned", "done", "standing"], held, frozenset()).show(console)
    if not checked.is_whole:
        console.print("The plan was changed after it was locked.", style="bold")
    if checked.unplanned:
        console.print(f"not in the plan: {len(checked.unplanned)} further tests", markup=False)


def _show_lock(locked: LockedPlan, console: Console) -> None:
    plan = locked.plan
    rows = [[one.key, one.text, one.finding, one.expects, one.family] for one in plan.hypotheses]
    console.print(f"{plan.title}; locked {locked.locked}; seal {locked.seal}", markup=False)
    Grid("", ["key", "hypothesis", "finding", "expects", "family"], rows, frozenset()).show(console)


def _number(value: Any) -> str:
    return "" if value is None else f"{value:.3g}"
