"""JSON schemas as far as the respondent fills them: references, alternatives, bounds, and whether a value fits."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from personae.model import ProviderError

_DEEPEST_REFERENCE = 32
_LOWER_BOUNDS = frozenset(("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties"))
_UPPER_BOUNDS = frozenset(("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties"))
_KINDS: Mapping[str, type | tuple[type, ...]] = {
    "object": dict,
    "array": list,
    "string": str,
    "boolean": bool,
    "null": type(None),
    "number": (int, float),
    "integer": (int, float),
}


class UnfillableError(ProviderError):
    """A schema that nothing satisfies, or that says more than the respondent understands."""

    def __init__(self, what: str, name: str) -> None:
        super().__init__(
            "bad_request", f"the schema cannot be filled: {what}{f' ({name})' if name else ''}", model="sim"
        )


def resolved(given: Any, root: Mapping[str, Any]) -> dict[str, Any]:
    """One schema without references and ``allOf``; ``True`` and ``{}`` allow any text.

    Raises:
        UnfillableError: If it is ``False``, contradicts itself, or refers to nothing.
    """
    if given is True:
        return {}
    if not isinstance(given, Mapping):
        raise UnfillableError("nothing is allowed", "")
    schema = dict(given)
    for _ in range(_DEEPEST_REFERENCE):
        if "$ref" in schema:
            target = _pointed(str(schema.pop("$ref")), root)
            schema = _merged(schema, target)
        elif "allOf" in schema:
            for part in schema.pop("allOf"):
                schema = _merged(schema, part if isinstance(part, Mapping) else resolved(part, root))
        else:
            return schema
    raise UnfillableError("a reference leads to itself", "")


def alternatives_of(schema: Mapping[str, Any], root: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The schemas of one type each that a schema allows, what says most first: ``null`` and the untyped come last."""
    plain = {key: value for key, value in schema.items() if key not in ("anyOf", "oneOf")}
    parts = [*schema.get("anyOf", ()), *schema.get("oneOf", ())]
    found: list[dict[str, Any]] = []
    for part in parts or [{}]:
        try:
            whole = resolved(_merged(plain, resolved(part, root)), root)
        except UnfillableError:
            continue
        if whole.get("anyOf") or whole.get("oneOf"):
            found.extend(alternatives_of(whole, root))
            continue
        kinds = whole.get("type") or _kind_by_words(whole)
        found += [{**whole, "type": kind} for kind in (kinds if isinstance(kinds, list) else [kinds])]
    yield from sorted(found, key=lambda each: each["type"] == "null")


def number_bounds(schema: Mapping[str, Any], *, whole: bool) -> tuple[float, float, float]:
    """Lowest and highest value and the step between values; a rating from 1 to 5 where the schema leaves it open.

    Raises:
        UnfillableError: If no number lies within the bounds.
    """
    step = float(schema.get("multipleOf") or (1 if whole else 0))
    least = schema.get("minimum", -math.inf)
    most = schema.get("maximum", math.inf)
    over, under = schema.get("exclusiveMinimum", -math.inf), schema.get("exclusiveMaximum", math.inf)
    if whole and step != int(step):
        step = float(step * (1 / step if (1 / step).is_integer() else 1))
    if not math.isfinite(max(least, over)):
        top = min(most, under)
        least = 1 if top > max(1.0, step) else top - 4 * max(1.0, step)
    if not math.isfinite(min(most, under)):
        most = max(least, over) + 4 * max(step, 1.0)
    if not step:
        width = min(most, under) - max(least, over)
        step = 1.0 if width > 1 and float(max(least, over)).is_integer() else max(width, 0.0) / 10 or 1.0
        low = least if least > over else over + step
        high = most if most < under else under - step / 2
        if low > high:
            raise UnfillableError("no number lies within the bounds", "")
        return float(low), float(high), step
    low = math.ceil(least / step - 1e-9) * step if math.isfinite(least) else -math.inf
    low = max(low, (math.floor(over / step + 1e-9) + 1) * step if math.isfinite(over) else low)
    high = math.floor(most / step + 1e-9) * step if math.isfinite(most) else math.inf
    high = min(high, (math.ceil(under / step - 1e-9) - 1) * step if math.isfinite(under) else high)
    if low > high:
        raise UnfillableError("no number lies within the bounds", "")
    return low, high, step


def multiples_within(schema: Mapping[str, Any], count: int) -> list[Any]:
    """The first numbers that a schema allows; none if it does not ask for numbers."""
    if schema.get("type") not in ("integer", "number"):
        return [True, False] if schema.get("type") == "boolean" else [None]
    whole = schema["type"] == "integer"
    low, high, step = number_bounds(schema, whole=whole)
    values = [low + index * step for index in range(count) if low + index * step <= high + 1e-9]
    return [round(value) if whole else float(value) for value in values]


def is_valid(value: Any, schema: Mapping[str, Any]) -> bool:
    """Whether a plain value fits the type, the bounds, the enumeration and the pattern of a resolved schema."""
    kinds = schema.get("type")
    kinds = kinds if isinstance(kinds, list) else [kinds] if kinds else list(_KINDS)
    if not any(_is_of(value, kind) for kind in kinds):
        return False
    if "enum" in schema and not any(
        value == one and isinstance(value, bool) == isinstance(one, bool) for one in schema["enum"]
    ):
        return False
    if "const" in schema and value != schema["const"]:
        return False
    if isinstance(value, str):
        if not schema.get("minLength", 0) <= len(value) <= schema.get("maxLength", len(value)):
            return False
        return "pattern" not in schema or _matches(schema["pattern"], value)
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        if not schema.get("minimum", value) <= value <= schema.get("maximum", value):
            return False
        return bool(schema.get("exclusiveMinimum", value - 1) < value < schema.get("exclusiveMaximum", value + 1))
    return True


def _is_of(value: Any, kind: str) -> bool:
    if isinstance(value, bool):
        return kind == "boolean"
    if kind == "integer":
        return isinstance(value, int) or (isinstance(value, float) and value.is_integer())
    return isinstance(value, _KINDS.get(kind, ()))


def _matches(pattern: str, text: str) -> bool:
    try:
        return re.search(pattern, text) is not None
    except re.error:
        return False


def _pointed(reference: str, root: Mapping[str, Any]) -> Any:
    place: Any = root
    for part in reference.removeprefix("#").strip("/").split("/") if reference.strip("#/") else ():
        name = part.replace("~1", "/").replace("~0", "~")
        if not isinstance(place, Mapping) or name not in place:
            raise UnfillableError(f"the reference {reference!r} leads nowhere", "")
        place = place[name]
    if place is True:
        return {}
    if not isinstance(place, Mapping):
        raise UnfillableError(f"the reference {reference!r} is no schema", "")
    return place


def _merged(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    """What satisfies both schemas."""
    merged = dict(one)
    for key, value in other.items():
        if key not in merged or merged[key] == value:
            merged[key] = value
        elif key in _LOWER_BOUNDS:
            merged[key] = max(merged[key], value)
        elif key in _UPPER_BOUNDS:
            merged[key] = min(merged[key], value)
        elif key == "required":
            merged[key] = list(dict.fromkeys([*merged[key], *value]))
        elif key == "properties":
            merged[key] = {
                name: {"allOf": [merged[key][name], value[name]]} if name in merged[key] and name in value else inner
                for name, inner in {**merged[key], **value}.items()
            }
        elif key == "enum":
            merged[key] = [option for option in merged[key] if option in value]
        elif key == "type":
            merged[key] = _common_kinds(merged[key], value)
        elif key == "allOf":
            merged[key] = [*merged[key], *value]
        elif key in ("description", "title", "$defs", "definitions"):
            continue
        else:
            merged[key] = value
    return merged


def _common_kinds(one: str | Sequence[str], other: str | Sequence[str]) -> str | list[str]:
    ours = [one] if isinstance(one, str) else list(one)
    theirs = [other] if isinstance(other, str) else list(other)
    common = [kind for kind in ours if kind in theirs]
    if "integer" in (*ours, *theirs) and "number" in (*ours, *theirs) and "integer" not in common:
        common.append("integer")
    if not common:
        raise UnfillableError("no type satisfies all of its parts", "")
    return common


def _kind_by_words(schema: Mapping[str, Any]) -> str:
    """The type that the keywords of an untyped schema speak of."""
    words = {
        "object": ("properties", "required", "additionalProperties", "minProperties", "maxProperties"),
        "array": ("items", "prefixItems", "minItems", "maxItems", "uniqueItems"),
        "number": ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
    }
    return next((kind for kind, keys in words.items() if any(key in schema for key in keys)), "string")
