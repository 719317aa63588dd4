"""Risk: the Columbia Card Task in its cold form (Figner, Mackinlay, Wilkening & Weber, 2009).

Of 32 cards that lie face down some are loss cards. A number of cards is named once; they are turned over one by one,
each gain card adds its points, the first loss card takes its points and ends the round. 27 rounds cross 1, 3 or 5 loss
cards with gains of 10, 20 or 30 and losses of 250, 500 or 750.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from string import Template
from typing import Any

from personae.canonical import content_hash
from personae.instrument.tasks.task import Performed, Way, hear, mean_of, read_number
from personae.model import Model, Sampling, Status

CARDS = 32

PROMPT = """\
$total cards lie face down. $gains of them are gain cards worth +$gain points each; $losses of them are loss cards \
worth -$loss points.
You name a number of cards, and they are turned over one after the other. Every gain card adds its points. The first \
loss card takes its points and ends the round.
Your aim is as many points as possible.
How many cards do you turn over? Answer with one number from 0 to $total and nothing else."""


@dataclass(frozen=True, slots=True)
class Round:
    """One round of the task."""

    losses: int
    """Loss cards among the 32."""
    gain: int
    loss: int

    def prompt(self, template: str = PROMPT) -> str:
        """The question."""
        words = {"total": CARDS, "gains": CARDS - self.losses, "gain": self.gain, "losses": self.losses}
        return Template(template).substitute(words, loss=self.loss)


ROUNDS: tuple[Round, ...] = tuple(
    Round(losses, gain, loss) for losses, gain, loss in itertools.product((1, 3, 5), (10, 20, 30), (250, 500, 750))
)
"""The full factorial of Figner et al. (2009)."""


def expected_points(one: Round, cards: int, way: Way = "corrected") -> float:
    """Points that turning over so many cards brings on average.

    Corrected, by the rules of the task: what was gained before the loss card is kept, ``E = sum_j P(first loss at j)
    ((j - 1) gain - loss) + P(no loss) cards gain``. As published with [75], a round with a loss card brings the loss
    alone: ``P(no loss) cards gain - P(loss) loss``.

    Raises:
        ValueError: If there are not so many cards.

    Example:
        >>> round(expected_points(Round(1, 10, 250), 1), 4)  # 31/32 * 10 - 1/32 * 250
        1.875
    """
    if not 0 <= cards <= CARDS:
        raise ValueError(f"{cards} cards of {CARDS}")
    survives, expected = 1.0, 0.0
    for turned in range(cards):
        left = CARDS - turned
        meets_loss = min(1.0, one.losses / left)
        lost = turned * one.gain - one.loss if way == "corrected" else -one.loss
        expected += survives * meets_loss * lost
        survives *= 1.0 - meets_loss
    return expected + survives * cards * one.gain


@lru_cache(maxsize=128)
def best_cards(one: Round, way: Way = "corrected") -> int:
    """The number of cards with the highest expected points; the smallest of equals.

    Example:
        >>> best_cards(Round(1, 30, 250)), best_cards(Round(5, 10, 750))
        (23, 0)
    """
    points = [expected_points(one, cards, way) for cards in range(CARDS + 1)]
    return points.index(max(points))


@dataclass(frozen=True, slots=True)
class CardTask:
    """The cold Columbia Card Task."""

    rounds: tuple[Round, ...] = ROUNDS
    prompt: str = PROMPT
    key: str = "cards"

    @property
    def hash(self) -> str:
        """Hash of rounds and prompt."""
        return content_hash([self.prompt, [[one.losses, one.gain, one.loss] for one in self.rounds]])

    async def perform(
        self,
        model: Model,
        *,
        system: str = "",
        sampling: Sampling = Sampling(),  # noqa: B008  # frozen
        seed: int = 0,
    ) -> Performed:
        """Put every round; nothing is drawn, so that the seed does not matter."""
        chosen: list[int | None] = []
        published: list[int] = []
        statuses: list[Status] = []
        detail = ""
        for one in self.rounds:
            heard = await hear(model, one.prompt(self.prompt), system, sampling)
            number, status = read_number(heard, 0, CARDS)
            is_whole = number is not None and number == int(number)
            chosen.append(int(number) if number is not None and is_whole else None)
            statuses.append(status if number is None or is_whole else "unparsed")
            published.append(read_as_published(heard.text))
            detail = detail or heard.detail
        return Performed({"chosen": chosen, "as_published": published}, tuple(statuses), detail)

    def score(self, answers: Mapping[str, Any], way: Way = "corrected") -> dict[str, float]:
        """Mean cards chosen, distance from the best number, and expected points given away."""
        column = "chosen" if way == "corrected" else "as_published"
        given: Sequence[int | None] = answers.get(column) or ()
        pairs = [(one, int(cards)) for one, cards in zip(self.rounds, given, strict=False) if cards is not None]
        best = [best_cards(one, way) for one, _ in pairs]
        lost = [
            expected_points(one, most, way) - expected_points(one, cards, way)
            for (one, cards), most in zip(pairs, best, strict=True)
        ]
        return {
            "cards": mean_of([cards for _, cards in pairs]),
            "beyond_best": mean_of([cards - most for (_, cards), most in zip(pairs, best, strict=True)]),
            "points_lost": mean_of(lost),
        }


def read_as_published(text: str) -> int:
    """The published reading: all digits of a reply in a row, at most 32; 0 if there are none.

    "3 or 5" is 32 by it and a refusal 0, both of which pass as choices.

    Example:
        >>> read_as_published("3 or 5"), read_as_published("I would rather not.")
        (32, 0)
    """
    digits = "".join(re.findall(r"\d", text))[:9]
    return min(int(digits), CARDS) if digits else 0
