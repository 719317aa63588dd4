"""Getting JSON out of a model: ask for a schema, read what came, ask again a bounded number of times."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import orjson

from personae.model.failure import ProviderError
from personae.model.protocols import Model
from personae.model.reply import Reply
from personae.model.request import Request
from personae.model.status import Status, is_refusal

# Nothing optional before the part that is searched for: white space that two parts may claim costs its square.
_FENCE = re.compile(r"```(?:json|JSON)?(.{1,200000}?)```", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Structured:
    """What a request for JSON came to. ``value`` is ``None`` unless the status is ``ok`` or ``repaired``."""

    status: Status
    value: dict[str, Any] | None
    attempts: int
    text: str = ""
    """The last reply, as it came."""
    detail: str = ""
    """What was wrong, for a status that is not ``ok``."""


async def ask_structured(model: Model, request: Request, *, attempts: int = 2) -> Structured:
    """Ask for an object that satisfies ``request.schema``.

    Servers that enforce the schema answer with bare JSON (``ok``). Others wrap it in prose or a code fence, or need a
    second try (``repaired``). Only flat properties are checked: required ones are there, numbers lie within
    ``minimum`` and ``maximum``, ``enum`` values are listed.

    Args:
        model: Who is asked.
        request: The request, with its schema.
        attempts: Calls made at most; each repeated call is a replicate of its own.

    Raises:
        ValueError: If the request has no schema.
        ProviderError: If every further call would fail alike (no key, no such model).
    """
    if request.schema is None:
        raise ValueError("the request has no schema")
    result = Structured("unparsed", None, 0)
    for attempt in range(attempts):
        tried = replace(request, replicate=request.replicate * attempts + attempt) if attempts > 1 else request
        try:
            reply = await model.generate(tried)
        except ProviderError as error:
            if error.is_hopeless:
                raise
            return Structured("failed", None, attempt + 1, detail=str(error))
        result = read_structured(reply, request.schema.definition, attempt + 1)
        if result.value is not None:
            break
    return result


def read_structured(reply: Reply, schema: Mapping[str, Any], attempt: int = 1) -> Structured:
    """Read one reply to a request for JSON."""
    text = reply.text.strip()
    if reply.refusal:
        return Structured("refused", None, attempt, text or reply.refusal, "the endpoint reports a refusal")
    if not text:
        return Structured("empty", None, attempt)
    value, is_bare = _find_object(text)
    if value is None:
        return Structured("refused" if is_refusal(text) else "unparsed", None, attempt, text, "no JSON object")
    fault = _fault(value, schema)
    if fault:
        return Structured("unparsed", None, attempt, text, fault)
    return Structured("ok" if is_bare and attempt == 1 else "repaired", value, attempt, text)


def _find_object(text: str) -> tuple[dict[str, Any] | None, bool]:
    """Find the JSON object of a reply: bare, in a code fence, or between the first and the last brace."""
    fenced = _FENCE.search(text)
    first, last = text.find("{"), text.rfind("}")
    candidates = [text, fenced.group(1) if fenced else "", text[first : last + 1] if 0 <= first < last else ""]
    for index, candidate in enumerate(candidates):
        try:
            value = orjson.loads(candidate)
        except ValueError:
            continue
        if isinstance(value, dict):
            return value, index == 0
    return None, False


def _fault(value: Mapping[str, Any], schema: Mapping[str, Any]) -> str:
    for name in schema.get("required", ()):
        if name not in value:
            return f"{name!r} is missing"
    for name, rule in schema.get("properties", {}).items():
        if name not in value:
            continue
        given = value[name]
        if rule.get("type") in ("integer", "number"):
            is_number = isinstance(given, (int, float)) and not isinstance(given, bool)
            if not is_number or (rule["type"] == "integer" and given != int(given)):
                return f"{name!r} is not a number of the kind asked for"
            if not rule.get("minimum", given) <= given <= rule.get("maximum", given):
                return f"{name!r} is out of range"
        if "enum" in rule and given not in rule["enum"]:
            return f"{name!r} is none of the values asked for"
    return ""
