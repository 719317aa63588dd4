"""The people: rows of a census by their weights, and what no census asks drawn given those rows.

Margins drawn one by one would make people who hardly exist; rows of microdata keep together what belongs together.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from personae.errors import InputError
from personae.papers.persona_testbed.pums import read_census
from personae.persona import Persona, Provenance, lint_persona
from personae.persona.traits import level_of
from personae.population import Block, MicrodataSource, Population, Recipe, Source

if TYPE_CHECKING:
    import polars as pl

PEOPLE = 1586
ASKED = 200
GROUPS: Mapping[str, tuple[str, ...]] = {
    "demographics": (
        "demographics.age",
        "demographics.gender",
        "demographics.ethnicity",
        "demographics.education",
        "demographics.marital_status",
        "demographics.occupation",
        "demographics.income",
    ),
    "politics": ("demographics.politics",),
    "religion": ("demographics.religion",),
    "personality": ("traits",),
    "quirks": ("personal_identity",),
}
"""Groups of attributes that are left out one by one, or shown alone in pairs."""
LEVEL_WORDS = (
    "extremely low",
    "very low",
    "low",
    "rather low",
    "average",
    "rather high",
    "high",
    "very high",
    "extremely high",
)


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
        own = {path: by for name in ("politics", "religion") for path in GROUPS[name]}
        return {**self.census.provenance, **own, "traits": by, "personal_identity": by}

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
    """A census-like source, or microdata of a file by their weights.

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
        if any(one.severity == "error" for one in lint_persona(person)):
            refused += 1
            continue
        kept.append(person)
        if len(kept) == count:
            return Drawn(tuple(kept), refused)
    raise InputError(
        f"only {len(kept)} of {count} people are free of contradictions", where="people", remedy="give other microdata"
    )


def shown(persona: Persona, groups: Sequence[str] = tuple(GROUPS)) -> str:
    """The person as a profile, with these groups of attributes alone.

    Example:
        >>> from personae.persona import Demographics
        >>> shown(Persona(demographics=Demographics(age=40, politics="moderate")), ["politics"])
        'politics: moderate'
    """
    lines = []
    for group in groups:
        for path in GROUPS[group]:
            if path == "traits":
                lines += [f"{key.split('.')[-1]}: {LEVEL_WORDS[level_of(z) - 1]}" for key, z in persona.traits.items()]
            elif path == "personal_identity":
                lines += [f"{key.replace('_', ' ')}: {value}" for key, value in persona.personal_identity.items()]
            else:
                value = getattr(persona.demographics, path.partition(".")[2])
                if value not in (None, ""):
                    lines.append(f"{path.partition('.')[2].replace('_', ' ')}: {value}")
    return "\n".join(lines)


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((files("personae.papers.persona_testbed") / name).read_text("utf-8"))
