"""What is asked of a model, as values that are hashed whole."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

from personae.canonical import canonical_json

Role = Literal["system", "user", "assistant"]


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of a chat."""

    role: Role
    content: str


@dataclass(frozen=True, slots=True)
class Sampling:
    """How a reply is drawn. ``None`` leaves the choice to the endpoint, and says so in the hash."""

    temperature: float | None = None
    top_p: float | None = None
    max_tokens: int | None = None
    seed: int | None = None
    stop: tuple[str, ...] = ()
    n: int = 1
    """How many alternative replies are wanted in one call."""
    top_logprobs: int = 0
    """How many log-probabilities are wanted at each token of the reply; 0 asks for none."""

    def __post_init__(self) -> None:
        # 1 and 1.0 are one temperature and must have one hash.
        for name in ("temperature", "top_p"):
            value = getattr(self, name)
            object.__setattr__(self, name, None if value is None else float(value))


@dataclass(frozen=True, slots=True)
class Schema:
    """A JSON schema that the reply must satisfy."""

    name: str
    definition: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Request:
    """Everything that is asked of a model in one call; its hash is the identity of the call.

    ``replicate`` tells otherwise equal requests apart: the second and third draw of one question are calls of their
    own, in the cache as on the bill.

    Example:
        >>> ask = Request.of("How are you?", system="You are Ada.")
        >>> [message.role for message in ask.messages]
        ['system', 'user']
    """

    messages: tuple[Message, ...]
    sampling: Sampling = Sampling()
    schema: Schema | None = None
    """The JSON schema wanted, if any."""
    choices: tuple[str, ...] = ()
    """Closed answers: the model scores or picks one of them."""
    replicate: int = 0

    @cached_property
    def spelling(self) -> bytes:
        """Canonical JSON of the request, made once: ledger and cache store it, and three keys are derived from it."""
        return canonical_json(self)

    @staticmethod
    def of(user: str, *, system: str = "", sampling: Sampling = Sampling(), replicate: int = 0) -> Request:
        """Ask one question, optionally under a system message (an empty one is left out, not sent empty)."""
        first = (Message("system", system),) if system else ()
        return Request((*first, Message("user", user)), sampling, replicate=replicate)


def request_key(request: Request) -> str:
    """Hash a request whole: messages, sampling, schema, choices, replicate."""
    return hashlib.sha256(request.spelling).hexdigest()


def messages_from_json(rows: Sequence[Mapping[str, Any]]) -> tuple[Message, ...]:
    """Read chat messages from their JSON form ``[{"role", "content"}]``.

    A content given as a list of text parts, as vision-capable clients send it, is joined.

    Raises:
        ValueError: If a row has no known role or no text.
    """
    return tuple(_message(index, row) for index, row in enumerate(rows))


def _message(index: int, row: Mapping[str, Any]) -> Message:
    if not isinstance(row, Mapping):
        raise ValueError(f"message {index} is not an object")
    role, content = row.get("role"), row.get("content")
    if role == "developer":  # what some endpoints call the system role
        role = "system"
    if role not in ("system", "user", "assistant"):
        raise ValueError(f"message {index} has the role {role!r}; known are system, user, assistant")
    if isinstance(content, list):
        texts = [part.get("text") or "" for part in content if isinstance(part, Mapping)]
        content = "".join(texts) if all(isinstance(text, str) for text in texts) else None
    if not isinstance(content, str):
        raise ValueError(f"message {index} has no text")
    return Message(role, content)


def request_from_json(data: Mapping[str, Any]) -> Request:
    """Read a request back from the JSON form that it is stored in."""
    sampling = dict(data.get("sampling") or {})
    sampling["stop"] = tuple(sampling.get("stop") or ())
    schema = data.get("schema")
    return Request(
        messages=messages_from_json(data["messages"]),
        sampling=Sampling(**sampling),
        schema=Schema(schema["name"], schema["definition"]) if schema else None,
        choices=tuple(data.get("choices") or ()),
        replicate=int(data.get("replicate") or 0),
    )
