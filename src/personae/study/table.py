"""From ledger rows to the table that findings are measured on."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import polars as pl

BOOKKEEPING = ("cell", "status", "detail", "model")
"""Columns that every table has, before factors and values."""


def build_table(rows: Iterable[dict[str, Any]], model: str) -> pl.DataFrame:
    """Build the table of a run: one row an observation; columns that a row does not have are null.

    Args:
        rows: Flat rows as the ledger gives them.
        model: Name of the model that was observed; kept in the column ``model`` unless a row names its own.
    """
    import polars as pl

    complete = [{"model": model, **row} for row in rows]
    if not complete:
        return pl.DataFrame(schema=dict.fromkeys(BOOKKEEPING, pl.String))
    table = pl.from_dicts(complete, infer_schema_length=None)
    rest = [name for name in table.columns if name not in BOOKKEEPING]
    return table.select(*BOOKKEEPING, *rest)
