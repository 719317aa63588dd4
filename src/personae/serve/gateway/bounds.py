"""What a call can take at most, known before it is made: what a key's budget sets aside for it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from personae.serve.faults import Refusal

REPLY_TOKENS = 4096
"""Tokens of a reply that neither the request nor the price list bounds; the request is then sent with this bound."""

LEAST_REPLY_TOKENS = 16
"""Tokens of the shortest reply that is worth asking for, and the least that the Responses API takes as a bound."""

_IMAGE_TOKENS = 50_000
"""Tokens of an image: more than any of OpenAI's models counts for one."""
_WINDOW = 1_048_576
"""Tokens of a prompt whose length is not to be seen, where the price list tells no window."""

_TEXTS = ("text", "input_text", "output_text", "refusal", "summary_text", "reasoning_text")
_IMAGES = ("image_url", "input_image")
_ELSEWHERE = ("previous_response_id", "conversation", "prompt")
_OWN_TOOLS = ("function", "custom")


def most_input(body: Mapping[str, Any], size: int, window: int | None) -> int:
    """Tokens of the input at most: no token is shorter than a byte, and none that is sent is left out of ``size``.

    Args:
        body: The request.
        size: Bytes of its JSON.
        window: Tokens that the model takes, prompt and reply together.

    Example:
        >>> most_input({"messages": [{"role": "user", "content": "Hi"}]}, 47, 128_000)
        47
        >>> most_input({"input": "And then?", "previous_response_id": "resp_1"}, 60, 128_000)
        128000
    """
    most = window or _WINDOW
    if any(body.get(name) for name in _ELSEWHERE):
        return most
    tokens = size
    for name in ("messages", "input"):
        turns = body.get(name)
        for turn in turns if isinstance(turns, list) else ():
            content = turn.get("content") if isinstance(turn, Mapping) else None
            for part in content if isinstance(content, list) else ():
                kind = part.get("type") if isinstance(part, Mapping) else "text"
                if kind in _IMAGES:
                    tokens += _IMAGE_TOKENS
                elif kind not in _TEXTS:
                    return most
            if isinstance(turn, Mapping) and turn.get("type") == "item_reference":
                return most
    return min(tokens, most)


def bound_of(body: Mapping[str, Any], field: str) -> int | None:
    """Tokens of one reply at most, as the request has it.

    Raises:
        Refusal: If it is no number.
    """
    return _whole_number(body, field) if field else 0


def replies_of(body: Mapping[str, Any]) -> int:
    """How many replies are written for a request.

    Raises:
        Refusal: If it says so in no number.
    """
    return max(1, _whole_number(body, "n") or 1, _whole_number(body, "best_of") or 1)


def refuse_unpriced(body: Mapping[str, Any]) -> None:
    """Refuse what is paid for beside tokens, or by another price than the listed one.

    Raises:
        Refusal: If the request asks for it.
    """
    tools = body.get("tools")
    hosted = [
        tool.get("type")
        for tool in (tools if isinstance(tools, list) else ())
        if isinstance(tool, Mapping) and tool.get("type", "function") not in _OWN_TOOLS
    ]
    modalities = body.get("modalities")
    for name, is_asked in (
        ("service_tier", body.get("service_tier") not in (None, "auto", "default", "flex")),
        ("web_search_options", body.get("web_search_options") is not None),
        ("modalities", isinstance(modalities, list) and modalities != ["text"]),
        ("tools", bool(hosted)),
    ):
        if is_asked:
            asked = hosted[0] if name == "tools" else body[name]
            raise Refusal(
                403,
                "price_unknown",
                f"the price of {name} {asked!s:.60} is not known, so that a budget cannot be kept",
                where=name,
                remedy="leave it out, or ask with a key without a budget",
            )


def _whole_number(body: Mapping[str, Any], name: str) -> int | None:
    value = body.get(name)
    if value is None:
        return None
    if type(value) is float and value.is_integer():
        value = int(value)
    if type(value) is not int or not 0 < value < 10**9:
        raise Refusal(
            400, "invalid_type", f"{name} is no whole number above 0", where=name, remedy="send such a number"
        )
    return value
