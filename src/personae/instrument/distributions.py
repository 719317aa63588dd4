"""How probable each option is as the answer to one item, instead of which one came: what a single draw hides.

Two ways, which measure different things: the first token of a reply among the marks of the options (``first_token``),
and each option as what comes next (``continuation``). The way is part of every distribution.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from personae.errors import InputError
from personae.instrument.option_reader import ShownOption
from personae.model import Model, ProviderError, Request, score_continuations
from personae.model.choosing import TOP_LOGPROBS, read_logprobs

Answering = Literal["text", "first_token", "continuation"]
"""How an answer comes about: read from a written reply, from the log-probabilities of its first token, or from those of
each option as what comes next."""

NO_LOGPROBS = "the endpoint reports no log-probabilities"

ANSWERINGS: tuple[Answering, ...] = ("text", "first_token", "continuation")


@dataclass(frozen=True, slots=True)
class OptionDistribution:
    """How probable each option is, given that one of them is chosen."""

    method: Answering
    probabilities: Mapping[int, float]
    """By scored value; they sum to 1 over the options that were reported. One that was not is left out, and not 0."""
    covered: float
    """How much of the first token's probability lies on options; 1 for continuations, which are nothing else."""
    unreported: Mapping[int, float] = field(default_factory=dict)
    """Options that the endpoint did not report, and what the probability of each is at most."""
    orders: int = 1
    """Orders of the options that this is the mean over."""
    order_gap: float = math.nan
    """How much the orders disagree: mean total variation from their mean, 0 to 1; NaN with one order."""
    note: str = ""
    """Why there is none, where there is none."""

    @property
    def value(self) -> int | None:
        """The most probable option; ``None`` if none was reported or two are alike."""
        ranked = sorted(self.probabilities.items(), key=lambda pair: -pair[1])
        if not ranked or (len(ranked) > 1 and math.isclose(ranked[0][1], ranked[1][1], rel_tol=1e-12)):
            return None
        return ranked[0][0]

    @property
    def mean(self) -> float:
        """Expected value over the options that were reported."""
        return sum(value * p for value, p in self.probabilities.items()) if self.probabilities else math.nan

    @property
    def mean_bounds(self) -> tuple[float, float]:
        """Where the expected value may lie, wherever the probability that was not reported is.

        Of what the reported tokens leave, all may be on any one option that was not reported: with bound b, the mean
        may move to ``(1 - b) mean + b value``.
        """
        moved = [self.mean] + [(1 - bound) * self.mean + bound * value for value, bound in self.unreported.items()]
        return min(moved), max(moved)

    @property
    def entropy(self) -> float:
        """Shannon entropy in bits over the reported options: 0 if one is certain."""
        return -sum(p * math.log2(p) for p in self.probabilities.values() if p > 0.0)

    def spell(self) -> dict[str, object]:
        """Plain JSON form, for a results table or an artefact."""
        low, high = self.mean_bounds
        return {
            "method": self.method,
            "probabilities": {str(value): p for value, p in self.probabilities.items()},
            "covered": self.covered,
            "unreported": {str(value): p for value, p in self.unreported.items()},
            "mean": self.mean,
            "mean_low": low,
            "mean_high": high,
            "orders": self.orders,
            "order_gap": None if math.isnan(self.order_gap) else self.order_gap,
        }


async def first_token_distribution(
    model: Model, request: Request, options: Sequence[ShownOption]
) -> OptionDistribution:
    """Read the options' probabilities off the first token of a reply, in one call at temperature 0.

    Returns:
        The distribution; an empty one, whose note says why, where the tokens do not say which option is meant.

    Raises:
        InputError: If options have no marks, as their words share first tokens.
        ProviderError: If no reply could be had.
    """
    marks = {option.mark: option.value for option in options}
    if "" in marks:
        raise InputError(
            "options without marks cannot be told apart by a first token",
            where="administration",
            remedy="give option_marks='letters' or 'values', or use answering='continuation'",
        )
    sampling = replace(request.sampling, max_tokens=1, top_logprobs=TOP_LOGPROBS, temperature=0.0, n=1)
    reply = await model.generate(replace(request, sampling=sampling, choices=tuple(marks)))
    if not reply.logprobs:
        return OptionDistribution("first_token", {}, 0.0, note=NO_LOGPROBS)
    try:
        found = read_logprobs(reply.logprobs, tuple(marks), model=model.name)
    except ProviderError as error:
        return OptionDistribution("first_token", {}, 0.0, note=error.what)
    return OptionDistribution(
        "first_token",
        {marks[mark]: p for mark, p in found.probabilities.items()},
        found.covered,
        {marks[mark]: p for mark, p in found.bounds.items()},
    )


async def continuation_distribution(
    model: Model, request: Request, options: Sequence[ShownOption], *, per_token: bool = False
) -> OptionDistribution:
    """Score each option as what comes next, and take the soft-max.

    Args:
        model: Who is asked.
        request: The question.
        options: The options; what continues is the mark, or the words of options without marks.
        per_token: Whether an option counts by the mean of its tokens instead of their sum, so that long ones are not
            punished; then it is no probability of the model any more, but a share of scores.

    Raises:
        ProviderError: ``unsupported`` if the model tells no log-probabilities of given texts.
    """
    texts = [option.mark or option.label for option in options]
    found = await score_continuations(model, request, texts)
    scores = [one.per_token if per_token else one.logprob for one in found]
    return OptionDistribution(
        "continuation", dict(zip((option.value for option in options), soft_max(scores), strict=True)), 1.0
    )


def soft_max(scores: Sequence[float]) -> list[float]:
    """Shares in proportion to ``exp`` of the scores.

    Example:
        >>> soft_max([0.0, 0.0])
        [0.5, 0.5]
    """
    most = max(scores)
    weights = [math.exp(score - most) for score in scores]
    total = sum(weights)
    return [weight / total for weight in weights]


def averaged(distributions: Sequence[OptionDistribution]) -> OptionDistribution:
    """The mean of distributions under several orders of the options, by value.

    An option that one order did not report has no probability of its own in the mean: its bound is the mean of what it
    may be at most, and the reported ones are taken over the orders that reported them.

    Raises:
        ValueError: If there is none.
    """
    if len(distributions) == 1:
        return distributions[0]
    if not distributions:
        raise ValueError("there is no distribution to average")
    if any(not one.probabilities for one in distributions):
        empty = next(one for one in distributions if not one.probabilities)
        return replace(empty, orders=len(distributions))
    count = len(distributions)
    values = sorted({value for one in distributions for value in (*one.probabilities, *one.unreported)})
    everywhere = [value for value in values if all(value in one.probabilities for one in distributions)]
    sums = {value: sum(one.probabilities[value] for one in distributions) / count for value in everywhere}
    total = sum(sums.values())
    shares = {value: p / total for value, p in sums.items()} if total else {}
    bounds = {
        value: sum(one.probabilities.get(value, one.unreported.get(value, 0.0)) for one in distributions) / count
        for value in values
        if value not in everywhere
    }
    gap = sum(
        sum(abs(one.probabilities.get(value, 0.0) - sums.get(value, bounds.get(value, 0.0))) for value in values) / 2
        for one in distributions
    )
    return OptionDistribution(
        distributions[0].method,
        shares,
        sum(one.covered for one in distributions) / count,
        bounds,
        sum(one.orders for one in distributions),
        gap / count,
    )
