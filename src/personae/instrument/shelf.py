"""The library of instruments: reading questionnaires that ship with personae, and those of the user."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from personae.errors import InputError
from personae.instrument.questionnaire import Instrument
from personae.validation import parse_toml, validated

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
    return make_instrument(parse_toml(text, where), where)


def make_instrument(data: Mapping[str, Any], where: str) -> Instrument:
    """Make an instrument of plain data, such as a file declares.

    Raises:
        InputError: If it is malformed; the message names the place.
    """
    return validated(Instrument, data, where)
