"""From ledger rows to the table that findings are measured on."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from personae.canonical import canonical_json
from personae.errors import InputError

if TYPE_CHECKING:
    import polars as pl

RESERVED = ("cell", "status", "detail")
"""Columns that no factor and no value may be called."""

BOOKKEEPING = (*RESERVED, "model")
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
