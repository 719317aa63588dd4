"""Texts that are continued as they stand, without roles and without a chat template: how base models are asked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

_ROLES = ("messages", "response_format", "top_logprobs", "logprobs")


def plain_body(body: Mapping[str, Any]) -> dict[str, Any]:
    """The body of ``POST /completions`` for the body of a chat request: the contents, a paragraph a message.

    Schemas and log-probabilities have no place there and are left out.

    Example:
        >>> plain_body({"model": "m", "messages": [{"role": "user", "content": "Once upon"}], "max_tokens": 5})
        {'model': 'm', 'max_tokens': 5, 'prompt': 'Once upon'}
    """
    kept = {name: value for name, value in body.items() if name not in _ROLES}
    return {**kept, "prompt": "\n\n".join(message["content"] for message in body["messages"])}


def as_chat(payload: bytes) -> bytes:
    """A text completion in the form of a chat completion; anything else is left as it came, to be refused there."""
    try:
        data = orjson.loads(payload)
        choices = [{**one, "message": {"content": one["text"]}, "logprobs": None} for one in data["choices"]]
    except (ValueError, KeyError, TypeError):
        return payload
    return orjson.dumps({**data, "choices": choices})
