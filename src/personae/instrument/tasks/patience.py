"""Self-control: the smaller reward now or the larger one later; the easy task or the hard one for more.

Delay: the amounts and delays of the Monetary Choice Questionnaire (Kirby, Petry & Bickel, 1999, Journal of Experimental
Psychology: General 128), 27 choices at which nine hyperbolic discount rates are indifferent, three each. Effort: the
probabilities and the range of rewards of the Effort Expenditure for Rewards Task (Treadway et al., 2009), as choices on
paper. The sentences are ours.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from string import Template
from typing import Any

import numpy as np

from personae.canonical import content_hash, derive_seed
from personae.instrument.answers import AnswerReader, ShownOption
from personae.instrument.tasks.task import Performed, Way, hear, mean_of
from personae.model import Model, Sampling, Status, is_refusal

DELAY_PROMPT = """\
Choose between two amounts of money:
A. $first
B. $second
Answer with the letter of the one that you take, and nothing else."""

EFFORT_PROMPT = """\
Choose between two tasks. A prize is paid with a chance of $chance %, whichever task you complete.
A. $first
B. $second
Answer with the letter of the one that you take on, and nothing else."""

DELAYS: tuple[tuple[int, int, int], ...] = (
    (54, 55, 117), (55, 75, 61), (19, 25, 53), (31, 85, 7), (14, 25, 19), (47, 50, 160), (15, 35, 13), (25, 60, 14),
    (78, 80, 162), (40, 55, 62), (11, 30, 7), (67, 75, 119), (34, 35, 186), (27, 50, 21), (69, 85, 91), (49, 60, 89),
    (80, 85, 157), (24, 35, 29), (33, 80, 14), (28, 30, 179), (34, 50, 30), (25, 30, 80), (41, 75, 20), (54, 60, 111),
    (54, 80, 30), (22, 25, 136), (20, 55, 7),
)  # fmt: skip
"""Dollars now, dollars later, days; in printed order."""

EASY_REWARD = 1.00
EFFORTS: tuple[tuple[int, float], ...] = tuple(itertools.product((12, 50, 88), (1.24, 2.25, 3.25, 4.30)))
"""Chance of the reward in per cent, and dollars for the hard task; the easy one is worth one dollar."""


def rate_of(now: int, later: int, days: int) -> float:
    """The hyperbolic rate at which both are worth the same: ``later / (1 + k days) = now``.

    Example:
        >>> round(rate_of(54, 55, 117), 5)
        0.00016
    """
    return (later / now - 1.0) / days


def discount_rate(waited: Sequence[bool | None]) -> tuple[float, float]:
    """The discount rate that agrees with most choices, and the share that it agrees with (Kirby et al., 1999).

    Candidates are the rates between neighbouring points of indifference (geometric means), and those at the ends; of
    candidates that agree equally often, the geometric mean is taken.

    Returns:
        ``k`` a day and the consistency; NaN without choices.

    Example:
        >>> rate, consistency = discount_rate([True] * 27)
        >>> round(rate, 5), consistency
        (0.00016, 1.0)
    """
    rates = [rate_of(*row) for row in DELAYS]
    made = [(rate, choice) for rate, choice in zip(rates, waited, strict=False) if choice is not None]
    if not made:
        return math.nan, math.nan
    # The three rates of a step differ by rounding of the amounts to whole dollars.
    steps = [math.exp(np.mean(np.log(group))) for group in np.split(np.sort(rates), 9)]
    between = [math.sqrt(low * high) for low, high in itertools.pairwise(steps)]
    candidates = [steps[0], *between, steps[-1]]
    agreed = []
    for place, candidate in enumerate(candidates):
        # Who discounts at the lowest step or below always waits, at the highest or above never does.
        is_end = place in (0, len(candidates) - 1)
        bound = (0.0 if place == 0 else math.inf) if is_end else candidate
        agreed.append(sum((rate > bound) == choice for rate, choice in made))
    most = max(agreed)
    best = [candidate for candidate, count in zip(candidates, agreed, strict=True) if count == most]
    return math.exp(sum(map(math.log, best)) / len(best)), most / len(made)


@dataclass(frozen=True, slots=True)
class DelayTask:
    """The 27 choices between now and later, in an order of sides that is drawn."""

    prompt: str = DELAY_PROMPT
    key: str = "delay"

    @property
    def hash(self) -> str:
        """Hash of choices and prompt."""
        return content_hash([self.prompt, [list(row) for row in DELAYS]])

    async def perform(
        self,
        model: Model,
        *,
        system: str = "",
        sampling: Sampling = Sampling(),  # noqa: B008  # frozen
        seed: int = 0,
    ) -> Performed:
        """Put every choice; which side the later amount stands on is drawn."""
        pairs = [
            (f"${now} today", f"${later} in {days} {'day' if days == 1 else 'days'}") for now, later, days in DELAYS
        ]
        return await _choose(self, model, [self.prompt] * len(pairs), pairs, system, sampling, seed)

    def score(self, answers: Mapping[str, Any], way: Way = "corrected") -> dict[str, float]:
        """Share of choices to wait, log10 of the discount rate, and how consistent the choices are."""
        waited = answers.get("chosen") or ()
        rate, consistency = discount_rate([None if one is None else bool(one) for one in waited])
        return {
            "waited": mean_of(waited),
            "log_rate": math.log10(rate) if rate > 0 else math.nan,
            "consistency": consistency,
        }


@dataclass(frozen=True, slots=True)
class EffortTask:
    """Twelve choices between an easy task and a hard one that pays more."""

    prompt: str = EFFORT_PROMPT
    key: str = "effort"

    @property
    def hash(self) -> str:
        """Hash of choices and prompt."""
        return content_hash([self.prompt, [list(row) for row in EFFORTS]])

    async def perform(
        self,
        model: Model,
        *,
        system: str = "",
        sampling: Sampling = Sampling(),  # noqa: B008  # frozen
        seed: int = 0,
    ) -> Performed:
        """Put every choice; which side the hard task stands on is drawn."""
        easy = f"Easy: 30 presses of a key within 7 seconds, for ${EASY_REWARD:.2f}"
        pairs = [(easy, f"Hard: 100 presses of a key within 21 seconds, for ${reward:.2f}") for _, reward in EFFORTS]
        prompts = [self.prompt.replace("$chance", str(chance)) for chance, _ in EFFORTS]
        return await _choose(self, model, prompts, pairs, system, sampling, seed)

    def score(self, answers: Mapping[str, Any], way: Way = "corrected") -> dict[str, float]:
        """Share of hard tasks, and how much more they are taken on when they are worth more (difference of halves)."""
        chosen = list(answers.get("chosen") or ())
        value = [chance * (reward - EASY_REWARD) for chance, reward in EFFORTS]
        middle = float(np.median(value))
        halves = [
            mean_of([one for one, worth in zip(chosen, value, strict=False) if (worth > middle) == is_high])
            for is_high in (True, False)
        ]
        return {"hard": mean_of(chosen), "by_value": halves[0] - halves[1]}


async def _choose(
    task: DelayTask | EffortTask,
    model: Model,
    prompts: Sequence[str],
    pairs: Sequence[tuple[str, str]],
    system: str,
    sampling: Sampling,
    seed: int,
) -> Performed:
    """Put pairs, the second of which is what self-control chooses; 1 stands for it, 0 for the first."""
    is_swapped = np.random.default_rng(derive_seed(seed, task.key, "sides")).permutation(len(pairs)) % 2 == 1
    chosen: list[int | None] = []
    statuses: list[Status] = []
    detail = ""
    for template, pair, swapped in zip(prompts, pairs, is_swapped, strict=True):
        first, second = pair[::-1] if swapped else pair
        reader = AnswerReader([ShownOption("A", first, int(swapped)), ShownOption("B", second, 1 - int(swapped))])
        heard = await hear(model, Template(template).substitute(first=first, second=second), system, sampling)
        if heard.status == "ok":
            answer = reader.read(heard.text)
            is_declined = answer.status == "unparsed" and is_refusal(heard.text)
            chosen.append(answer.value)
            statuses.append("refused" if is_declined else answer.status)
        else:
            chosen.append(None)
            statuses.append(heard.status)
        detail = detail or heard.detail
    return Performed({"chosen": chosen, "swapped": [bool(one) for one in is_swapped]}, tuple(statuses), detail)
