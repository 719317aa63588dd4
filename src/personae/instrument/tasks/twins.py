"""Scenario twins: a statement about oneself, and a scene in which it would show, both answered in seven steps.

Each scene offers two ways to act. One of them is what somebody does who agrees with the statement; which of the two is
A is drawn. A counter-keyed pair is one whose statement says little of its trait, so that agreeing always is no policy.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from string import Template
from typing import Any, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, model_validator

from personae.canonical import content_hash, derive_seed
from personae.instrument.tasks.stimuli import Stimuli, load_stimuli
from personae.instrument.tasks.task import Heard, Performed, Value, Way, hear, mean_of, read_number
from personae.model import Model, Sampling, Status

STATEMENT_PROMPT = """\
How far do you agree with this statement about yourself?

Statement: $statement

1 = Strongly disagree
2 = Disagree
3 = Slightly disagree
4 = Neither agree nor disagree
5 = Slightly agree
6 = Agree
7 = Strongly agree

Answer with one number from 1 to 7 and nothing else."""

SCENARIO_PROMPT = """\
Imagine this situation: $scenario

A: $a
B: $b

Which would you do? 1 means certainly A, 4 means either, 7 means certainly B. \
Answer with one number from 1 to 7 and nothing else."""

LOWEST, HIGHEST = 1, 7
MIDDLE = 4.0


class Twin(BaseModel):
    """A statement and its scene."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    key: str
    trait: str
    """The trait as a persona names it, or a pole of a type."""
    keyed: Literal[1, -1]
    """-1 if agreeing means little of the trait."""
    statement: str
    scenario: str
    act: str
    """What somebody does who agrees with the statement."""
    other: str
    """What somebody does who disagrees."""


class TwinStimuli(Stimuli):
    """A file of twins."""

    twins: tuple[Twin, ...] = Field(min_length=2)

    @model_validator(mode="after")
    def _keys_differ(self) -> TwinStimuli:
        keys = [twin.key for twin in self.twins]
        if len(set(keys)) < len(keys):
            raise ValueError("two twins share a key")
        return self


def twin_stimuli(name: str | Path = "twins") -> TwinStimuli:
    """The twins of the library, or of a file."""
    return load_stimuli(name, TwinStimuli)


@dataclass(frozen=True, slots=True)
class TwinTask:
    """All statements, then all scenes, each in a conversation of its own."""

    stimuli: TwinStimuli = field(default_factory=twin_stimuli)
    statement_prompt: str = STATEMENT_PROMPT
    scenario_prompt: str = SCENARIO_PROMPT
    key: str = "twins"

    @property
    def hash(self) -> str:
        """Hash of twins and prompts."""
        return content_hash([self.statement_prompt, self.scenario_prompt, self.stimuli.hash])

    async def perform(
        self,
        model: Model,
        *,
        system: str = "",
        sampling: Sampling = Sampling(),  # noqa: B008  # frozen
        seed: int = 0,
    ) -> Performed:
        """Put every statement and every scene; answers to scenes are turned so that 7 is the act of who agrees."""
        twins = self.stimuli.twins
        is_swapped = np.random.default_rng(derive_seed(seed, self.key, "sides")).permutation(len(twins)) % 2 == 1
        said: list[float | None] = []
        done: list[float | None] = []
        statuses: list[Status] = []
        detail = ""
        for twin in twins:
            heard = await hear(
                model, Template(self.statement_prompt).safe_substitute(statement=twin.statement), system, sampling
            )
            number, status = read_step(heard)
            said.append(number)
            statuses.append(status)
            detail = detail or heard.detail
        for twin, swapped in zip(twins, is_swapped, strict=True):
            a, b = (twin.act, twin.other) if swapped else (twin.other, twin.act)
            words = {"scenario": twin.scenario, "a": a, "b": b}
            heard = await hear(model, Template(self.scenario_prompt).safe_substitute(words), system, sampling)
            number, status = read_step(heard)
            done.append(None if number is None else LOWEST + HIGHEST - number if swapped else number)
            statuses.append(status)
            detail = detail or heard.detail
        answers: dict[str, Value] = {"said": said, "done": done, "swapped": [bool(one) for one in is_swapped]}
        return Performed(answers, tuple(statuses), detail)

    def score(self, answers: Mapping[str, Any], way: Way = "corrected") -> dict[str, float]:
        """How far what is said and what is done agree; see :func:`congruence`."""
        return congruence(answers.get("said") or (), answers.get("done") or (), way=way)


def read_step(heard: Heard) -> tuple[float | None, Status]:
    """Read one of the seven steps."""
    number, status = read_number(heard, LOWEST, HIGHEST)
    return (number, status) if number is None or number == int(number) else (None, "unparsed")


def congruence(
    said: Sequence[float | None], done: Sequence[float | None], *, way: Way = "corrected", slack: float = 1.0
) -> dict[str, float]:
    """Agreement of answers to statements with answers to their scenes.

    - ``cosine``: of both vectors; raw from 1 to 7 as published, about the middle of the scale (4) corrected. Raw values
      are all positive, so that any two answer vectors look alike: one that says 4 throughout has .9 with most others.
    - ``spearman``: rank correlation over pairs.
    - ``difference``: mean absolute difference of values ("VMD").
    - ``consistent``: share of pairs that agree ("PCP"): both on one side of the middle, or no more than ``slack`` steps
      apart.

    Returns:
        Four numbers by name; NaN for what is not defined, such as a correlation with a constant.

    Example:
        >>> found = congruence([7, 1, 6], [6, 2, 7])
        >>> round(found["cosine"], 3), found["difference"], found["consistent"]
        (0.931, 1.0, 1.0)
    """
    pairs = np.array(
        [(a, b) for a, b in zip(said, done, strict=False) if a is not None and b is not None], dtype=float
    ).reshape(-1, 2)
    if not len(pairs):
        return dict.fromkeys(("cosine", "spearman", "difference", "consistent"), float("nan"))
    a, b = pairs.T
    centred = pairs - (MIDDLE if way == "corrected" else 0.0)
    lengths = np.sqrt((centred**2).sum(axis=0)).prod()
    is_side = np.sign(a - MIDDLE) == np.sign(b - MIDDLE)
    return {
        "cosine": float((centred[:, 0] * centred[:, 1]).sum() / lengths) if lengths > 0 else float("nan"),
        "spearman": _rank_correlation(a, b),
        "difference": mean_of(list(np.abs(a - b))),
        "consistent": mean_of(list((is_side | (np.abs(a - b) <= slack)).astype(float))),
    }


def _rank_correlation(a: Any, b: Any) -> float:
    from scipy.stats import rankdata

    ranks = np.vstack([rankdata(a), rankdata(b)])
    if len(a) < 3 or np.ptp(ranks, axis=1).min() == 0:
        return float("nan")
    return float(np.corrcoef(ranks)[0, 1])
