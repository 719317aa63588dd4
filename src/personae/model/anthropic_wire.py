"""The wire format of Anthropic's Messages API: request to body, body to reply, server-sent events to one reply.

Pure functions without a socket. What the API cannot do (log-probabilities, several replies a call, a temperature above
1) is refused; the seed is left out; nothing is clamped in silence.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

import orjson

from personae.errors import InputError
from personae.model.failure import FailureKind, ProviderError, kind_of_status
from personae.model.reply import Finish, Reply, Usage
from personae.model.request import Message, Request, ToolMessage
from personae.model.tools import ToolCall

DEFAULT_MAX_TOKENS = 4096
"""Bound of a reply where the request sets none: the API wants one, and its oldest models take no higher one."""

_FINISH: dict[str, Finish] = {
    "end_turn": "stop",
    "stop_sequence": "stop",
    "tool_use": "stop",  # the forced tool that carries a schema was called
    "max_tokens": "length",
    "model_context_window_exceeded": "length",
    "refusal": "filtered",
}

_TOOL_CHOICES = {"auto": {"type": "auto"}, "none": {"type": "none"}, "required": {"type": "any"}}

_KINDS: dict[str, FailureKind] = {
    "authentication_error": "authentication",
    "permission_error": "authentication",
    "billing_error": "authentication",
    "not_found_error": "not_found",
    "request_too_large": "context_length",
    "rate_limit_error": "rate_limited",
    "timeout_error": "timeout",
    "overloaded_error": "overloaded",
    "api_error": "overloaded",
}


def messages_body(
    request: Request, model: str, *, name: str = "", cache_control: bool = False, stream: bool = False
) -> dict[str, Any]:
    """Spell a request as the body of ``POST /messages``.

    Leading system messages become the system prompt, messages of one role that follow each other one turn. A schema
    becomes the input of a tool that the model is made to call. The seed is left out: the API has none.

    Args:
        request: The request.
        model: Model as the endpoint knows it.
        name: Name of the model, for errors.
        cache_control: Whether the system prompt is marked for the prompt cache, as the prefix that calls share.
        stream: Whether the reply is wanted as events.

    Raises:
        InputError: If the temperature is above 1.
        ProviderError: ``unsupported`` if the request asks for what the API does not have.
    """
    sampling = request.sampling
    if sampling.temperature is not None and not 0.0 <= sampling.temperature <= 1.0:
        raise InputError(
            f"the temperature {sampling.temperature:g} is outside of 0 to 1, all that the Messages API takes",
            where=name or model,
            remedy="set another temperature, or leave it to the endpoint",
        )
    if sampling.n != 1:
        fault = f"one call gives one reply, not {sampling.n}; ask once a replicate"
        raise ProviderError("unsupported", fault, model=name or model)
    if sampling.top_logprobs:
        raise ProviderError("unsupported", "the Messages API reports no log-probabilities", model=name or model)
    system, turns = _split(request.messages, name or model)
    body: dict[str, Any] = {
        "model": model,
        "max_tokens": DEFAULT_MAX_TOKENS if sampling.max_tokens is None else sampling.max_tokens,
        "messages": turns,
    }
    if system:
        if cache_control:
            system[-1]["cache_control"] = {"type": "ephemeral"}
        body["system"] = system
    if sampling.temperature is not None:
        body["temperature"] = sampling.temperature
    if sampling.top_p is not None:
        body["top_p"] = sampling.top_p
    if sampling.stop:
        body["stop_sequences"] = list(sampling.stop)
    if request.tools:
        if request.schema is not None:
            fault = "a schema is a tool here, which cannot be forced beside others; ask for one of the two"
            raise ProviderError("unsupported", fault, model=name or model)
        body["tools"] = [
            {"name": tool.name, "description": tool.description, "input_schema": tool.parameters}
            for tool in request.tools
        ]
        if request.tool_choice:
            named = {"type": "tool", "name": request.tool_choice}
            body["tool_choice"] = _TOOL_CHOICES.get(request.tool_choice, named)
    if request.schema is not None:
        tool = re.sub(r"[^a-zA-Z0-9_-]", "_", request.schema.name)[:64] or "answer"
        schema = {"type": "object", **request.schema.definition}
        body["tools"] = [{"name": tool, "description": "Give the answer in this form.", "input_schema": schema}]
        body["tool_choice"] = {"type": "tool", "name": tool}
    if stream:
        body["stream"] = True
    return body


def _split(messages: Sequence[Message], name: str) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """System blocks, and the turns after them: alternating roles, no empty block, which the API refuses."""
    spoken = [message for message in messages if message.content or isinstance(message, ToolMessage)]
    first = next((index for index, message in enumerate(spoken) if message.role != "system"), len(spoken))
    turns = [{"role": role, "content": _blocks(same, name)} for role, same in groupby(spoken[first:], _role_of)]
    if any(turn["role"] == "system" for turn in turns):
        raise ProviderError("unsupported", "a system message stands after the conversation has begun", model=name)
    if not turns or turns[0]["role"] != "user":
        raise ProviderError("unsupported", "a conversation begins with words of the user", model=name)
    return _blocks(spoken[:first], name), turns


def _blocks(messages: Iterable[Message], name: str) -> list[dict[str, Any]]:
    return [block for message in messages for block in _blocks_of(message, name)]


def _blocks_of(message: Message, name: str) -> Iterator[dict[str, Any]]:
    if isinstance(message, ToolMessage) and message.answers:
        yield {"type": "tool_result", "tool_use_id": message.answers, "content": message.content}
        return
    if message.content:
        yield {"type": "text", "text": message.content}
    for call in message.calls if isinstance(message, ToolMessage) else ():
        try:
            yield {"type": "tool_use", "id": call.id, "name": call.name, "input": call.read()}
        except InputError as error:
            raise ProviderError("unsupported", f"an earlier call cannot be repeated: {error}", model=name) from error


def _role_of(message: Message) -> str:
    """The answers of tools are turns of the user here."""
    return "user" if message.role == "tool" else message.role


def parse_message(
    payload: bytes, *, model: str, seconds: float = 0.0, request_id: str = "", has_tools: bool = False
) -> Reply:
    """Read the body of a message.

    Raises:
        ProviderError: ``bad_reply`` if it is not one; another kind if the endpoint wrapped an error into a 200.
    """
    try:
        data = orjson.loads(payload)
    except ValueError as error:
        raise _no_message(payload, error, model, request_id) from error
    return read_message(data, model=model, seconds=seconds, request_id=request_id, has_tools=has_tools)


def read_message(
    data: Any, *, model: str, seconds: float = 0.0, request_id: str = "", has_tools: bool = False
) -> Reply:
    """Read a message that is parsed already, such as one of a batch.

    Args:
        data: The message.
        model: Name of the model that was asked.
        seconds: What the call took.
        request_id: Id of the call, where the message has none.
        has_tools: Whether the request had tools of its own: their use is a call then, and not the answer in a schema.

    Raises:
        ProviderError: As :func:`parse_message` does.
    """
    raise_typed_error(data, model, request_id)
    try:
        reason = data.get("stop_reason") or ""
        return Reply(
            text=_text_of(data["content"], has_tools),
            finish=_FINISH.get(reason, "unknown"),
            model=str(data.get("model") or model),
            usage=parse_usage(data.get("usage")),
            refusal=_refusal_of(data) if reason == "refusal" else "",
            request_id=str(data.get("id") or request_id),
            seconds=seconds,
            calls=tuple(_calls_of(data["content"])) if has_tools else (),
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise _no_message(orjson.dumps(data), error, model, request_id) from error


def _calls_of(content: Sequence[Mapping[str, Any]]) -> Iterator[ToolCall]:
    for block in content:
        if block["type"] == "tool_use":
            told = block["input"]
            arguments = told if isinstance(told, str) else orjson.dumps(told).decode()
            yield ToolCall(str(block.get("id") or ""), str(block["name"]), arguments)


def _text_of(content: Sequence[Mapping[str, Any]], has_tools: bool) -> str:
    """Text of all blocks; the input of a tool, which the reply was forced into, takes their place."""
    for block in content:
        if block["type"] == "tool_use" and not has_tools:
            return orjson.dumps(block["input"]).decode()
    return "".join(block["text"] for block in content if block["type"] == "text")


def _refusal_of(data: Mapping[str, Any]) -> str:
    details = data.get("stop_details")
    told = details.get("explanation") if isinstance(details, Mapping) else None
    return str(told or "stop_reason: refusal")


def _no_message(payload: bytes, error: Exception, model: str, request_id: str) -> ProviderError:
    shown = payload[:120].decode("utf-8", "replace")
    message = f"not a message ({type(error).__name__}): {shown!r}"
    return ProviderError("bad_reply", message, model=model, request_id=request_id)


def parse_usage(data: Mapping[str, Any] | None) -> Usage:
    """Read token counts. The API counts tokens read from and written to the prompt cache apart; here they are input.

    Example:
        >>> parse_usage({"input_tokens": 5, "cache_read_input_tokens": 90, "cache_creation_input_tokens": 7})
        Usage(input_tokens=102, output_tokens=0, cached_tokens=90, reasoning_tokens=0)
    """
    if not data:
        return Usage()
    read, written = int(data.get("cache_read_input_tokens") or 0), int(data.get("cache_creation_input_tokens") or 0)
    fresh = int(data.get("input_tokens") or 0)
    return Usage(fresh + read + written, int(data.get("output_tokens") or 0), read)


def kind_of_error(error: Mapping[str, Any]) -> FailureKind:
    """Sort an error by its type, and one of an invalid request by its words.

    Example:
        >>> kind_of_error({"type": "overloaded_error", "message": "Overloaded"})
        'overloaded'
        >>> kind_of_error({"type": "invalid_request_error", "message": "prompt is too long: 9 tokens > 8 maximum"})
        'context_length'
    """
    kind = str(error.get("type"))
    return _KINDS.get(kind) or kind_of_status(400, str(error.get("message")))


def raise_typed_error(data: Any, model: str, request_id: str = "") -> None:
    """Raise the error that a body or an event of status 200 is, if it is one."""
    if not isinstance(data, Mapping) or data.get("type") != "error":
        return
    error = data.get("error")
    detail = error if isinstance(error, Mapping) else {"message": error}
    message = str(detail.get("message") or "the endpoint reported an error")
    raise ProviderError(kind_of_error(detail), message, model=model, request_id=request_id)


class StreamedMessage:
    """Collects the events of one streamed message.

    Args:
        model: Name of the model that was asked, for errors.
        has_tools: Whether the request had tools of its own.
    """

    def __init__(self, model: str, *, has_tools: bool = False) -> None:
        self._name = model
        self._has_tools = has_tools
        self._message: dict[str, Any] = {}
        self._blocks: dict[int, dict[str, Any]] = {}
        self._usage: dict[str, Any] = {}
        self._is_whole = False

    def add(self, event: Mapping[str, Any]) -> str:
        """Take one event in and give the text that it adds: words, or JSON where the reply was forced into a schema.

        Raises:
            ProviderError: ``bad_reply`` if it is no event of a message; another kind if it reports an error.
        """
        raise_typed_error(event, self._name, self._id)
        try:
            return self._add(event)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            message = f"not an event of a message ({type(error).__name__})"
            raise ProviderError("bad_reply", message, model=self._name, request_id=self._id) from error

    @property
    def _id(self) -> str:
        return str(self._message.get("id") or "")

    def _add(self, event: Mapping[str, Any]) -> str:
        kind = event["type"]
        if kind == "message_start":
            self._message = dict(event["message"])
            self._usage.update(self._message.get("usage") or {})
        elif kind == "content_block_start":
            block = dict(event["content_block"])
            self._blocks[event["index"]] = {**block, "pieces": [block.get("text") or ""]}
        elif kind == "content_block_delta":
            delta = event["delta"]
            field = {"text_delta": "text", "input_json_delta": "partial_json"}.get(delta["type"])
            if field:  # thinking and its signature are no part of the answer
                piece = delta[field]
                if not isinstance(piece, str):
                    raise TypeError("the piece is not a text")
                self._blocks[event["index"]]["pieces"].append(piece)
                return "" if self._has_tools and field == "partial_json" else piece
        elif kind == "message_delta":
            self._message.update(event["delta"])
            self._usage.update({key: value for key, value in (event.get("usage") or {}).items() if value is not None})
        elif kind == "message_stop":
            self._is_whole = True
        return ""  # pings, and kinds that are not known yet, which the API asks its clients to pass over

    def whole(self, seconds: float) -> Reply:
        """The reply, once the stream has ended.

        Raises:
            ProviderError: ``bad_reply`` if no event closed the message: the stream was cut, however cleanly.
        """
        if not self._is_whole or not self._message.get("stop_reason"):
            message = "the stream ended before the reply did" if self._blocks else "the stream ended without a word"
            raise ProviderError("bad_reply", message, model=self._name, request_id=self._id)
        blocks = [block for _, block in sorted(self._blocks.items())]
        if self._has_tools:
            content = [
                {**block, "text": "".join(block["pieces"]), "input": "".join(block["pieces"])} for block in blocks
            ]
            whole = {**self._message, "content": content, "usage": self._usage}
            return read_message(whole, model=self._name, seconds=seconds, has_tools=True)
        tools = [block for block in blocks if block["type"] == "tool_use"]
        # Input that was cut at the bound of tokens is half an object: it is handed out as it came.
        told = tools[:1] or [block for block in blocks if block["type"] == "text"]
        content = [{"type": "text", "text": "".join(block["pieces"])} for block in told]
        return read_message(
            {**self._message, "content": content, "usage": self._usage}, model=self._name, seconds=seconds
        )
