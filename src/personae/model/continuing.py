"""How likely each of several texts is to come next: the log-probability of a continuation, all of its tokens.

A request for it asks for no token (``max_tokens=0``) and names the continuations as its choices. It goes through
``generate`` as every other call does, so that a run records it, a cache keeps it and a budget counts it. The reply's
text is the likeliest one; its log-probabilities are one for each continuation, in the order asked, with its tokens.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import orjson

from personae.errors import InputError
from personae.model.failure import ProviderError
from personae.model.protocols import Model, Scores
from personae.model.reply import Reply, TokenLogprob, Usage
from personae.model.request import Message, Request, Sampling
from personae.model.wire import parse_usage, raise_wrapped_error

Scoring = Literal["echo", "prompt_logprobs"]
"""How an endpoint tells log-probabilities of a given text: ``echo`` at ``/completions``, as plain text without a chat
template (the legacy OpenAI API, vLLM, llama.cpp); ``prompt_logprobs`` at ``/chat/completions``, within the chat
template of the model (vLLM)."""


_NO_USAGE = Usage()


@dataclass(frozen=True, slots=True)
class Continuation:
    """One continuation and how likely it is."""

    text: str
    logprob: float
    """Natural logarithm of the probability of all its tokens."""
    tokens: tuple[tuple[str, float], ...]
    """Its tokens with the log-probability of each, given what stands before it; empty where they are not told."""

    @property
    def per_token(self) -> float:
        """Mean log-probability of a token: does not punish longer continuations for their length."""
        return self.logprob / max(1, len(self.tokens))


def continuation_request(request: Request, choices: Sequence[str]) -> Request:
    """Ask how likely each choice is to come next after the messages of a request."""
    sampling = Sampling(max_tokens=0, temperature=0.0, top_logprobs=1)
    return replace(request, sampling=sampling, choices=tuple(choices), schema=None)


def is_continuation(request: Request) -> bool:
    """Whether a request asks for no text but for log-probabilities of its choices."""
    return request.sampling.max_tokens == 0 and bool(request.choices)


async def score_continuations(model: Model, request: Request, choices: Sequence[str]) -> list[Continuation]:
    """Find out how likely each choice is as what comes next.

    When to use: to read a preference off a base model, or off options of several tokens, where the first token of a
    reply says too little. A model that cannot score continuations but implements :class:`Scores` is asked by that.

    Args:
        model: Who is asked.
        request: The conversation up to the continuation.
        choices: The continuations.

    Raises:
        InputError: If there are fewer than two different choices.
        ProviderError: ``unsupported`` if the model tells none of this.
    """
    if len(choices) < 2 or len(set(choices)) < len(choices) or not all(choices):
        raise InputError(
            "continuations are at least two different texts",
            where="choices",
            remedy="give each option words of its own",
        )
    asked = continuation_request(request, choices)
    reply = await model.generate(asked)
    told = [Continuation(one.token, one.logprob, one.top) for one in reply.logprobs]
    if [one.text for one in told] == list(choices):
        return told
    if isinstance(model, Scores):
        scores = await model.score(replace(request, choices=tuple(choices)))
        if len(scores) == len(choices):
            return [Continuation(choice, scores[choice], ()) for choice in choices]
    raise ProviderError("unsupported", "the endpoint tells no log-probabilities of given texts", model=model.name)


def continuation_reply(
    continuations: Sequence[Continuation],
    *,
    model: str,
    usage: Usage = _NO_USAGE,
    seconds: float = 0.0,
) -> Reply:
    """The reply that carries scored continuations."""
    told = tuple(TokenLogprob(one.text, one.logprob, one.tokens) for one in continuations)
    likeliest = max(continuations, key=lambda one: one.logprob).text if continuations else ""
    return Reply(likeliest, "stop", model, usage, logprobs=told, seconds=seconds)


def prompt_text(messages: Sequence[Message]) -> str:
    """A conversation as plain text, for an endpoint that knows no roles: one paragraph a message.

    Continuations of a question follow on a line that names nobody, so that a base model reads a questionnaire and not a
    script of a chat.
    """
    return "\n\n".join(message.content for message in messages) + "\n"


def echo_body(request: Request, model: str) -> dict[str, Any]:
    """The body of ``POST /completions`` that scores all continuations in one call."""
    text = prompt_text(request.messages)
    return {
        "model": model,
        "prompt": [text + choice for choice in request.choices],
        "max_tokens": 0,
        "echo": True,
        "logprobs": 1,
        "temperature": 0.0,
    }


def read_echo(payload: bytes, request: Request, *, model: str, seconds: float = 0.0) -> Reply:
    """Read the tokens behind the prompt off an echoed completion, by their offsets.

    A token that begins before the continuation and reaches into it counts to it: its text is partly the option's.

    Raises:
        ProviderError: ``unsupported`` if the endpoint did not echo with log-probabilities.
    """
    start = len(prompt_text(request.messages))
    data = _loaded(payload, model)
    try:
        rows = sorted(data["choices"], key=lambda row: row.get("index") or 0)
        if len(rows) != len(request.choices) or any(not row.get("logprobs") for row in rows):
            raise ProviderError("unsupported", "the endpoint does not echo prompts with log-probabilities", model=model)
        found = [
            _of_tokens(choice, _behind(row["logprobs"], start))
            for choice, row in zip(request.choices, rows, strict=True)
        ]
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        message = f"not an echoed completion ({type(error).__name__})"
        raise ProviderError("bad_reply", message, model=model) from error
    name, usage = str(data.get("model") or model), parse_usage(data.get("usage"))
    if any(not one.tokens for one in found):
        raise ProviderError("unsupported", "the endpoint does not echo the tokens of the prompt", model=model)
    return continuation_reply(found, model=name, usage=usage, seconds=seconds)


def _behind(logprobs: Mapping[str, Any], start: int) -> list[tuple[str, float]]:
    tokens, values, offsets = logprobs["tokens"], logprobs["token_logprobs"], logprobs["text_offset"]
    return [
        (str(token), float(value))
        for token, value, offset in zip(tokens, values, offsets, strict=True)
        if offset + len(token) > start and value is not None
    ]


def prompt_logprobs_body(request: Request, choice: str, model: str) -> dict[str, Any]:
    """The body of ``POST /chat/completions`` by which vLLM scores one continuation as the assistant's words."""
    messages = [{"role": message.role, "content": message.content} for message in request.messages]
    return {
        "model": model,
        "messages": [*messages, {"role": "assistant", "content": choice}],
        "add_generation_prompt": False,
        "continue_final_message": True,
        "prompt_logprobs": 0,
        "max_tokens": 1,
        "temperature": 0.0,
    }


def read_prompt_logprobs(payloads: Sequence[bytes], request: Request, *, model: str, seconds: float = 0.0) -> Reply:
    """Read continuations off the log-probabilities of prompts that differ in their last words alone.

    The prompts share their beginning. Tokens from the first on in which two of them differ are the continuation's.

    Raises:
        ProviderError: ``unsupported`` if the endpoint tells no log-probabilities of prompts.
    """
    rows: list[list[tuple[str, float]]] = []
    usage = Usage()
    name = model
    for payload in payloads:
        data = _loaded(payload, model)
        told = data.get("prompt_logprobs")
        if not told:
            raise ProviderError("unsupported", "the endpoint tells no log-probabilities of prompts", model=model)
        try:
            rows.append([_of_position(place) for place in told if place])
        except (KeyError, TypeError, ValueError, StopIteration) as error:
            message = f"not log-probabilities of a prompt ({type(error).__name__})"
            raise ProviderError("bad_reply", message, model=model) from error
        usage += parse_usage(data.get("usage"))
        name = str(data.get("model") or model)
    shared = 0
    while all(len(row) > shared for row in rows) and len({row[shared][0] for row in rows}) == 1:
        shared += 1
    found = [_of_tokens(choice, row[shared:]) for choice, row in zip(request.choices, rows, strict=True)]
    if any(not one.tokens for one in found):
        raise ProviderError("unsupported", "one continuation is the beginning of another", model=model)
    return continuation_reply(found, model=name, usage=usage, seconds=seconds)


def _of_position(place: Mapping[str, Any]) -> tuple[str, float]:
    """The prompt's own token at a place: the one told first, as no rival was asked for."""
    token, told = next(iter(place.items()))
    return str(told.get("decoded_token") or token), float(told["logprob"])


def _of_tokens(text: str, tokens: Sequence[tuple[str, float]]) -> Continuation:
    return Continuation(text, sum(value for _, value in tokens), tuple(tokens))


def _loaded(payload: bytes, model: str) -> dict[str, Any]:
    try:
        data = orjson.loads(payload)
    except ValueError as error:
        raise ProviderError("bad_reply", "not JSON", model=model) from error
    raise_wrapped_error(data, model)
    if not isinstance(data, dict):
        raise ProviderError("bad_reply", "not an object", model=model)
    return data
