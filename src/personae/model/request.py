"""What is asked of a model, as values that are hashed whole."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import orjson

from personae.canonical import canonical_json
from personae.model.tools import Tool, ToolCall, call_to_json, calls_from_json, tool_to_json

Role = Literal["system", "user", "assistant", "tool"]


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of a chat."""

    role: Role
    content: str


@dataclass(frozen=True, slots=True)
class ToolMessage(Message):
    """A turn in which a model called tools, or the answer to such a call (role ``tool``)."""

    calls: tuple[ToolCall, ...] = ()
    """What an assistant asked to be called."""
    answers: str = ""
    """Id of the call that this turn answers."""


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
        if self.temperature is not None:
            object.__setattr__(self, "temperature", float(self.temperature))
        if self.top_p is not None:
            object.__setattr__(self, "top_p", float(self.top_p))


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
    tools: tuple[Tool, ...] = ()
    """What the model may ask to be called."""
    tool_choice: str = ""
    """``auto`` (what an empty one means), ``none``, ``required``, or the name of the tool that has to be called."""

    @property
    def spelling(self) -> bytes:
        """Canonical JSON of the request, made once: ledger and cache store it, and three keys are derived from it."""
        known: bytes | None = self.__dict__.get("_spelling")
        if known is None:
            known = self.__dict__["_spelling"] = _spelled(self)
        return known

    @property
    def key(self) -> str:
        """Hash of the whole request: messages, sampling, schema, choices, replicate."""
        known: str | None = self.__dict__.get("_key")
        if known is None:
            known = self.__dict__["_key"] = hashlib.sha256(self.spelling).hexdigest()
        return known

    def with_seed(self, seed: int) -> Request:
        """The same request, drawn with another seed."""
        old = self.sampling
        drawn = Sampling(old.temperature, old.top_p, old.max_tokens, seed, old.stop, old.n, old.top_logprobs)
        return Request(self.messages, drawn, self.schema, self.choices, self.replicate, self.tools, self.tool_choice)

    @staticmethod
    def of(user: str, *, system: str = "", sampling: Sampling = Sampling(), replicate: int = 0) -> Request:
        """Ask one question, optionally under a system message (an empty one is left out, not sent empty)."""
        first = (Message("system", system),) if system else ()
        return Request((*first, Message("user", user)), sampling, replicate=replicate)


def request_key(request: Request) -> str:
    """Hash a request whole: messages, sampling, schema, choices, replicate."""
    return request.key


def _spelled(request: Request) -> bytes:
    # Canonical JSON by hand, the keys in their order: it is made of every call, and this is four times as fast.
    sampling, schema = request.sampling, request.schema
    plain = {
        "choices": request.choices,
        "messages": [{"content": message.content, "role": message.role} for message in request.messages],
        "replicate": request.replicate,
        "sampling": {
            "max_tokens": sampling.max_tokens,
            "n": sampling.n,
            "seed": sampling.seed,
            "stop": sampling.stop,
            "temperature": sampling.temperature,
            "top_logprobs": sampling.top_logprobs,
            "top_p": sampling.top_p,
        },
        "schema": None,
    }
    has_tools = bool(request.tools or request.tool_choice)
    if schema is None and not has_tools and not any(type(one) is ToolMessage for one in request.messages):
        return orjson.dumps(plain)
    if schema is not None:
        plain["schema"] = {"definition": schema.definition, "name": schema.name}
    if has_tools:  # left out otherwise, so that a request without them keeps its key
        plain |= {"tools": [tool_to_json(tool) for tool in request.tools], "tool_choice": request.tool_choice}
    return canonical_json({**plain, "messages": [message_to_json(message) for message in request.messages]})


def message_to_json(message: Message) -> dict[str, Any]:
    """The JSON form of a turn, as it is stored."""
    plain: dict[str, Any] = {"content": message.content, "role": message.role}
    if isinstance(message, ToolMessage):
        if message.calls:
            plain["tool_calls"] = [call_to_json(call) for call in message.calls]
        if message.answers:
            plain["tool_call_id"] = message.answers
    return plain


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
    if role not in ("system", "user", "assistant", "tool"):
        raise ValueError(f"message {index} has the role {role!r}; known are system, user, assistant, tool")
    if isinstance(content, list):
        texts = [part.get("text") or "" for part in content if isinstance(part, Mapping)]
        content = "".join(texts) if all(isinstance(text, str) for text in texts) else None
    calls, answers = calls_from_json(row.get("tool_calls")), str(row.get("tool_call_id") or "")
    if content is None and calls:  # a turn that only calls has no words
        content = ""
    if not isinstance(content, str):
        raise ValueError(f"message {index} has no text")
    if role == "tool" and not answers:
        raise ValueError(f"message {index} names no call that it answers (tool_call_id)")
    return ToolMessage(role, content, calls, answers) if calls or answers else Message(role, content)


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
        tools=tuple(Tool(**tool) for tool in data.get("tools") or ()),
        tool_choice=data.get("tool_choice") or "",
    )
