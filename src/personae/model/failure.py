"""Why a provider gave no answer: a dozen kinds for all providers, each with what to do about it."""

from __future__ import annotations

from typing import Literal

from personae.errors import ModelError

FailureKind = Literal[
    "authentication",
    "not_found",
    "bad_request",
    "context_length",
    "rate_limited",
    "overloaded",
    "timeout",
    "unreachable",
    "bad_reply",
    "unsupported",
    "not_recorded",
]

RETRYABLE: frozenset[FailureKind] = frozenset({"rate_limited", "overloaded", "timeout", "unreachable", "bad_reply"})
"""Kinds that may pass if the call is made again."""

Ends = Literal["", "call", "run"]
"""What a failure ends whatever its kind: nothing more than its try, the call with all its tries, or the run."""

HOPELESS: frozenset[FailureKind] = frozenset({"authentication", "not_found"})
"""Kinds that no other call of the run will escape: the run stops at once instead of failing cell by cell."""

REMEDIES: dict[FailureKind, str] = {
    "authentication": "check API key and balance at this provider (personae doctor shows which variable it reads)",
    "not_found": "check the model name (personae models --probe lists what the endpoint serves)",
    "bad_request": "see the message of the endpoint; an option or a schema may not be supported by this model",
    "context_length": "shorten the prompt or choose a model with a longer context",
    "rate_limited": "lower --max-connections or wait",
    "overloaded": "wait, then run the same command again: finished work is kept",
    "timeout": "raise the limit with -M timeout=SECONDS, then run the same command again",
    "unreachable": "check that the server runs and that its base URL is right (personae doctor)",
    "bad_reply": "the endpoint sent something that is not a chat completion; check its base URL",
    "unsupported": "choose a model or an endpoint that offers this",
    "not_recorded": "the recording holds no answer to this request; run it on a live model",
}


class ProviderError(ModelError):
    """A call ended without an answer.

    Args:
        kind: One of the kinds above, the same for all providers.
        message: What the provider said, shortened, without keys.
        model: Name of the model that was asked.
        status: HTTP status, 0 where none was received.
        request_id: The provider's own identifier of the call, for its support.
        retry_after: Seconds that the provider asked to wait.
        ends: ``call`` if no further try is made, ``run`` if no further call is, though the kind alone would allow it.
        remedy: What to do, where that of the kind does not fit.
    """

    def __init__(
        self,
        kind: FailureKind,
        message: str,
        *,
        model: str = "",
        status: int = 0,
        request_id: str = "",
        retry_after: float | None = None,
        ends: Ends = "",
        remedy: str = "",
    ) -> None:
        self.kind = kind
        self.said = message[:300]
        self.status = status
        self.request_id = request_id
        self.retry_after = retry_after
        self.ends = ends
        detail = f" (HTTP {status})" if status else ""
        tail = f" [request {request_id}]" if request_id else ""
        super().__init__(f"{kind}{detail}: {message[:300]}{tail}", where=model, remedy=remedy or REMEDIES[kind])

    @property
    def is_retryable(self) -> bool:
        """Whether the same call may succeed if it is made again."""
        return not self.ends and self.kind in RETRYABLE

    @property
    def is_hopeless(self) -> bool:
        """Whether every further call of the run would fail alike."""
        return self.ends == "run" or self.kind in HOPELESS


_SPENT = (
    "insufficient_quota",
    "insufficient balance",
    "insufficient credits",
    "credit balance is too low",  # Anthropic, by 400
)
_NO_KEY = ("api key not valid", "api_key_invalid", "invalid api key", "invalid_api_key", "incorrect api key")
_FLAGGED = ("moderation", "flagged")
_TOO_LONG = (
    "context length",
    "context_length",
    "maximum context",
    "context size",
    "context_size",
    "context window",
    "prompt is too long",  # Anthropic, in tokens
    "request_too_large",  # Anthropic, in bytes
)


def kind_of_status(status: int, body: str = "") -> FailureKind:
    """Sort an HTTP status and the text of its body into a kind.

    Example:
        >>> kind_of_status(429)
        'rate_limited'
        >>> kind_of_status(400, "This model's maximum context length is 8192 tokens")
        'context_length'
    """
    lowered = body[:2000].lower()
    # A spent budget comes as 402 or 429, a wrong key as 401 or (Gemini) 400; no waiting and no other prompt mends them.
    if status in (401, 402) or (status < 500 and _mentions(lowered, *_SPENT, *_NO_KEY)):
        return "authentication"
    if status == 403:
        # OpenRouter refuses a flagged prompt by 403: the next cell may pass, so the run must not stop.
        return "bad_request" if _mentions(lowered, *_FLAGGED) else "authentication"
    if status == 404:
        return "not_found"
    if status == 429:
        return "rate_limited"
    if status in (408, 504):
        return "timeout"
    if _mentions(lowered, *_TOO_LONG):  # llama.cpp says so by 500 too, and asking again does not shorten a prompt
        return "context_length"
    if status >= 500:
        return "overloaded"
    if "model" in lowered and _mentions(lowered, "not found", "does not exist"):
        return "not_found"
    return "bad_request"


def _mentions(text: str, *words: str) -> bool:
    return any(word in text for word in words)
