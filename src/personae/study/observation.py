"""What came out of a cell: one flat row with a status, and the conversation behind it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from personae.errors import InputError
from personae.model import STATUSES, Message, Status

Value = str | int | float | bool | None | Sequence[str | int | float | bool | None]
"""What a column of the results table can hold: a scalar, or a list of scalars such as the answers to all items."""


@dataclass(frozen=True, slots=True)
class Observation:
    """The outcome of one cell. Nothing is dropped or defaulted: what could not be had is a status, not a gap."""

    status: Status
    values: Mapping[str, Value] = field(default_factory=dict)
    """Columns of the results table; names must not be those of factors."""
    transcript: tuple[Message, ...] = ()
    detail: str = ""
    """Why the status is not ``ok``, for readers."""

    def __post_init__(self) -> None:
        if self.status not in STATUSES:
            raise InputError(f"{self.status!r} is no status", where="observation", remedy=f"use {', '.join(STATUSES)}")
