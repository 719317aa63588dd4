"""Texts that models wrote in a run, for people who rate them without knowing whose they are."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import orjson

from personae.errors import InputError
from personae.serve.running.ledgers import reading

LAST_ANSWER = "the last answer"
"""Column of what the model said last, where a run keeps transcripts."""

_LOOKED_AT = 20_000
_LEAST_LETTERS = 20
_MOST_LETTERS = 20_000


def text_columns(folder: Path) -> list[dict[str, Any]]:
    """Columns of a run that hold texts, with how many and one of them, and the factors that can set texts apart.

    At most the first 20,000 observations are looked at.

    Raises:
        StorageError: If the ledger cannot be read.
    """
    found: dict[str, dict[str, Any]] = {}
    for _, _, texts in _observed(folder):
        for column, text in texts.items():
            row = found.setdefault(column, {"column": column, "texts": 0, "example": text[:200]})
            row["texts"] += 1
    return sorted(found.values(), key=lambda row: (row["column"] == LAST_ANSWER, -row["texts"], row["column"]))


def texts_of(folder: Path, column: str, group: str, most: int, rng: np.random.Generator) -> list[tuple[str, str, str]]:
    """Texts of a column, each with its cell and the value of a factor; a random choice where there are more.

    Args:
        folder: The run folder.
        column: Which texts.
        group: The factor that sets them apart; empty: none.
        most: How many at most.
        rng: Draws them.

    Raises:
        InputError: If there are none.
        StorageError: If the ledger cannot be read.
    """
    found = []
    for cell, factors, texts in _observed(folder):
        if column in texts and (not group or group in factors):
            found.append((cell, texts[column], str(factors[group]) if group else ""))
    if not found:
        raise InputError("holds no such texts", where=column[:100], remedy="choose another column or factor")
    if len(found) > most:
        found = [found[place] for place in sorted(rng.choice(len(found), size=most, replace=False))]
    return found


def _observed(folder: Path) -> Iterator[tuple[str, dict[str, Any], dict[str, str]]]:
    """Cell, factors and texts of observations that succeeded."""
    file = folder / "ledger.sqlite"
    if not file.is_file():
        return
    with reading(file) as connection:
        rows = connection.execute(
            'SELECT id, cell, factors, "values", transcript FROM observations WHERE id <= ? AND status IN'
            " ('ok', 'repaired') ORDER BY id",
            (_LOOKED_AT,),
        )
        for number, cell, factors, values, transcript in rows:
            texts = {name: value for name, value in orjson.loads(values).items() if _is_text(value)}
            said = [turn.get("content") for turn in orjson.loads(transcript) if turn.get("role") == "assistant"]
            if said and _is_text(said[-1]):
                texts[LAST_ANSWER] = said[-1]
            yield f"{number}-{cell[:16]}", orjson.loads(factors), texts


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and len(value.strip()) >= _LEAST_LETTERS and len(value) <= _MOST_LETTERS
