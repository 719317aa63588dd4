"""Options of endpoint models, as ``-M key=value`` sets them: from words of the command line to values."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import orjson

from personae.errors import InputError

ENDPOINT_OPTIONS: dict[str, str] = {
    "timeout": "seconds that one call may take (default 120)",
    "deadline": "seconds that one call may take with all its attempts and waiting (default: no bound)",
    "rpm": "requests a minute that the endpoint allows (default: found out by being turned away)",
    "tpm": "tokens a minute that it allows (default: found out by being turned away)",
    "max_concurrency": "calls at once that it takes (default: as many as are made)",
    "attempts": "calls made before giving up, the first included (default 5)",
    "max_tokens_field": "name of the field that bounds the reply: max_tokens or max_completion_tokens",
    "send_seed": "whether the seed is sent: true or false",
    "extra_body": "JSON object of further fields of the request body",
    "batch": "whether calls join batches, at half the price and within a day: true or false",
    "batch_wait": "batch: seconds without a new call after which a batch is submitted (default 5)",
    "batch_size": "batch: calls in a batch at most (default: what the endpoint allows)",
    "poll": "batch: seconds between two looks at it at most (default 60)",
    "scoring": "how given texts are scored: echo (at completions) or prompt_logprobs (vLLM, in the chat template)",
    "plain": "whether texts are continued without a chat template, as base models want it: true or false",
    "cache_control": "anthropic: whether the system prompt is marked for the prompt cache: true or false",
}
"""Options of endpoint models, as ``-M key=value`` sets them."""

CHAT_ONLY = ("max_tokens_field", "send_seed", "scoring", "plain")
"""Options that mean nothing to the Messages API."""

MESSAGES_ONLY = ("cache_control",)
"""Options that mean nothing to chat completions."""

BATCH_ONLY = ("batch_wait", "batch_size", "poll")
"""Options that mean nothing without ``batch=true``."""


def refuse_options(name: str, options: Mapping[str, str], known: Collection[str]) -> None:
    """Refuse options that a model does not have.

    Raises:
        InputError: For the first of them.
    """
    for option in options:
        if option not in known:
            offer = f"known are {', '.join(known)}" if known else "this model takes none"
            raise InputError(f"the option {option!r} is not known", where=name, remedy=offer)


def read_seconds(name: str, option: str, text: str) -> float:
    """Read a length of time."""
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value < 1e6:
        raise InputError(f"{option}={text!r} is not a number of seconds", where=name, remedy=f"write -M {option}=60")
    return value


def read_whole_number(name: str, option: str, text: str) -> int:
    """Read a number above 0."""
    if not text.isdecimal() or not 1 <= len(text.lstrip("0")) <= 9:
        raise InputError(f"{option}={text!r} is not a whole number above 0", where=name, remedy=f"write -M {option}=3")
    return int(text)


def read_truth(name: str, option: str, text: str) -> bool:
    """Read ``true`` or ``false``, in any case of letters."""
    if text.lower() not in ("true", "false"):
        raise InputError(f"{text!r} is neither true nor false", where=name, remedy=f"write -M {option}=false")
    return text.lower() == "true"


def read_object(name: str, option: str, text: str) -> dict[str, Any]:
    """Read a JSON object."""
    try:
        value = orjson.loads(text)
    except ValueError:
        value = None
    if not isinstance(value, dict):
        raise InputError(f"{option} is not a JSON object", where=name, remedy=f"write -M '{option}={{\"top_k\": 40}}'")
    return value
