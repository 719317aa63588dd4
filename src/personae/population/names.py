"""Given names and the cultures they are tied to: a table of ours, one of the user, or one made of national lists."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from personae.canonical import content_hash
from personae.errors import InputError
from personae.persona import Persona, Provenance
from personae.text import without_accents
from personae.validation import validated_toml

Gender = Literal["feminine", "masculine", "either"]


@dataclass(frozen=True, slots=True)
class Culture:
    """A culture, as a country and the words by which a text names it."""

    key: str
    country: str
    adjective: str
    region: str = ""
    also_called: tuple[str, ...] = ()

    @property
    def called(self) -> tuple[str, ...]:
        """All words that name it."""
        return tuple(dict.fromkeys((self.country, self.adjective, *self.also_called)))


@dataclass(frozen=True, slots=True)
class GivenName:
    """A name, who bears it, and the cultures it is tied to, the closest first."""

    name: str
    gender: Gender
    cultures: tuple[str, ...]
    ties: tuple[float, ...] = ()
    """How closely, if lists with frequencies tell: the share of a culture among bearers, as if all were as large."""

    @property
    def is_shared(self) -> bool:
        """Whether several cultures have it, so that it tells none of them."""
        return len(self.cultures) > 1

    def persona(self) -> Persona:
        """Somebody of whom nothing is known but the name; the culture is no fact about them, and is left out."""
        return Persona(name=self.name, provenance={"name": Provenance(by="names of cultures")})


@dataclass(frozen=True)
class NameTable:
    """Names of several cultures.

    Example:
        >>> table = load_names()
        >>> [one.name for one in table.tied("japanese", 2)]
        ['Sakura', 'Haruto']
        >>> table.find("jose").cultures[:2]
        ('spanish', 'mexican')
    """

    key: str
    source: str
    cultures: tuple[Culture, ...]
    names: tuple[GivenName, ...]
    dropped: Mapping[str, int] = field(default_factory=dict)
    """Names of a list that are not here, by reason."""

    @cached_property
    def hash(self) -> str:
        """Hash of cultures and names."""
        cultures = [[one.key, list(one.called)] for one in self.cultures]
        return content_hash([cultures, [[one.name, one.gender, list(one.cultures)] for one in self.names]])

    @cached_property
    def _by_key(self) -> dict[str, Culture]:
        return {one.key: one for one in self.cultures}

    @cached_property
    def _by_name(self) -> dict[str, GivenName]:
        return {folded_name(one.name): one for one in self.names}

    def culture(self, key: str) -> Culture:
        """A culture by its key.

        Raises:
            InputError: If there is none.
        """
        if key not in self._by_key:
            raise InputError(f"there is no culture {key!r}", where=self.key, remedy=f"it has {', '.join(self._by_key)}")
        return self._by_key[key]

    def find(self, name: str) -> GivenName | None:
        """A name, in whatever case and with or without its accents."""
        return self._by_name.get(folded_name(name))

    def tied(self, culture: str, most: int | None = None) -> tuple[GivenName, ...]:
        """Names of one culture alone, genders in turn, in the order of the table."""
        own = [one for one in self.names if one.cultures == (culture,)]
        return tuple(_in_turn(own))[:most]

    def shared(self, cultures: Sequence[str]) -> tuple[GivenName, ...]:
        """Names that at least two of these cultures share."""
        return tuple(one for one in self.names if len(set(one.cultures) & set(cultures)) > 1)


def folded_name(name: str) -> str:
    """A name as it is compared, in lower case and without accents."""
    return without_accents(name).casefold().strip()


def _in_turn(names: Sequence[GivenName]) -> Iterator[GivenName]:
    waiting: dict[str, list[GivenName]] = {}
    for one in names:
        waiting.setdefault(one.gender, []).append(one)
    while any(waiting.values()):
        for group in waiting.values():
            if group:
                yield group.pop(0)


class _Form(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _CultureRow(_Form):
    key: str = Field(pattern=r"^[a-z0-9_]+$")
    country: str = Field(min_length=1)
    adjective: str = Field(min_length=1)
    region: str = ""
    also_called: tuple[str, ...] = ()
    feminine: tuple[str, ...] = ()
    masculine: tuple[str, ...] = ()
    either: tuple[str, ...] = ()


class _SharedRow(_Form):
    name: str = Field(min_length=1)
    gender: Gender
    cultures: tuple[str, ...] = Field(min_length=2)


class _Table(_Form):
    key: str
    version: str
    title: str
    source: str
    licence: str
    origin: Literal["ours", "published", "user"] = "user"
    cultures: tuple[_CultureRow, ...] = Field(min_length=1)
    shared: tuple[_SharedRow, ...] = ()


def load_names(path: Path | None = None) -> NameTable:
    """Our table of names, or a TOML file of the same form.

    A name that stands under several cultures is shared by them.

    Raises:
        InputError: If the file cannot be read or is malformed, or a shared name is of a culture that is not there.
    """
    if path is None:
        return _own()
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(
            f"cannot be read ({type(error).__name__})", where=str(path), remedy="give a TOML file in UTF-8"
        ) from error
    return _parse(text, str(path))


@lru_cache(maxsize=1)
def _own() -> NameTable:
    return _parse((files("personae.population") / "names.toml").read_text(encoding="utf-8"), "names.toml")


def _parse(text: str, where: str) -> NameTable:
    table = validated_toml(_Table, text, where)
    keys = [one.key for one in table.cultures]
    if twice := [key for key, count in Counter(keys).items() if count > 1]:
        raise InputError(f"has the culture {twice[0]} twice", where=where, remedy="join the two")
    found: dict[str, GivenName] = {}
    for one in table.cultures:
        for gender in ("feminine", "masculine", "either"):
            for name in getattr(one, gender):
                _add(found, name, gender, (one.key,))
    for shared in table.shared:
        if unknown := [key for key in shared.cultures if key not in keys]:
            raise InputError(
                f"{shared.name} is of the culture {unknown[0]}, which is not there",
                where=where,
                remedy=f"there are {', '.join(keys)}",
            )
        _add(found, shared.name, shared.gender, shared.cultures)
    cultures = tuple(Culture(c.key, c.country, c.adjective, c.region, c.also_called) for c in table.cultures)
    return NameTable(f"{table.key} {table.version}", table.source, cultures, tuple(found.values()))


def _add(found: dict[str, GivenName], name: str, gender: Any, cultures: tuple[str, ...]) -> None:
    before = found.get(folded_name(name))
    if before is None:
        found[folded_name(name)] = GivenName(name, gender, cultures)
        return
    joined = tuple(dict.fromkeys((*before.cultures, *cultures)))
    found[folded_name(name)] = GivenName(before.name, before.gender if before.gender == gender else "either", joined)
