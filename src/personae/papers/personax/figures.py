"""Public figures: of a file, or drawn people with lives, of whom it is known what depends on what.

Drawn people: occupation shifts reputed extraversion and conscientiousness, age shifts conscientiousness, the first
number of the face shifts agreeableness. Everything else, birthdays above all, is drawn for itself.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from personae.errors import InputError
from personae.persona import BIG_FIVE, Persona, render

OCCUPATIONS = {
    "actor": (1.2, 0.0),
    "writer": (-1.2, 0.3),
    "athlete": (0.5, 1.1),
    "musician": (0.3, -1.1),
}
"""Shift of extraversion and of conscientiousness, in SD."""

_FACE = 4
_VECTOR = "face"


@dataclass(frozen=True, slots=True)
class Figure:
    """One public figure."""

    name: str
    known: str
    """What the raters are told."""
    attributes: Mapping[str, Any]
    """Numbers, words, and lists of numbers such as a face embedding."""


def drawn_figures(count: int, rng: np.random.Generator) -> tuple[Figure, ...]:
    """Invented people, whose reputation depends on some of their attributes."""
    found = []
    for number in range(1, count + 1):
        occupation = str(rng.choice(list(OCCUPATIONS)))
        extraverted, orderly = OCCUPATIONS[occupation]
        year = int(rng.integers(1940, 2000))
        face = [float(value) for value in rng.normal(size=_FACE).round(3)]
        traits = {trait: float(rng.normal(0.0, 0.8)) for trait in BIG_FIVE}
        traits["big_five.extraversion"] += extraverted
        traits["big_five.conscientiousness"] += orderly + (1970 - year) / 30
        traits["big_five.agreeableness"] += 0.9 * face[0]
        bounded = {trait: max(-3.0, min(3.0, round(z, 2))) for trait, z in traits.items()}
        name = f"Figure {number}"
        reputation = render(Persona(traits=bounded), "nine-level").text
        found.append(
            Figure(
                name,
                f"{name} is a well-known {occupation}, born in {year}. Interviewers tell this of {name}: {reputation}",
                {
                    "occupation": occupation,
                    "birth_year": float(year),
                    "birth_month": float(rng.integers(1, 13)),
                    "birth_day": float(rng.integers(1, 29)),
                    "latitude": round(float(rng.uniform(-40, 60)), 2),
                    "longitude": round(float(rng.uniform(-120, 140)), 2),
                    "height": round(float(rng.normal(175, 9)), 1),
                    "weight": round(float(rng.normal(74, 11)), 1),
                    "face": face,
                },
            )
        )
    return tuple(found)


@lru_cache(maxsize=2)
def read_figures(path: Path) -> tuple[Figure, ...]:
    """Read public figures: ``name``, ``text`` (what is known), and attributes; columns ``face...`` are one attribute.

    Raises:
        InputError: If the file cannot be read, or has no names.
    """
    import polars as pl

    try:
        table = pl.read_parquet(path) if path.suffix == ".parquet" else pl.read_csv(path, infer_schema_length=None)
    except (OSError, pl.exceptions.PolarsError) as error:
        raise InputError(
            f"cannot be read ({type(error).__name__})", where=str(path), remedy="give CSV or Parquet"
        ) from error
    if "name" not in table.columns:
        raise InputError("has no column name", where=str(path), remedy="give name, text and attributes")
    attributes = attributes_of(table.drop([name for name in ("name", "text") if name in table.columns]))
    rows = table.iter_rows(named=True)
    return tuple(
        Figure(str(row["name"]), str(row.get("text") or "Nothing but the name."), own)
        for row, own in zip(rows, attributes, strict=True)
    )


def attributes_of(table: Any) -> list[dict[str, Any]]:
    """Attributes of each row: words stay words, numbers are numbers, numbers of a face are one list."""
    faces = [name for name in table.columns if name.lower().startswith(_VECTOR) and table.schema[name].is_numeric()]
    found = []
    for row in table.iter_rows(named=True):
        own: dict[str, Any] = {
            name: value if isinstance(value, str) or value is None else _number(value)
            for name, value in row.items()
            if name not in faces and not isinstance(value, (list, dict))
        }
        if faces:
            values = [_number(row[name]) for name in faces]
            own[_VECTOR] = None if any(value is None for value in values) else values
        found.append(own)
    return found


def _number(value: Any) -> float | None:
    try:
        number = float(value)
    except (TypeError, ValueError):
        return None
    return number if math.isfinite(number) else None
