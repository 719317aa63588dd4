"""How probable each of several closed answers is: by log-probabilities where they are told, else by asking often.

The two ways measure different things (one the first token of a reply, the other whole replies), so the way that was
taken is part of the result.
"""

from __future__ import annotations

import asyncio
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from personae.canonical import derive_seed
from personae.errors import InputError
from personae.model.failure import ProviderError
from personae.model.protocols import Model
from personae.model.reply import Reply, TokenLogprob
from personae.model.request import Request
from personae.model.status import Status, is_refusal
from personae.model.wire import choice_scores, choices_of_token

ChoosingMethod = Literal["logprobs", "sampling"]

TOP_LOGPROBS = 20
"""Log-probabilities asked for: the most that OpenAI and, unless told otherwise, vLLM report."""

MOST_UNCLEAR = 0.01
"""Probability that may lie on tokens of which nobody knows what choice they begin; beyond it, replies are counted."""

_AROUND = " \t\r\n\"'“”‘’`*()[]."


@dataclass(frozen=True, slots=True)
class ChoiceProbabilities:
    """How probable each choice is, given that one of them is made."""

    method: ChoosingMethod
    probabilities: Mapping[str, float]
    """They sum to 1. Of log-probabilities, choices that the endpoint did not report are left out (see ``bounds``); of
    sampling, a choice that was never made has 0. Empty if no reply was usable."""
    covered: float
    """How much of what the model says is one of the choices: probability of the first token, or share of draws."""
    bounds: Mapping[str, float] = field(default_factory=dict)
    """Choices that were not reported, and what the probability of each is at most."""
    counts: Mapping[str, int] = field(default_factory=dict)
    """How often each choice was drawn."""
    n: int = 0
    """Draws that gave a choice: what the probabilities of sampling are divided by."""
    statuses: Mapping[Status, int] = field(default_factory=dict)
    """How all draws ended; they sum to the number that was asked for."""
    reason: str = ""
    """Why log-probabilities were not used, if they were wanted."""


async def choose(
    model: Model, request: Request, draws: int = 20, *, method: ChoosingMethod | Literal["auto"] = "auto"
) -> ChoiceProbabilities:
    """Find out how probable each of ``request.choices`` is as the answer.

    By log-probabilities one call is made, of one token at temperature 0. A token stands for a choice if it is the
    choice or begins no other; spellings of one choice ("A", " A") add up. They are not used if the endpoint tells none,
    if no token stands for a choice, or if more than ``MOST_UNCLEAR`` lies on tokens that begin several ("Strongly").

    By sampling, whole replies are drawn as ``request.sampling`` says, each a replicate with a seed of its own, and
    read: one that is a choice is ``ok``, one that begins with a choice is ``repaired``, all others are what they are.

    Args:
        model: Who is asked.
        request: The question, with its choices.
        draws: Replies drawn where log-probabilities do not serve.
        method: ``auto`` prefers log-probabilities.

    Raises:
        InputError: If there are fewer than two different choices, or no draw.
        ProviderError: If every call would fail alike, or, for ``logprobs``, if they do not serve.

    Example:
        >>> from personae.model import ScriptedModel
        >>> ask = replace(Request.of("Tea or coffee?"), choices=("tea", "coffee"))
        >>> found = asyncio.run(choose(ScriptedModel(["tea", "Coffee.", "tea!", "Milk"]), ask, 4, method="sampling"))
        >>> found.counts, found.n, found.covered
        ({'tea': 2, 'coffee': 1}, 3, 0.75)
    """
    choices = request.choices
    if len(choices) < 2 or len({choice.strip() for choice in choices} - {""}) != len(choices):
        raise InputError(
            "a choice needs at least two different answers", where="choices", remedy="set Request.choices to them"
        )
    if draws < 1:
        raise InputError(f"{draws} draws tell nothing", where="draws", remedy="give at least 1")
    reason = ""
    if method != "sampling":
        try:
            return await _by_logprobs(model, request)
        except ProviderError as error:
            if method == "logprobs" or error.kind not in ("unsupported", "bad_request"):
                raise
            reason = error.what
    return await _by_sampling(model, request, draws, reason)


async def _by_logprobs(model: Model, request: Request) -> ChoiceProbabilities:
    sampling = replace(request.sampling, max_tokens=1, top_logprobs=TOP_LOGPROBS, temperature=0.0, n=1)
    reply = await model.generate(replace(request, sampling=sampling))
    if not reply.logprobs:
        raise ProviderError("unsupported", "the endpoint reports no log-probabilities", model=model.name)
    return read_logprobs(reply.logprobs, request.choices, model=model.name)


def read_logprobs(logprobs: Sequence[TokenLogprob], choices: Sequence[str], *, model: str = "") -> ChoiceProbabilities:
    """Read probabilities of choices off the first token of a reply.

    A choice that no reported token stands for has at most what all reported tokens leave: its bound is
    ``rest / (covered + rest)``, on the scale of the probabilities.

    Raises:
        ProviderError: ``unsupported`` if they do not tell the choices apart.
    """
    rivals = logprobs[0].top or ((logprobs[0].token, logprobs[0].logprob),)
    told = {token.strip() for token, _ in rivals}
    unclear = {token: math.exp(value) for token, value in rivals if _is_unclear(token, choices, told)}
    if sum(unclear.values()) > MOST_UNCLEAR:
        token = max(unclear, key=unclear.__getitem__)
        raise ProviderError("unsupported", f"the token {token!r} begins several of the choices", model=model)
    scores = choice_scores(logprobs, choices)
    covered = sum(math.exp(value) for value in scores.values())
    if not covered:
        raise ProviderError("unsupported", "no token that is reported stands for a choice", model=model)
    rest = max(0.0, 1.0 - sum(math.exp(value) for _, value in rivals))
    return ChoiceProbabilities(
        "logprobs",
        {choice: math.exp(value) / covered for choice, value in scores.items()},
        min(1.0, covered),
        {choice: rest / (covered + rest) for choice in choices if choice not in scores},
    )


def _is_unclear(token: str, choices: Sequence[str], told: set[str]) -> bool:
    """Whether a token may be the beginning of more than one choice.

    "1" is a choice of 1 to 10 and may begin another one, unless that is reported as a token of its own.
    """
    owners = choices_of_token(token, choices)
    if len(owners) == 1 and token.strip() == owners[0]:
        return any(choice != owners[0] and choice.startswith(owners[0]) and choice not in told for choice in choices)
    return len(owners) > 1


async def _by_sampling(model: Model, request: Request, draws: int, reason: str) -> ChoiceProbabilities:
    asked = [_draw(request, number, draws) for number in range(draws)]
    replies = await asyncio.gather(*(model.generate(one) for one in asked), return_exceptions=True)
    counts: Counter[str] = Counter()
    statuses: Counter[Status] = Counter()
    for reply in replies:
        if isinstance(reply, ProviderError) and not reply.is_hopeless:
            statuses["failed"] += 1
            continue
        if isinstance(reply, BaseException):
            raise reply
        choice, status = read_choice(reply, request.choices)
        statuses[status] += 1
        if choice is not None:
            counts[choice] += 1
    n = counts.total()
    shares = {choice: counts[choice] / n for choice in request.choices} if n else {}
    drawn = {choice: counts[choice] for choice in request.choices}
    return ChoiceProbabilities("sampling", shares, n / draws, {}, drawn, n, dict(statuses), reason)


def _draw(request: Request, number: int, draws: int) -> Request:
    """One draw: a replicate of its own, so that no cache mistakes it for another, and a seed of its own."""
    seed = request.sampling.seed
    sampling = replace(
        request.sampling, n=1, top_logprobs=0, seed=None if seed is None else derive_seed(seed, "draw", number)
    )
    return replace(request, sampling=sampling, replicate=request.replicate * draws + number)


def read_choice(reply: Reply, choices: Sequence[str]) -> tuple[str | None, Status]:
    """Read which choice a reply makes.

    Example:
        >>> read_choice(Reply("Strongly agree, I think."), ["Agree", "Strongly agree"])
        ('Strongly agree', 'repaired')
        >>> read_choice(Reply("I'm sorry, but I can't choose."), ["Agree", "Disagree"])
        (None, 'refused')
    """
    text = reply.text.strip()
    if reply.refusal:
        return None, "refused"
    if not text:
        return None, "empty"
    if text in choices:
        return text, "ok"
    bare = text.strip(_AROUND).casefold()
    for choice in sorted(choices, key=len, reverse=True):  # "agree strongly" before "agree"
        wanted = choice.strip(_AROUND).casefold() or choice
        if sum(other.strip(_AROUND).casefold() == wanted for other in choices) > 1:
            continue  # told apart by their case or by what stands around them only, and that is not what came
        if bare == wanted:
            return choice, "ok"
        if bare.startswith(wanted) and not bare[len(wanted)].isalnum():
            return choice, "repaired"
    return None, "refused" if is_refusal(text) else "unparsed"
