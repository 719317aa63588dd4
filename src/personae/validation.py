"""Data that somebody wrote, held against a pydantic model: what is wrong is said with its place, once for all rooms."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from personae.errors import InputError

Kind = TypeVar("Kind", bound=BaseModel)


def validated(kind: type[Kind], data: Any, where: str) -> Kind:
    """Make a model of plain data, such as a file declares.

    Args:
        kind: The model.
        data: The data.
        where: What they are from; the place of the fault is added to it.

    Raises:
        InputError: If they do not fit; it tells the first fault, and how many more there are.

    Example:
        >>> class Point(BaseModel):
        ...     x: int
        >>> validated(Point, {"x": "3"}, "points.toml")
        Point(x=3)
    """
    try:
        return kind.model_validate(data)
    except ValidationError as error:
        place, message = first_fault(error)
        raise InputError(message, where=f"{where}: {place}" if place else where, remedy="correct this field") from error


def validated_toml(kind: type[Kind], text: str, where: str) -> Kind:
    """Make a model of a text in TOML; see :func:`validated`.

    Raises:
        InputError: If it is not TOML, or does not fit.
    """
    return validated(kind, parse_toml(text, where), where)


def parse_toml(text: str, where: str) -> Mapping[str, Any]:
    """Parse a text in TOML.

    Raises:
        InputError: If it is none; the message names line and column.
    """
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"is not TOML: {error}", where=where, remedy="mend the file at that place") from error


def first_fault(error: ValidationError) -> tuple[str, str]:
    """The place of the first fault, as a dotted path ("" for the whole), and what is wrong, with the number of others.

    What only follows from another fault is no fault: pydantic calls a list empty whose one element is malformed.
    """
    every = error.errors()
    around = {fault["loc"][:depth] for fault in every for depth in range(len(fault["loc"]))}
    faults = [fault for fault in every if fault["loc"] not in around]
    message = faults[0]["msg"].removeprefix("Value error, ")
    more = f" (and {len(faults) - 1} more)" if len(faults) > 1 else ""
    # A validator of a function has a part of the path that no file has.
    place = ".".join(part for part in map(str, faults[0]["loc"]) if not part.startswith("function-"))
    return place, f"{message}{more}"
