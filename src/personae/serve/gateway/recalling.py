"""A persona in words for one request: where it remembers more than a prompt should hold, what fits this request."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from personae.serve.gateway.target import Target
from personae.serve.identity import Caller
from personae.serve.recall import Recalled
from personae.serve.services import Services
from personae.serve.wire import Message, Send

HEADER = b"x-personae-recalled"
"""Header of an answer that says what the persona was given to draw on."""


async def recall_for(services: Services, target: Target, messages: Sequence[Any], caller: Caller) -> Recalled:
    """The words of a target for some messages; those of :attr:`Target.prompt` where nothing has to be found.

    Args:
        services: What the server has.
        target: Who is asked.
        messages: What was said, as chat completions spell it.
        caller: On whose account an embedding model is asked.
    """
    if target.shelved is None:
        return Recalled("")
    outline = services.recall.outline(target.shelved.persona, target.renderer)
    if not services.recall.is_searched(outline):
        return Recalled(target.prompt)
    return await services.recall.recall(outline, _said(messages), caller=caller)


def telling(send: Send, recalled: Recalled) -> Send:
    """A ``send`` whose answer says in a header how passages were found, and which."""
    if recalled.record is None:
        return send
    found = recalled.record
    places = ", ".join(dict.fromkeys(str(one["path"]) for one in found["passages"]))
    told = f"{found['how']}; {len(found['passages'])} of {found['among']}; {places}".encode("ascii", "replace")

    async def tell(message: Message) -> None:
        if message["type"] == "http.response.start":
            message = {**message, "headers": [*message["headers"], (HEADER, told)]}
        await send(message)

    return tell


def _said(messages: Sequence[Any]) -> list[str]:
    """Texts of users and assistants, the last first."""
    found = []
    for message in reversed(messages):
        if not isinstance(message, Mapping) or message.get("role") not in ("user", "assistant"):
            continue
        content = message.get("content")
        parts = content if isinstance(content, list) else [{"text": content}]
        texts = [part.get("text") for part in parts if isinstance(part, Mapping)]
        if text := "\n".join(one for one in texts if isinstance(one, str)).strip():
            found.append(text)
    return found
