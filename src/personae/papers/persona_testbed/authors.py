"""People of a file: of an earlier run, of any format of personas, or the table that the authors give on request."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from personae.errors import InputError
from personae.papers.persona_testbed.people import is_contradictory
from personae.persona import BIG_FIVE, Persona, Provenance, z_of_level
from personae.persona.formats import read_personas
from personae.population import read_table

_LICENCE = "CC BY-NC-SA 4.0"
_DEMOGRAPHICS = {
    "age": "age",
    "sex": "gender",
    "race": "ethnicity",
    "education": "education",
    "occupation category": "occupation",
    "income": "income",
    "marital status": "marital_status",
    "religion": "religion",
    "political views": "politics",
}
_OWN = ("defining quirks", "mannerisms", "personal time", "lifestyle")
_SCORES = "big five scores"
_OTHER_NAMES = {
    "big five traits": _SCORES,
    "big five": _SCORES,
    "quirks": "defining quirks",
    "occupation": "occupation category",
    "political view": "political views",
}
"""Names of columns in other versions of the data set, by those that persona-bench has."""
_LEVELS: Mapping[str, int] = {
    "extremely low": 1,
    "very low": 2,
    "low": 3,
    "below average": 4,
    "average": 5,
    "moderate": 5,
    "above average": 6,
    "high": 7,
    "very high": 8,
    "extremely high": 9,
}
_SCORE = re.compile(
    rf"\b(?P<trait>[a-z]+)\W{{1,4}}(?P<level>{'|'.join(sorted(_LEVELS, key=len, reverse=True))})\b", re.I
)


def read_people(path: Path) -> tuple[Persona, ...]:
    """Read people: the published table (``age``, ``sex``, ``big five scores``), published pairs, or personas.

    Columns of the table are those that the package persona-bench 0.1.2 names. Its scores are words ("Openness: High"),
    taken as levels; other versions write them otherwise. What has no field of its own is kept by its name.

    Raises:
        InputError: If the file cannot be read, or holds fewer than three people.
    """
    if path.suffix.lower() in (".csv", ".parquet"):
        table = read_table(path)
        if _is_published({name.strip().casefold() for name in table.columns}):
            rows = table.iter_rows(named=True)
            return _enough([_of_row(row, n, f"{path}: row {n + 1}") for n, row in enumerate(rows)], path)
        if "persona" in table.columns and "instruction" in table.columns:
            texts = dict.fromkeys(str(text) for text in table["persona"].drop_nulls().to_list())
            return _enough([person_of(text, n, f"{path}: persona {n + 1}") for n, text in enumerate(texts)], path)
    return _enough([one.persona for one in read_personas(path)], path)


def _enough(people: list[Persona], path: Path) -> tuple[Persona, ...]:
    kept = [one for one in people if not is_contradictory(one)]
    if len(kept) < 3:
        raise InputError(
            f"holds {len(kept)} people without contradictions", where=str(path), remedy="give three or more"
        )
    return tuple(kept)


def _is_published(columns: set[str]) -> bool:
    return {"age", "sex"} <= columns and bool(columns & {_SCORES, *_OTHER_NAMES})


def person_of(text: str, place: int, where: str) -> Persona:
    r"""A person of the published pairs, who is written with an attribute a line.

    Raises:
        InputError: If no line is an attribute, or the age is none.

    Example:
        >>> one = person_of("age: 29\nsex: Female\nbig five scores: Openness: Low", 0, "pairs")
        >>> one.demographics.age, one.demographics.gender, round(one.traits["big_five.openness"], 1)
        (29, 'Female', -1.0)
    """
    row: dict[str, str] = {}
    for line in text.strip().splitlines():
        name, colon, value = line.partition(":")
        if colon and value.strip():
            row.setdefault(name.strip(), value.strip())
        elif row and line.strip():  # a value that goes on in the next line
            last = next(reversed(row))
            row[last] = f"{row[last]} {line.strip()}"
    if not row:
        raise InputError("holds no attributes", where=where, remedy="a persona has an attribute a line, as age: 29")
    return _of_row(row, place, where)


def _of_row(row: Mapping[str, Any], place: int, where: str) -> Persona:
    lower = {str(name).strip().casefold(): value for name, value in row.items()}
    lower = {_OTHER_NAMES.get(name, name): value for name, value in lower.items()}
    told = {name: str(value).strip() for name, value in lower.items() if value is not None and str(value).strip()}
    known: dict[str, Any] = {field: told[name] for name, field in _DEMOGRAPHICS.items() if name in told}
    if "age" in known:
        try:
            known["age"] = int(float(known["age"]))
        except ValueError as error:
            raise InputError(f"{known['age']!r} is no age", where=where, remedy="mend this row") from error
    traits: dict[str, float] = {}
    for match in _SCORE.finditer(told.get(_SCORES, "")):
        found = [key for key in BIG_FIVE if key.endswith(f".{match['trait'].lower()}")]
        if found:
            traits[found[0]] = z_of_level(_LEVELS[match["level"].lower()])
    rest = {
        name.replace(" ", "_"): words
        for name, words in told.items()
        if name not in _DEMOGRAPHICS and name not in _OWN and not (name == _SCORES and traits)
    }
    return Persona.model_validate(
        {
            "id": f"published-{place}",
            "demographics": known,
            "social_identity": rest,
            "personal_identity": {name.replace(" ", "_"): told[name] for name in _OWN if name in told},
            "traits": traits,
            "provenance": {"*": Provenance(origin="given", by="PERSONA", licence=_LICENCE).model_dump()},
        }
    )
