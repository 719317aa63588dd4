"""Tools that a model may call: what they are called and take, and the calls that a model made of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from personae.errors import InputError


@dataclass(frozen=True, slots=True)
class Tool:
    """A function that a model is told of and may ask to be called."""

    name: str
    description: str = ""
    parameters: Mapping[str, Any] = field(default_factory=lambda: {"type": "object", "properties": {}})
    """JSON schema of its arguments, an object."""


@dataclass(frozen=True, slots=True)
class ToolCall:
    """One call that a model asked for. Its arguments are kept as the model wrote them, well-formed or not."""

    id: str
    name: str
    arguments: str

    def read(self) -> dict[str, Any]:
        """The arguments.

        When to use: before calling anything. What is wrong goes back to the model as the answer to its call, so that
        one bad call does not end a conversation.

        Raises:
            InputError: If they are no JSON object; its text can be sent to the model as it is.

        Example:
            >>> ToolCall("1", "look_up", '{"word": "persona"}').read()
            {'word': 'persona'}
        """
        try:
            found = orjson.loads(self.arguments or "{}")
        except ValueError as error:
            raise InputError(
                f"the arguments are not JSON: {error}",
                where=f"call of {self.name}",
                remedy="call it again with one JSON object",
            ) from error
        if not isinstance(found, dict):
            raise InputError(
                "the arguments are no JSON object", where=f"call of {self.name}", remedy="call it again with an object"
            )
        return found


def tool_to_json(tool: Tool) -> dict[str, Any]:
    """The JSON form of a tool, as it is stored."""
    return {"description": tool.description, "name": tool.name, "parameters": tool.parameters}


def call_to_json(call: ToolCall) -> dict[str, str]:
    """The JSON form of a call, its keys sorted, as it is stored."""
    return {"arguments": call.arguments, "id": call.id, "name": call.name}


def calls_from_json(rows: Any) -> tuple[ToolCall, ...]:
    """Read calls back: as they are stored, or as chat completions spell them.

    Raises:
        ValueError: If a row is no call.
    """
    if rows is None:
        return ()
    if not isinstance(rows, list | tuple):
        raise ValueError("tool_calls is not a list")
    return tuple(map(_call, rows))


def _call(row: Any) -> ToolCall:
    if not isinstance(row, Mapping):
        raise ValueError("a tool call is not an object")
    told = row.get("function", row)
    if not isinstance(told, Mapping) or not isinstance(told.get("name"), str):
        raise ValueError("a tool call has no name")
    arguments = told.get("arguments")
    if not isinstance(arguments, str):  # Ollama and others send an object where OpenAI sends its text
        arguments = orjson.dumps(arguments or {}).decode()
    return ToolCall(str(row.get("id") or ""), told["name"], arguments)
