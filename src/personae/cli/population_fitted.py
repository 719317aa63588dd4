"""``personae population weight``, ``margins``, ``choose``: people who stand for others, and the few who differ most."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from personae.cli.output import Grid, JsonFlag, Result, reporting
from personae.errors import InputError

if TYPE_CHECKING:
    from personae.population import MarginError

People = Annotated[
    Path, typer.Argument(metavar="PEOPLE", help="Folder of a population, Parquet, CSV, JSONL, or a persona file.")
]
Targets = Annotated[
    Path, typer.Argument(metavar="TARGETS", help="YAML, TOML or JSON: shares by value, by column; cells of several.")
]
To = Annotated[Path, typer.Option("--to", help="File to write: .parquet, .csv or .jsonl.")]


@reporting
def weight_people(
    people: People,
    targets: Targets,
    to: To,
    largest: Annotated[
        float | None, typer.Option("--largest", min=1, help="Trim weights above this many times their mean.")
    ] = None,
    as_json: JsonFlag = False,
) -> Result:
    """Weight people so that columns, or cells of several, have the shares wanted (raking); say what weights cost."""
    from personae.population import margin_errors, rake
    from personae.population.store import open_people, save_people
    from personae.population.wanted import read_wanted

    opened = open_people(people)
    frame = opened.frame()
    wanted = read_wanted(targets, frame)
    before = margin_errors(frame, wanted)
    found = rake(frame, wanted, largest=largest)
    if not found.is_converged and largest is None:
        raise InputError(
            f"no weights of these people reach the margins; they are missed by {found.largest_error:.3g}",
            where=str(targets),
            remedy="margins contradict each other here: merge values, add people, or accept the miss with --largest",
        )
    after = margin_errors(found.people, wanted)
    save_people(found.people, to, opened.provenance)
    rows = [
        [row.column, _words(row.value), f"{row.wanted:.4f}", f"{was.reached.estimate:.4f}", *_reached(row)]
        for row, was in zip(after.rows, before.rows, strict=True)
    ]
    title = (
        f"{frame.height} people, effective n {found.effective_n:.1f}, design effect {found.design_effect:.2f}, "
        f"largest weight {float(found.people['weight'].to_numpy().max()):.2f}"
    )
    warnings = [] if found.is_converged else [f"margins are missed by up to {found.largest_error:.3g}"]
    data = {**found.to_json(), "margins": after.to_json()["rows"], "before": before.to_json()["rows"], "to": str(to)}
    columns = ["column", "value", "wanted", "before", "reached", "low", "high"]
    return Result(data, Grid(title, columns, rows, frozenset(range(2, 7))).show, warnings)


@reporting
def tell_margins(people: People, targets: Targets, as_json: JsonFlag = False) -> Result:
    """Say how far people, by their weights if any, are from the shares wanted, and what of it may be chance."""
    from personae.population import margin_errors
    from personae.population.store import open_people
    from personae.population.wanted import read_wanted

    frame = open_people(people).frame()
    found = margin_errors(frame, read_wanted(targets, frame))
    outside = set(map(id, found.outside))
    rows = [
        [row.column, _words(row.value), f"{row.wanted:.4f}", *_reached(row), f"{row.error:+.4f}",
         "outside" if id(row) in outside else ""]
        for row in found.rows
    ]  # fmt: skip
    names = list(dict.fromkeys(row.column for row in found.rows))
    variation = {name: found.total_variation(name) for name in names}
    title = (
        f"{frame.height} people, effective n {found.effective_n:.1f}; {len(outside)} of {len(found.rows)} wanted "
        f"shares are outside the 95% interval of those reached; people to be changed: "
        f"{', '.join(f'{name} {share:.3f}' for name, share in variation.items())}"
    )
    missing = {row.column: row.reached.missing for row in found.rows if row.reached.missing}
    warnings = [f"{name} is empty for {count} people, who are left out" for name, count in missing.items()]
    data = {**found.to_json(), "total_variation": variation, "outside": len(outside)}
    columns = ["column", "value", "wanted", "reached", "low", "high", "error", ""]
    return Result(data, Grid(title, columns, rows, frozenset(range(2, 7))).show, warnings)


def _reached(row: MarginError) -> list[str]:
    return [f"{one:.4f}" for one in (row.reached.estimate, row.reached.low, row.reached.high)]


def _words(value: Any) -> str:
    return " / ".join(map(str, value)) if isinstance(value, tuple) else str(value)


@reporting
def choose_people(
    people: People,
    to: To,
    count: Annotated[int, typer.Option("--count", min=1, help="How many are chosen.")],
    column: Annotated[
        list[str], typer.Option("--column", help="Column they are to differ in; may be given again. [default: all]")
    ] = [],  # noqa: B006  # typer copies it
    as_json: JsonFlag = False,
) -> Result:
    """Choose the few people who are farthest apart (maximin), the first of them the one nearest to the middle."""
    from personae.population import choose_apart
    from personae.population.fields import RESERVED, free_text
    from personae.population.store import open_people, save_people

    opened = open_people(people)
    frame = opened.frame()
    closed = frame.drop([name for name in (*RESERVED, free_text(frame)) if name in frame.columns])
    chosen = choose_apart(frame if column else closed, count, columns=column or None)
    save_people(frame[chosen], to, opened.provenance)
    rows = [["chosen", str(len(chosen))], ["of", str(frame.height)]]
    return Result({"rows": chosen.tolist(), "of": frame.height, "to": str(to)}, Grid("", ["", ""], rows).show)
