"""What a model answers, and what the answer cost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from personae.model.tools import ToolCall, call_to_json, calls_from_json

Finish = Literal["stop", "length", "filtered", "unknown"]
"""Why the model stopped: of itself, at the token limit, by a content filter, or for a reason it does not tell."""


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of one call. Cached tokens are part of the input, reasoning tokens part of the output."""

    input_tokens: int = 0
    output_tokens: int = 0
    cached_tokens: int = 0
    reasoning_tokens: int = 0

    def __add__(self, other: Usage) -> Usage:
        return Usage(
            self.input_tokens + other.input_tokens,
            self.output_tokens + other.output_tokens,
            self.cached_tokens + other.cached_tokens,
            self.reasoning_tokens + other.reasoning_tokens,
        )


@dataclass(frozen=True, slots=True)
class TokenLogprob:
    """One token of the reply, its log-probability and those of its rivals (natural logarithm)."""

    token: str
    logprob: float
    top: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer of a model. ``text`` is the first alternative; a refusal given in its own field is kept apart."""

    text: str
    finish: Finish = "stop"
    model: str = ""
    """The model as the endpoint names it, which may be more exact than the name asked for."""
    usage: Usage = Usage()
    alternatives: tuple[str, ...] = ()
    """The second and further replies, when ``Sampling.n`` asked for them."""
    refusal: str = ""
    """What the endpoint put into its refusal field, if it has one."""
    logprobs: tuple[TokenLogprob, ...] = ()
    request_id: str = ""
    seconds: float = 0.0
    """Wall-clock time of the call that produced the reply; a cached reply keeps the time of the original call."""
    is_cached: bool = False
    is_batched: bool = False
    """Whether it came with a batch, at the price of batches."""
    calls: tuple[ToolCall, ...] = ()
    """Tools that the model asked to be called, instead of words or beside them."""


def reply_to_json(reply: Reply) -> dict[str, Any]:
    """The JSON form of a reply, its keys sorted, as it is stored."""
    usage = reply.usage
    plain = {
        "alternatives": reply.alternatives,
        "finish": reply.finish,
        "is_batched": reply.is_batched,
        "is_cached": reply.is_cached,
        "logprobs": [{"logprob": token.logprob, "token": token.token, "top": token.top} for token in reply.logprobs],
        "model": reply.model,
        "refusal": reply.refusal,
        "request_id": reply.request_id,
        "seconds": reply.seconds,
        "text": reply.text,
        "usage": {
            "cached_tokens": usage.cached_tokens,
            "input_tokens": usage.input_tokens,
            "output_tokens": usage.output_tokens,
            "reasoning_tokens": usage.reasoning_tokens,
        },
    }
    return {**plain, "calls": [call_to_json(call) for call in reply.calls]} if reply.calls else plain


def reply_from_json(data: Mapping[str, Any], *, is_cached: bool | None = None) -> Reply:
    """Read a reply back from the JSON form that it is stored in.

    Args:
        data: What ``reply_to_json`` made; fields that it lacks have their defaults.
        is_cached: Whether to mark it as cached, whatever it says itself.
    """
    get = data.get
    logprobs = get("logprobs")
    return Reply(  # by place: a million of these are read in a run that is answered from the cache
        data["text"],
        get("finish", "unknown"),
        get("model", ""),
        Usage(**usage) if (usage := get("usage")) else _NO_USAGE,
        tuple(get("alternatives") or ()),
        get("refusal", ""),
        tuple(map(_token, logprobs)) if logprobs else (),
        get("request_id", ""),
        get("seconds", 0.0),
        get("is_cached", False) if is_cached is None else is_cached,
        get("is_batched", False),
        calls_from_json(calls) if (calls := get("calls")) else (),
    )


_NO_USAGE = Usage()


def _token(data: Mapping[str, Any]) -> TokenLogprob:
    return TokenLogprob(data["token"], data["logprob"], tuple((text, value) for text, value in data["top"]))
