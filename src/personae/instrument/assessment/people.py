"""Who is asked: personas of the user's files, and people made for a purpose."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from personae.errors import InputError
from personae.instrument.assessment.answers import read_rows
from personae.persona import LEVELS, Demographics, Persona, read_persona, read_personas, z_of_level

if TYPE_CHECKING:
    import numpy as np

MOST_PEOPLE = 1_000_000
_NUMBERS = ("age",)


def read_people(paths: Sequence[Path]) -> list[Persona]:
    """Read the personas of all files, in their order; one that comes twice is one person.

    Raises:
        InputError: If a file cannot be read, is malformed, or two people of different content have one id.
    """
    found: dict[str, Persona] = {}
    for path in paths:
        people = _read_table(path) if path.suffix.lower() == ".csv" else [one.persona for one in read_personas(path)]
        for persona in people:
            if (other := found.get(persona.id)) is not None and other.hash != persona.hash:
                raise InputError(
                    f"two people are called {persona.id!r}", where=str(path), remedy="give each an id of its own"
                )
            found[persona.id] = persona
    return list(found.values())


def _read_table(path: Path) -> list[Persona]:
    """Read people from a CSV file: a row each, columns named as the fields of a persona.

    Columns are ``id``, ``name``, ``description`` and other texts, demographics such as ``age`` and ``occupation``, and
    traits as z-scores, such as ``big_five.extraversion``.
    """
    rows = read_rows(path)
    return [_of_row(row, f"{path}, row {number}") for number, row in enumerate(rows, start=2)]


def _of_row(row: Mapping[str, str], where: str) -> Persona:
    data: dict[str, Any] = {}
    for name, value in row.items():
        if not name or not value:
            continue
        if "." in name and name.partition(".")[0] != "demographics":
            data.setdefault("traits", {})[name] = _number(value, where, name)
        elif (field := name.removeprefix("demographics.")) in Demographics.model_fields:
            plain: Any = [value] if field == "languages" else value
            data.setdefault("demographics", {})[field] = _number(value, where, name) if field in _NUMBERS else plain
        else:
            data[name] = value
    read = read_persona(data, where=where)
    if read.unknown:
        raise InputError(
            f"the column {read.unknown[0]!r} is no field of a persona",
            where=where,
            remedy="name columns as persona files do (name, age, description, big_five.extraversion)",
        )
    return read.persona


def _number(text: str, where: str, name: str) -> float | int:
    try:
        value = float(text)
    except ValueError:
        raise InputError(f"{text!r} is no number", where=f"{where}, column {name}") from None
    return int(value) if value.is_integer() else value


def draw_people(count: int, traits: Sequence[str], rng: np.random.Generator) -> Iterator[Persona]:
    """People of whom nothing is known but traits, drawn independently from the standard normal within 3 SD.

    When to use: to see whether scores tell what was put into the prompt (recovery). They are no sample of anybody.
    """
    for number in range(1, count + 1):
        z = rng.normal(size=len(traits)).clip(-3, 3)
        yield Persona(id=f"drawn-{number}", traits=dict(zip(traits, map(float, z), strict=True)))


def dose_people(traits: Sequence[str]) -> Iterator[tuple[str, int, Persona]]:
    """For each trait, nine people who differ in its level alone (Serapio-García et al., 2023): trait, level, person."""
    for trait in traits:
        for level in range(1, LEVELS + 1):
            yield trait, level, Persona(id=f"{trait}@{level}", traits={trait: z_of_level(level)})
