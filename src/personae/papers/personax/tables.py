"""Published tables of people, whatever their columns are called: scores of raters, lives, embeddings."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from personae.errors import InputError
from personae.papers.personax.findings import TRAITS

if TYPE_CHECKING:
    import polars as pl

CELEBRITIES, ATHLETES = "CelebPersona", "AthlePersona"
_NAMES = {
    "birthyear": "birth_year",
    "year": "birth_year",
    "birthmonth": "birth_month",
    "month": "birth_month",
    "birthday": "birth_day",
    "day": "birth_day",
    "day index": "day_index",
    "height(cm)": "height",
    "weight(kg)": "weight",
    "occupation_idx": "occupation",
    "gender_idx": "gender",
    "type": "league",
}
"""Names in the authors' files, in small letters, by what they are here; others are only put in small letters."""
_ATHLETES = {"league", "sport", "team"}
_CELEBRITIES = {"occupation", "arched_eyebrows", "high_cheekbones", "oval_face"}
_NO_ATTRIBUTES = ("name", "id", "", "text", "index", "unnamed: 0", "image_path", "image", "file_name", "hash", "split")
_NO_ENDINGS = ("_id", "_url", "_path", "description", "justification", "explanation", "reason")
_NUMBERED = re.compile(r"(?P<name>.+?)[_.]?(?P<place>\d+)")
_FEWEST, _MOST = 8, 32


def name_of(path: Path, columns: Sequence[str]) -> str:
    """Which of the two data sets a table is, by its path or else by its columns; another one by its file."""
    told = "/".join(path.parts[-3:]).casefold()
    for key, name in (("celeb", CELEBRITIES), ("athle", ATHLETES)):
        if key in told:
            return name
    known = {attribute_name(column) for column in columns}
    if known & _ATHLETES:
        return ATHLETES
    return CELEBRITIES if known & _CELEBRITIES else path.stem


def attribute_name(column: str) -> str:
    """What a column is called here.

    Example:
        >>> attribute_name("Birthmonth"), attribute_name("Height(cm)"), attribute_name("Big_Nose")
        ('birth_month', 'height', 'big_nose')
    """
    lower = column.strip().casefold()
    return _NAMES.get(lower, lower.replace(" ", "_"))


def raters_of(columns: Sequence[str]) -> dict[str, dict[str, str]]:
    """Whose scores of all five traits a table has: the columns by rater and trait, ``4o_o`` ... or ``final_O`` ..."""
    lower = {column.casefold(): column for column in columns}
    found = {}
    for column in columns:
        begin, _, trait = column.rpartition("_")
        wanted = {one: lower.get(f"{begin.casefold()}_{one}") for one in TRAITS}
        if begin and trait.casefold() == TRAITS[0] and None not in wanted.values():
            found[begin] = {one: str(name) for one, name in wanted.items()}
    return found


def scores_of(table: pl.DataFrame, columns: Mapping[str, str], path: Path) -> dict[str, list[float | None]]:
    """Scores by trait.

    Raises:
        InputError: If one is no number.
    """
    import polars as pl

    found: dict[str, list[float | None]] = {}
    for trait, column in columns.items():
        read = table[column].cast(pl.Float64, strict=False)
        wrong = (read.is_null() & table[column].is_not_null() & (table[column].cast(pl.String) != "")).arg_true()
        if len(wrong):
            raise InputError(
                f"{table[column][int(wrong[0])]!r} is no score",
                where=f"{path}, row {int(wrong[0]) + 1}, {column}",
                remedy="give scores as numbers, or nothing",
            )
        found[trait] = [None if value is None or value != value else float(value) for value in read.to_list()]
    return found


def vectors_of(table: pl.DataFrame, path: Path, warnings: list[str]) -> tuple[pl.DataFrame, dict[str, Any]]:
    """Embeddings: columns of lists, and eight or more numbered columns; the table without them, and a row each.

    Long ones are reduced to their first principal components, which a warning tells.
    """
    numbered: dict[str, list[tuple[int, str]]] = {}
    lists = []
    for column in table.columns:
        if table.schema[column].is_nested():
            lists.append(column)
        elif table.schema[column].is_numeric() and (match := _NUMBERED.fullmatch(column)):
            numbered.setdefault(match["name"], []).append((int(match["place"]), column))
    found: dict[str, Any] = {}
    for column in lists:
        if (matrix := _of_lists(table[column].to_list())) is None:
            warnings.append(f"{path}: {column} holds no lists of numbers of one length; left out")
        else:
            found[attribute_name(column)] = _reduced(matrix, f"{path}: {column}", warnings)
    gone = list(lists)
    for name, places in numbered.items():
        if len(places) >= _FEWEST:
            own = [column for _, column in sorted(places)]
            gone += own
            matrix = table.select(own).to_numpy().astype(float)
            found[attribute_name(name)] = _reduced(matrix, f"{path}: {name}", warnings)
    return table.drop(gone), found


def _of_lists(values: Sequence[Any]) -> Any:
    sizes = {len(value) for value in values if isinstance(value, (list, tuple))}
    if len(sizes) != 1 or not (size := sizes.pop()):
        return None
    try:
        return np.array([[np.nan] * size if value is None else value for value in values], dtype=float)
    except (TypeError, ValueError):
        return None


def _reduced(matrix: Any, where: str, warnings: list[str]) -> list[list[float] | None]:
    is_known = np.isfinite(matrix).all(axis=1)
    known = matrix[is_known]
    if matrix.shape[1] > _MOST and len(known) > 1:
        centred = known - known.mean(axis=0)
        values, vectors = np.linalg.eigh(centred.T @ centred)
        kept = vectors[:, ::-1][:, :_MOST]
        share = float(values[::-1][:_MOST].sum() / values.sum()) if values.sum() > 0 else 0.0
        known = centred @ kept
        warnings.append(
            f"{where}: {matrix.shape[1]} numbers are reduced to {_MOST} principal components with {share:.0%} of the "
            "variance"
        )
    rows: list[list[float] | None] = [None] * len(matrix)
    for place, row in zip(np.flatnonzero(is_known).tolist(), known.round(6).tolist(), strict=True):
        rows[place] = row
    return rows


def is_attribute(column: str) -> bool:
    """Whether a column says something about a life: names, keys, and texts about the person do not."""
    lower = column.strip().casefold()
    return lower not in _NO_ATTRIBUTES and not lower.endswith(_NO_ENDINGS)
