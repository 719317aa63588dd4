"""Forms made from the parameters of an experiment: what may be chosen, what is a text, what is a file of the user's."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from personae.instrument import list_instruments, load_instrument
from personae.instrument.assessment import AssessmentSettings
from personae.study.settings import KEY_OR_FILE, KEYS_OR_FILES, StudySettings

UPLOAD = "upload"
"""Format of a parameter that takes a file which the user brought, by the name that ``keep_upload`` gave it."""

WORDING = "wording"
"""Format of a text that is written into the form, and that the command line reads from a file."""

KEYS = "keys"
"""Format of a parameter that takes some of its ``examples``, separated by commas."""

_FILES = frozenset({"file-path", "path"})
_FOLDERS = frozenset({"directory-path"})

SET_OTHERWISE = frozenset({"instrument", "people"})
"""Parameters of an assessment that the form sets by its own means."""

_FROM_A_FILE = re.compile(r"^file (?:of|with) (?:another |other |the |a )?")


def form_schema(settings: type[StudySettings]) -> dict[str, Any]:
    """The JSON schema of what a form may set: all but folders of the server.

    A text that the command line reads from a file is written into the form; a file is brought; where the command line
    takes a key or a file, the form offers the keys, or a file that is brought.

    Example:
        >>> sorted(form_schema(AssessmentSettings)["properties"])[:3]
        ['answering', 'attempts', 'block_size']
    """
    schema = settings.model_json_schema()
    texts = settings.text_fields()
    kept = {
        name: _asked(field, is_text=name in texts)
        for name, field in _fields(settings, schema).items()
        if not _is_of(field, _FOLDERS)
    }
    schema["properties"] = kept
    schema["required"] = [name for name in schema.get("required", []) if name in kept]
    schema.pop("description", None)
    return schema


def set_elsewhere(settings: type[StudySettings]) -> dict[str, str]:
    """Parameters that only the command line sets, as they name folders of the machine, with what they are.

    Example:
        >>> set_elsewhere(AssessmentSettings)
        {}
    """
    fields = _fields(settings, settings.model_json_schema())
    return {name: field.get("description", "") for name, field in fields.items() if _is_of(field, _FOLDERS)}


def _fields(settings: type[StudySettings], schema: dict[str, Any]) -> dict[str, Any]:
    hidden = SET_OTHERWISE if issubclass(settings, AssessmentSettings) else frozenset()
    return {name: field for name, field in schema.get("properties", {}).items() if name not in hidden}


def _asked(field: dict[str, Any], *, is_text: bool) -> dict[str, Any]:
    plain: dict[str, Any] = {name: field[name] for name in ("title", "description", "default") if name in field}
    if is_text:
        return {**field, "format": WORDING, "description": _FROM_A_FILE.sub("", field.get("description", ""))}
    if _is_of(field, _FILES):
        return {**plain, "type": "string", "format": UPLOAD, "default": ""}
    format = field.get("format")
    if format not in (KEY_OR_FILE, KEYS_OR_FILES):
        return field
    known = dict.fromkeys([*field.get("examples", ()), *_own_words(field), *askable()])
    if format == KEYS_OR_FILES:
        of_keys = field.get("description", "").partition(",")[0]  # and not of files
        return {**plain, "description": of_keys, "type": "string", "format": KEYS, "examples": list(known)}
    return {**plain, "type": "string", "format": UPLOAD, "enum": list(known)}


def _own_words(field: dict[str, Any]) -> list[str]:
    default = str(field.get("default", ""))
    return [word.strip() for word in default.split(",")] if field["format"] == KEYS_OR_FILES else [default]


@lru_cache(maxsize=1)
def askable() -> tuple[str, ...]:
    """Keys of the instruments of the library whose texts are there."""
    return tuple(key for key in list_instruments() if all(load_instrument(key).items.values()))


def _is_of(field: Any, formats: frozenset[str]) -> bool:
    if isinstance(field, dict):
        return field.get("format") in formats or any(_is_of(part, formats) for part in field.values())
    return isinstance(field, list) and any(_is_of(part, formats) for part in field)
