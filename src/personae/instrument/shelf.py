"""The library of instruments: reading questionnaires that ship with personae, and those of the user."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from personae.errors import InputError
from personae.instrument.questionnaire import Instrument

_SUFFIX = ".toml"


@lru_cache(maxsize=1)
def list_instruments() -> tuple[str, ...]:
    """Keys of the library, sorted; no file is read."""
    folder = files("personae.instrument") / "library"
    return tuple(sorted(entry.name.removesuffix(_SUFFIX) for entry in folder.iterdir() if entry.name.endswith(_SUFFIX)))


def load_instrument(name: str) -> Instrument:
    """Find an instrument by its key in the library, or read one from a TOML file.

    Raises:
        InputError: If there is no such instrument, or its file is malformed.

    Example:
        >>> load_instrument("bfi-44").scale("extraversion").reverse
        ('6', '21', '31')
    """
    if name.endswith(_SUFFIX):
        return read_instrument(Path(name))
    if name not in list_instruments():
        close = difflib.get_close_matches(name.lower(), list_instruments(), n=1)
        remedy = f"did you mean {close[0]!r}?" if close else f"the library has {', '.join(list_instruments())}."
        raise InputError(f"no instrument is called {name!r}", remedy=f"{remedy} A file of yours ends in {_SUFFIX}")
    return _load_from_library(name)


def read_instrument(path: Path) -> Instrument:
    """Read an instrument from a TOML file.

    Raises:
        InputError: If the file cannot be read or is malformed; the message names the place.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")  # some editors put a mark first
    except UnicodeDecodeError as error:
        raise InputError("is not UTF-8 text", where=str(path), remedy="save it as UTF-8") from error
    except OSError as error:
        raise InputError(f"cannot be read ({error.strerror})", where=str(path), remedy="check the path") from error
    return _parse(text, str(path))


@lru_cache(maxsize=64)
def _load_from_library(key: str) -> Instrument:
    text = (files("personae.instrument") / "library" / f"{key}{_SUFFIX}").read_text(encoding="utf-8")
    return _parse(text, f"{key}{_SUFFIX}")


def _parse(text: str, where: str) -> Instrument:
    try:
        data: dict[str, Any] = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"is not TOML: {error}", where=where, remedy="mend the file at that place") from error
    return make_instrument(data, where)


def make_instrument(data: Mapping[str, Any], where: str) -> Instrument:
    """Make an instrument of plain data, such as a file declares.

    Raises:
        InputError: If it is malformed; the message names the place.
    """
    try:
        return Instrument.model_validate(data)
    except ValidationError as error:
        faults = _innermost(error.errors())
        place = ".".join(map(str, faults[0]["loc"]))
        more = f" (and {len(faults) - 1} more)" if len(faults) > 1 else ""
        message = faults[0]["msg"].removeprefix("Value error, ")
        raise InputError(
            f"{message}{more}", where=f"{where}: {place}" if place else where, remedy="correct this field"
        ) from error


def _innermost(faults: list[ErrorDetails]) -> list[ErrorDetails]:
    """Drop what only follows from another fault: pydantic calls a list empty whose one element is malformed."""
    around = {fault["loc"][:depth] for fault in faults for depth in range(len(fault["loc"]))}
    return [fault for fault in faults if fault["loc"] not in around]
