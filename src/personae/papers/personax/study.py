"""Models describe public figures and score the descriptions; scores are tested against lives and faces."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from string import Template
from typing import TYPE_CHECKING, Any

import numpy as np

from personae.canonical import content_hash, derive_seed
from personae.errors import InputError
from personae.instrument.tasks import hear
from personae.judge import Criterion, Rubric, rate
from personae.model import Sampling, is_refusal
from personae.papers.personax.figures import Figure, drawn_figures, read_figures
from personae.papers.personax.findings import measure_table
from personae.papers.personax.latents import try_recovery
from personae.papers.personax.settings import RATE_CONTEXT, PersonaxSettings
from personae.persona import BIG_FIVE, Persona, trait_title, trait_words
from personae.study import Cell, Finding, Lab, Observation

if TYPE_CHECKING:
    import polars as pl

ROLES = ("subject", "second", "third")
LETTERS = {trait: trait_title(trait)[0] for trait in BIG_FIVE}
"""``o c e a n``, as the published columns ``final_o`` ... have them."""

REPUTATION = Rubric(
    "reputation",
    tuple(
        Criterion(
            trait_title(trait).replace(" ", "_"),
            f"By this text, how high is the person's reputed {trait_title(trait)}?",
            trait_words()[trait].low,
            trait_words()[trait].high,
        )
        for trait in BIG_FIVE
    ),
)


@dataclass(frozen=True, slots=True)
class Personax:
    """The study of PersonaX (2025)."""

    settings: PersonaxSettings = field(default_factory=PersonaxSettings)
    name: str = "personax"

    @property
    def roles(self) -> tuple[str, ...]:
        """The models that describe and score."""
        return ROLES[: self.settings.raters]

    @property
    def negative(self) -> tuple[str, ...]:
        """Attributes that no trait can depend on."""
        return tuple(name.strip() for name in self.settings.negative.split(",") if name.strip())

    @property
    def parameters(self) -> Mapping[str, Any]:
        """Settings, with what is read by its hash."""
        data = self.settings.data
        prompts = [self.settings.describe_prompt, RATE_CONTEXT, REPUTATION.hash]
        figures = [[one.name, one.known, dict(one.attributes)] for one in read_figures(data)] if data else "drawn"
        return {
            **self.settings.model_dump(mode="json", exclude={"data", "describe_prompt"}),
            "data": content_hash(figures)[:12],
            "prompts": content_hash(prompts)[:12],
        }

    def design(self, rng: np.random.Generator) -> Iterator[Cell]:
        """Every figure with every rater, and synthetic data sets for the recovery of latents."""
        seed = derive_seed(int(rng.integers(2**31)), "figures")
        for number, one in enumerate(self._figures(seed)):
            for role in self.roles:
                yield Cell(
                    {"part": "figures", "person": number, "rater": role, "seed": seed},
                    {"figure": Persona(name=one.name, description=one.known)},
                )
        for number in range(self.settings.latent_runs):
            yield Cell({"part": "latents", "person": number, "rater": "none", "seed": seed})

    def _figures(self, seed: int) -> tuple[Figure, ...]:
        count = self.settings.people
        if self.settings.data is None:
            return _drawn(count, seed)
        figures = read_figures(self.settings.data)
        if len(figures) < count:
            raise InputError(
                f"holds {len(figures)} figures",
                where=str(self.settings.data),
                remedy=f"bring {count}, or set -P people={len(figures)}",
            )
        return figures[:count]

    async def observe(self, cell: Cell, lab: Lab) -> Observation:
        """Have a figure described and scored by one rater; or try to recover planted latents."""
        seed, number = int(str(cell.factors["seed"])), int(str(cell.factors["person"]))
        if cell.factors["part"] == "latents":
            found = try_recovery(self.settings.latent_n, np.random.default_rng(derive_seed(seed, "latents", number)))
            return Observation("ok", {f"latents.{name}": value for name, value in found.items()})
        one = self._figures(seed)[number]
        values: dict[str, Any] = {f"attribute.{name}": value for name, value in one.attributes.items()}
        model = lab.model(str(cell.factors["rater"]))
        prompt = Template(self.settings.describe_prompt).safe_substitute(name=one.name, known=one.known)
        heard = await hear(model, prompt, "", Sampling(temperature=self.settings.temperature))
        if heard.status != "ok" or (len(heard.text.split()) < 25 and is_refusal(heard.text)):
            status = heard.status if heard.status != "ok" else "refused"
            return Observation(status, {**values, "description": heard.text}, detail=heard.detail)
        rated = await rate(heard.text, REPUTATION, model, context=RATE_CONTEXT, sampling=Sampling(temperature=0.0))
        for trait, criterion in zip(BIG_FIVE, REPUTATION.criteria, strict=True):
            score = rated.scores.get(criterion.key)
            values[f"trait.{LETTERS[trait]}"] = None if score is None else float(score)
        return Observation(rated.status, {**values, "description": heard.text})

    def measure(self, table: pl.DataFrame) -> list[Finding]:
        """Agreement of raters, independence of traits and attributes, recovery of latents."""
        return measure_table(table, self.negative)


@lru_cache(maxsize=4)
def _drawn(count: int, seed: int) -> tuple[Figure, ...]:
    return drawn_figures(count, np.random.default_rng(seed))
