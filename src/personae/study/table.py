"""From ledger rows to the table that findings are measured on."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from personae.canonical import canonical_json
from personae.errors import InputError

if TYPE_CHECKING:
    import polars as pl

    from personae.study.stores import LedgerStore

RESERVED = frozenset({"cell", "status", "detail"})
"""Columns that no factor and no value may be called."""

BOOKKEEPING = ("cell", "status", "detail", "model")
"""Columns that every table has, before factors and values."""


def build_table(rows: Iterable[dict[str, Any]], model: str) -> pl.DataFrame:
    """Build the table of a run: one row an observation; columns that a row does not have are null.

    Args:
        rows: Flat rows as the ledger gives them.
        model: Name of the model that was observed; kept in the column ``model`` unless a row names its own.

    Raises:
        InputError: If a column holds lists in some rows and scalars in others.
    """
    import polars as pl

    complete = [{"model": model, **row} for row in rows]
    _unify_lists(complete)
    if not complete:
        return pl.DataFrame(schema=dict.fromkeys(BOOKKEEPING, pl.String))
    table = pl.from_dicts(complete, infer_schema_length=None)
    rest = [name for name in table.columns if name not in BOOKKEEPING]
    return table.select(*BOOKKEEPING, *rest)


def read_table(ledger: LedgerStore, model: str, *, last_observation: int | None = None) -> pl.DataFrame:
    """Read the table of a run from its ledger: one row a cell, in the order of their keys.

    Args:
        ledger: The ledger.
        model: As for ``build_table``.
        last_observation: Where the ledger stood at the time that is wanted; else all of it.

    Raises:
        InputError: As ``build_table``.
        StorageError: If the ledger cannot be read.
    """
    import polars as pl

    try:
        pieces = [pl.read_ndjson(lines, infer_schema_length=None) for lines in ledger.lines(last_observation)]
        if not pieces:
            return build_table((), model)
        # An order that does not depend on which worker was faster, and the last word on each cell.
        table = pl.concat(pieces, how="diagonal_relaxed").unique("cell", keep="last", maintain_order=True).sort("cell")
    except pl.exceptions.PolarsError:  # truth values among numbers, lists among scalars: rare, and slower to sort out
        table = build_table(ledger.rows(), model)
    own = pl.col("model").cast(pl.String).fill_null(model) if "model" in table.columns else pl.lit(model).alias("model")
    table = table.with_columns(own)
    # Polars gives the columns of JSON in an order that differs from process to process.
    rest = sorted(name for name in table.columns if name not in BOOKKEEPING)
    return table.select(*BOOKKEEPING, *rest)


def _unify_lists(rows: list[dict[str, Any]]) -> None:
    """Give all elements of a list column one type, in place: polars does so for scalars only."""
    kinds: dict[str, set[type]] = {}
    scalars: set[str] = set()
    for row in rows:
        for name, value in row.items():
            if isinstance(value, list):
                kinds.setdefault(name, set()).update(type(element) for element in value if element is not None)
            elif value is not None:
                scalars.add(name)
    for name, found in kinds.items():
        if name in scalars:
            raise InputError(
                "holds a list in some rows and one value in others", where=f"column {name}", remedy="observe lists only"
            )
        if len(found) > 1:
            convert = _as_text if str in found else float if float in found else int
            for row in rows:
                if row.get(name) is not None:
                    row[name] = [None if element is None else convert(element) for element in row[name]]


def _as_text(value: Any) -> str:
    return value if isinstance(value, str) else canonical_json(value).decode()
