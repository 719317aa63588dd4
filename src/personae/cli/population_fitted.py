"""``personae population weight`` and ``choose``: people made to stand for others, and the few who differ most."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from personae.cli.output import Grid, JsonFlag, Result, reporting
from personae.errors import InputError

if TYPE_CHECKING:
    import polars as pl

People = Annotated[
    Path, typer.Argument(metavar="PEOPLE", help="Folder of a population, Parquet, CSV, JSONL, or a persona file.")
]
To = Annotated[Path, typer.Option("--to", help="File to write: .parquet, .csv or .jsonl.")]


@reporting
def weight_people(
    people: People,
    targets: Annotated[
        Path, typer.Argument(metavar="TARGETS", help="YAML or JSON: shares or counts by value, by column.")
    ],
    to: To,
    largest: Annotated[
        float | None, typer.Option("--largest", min=1, help="Trim weights above this many times their mean.")
    ] = None,
    as_json: JsonFlag = False,
) -> Result:
    """Weight people so that every column has the shares wanted (raking), and say what the weights cost."""
    from personae.population import margin_errors, rake
    from personae.population.store import open_people, save_people

    opened = open_people(people)
    frame = opened.frame()
    wanted = _targets(targets, frame)
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
        [row.column, str(row.value), f"{row.wanted:.4f}", f"{was.reached.estimate:.4f}", f"{row.reached.estimate:.4f}"]
        for row, was in zip(after.rows, before.rows, strict=True)
    ]
    title = (
        f"{frame.height} people, effective n {found.effective_n:.1f}, design effect {found.design_effect:.2f}, "
        f"largest weight {float(found.people['weight'].to_numpy().max()):.2f}"
    )
    warnings = [] if found.is_converged else [f"margins are missed by up to {found.largest_error:.3g}"]
    data = {**found.to_json(), "margins": after.to_json()["rows"], "before": before.to_json()["rows"], "to": str(to)}
    columns = ["column", "value", "wanted", "unweighted", "weighted"]
    return Result(data, Grid(title, columns, rows, frozenset((2, 3, 4))).show, warnings)


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


def _targets(path: Path, frame: pl.DataFrame) -> dict[str, dict[Any, float]]:
    """Shares by value as the columns spell them: a key of JSON is a text, whatever it stands for."""
    from personae.persona.spelling import parse_rows

    try:
        read = parse_rows(path.read_text(encoding="utf-8-sig"), path)
    except (OSError, UnicodeDecodeError) as error:
        raise InputError("cannot be read as text", where=str(path), remedy="give a file of YAML or JSON") from error
    told = read[0] if len(read) == 1 else None
    if not isinstance(told, Mapping) or not told:
        raise InputError("is no table of shares", where=str(path), remedy="write column: {value: share}")
    found: dict[str, dict[Any, float]] = {}
    for column, shares in told.items():
        if column not in frame.columns:
            raise InputError("is not among the columns", where=column, remedy=f"there are {', '.join(frame.columns)}")
        if not isinstance(shares, Mapping) or not shares:
            raise InputError("has no shares", where=f"{path}: {column}", remedy="write column: {value: share}")
        spelled = {str(value).casefold(): value for value in frame[column].unique(maintain_order=True).to_list()}
        own = found.setdefault(column, {})
        for value, share in shares.items():
            if isinstance(share, bool) or not isinstance(share, int | float):
                raise InputError(f"the share of {value!r} is no number", where=f"{path}: {column}", remedy="give one")
            exact = next((one for one in spelled.values() if str(one) == str(value)), None)
            own[exact if exact is not None else spelled.get(str(value).casefold(), value)] = float(share)
    return found
