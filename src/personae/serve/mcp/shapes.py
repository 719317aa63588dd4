"""What the tools are given and what they give back; clients are shown these as JSON schemas."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from personae.stats import Estimate

SIMULATED = (
    "SIMULATED: answered by the simulated respondent, a psychometric model with known traits. No language model was "
    "asked, and nothing here describes people or a language model."
)
LIMITS = "These are answers of a model that plays somebody. They say how the model plays, not what people would answer."

Persona = Annotated[str, Field(max_length=100, description="short name, as list_personas gives it; ada@2 is version 2")]
Model = Annotated[
    str, Field(max_length=300, description="one of list_models; empty: the persona's own, else the first")
]
Repeats = Annotated[int, Field(ge=2, le=200, description="times that it is asked")]
Seed = Annotated[int, Field(ge=0, lt=2**53, description="seed of the design")]
Confirm = Annotated[bool, Field(description="whether a run that may cost much, or an unknown sum, may start")]


class Arguments(BaseModel):
    """What a tool is given."""

    model_config = ConfigDict(extra="forbid", title="Arguments")


class Search(Arguments):
    """Nothing but words to look for."""

    query: Annotated[str, Field(max_length=300, description="words that all have to be found; empty finds all")] = ""


class Nothing(Arguments):
    """Nothing."""


class InterviewArguments(Arguments):
    """An interview."""

    persona: Persona
    questions: Annotated[
        list[Annotated[str, Field(min_length=1, max_length=20_000)]],
        Field(min_length=1, max_length=50, description="asked one after the other"),
    ]
    model: Model = ""
    instructions: Annotated[
        str, Field(max_length=20_000, description="what the application wants of the persona; it ranks below it")
    ] = ""
    independent: Annotated[
        bool, Field(description="whether each question opens a conversation of its own; else earlier answers stay")
    ] = False
    max_tokens: Annotated[int | None, Field(ge=1, le=100_000, description="tokens of each answer at most")] = None
    seed: Annotated[int | None, Field(ge=0, lt=2**53, description="seed of the sampling, where a model takes one")] = (
        None
    )


class AdministerArguments(Arguments):
    """An instrument put to personas."""

    instrument: Annotated[str, Field(max_length=100, description="key, as list_instruments gives it")]
    personas: Annotated[
        list[Persona], Field(max_length=1000, description="who is asked; empty asks the model as itself")
    ] = []  # pydantic copies it
    model: Model = ""
    repeats: Repeats = 5
    seed: Seed = 0
    confirm: Confirm = False


class AuditArguments(Arguments):
    """An audit of a persona."""

    persona: Persona
    instrument: Annotated[str, Field(max_length=100, description="key of an instrument that measures its traits")] = (
        "ipip-bffm-50"
    )
    model: Model = ""
    repeats: Repeats = 10
    seed: Seed = 0
    confirm: Confirm = False


class Figure(BaseModel):
    """A number with its interval; null where it cannot be computed, and why in the note."""

    estimate: float | None
    low: float | None
    high: float | None
    n: int
    missing: int = 0
    level: float = 0.95
    note: str = ""

    @staticmethod
    def of(estimate: Estimate) -> Figure:
        """The estimate as JSON."""
        values = [value if math.isfinite(value) else None for value in (estimate.estimate, estimate.low, estimate.high)]
        return Figure(
            estimate=values[0], low=values[1], high=values[2], n=estimate.n, missing=estimate.missing,
            level=round(estimate.level, 6), note=estimate.note,
        )  # fmt: skip


class Row(BaseModel):
    """A persona, instrument or model of a list."""

    name: str
    title: str = ""
    about: str = ""


class Rows(BaseModel):
    """A list."""

    items: list[Row]
    total: int


class Said(BaseModel):
    """A question and its answer."""

    question: str
    answer: str
    finish: str


class Told(BaseModel):
    """What every answer of a model is told with."""

    model: str
    is_simulated: bool
    notice: str

    @staticmethod
    def notice_of(is_simulated: bool) -> str:
        """What has to be said beside figures."""
        return SIMULATED if is_simulated else LIMITS


class Interview(Told):
    """What a persona answered."""

    persona: str
    answers: list[Said]


class Finding(Figure):
    """A finding of a run."""

    name: str
    unit: str

    @staticmethod
    def read(found: Mapping[str, Any]) -> Finding:
        """A row of a run's findings."""
        names = ("name", "unit", "estimate", "low", "high", "n", "missing", "note")
        return Finding(**{name: found[name] for name in names if found.get(name) is not None or name in names[2:5]})


class Run(Told):
    """A run that is through."""

    run: str
    """Its id; ``report`` says where to read it."""
    report: str
    instrument: str
    statuses: dict[str, int]
    """How many observations came out how."""


class Administered(Run):
    """Scores with what says how far they may be believed."""

    personas: list[str]
    scores: list[Finding]
    by_persona: list[Finding]
    norms: list[Finding]
    trust: list[Finding]


class Verdict(BaseModel):
    """What the persona did to one trait."""

    trait: str
    asked_z: float | None
    took: str
    holds: str
    with_persona: Figure
    without_persona: Figure
    shift: Figure
    largest_shift_of_a_neutral_prompt: float | None
    ways_that_keep_half_of_it: Figure


class Audited(Run):
    """Whether a persona took and holds."""

    persona: str
    verdict: str
    traits: list[Verdict]
    side_effects: list[str]
    read: Figure
