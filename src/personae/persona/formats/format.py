"""What a format has to say of itself, and the way between its records and a persona that all formats share."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from personae.errors import InputError
from personae.persona.files import read_persona
from personae.persona.formats.carry import unpack_rest
from personae.persona.formats.content import Content
from personae.persona.formats.limits import MOST_FILE_BYTES
from personae.persona.formats.weave import weave
from personae.persona.persona import Persona

Fields = dict[str, Any]
"""Fields of a persona in JSON."""


@dataclass(frozen=True, slots=True)
class Record:
    """One person in a foreign format, and the files that come with them."""

    data: Any
    assets: Mapping[str, bytes] = field(default_factory=dict)


class Told(NamedTuple):
    """What a record says, and which of it only personae would find there."""

    fields: Fields
    carried: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """A foreign format: how it is known, taken apart and put together."""

    key: str
    title: str
    ending: str
    """File ending that its own tools expect; empty for a folder."""
    slot: str
    """Key under ``extensions`` that keeps the original; formats that share originals share it."""
    holds_many: bool
    """Whether one file can hold several personas."""
    recognise: Callable[[Content], bool]
    """Whether a file is of this format, by what is in it."""
    unpack: Callable[[Content], list[Record]]
    """Takes a file apart into records."""
    read: Callable[[Any], Told]
    """What a record says of the person."""
    write: Callable[[Persona], Any]
    """A fresh record of a person, without regard to any original."""
    pack: Callable[[Sequence[Record]], bytes | dict[str, bytes]]
    """Puts records together into a file, or into the files of a folder."""
    adapt: Callable[[Any], Any] = lambda record: record
    """Turns an original of the same slot into the shape of this format."""
    settle: Callable[[Any], Any] = lambda record: record
    """Brings copies inside a record in line after an edit."""
    shape: Callable[[Any], Any] = lambda record: record
    """The shape in which originals of one slot are compared."""
    are_together: Callable[[Sequence[Any]], bool] = lambda records: False
    """Whether records came from one file and go back into one, where a file holds one persona else."""
    keeps: Callable[[Record], Collection[str]] = lambda record: ()
    """Names of the files of a record that go along."""


def check_shared(count: int, size: int, where: str) -> None:
    """Refuse files whose people each keep a large part of the same file.

    Raises:
        InputError: If together they would keep more than a file may have.
    """
    if count * size > MOST_FILE_BYTES:
        raise InputError(
            f"holds {count} people who share {size} bytes, which each of them keeps", where=where, remedy="split it"
        )


def to_persona(chosen: Format, record: Any, *, where: str) -> tuple[Persona, tuple[str, ...]]:
    """The persona of a record, with the original kept, and the places that only personae finds in it."""
    told = chosen.read(record)
    kept = {**told.fields.get("extensions", {}), chosen.slot: record}
    return read_persona({**told.fields, "extensions": kept}, where=where).persona, told.carried


def to_record(chosen: Format, persona: Persona, *, where: str) -> Any:
    """The record of a persona: its original with the edits woven in, or a fresh one."""
    fresh = chosen.write(persona)
    original = persona.extensions.get(chosen.slot)
    if original is None:
        return fresh
    original = chosen.adapt(original)
    first, _ = to_persona(chosen, original, where=where)
    before = chosen.write(first)
    same = chosen.write(persona.model_copy(update={"id": first.id}))
    if before == same:
        return original
    nameless = chosen.write(first.model_copy(update={"id": ""}))
    return chosen.settle(weave(original, nameless, fresh))


def read_carried(fields: Fields, carried: Any, said: Mapping[str, Any]) -> Told:
    """Fields of a record completed by what was carried in it."""
    return Told(fields, unpack_rest(fields, carried, said))
