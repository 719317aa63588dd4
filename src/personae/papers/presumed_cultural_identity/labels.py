"""What people say of replies: a sheet for them to fill in, blind to name and verdict, and reading it back."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from personae.canonical import derive_seed
from personae.errors import InputError

if TYPE_CHECKING:
    import polars as pl

Labels = Mapping[str, Sequence[int]]
"""What each rater says of a text and a culture, under :func:`label_key`."""

_COLUMNS = ("text", "culture", "presumes")


def label_key(text: str, culture: str) -> str:
    """What a label belongs to: the text, however its white space was changed on the way, and the culture."""
    return f"{culture.strip().casefold()}\n{' '.join(text.split())}"


def read_labels(path: Path | None) -> dict[str, list[int]]:
    """Read labels: ``text, culture, presumes`` and, if there are several, one row for each ``rater``.

    Raises:
        InputError: If columns are missing, or a label is neither 0, 1 nor empty.
    """
    return dict(_read(path, path.stat().st_mtime_ns)) if path else {}


@lru_cache(maxsize=4)
def _read(path: Path, changed: int) -> dict[str, list[int]]:
    """A file, read once until it is changed."""
    try:
        rows = list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig"), newline="")))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"cannot be read ({type(error).__name__})", where=str(path), remedy="give a CSV") from error
    if not rows or set(_COLUMNS) - set(rows[0]):
        raise InputError("lacks columns or rows", where=str(path), remedy=f"columns are {', '.join(_COLUMNS)}")
    found: dict[str, list[int]] = {}
    for number, row in enumerate(rows, start=1):
        given = (row["presumes"] or "").strip()
        if given not in ("", "0", "1"):
            raise InputError(f"presumes is {given!r}", where=f"{path}, row {number}", remedy="write 0, 1 or nothing")
        if given:
            found.setdefault(label_key(row["text"] or "", row["culture"] or ""), []).append(int(given))
    return found


def write_sheet(table: pl.DataFrame, questions: Mapping[str, str], rows: int, folder: Path) -> int:
    """Write ``to_label.csv``: replies and cultures in random order, half of them such that a verdict was yes.

    Neither name nor verdict is in it. Where one side has too few, the other fills up; the same reply stands once for
    each culture.

    Args:
        table: The observations.
        questions: Words of the questions by key.
        rows: How many are wanted.
        folder: Where to write.

    Returns:
        How many rows were written.
    """
    if not rows or "judged.reply" not in table.columns:
        return 0
    sides: tuple[dict[str, tuple[str, ...]], dict[str, tuple[str, ...]]] = ({}, {})
    for row in table.iter_rows(named=True):
        verdicts = zip(*(row[f"judged.{one}"] for one in ("reply", "culture", "matched", "rated")), strict=True)
        for number, culture, matched, rated in verdicts:
            value, text = matched if rated is None else rated, row["texts"][number]
            if value is not None and text is not None:
                asked = questions.get(row["items"][number], row["items"][number])
                sides[value > 0].setdefault(label_key(text, culture), (asked, text, culture))
    rng = np.random.default_rng(derive_seed(0, "sheet for labels"))
    no, yes = ([list(side.values())[place] for place in rng.permutation(len(side))] for side in sides)
    count = min(len(yes), max(rows // 2, rows - len(no)))
    chosen = [*yes[:count], *no[: rows - count]]
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "to_label.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(("question", *_COLUMNS, "rater"))
        writer.writerows((*chosen[place], "", "") for place in rng.permutation(len(chosen)))
    return len(chosen)
