"""Setting fields of a persona by their paths, as people type them: ``demographics.age=36``, ``goals+=rest``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson

from personae.errors import InputError
from personae.persona.files import persona_to_json, read_persona
from personae.persona.formats.pointers import join_pointer, look_up, put, split_pointer, take
from personae.persona.formats.table import field_of
from personae.persona.persona import Persona

_NUMBERS = ("age", "temperature", "top_p", "max_tokens")
_LISTS = ("goals", "beliefs", "knowledge", "languages")
_OBJECTS = {"abilities": "ability", "memories": "text"}


def pointer_of(path: str) -> str:
    """The JSON pointer of a field as people name it; ``/`` paths are taken as they are.

    Raises:
        InputError: If no field is called so.

    Example:
        >>> pointer_of("age"), pointer_of("big_five.openness"), pointer_of("personal_identity.hobby")
        ('/demographics/age', '/traits/big_five.openness', '/personal_identity/hobby')
    """
    if path.startswith("/"):
        return path
    place = field_of(path)
    if place is not None:
        return join_pointer(*place)
    if path.partition(".")[0] in Persona.model_fields:
        return join_pointer(*path.split("."))
    raise InputError(
        f"a persona has no field {path!r}", remedy="name one such as demographics.age or big_five.openness"
    )


def set_fields(persona: Persona | None, changes: Sequence[str], unset: Sequence[str] = ()) -> Persona:
    """A persona with fields set and emptied; the id stays.

    A value is text; numbers where the field is one; JSON where it begins with ``[`` or ``{``; a text for a list is a
    list of one, and ``goals+=rest`` adds to it.

    Args:
        persona: Whom to change; somebody new if there is nobody.
        changes: ``field=value`` or ``list+=value``.
        unset: Fields to empty.

    Raises:
        InputError: If a change cannot be read, or a field cannot hold its value.

    Example:
        >>> set_fields(None, ["name=Ada", "age=36", "goals+=rest", "goals+=read"]).goals
        ('rest', 'read')
    """
    data: dict[str, Any] = {} if persona is None else persona_to_json(persona)
    for change in changes:
        path, equals, text = change.partition("=")
        if not equals:
            raise InputError(f"{change!r} sets nothing", remedy="write field=value")
        adds = path.endswith("+")
        pointer = pointer_of(path.removesuffix("+").strip())
        value = _value(pointer, text)
        if adds:
            if not isinstance(value, list):
                raise InputError(f"{path.rstrip('+')} is no list", where=change, remedy="write = to set it")
            value = [*_looked_up(data, pointer), *value]
        put(data, pointer, value)
    for path in unset:
        take(data, pointer_of(path))
    return read_persona(data, where="persona" if persona is None else persona.id).persona


def _looked_up(data: dict[str, Any], pointer: str) -> list[Any]:
    found = look_up(data, pointer)
    return found if isinstance(found, list) else []


def _value(pointer: str, text: str) -> Any:
    keys = split_pointer(pointer)
    if text[:1] in ("[", "{") and keys[0] not in ("name", "description", "life_context", "style", "appearance"):
        try:
            return orjson.loads(text)
        except orjson.JSONDecodeError as error:
            raise InputError(f"is no JSON: {error}", where=pointer, remedy='write a list as ["a", "b"]') from error
    if keys[0] == "traits" or keys[-1] in _NUMBERS:
        try:
            number = float(text)
        except ValueError:
            raise InputError(f"{text!r} is no number", where=pointer) from None
        return int(number) if keys[-1] in ("age", "max_tokens") and number.is_integer() else number
    if keys[-1] in _LISTS:
        return [text]
    return [{_OBJECTS[keys[0]]: text}] if keys[0] in _OBJECTS else text
