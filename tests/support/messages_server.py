"""A real HTTP server that speaks Anthropic's Messages API, written without the code under test.

It breaks rules in the ways of :mod:`support.chat_server`, whose acts it takes::

    with MessagesServer("Good morning.", plan=[refuse(529, "overloaded_error")]) as server:
        ...
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from support.chat_server import Act, ChatServer, reply

PLAIN: Mapping[str, Any] = {"input_tokens": 9, "output_tokens": 3}


def message(
    *content: str | Mapping[str, Any],
    stop: str | None = "end_turn",
    usage: Mapping[str, Any] | None = PLAIN,
    model: str = "served-model",
    **further: Any,
) -> dict[str, Any]:
    """Spell a message; a text stands for a block of text."""
    blocks = [{"type": "text", "text": block} if isinstance(block, str) else dict(block) for block in content]
    body = {"id": "msg_1", "type": "message", "role": "assistant", "model": model, "content": blocks}
    return {**body, "stop_reason": stop, "stop_sequence": None, "usage": usage, **further}


def tool_use(answer: Mapping[str, Any], name: str = "rating") -> dict[str, Any]:
    """A block in which a tool is called."""
    return {"type": "tool_use", "id": "toolu_1", "name": name, "input": dict(answer)}


def error_body(kind: str, text: str = "the server says no") -> dict[str, Any]:
    """Spell an error in Anthropic's shape."""
    return {"type": "error", "error": {"type": kind, "message": text}, "request_id": "req_7"}


def refuse(status: int, kind: str, text: str = "the server says no", **headers: str) -> Act:
    """Refuse with a status and an error in Anthropic's shape."""
    sent = {"request-id": "req_7", **{name.replace("_", "-"): value for name, value in headers.items()}}
    return Act("whole", status, orjson.dumps(error_body(kind, text)), sent)


def frame(kind: str, **data: Any) -> bytes:
    """One server-sent event, named."""
    return f"event: {kind}\n".encode() + b"data: " + orjson.dumps({"type": kind, **data}) + b"\n\n"


def events(
    pieces: Sequence[str],
    *,
    stop: str | None = "end_turn",
    usage: Mapping[str, Any] = PLAIN,
    is_tool: bool = False,
    is_stopped: bool = True,
    is_cut: bool = False,
    between: Sequence[bytes] = (),
) -> Act:
    """Answer with a streamed message, or the beginning of one."""
    start = (
        {"type": "tool_use", "id": "toolu_1", "name": "rating", "input": {}}
        if is_tool
        else {"type": "text", "text": ""}
    )
    before = {key: value for key, value in usage.items() if key != "output_tokens"}
    frames = [
        frame("message_start", message=message(stop=None, usage={**before, "output_tokens": 1})),
        frame("content_block_start", index=0, content_block=start),
        frame("ping"),
    ]
    for piece in pieces:
        told = {"type": "input_json_delta", "partial_json": piece} if is_tool else {"type": "text_delta", "text": piece}
        frames.append(frame("content_block_delta", index=0, delta=told))
    frames += between
    if not is_cut:
        frames.append(frame("content_block_stop", index=0))
        if stop is not None:
            counted = {"output_tokens": usage["output_tokens"]}
            frames.append(frame("message_delta", delta={"stop_reason": stop, "stop_sequence": None}, usage=counted))
        if is_stopped:
            frames.append(frame("message_stop"))
    whole = is_stopped and not is_cut
    return Act("stream", frames=tuple(frames), content_type="text/event-stream", is_cut=is_cut, is_answer=whole)


class MessagesServer(ChatServer):
    """Serves ``/v1/messages`` and ``/v1/models`` on 127.0.0.1, as a context manager."""

    def spell(self, text: str, *, is_streamed: bool) -> Act:
        """Answer with a text."""
        return events([text]) if is_streamed else reply(message(text))
