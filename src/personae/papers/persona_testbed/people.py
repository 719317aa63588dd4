"""The people: rows of a census by their weights, and what no census asks drawn given those rows.

Margins drawn one by one would make people who hardly exist; rows of microdata keep together what belongs together.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from personae.errors import InputError
from personae.papers.persona_testbed.pums import read_census
from personae.persona import Persona, Provenance, lint_persona
from personae.population import Block, MicrodataSource, Population, Recipe, Source

if TYPE_CHECKING:
    import polars as pl

PEOPLE = 1586
ASKED = 200


@dataclass(frozen=True)
class CensusSource:
    """Rows of a census with further attributes drawn given them."""

    census: Source
    further: Recipe
    size: int | None = field(default=None, init=False)

    @property
    def provenance(self) -> Mapping[str, Provenance]:
        """Sampled, the census and the rest each from its own source."""
        by = Provenance(origin="sampled", by="attributes that no census has")
        return {**self.census.provenance, **dict.fromkeys(self.further.fields, by)}

    def draw(self, block: Block) -> pl.DataFrame:
        """Draw rows, then what is drawn given them."""
        frame = self.census.draw(block)
        for place, (column, sampler) in enumerate(self.further.fields.items()):
            frame = frame.with_columns(sampler.column(frame, block.rng(5, place)).alias(column))
        return frame

    def describe(self) -> Mapping[str, Any]:
        """The census and the recipe of the rest."""
        return {
            "kind": "persona testbed",
            "census": self.census.describe(),
            "further": self.further.model_dump(mode="json"),
        }


def census_source(census: Path | None = None, weight: str = "") -> CensusSource:
    """The synthetic census, or microdata of a file by their weights.

    Raises:
        InputError: If the file cannot be used.
    """
    further = Recipe.model_validate(_read("idiosyncrasies.toml"))
    if census is None:
        return CensusSource(Recipe.model_validate(_read("census.toml")).source(), further)
    table, weights = read_census(census, weight)
    return CensusSource(MicrodataSource(table, weights, name=census.name), further)


@dataclass(frozen=True, slots=True)
class Drawn:
    """People who stayed, and how many did not."""

    people: tuple[Persona, ...]
    refused: int
    """People in whom the linter finds a contradiction."""


def is_contradictory(person: Persona) -> bool:
    """Whether a rule of the linter finds an error in a person."""
    return any(one.severity == "error" for one in lint_persona(person))


def draw_people(count: int, *, seed: int = 0, source: Source | None = None) -> Drawn:
    """Draw people until so many are left whom no rule finds contradictory.

    Example:
        >>> drawn = draw_people(5, seed=1)
        >>> len(drawn.people), drawn.people[0].demographics.politics != ""
        (5, True)
    """
    kept: list[Persona] = []
    refused = 0
    wanted = count + count // 5 + 10
    for person in Population(source or census_source(), wanted * 4, seed, "person").personas():
        if is_contradictory(person):
            refused += 1
            continue
        kept.append(person)
        if len(kept) == count:
            return Drawn(tuple(kept), refused)
    raise InputError(
        f"only {len(kept)} of {count} people are free of contradictions", where="people", remedy="give other microdata"
    )


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((files("personae.papers.persona_testbed") / name).read_text("utf-8"))
