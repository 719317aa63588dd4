"""Why no answer came, in words for somebody who talks: what happened, and what they, or who runs the server, can do."""

from __future__ import annotations

from personae.errors import PersonaeError
from personae.model import ProviderError
from personae.model.failure import FailureKind

_WHAT: dict[FailureKind, tuple[str, str]] = {
    "authentication": (
        "The provider refused this server's key, or its account is used up",
        "Choose another model under Seats; whoever runs the server finds out more with personae doctor",
    ),
    "not_found": ("The provider does not know this model", "Choose another model under Seats"),
    "bad_request": ("The provider refused the request", "Try another model, or other settings, under Seats"),
    "context_length": (
        "The conversation is longer than this model can read",
        "Edit an earlier message to branch off there, begin a new conversation, or choose another model under Seats",
    ),
    "rate_limited": ("The provider takes no more requests for now", "Wait a little, then try again"),
    "overloaded": ("The provider has trouble of its own", "Wait a little, then try again"),
    "timeout": ("The model took too long", "Try again, or ask for something shorter"),
    "unreachable": (
        "The model's server cannot be reached",
        "Try again when it runs; whoever runs this server finds out more with personae doctor",
    ),
    "bad_reply": ("The answer broke off, or could not be read", "Try again"),
    "unsupported": ("The model cannot do what was asked", "Choose another model under Seats"),
    "not_recorded": ("The recording holds no answer to this", "Choose a live model under Seats"),
}
_QUIET = ("authentication",)
"""Kinds whose words may speak of the server's key; they are nobody's business who only talks."""


def told_trouble(error: PersonaeError) -> str:
    """Tell why no answer came.

    Example:
        >>> told_trouble(ProviderError("rate_limited", "slow down", status=429, retry_after=8))
        'The provider takes no more requests for now (HTTP 429): slow down. Wait 8 seconds, then try again.'
        >>> told_trouble(ProviderError("authentication", "Incorrect API key sk-1...", status=401)).partition(".")[0]
        "The provider refused this server's key, or its account is used up (HTTP 401)"
    """
    if not isinstance(error, ProviderError):
        return str(error)
    what, remedy = _WHAT[error.kind]
    status = f" (HTTP {error.status})" if error.status else ""
    said = error.said.strip().rstrip(".")
    detail = f": {said}" if said and error.kind not in _QUIET else ""
    if error.retry_after:
        remedy = remedy.replace("Wait a little", f"Wait {error.retry_after:.0f} seconds")
    return f"{what}{status}{detail}. {remedy}."
