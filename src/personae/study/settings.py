"""Parameters of a study, read from words of the command line and described for its help."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, ValidationError, WithJsonSchema

from personae.errors import InputError

_FROM_FILE = "from file"
KEY_OR_FILE, KEYS_OR_FILES = "key-or-file", "keys-or-files"

FileText = Annotated[str, _FROM_FILE]
"""A text, such as a prompt, that the command line gives as the name of a file."""

FileName = Annotated[str, WithJsonSchema({"type": "string", "format": "file-path"})]
"""The name of a file, empty for none, of a parameter that is read later than others are checked."""

FolderName = Annotated[str, WithJsonSchema({"type": "string", "format": "directory-path"})]
"""The same of a folder, or of several files."""

KeyOrFile = Annotated[str, WithJsonSchema({"type": "string", "format": KEY_OR_FILE})]
"""The key of an instrument of the library, one of the words that the field has as ``examples``, or the name of a file.

When to use: for every such parameter. What makes forms, as the studio does, offers the keys and takes no file's name.
"""

KeysOrFiles = Annotated[str, WithJsonSchema({"type": "string", "format": KEYS_OR_FILES})]
"""Several of them, separated by commas."""


def read_paths(value: object) -> object:
    """One path, or a JSON list of them, as a run's record keeps them; for fields that name files."""
    if not isinstance(value, str):
        return value
    if value.startswith("["):
        return json.loads(value)
    return [value] if value else []


class StudySettings(BaseModel):
    """What can be varied about a study; ``-P name=value`` on the command line.

    A subclass lists fields with a ``description``.

    Example:
        >>> from pydantic import Field
        >>> class Settings(StudySettings):
        ...     people: int = Field(default=10, ge=1, description="respondents of each type")
        >>> Settings.read({"people": "3"}).people
        3
        >>> Settings.describe()
        {'people': 'respondents of each type (default 10)'}
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    @classmethod
    def whose(cls) -> str:
        """Of what study these are, for messages."""
        return "study"

    @classmethod
    def read(cls, given: Mapping[str, str]) -> Self:
        """Read the parameters as the command line gives them.

        Raises:
            InputError: If one is unknown, malformed, or names a file that cannot be read.
        """
        files = cls.text_fields()
        values: dict[str, Any] = {
            name: _read_file(name, text) if name in files else text for name, text in given.items()
        }
        try:
            return cls.model_validate(values)
        except ValidationError as error:
            fault = error.errors()[0]
            name = str(fault["loc"][0]) if fault["loc"] else "parameters"
            if fault["type"] == "extra_forbidden":
                raise InputError(
                    f"the parameter {name!r} is not known",
                    where=cls.whose(),
                    remedy=f"known are {', '.join(cls.model_fields)}",
                ) from error
            if fault["type"].startswith("path_"):
                raise InputError(
                    "there is no such file", where=str(fault["input"]), remedy=f"check -P {name}=FILE"
                ) from error
            message = fault["msg"].removeprefix("Value error, ")
            raise InputError(f"{name}: {message}", where=cls.whose(), remedy=f"write -P {name}=VALUE") from error

    @classmethod
    def describe(cls) -> dict[str, str]:
        """The parameters and what they set, with their defaults."""
        files = cls.text_fields()
        described = {}
        for name, field in cls.model_fields.items():
            default = "built in" if name in files else field.default
            described[name] = f"{field.description} (default {default})"
        return described

    @classmethod
    def text_fields(cls) -> frozenset[str]:
        """Names of the parameters that are texts, which the command line takes from files."""
        return frozenset(name for name, field in cls.model_fields.items() if _FROM_FILE in field.metadata)


def _read_file(name: str, path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(
            f"cannot be read ({type(error).__name__})", where=path, remedy=f"check -P {name}=FILE"
        ) from error
