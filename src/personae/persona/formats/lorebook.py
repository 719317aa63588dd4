"""Lorebooks: what a character knows and says only when the talk comes to it (Character Card V2 and V3)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from personae.errors import InputError
from personae.persona.formats.card import SLOT, card_data
from personae.persona.formats.decorators import split_decorators
from personae.persona.formats.limits import MOST_KEYS, MOST_LORE_ENTRIES
from personae.persona.formats.tavern import TavernRules, read_rules
from personae.persona.persona import Persona


@dataclass(frozen=True, slots=True)
class LoreEntry:
    """One entry: when it is called up, what it says, and where that goes."""

    number: int
    """Place in the book; what names the entry in a scan."""
    keys: tuple[str, ...]
    text: str
    """What it says, without decorators."""
    decorators: Mapping[str, Any] = field(default_factory=dict)
    enabled: bool = True
    constant: bool = False
    selective: bool = False
    secondary_keys: tuple[str, ...] = ()
    use_regex: bool = False
    case_sensitive: bool = False
    insertion_order: float = 0
    priority: float | None = None
    position: str = "after_char"
    rules: TavernRules | None = None
    """What SillyTavern asks beside the standard, where it wrote the entry."""
    label: str = ""
    """What its author calls it; never part of a prompt."""

    @property
    def rank(self) -> float:
        """What decides who goes first when the budget is spent: low goes."""
        return self.insertion_order if self.priority is None else self.priority


@dataclass(frozen=True, slots=True)
class Lorebook:
    """The entries of a book, and how it is searched."""

    entries: tuple[LoreEntry, ...]
    name: str = ""
    scan_depth: int | None = None
    """Messages, from the latest back, that are searched; if nothing is said all of them, or two by SillyTavern."""
    token_budget: int | None = None
    recursive_scanning: bool | None = None
    """Whether the text of an entry may call up others; if nothing is said it does by SillyTavern alone."""

    @property
    def is_of_tavern(self) -> bool:
        """Whether SillyTavern wrote entries of it."""
        return any(entry.rules is not None for entry in self.entries)


def read_lorebook(data: Any, *, where: str = "lorebook") -> Lorebook:
    """Read a lorebook: ``character_book`` of a card, or a ``lorebook_v3`` file.

    Fields of a wrong type count as not given: books from the web are full of them.

    Raises:
        InputError: If it has no list of entries, or more than any honest book.
    """
    if isinstance(data, Mapping) and data.get("spec") == "lorebook_v3":
        data = data.get("data")
    entries = data.get("entries") if isinstance(data, Mapping) else None
    if isinstance(entries, Mapping):  # SillyTavern's own files number their entries
        entries = list(entries.values())
    if not isinstance(entries, list):
        raise InputError("has no list of entries", where=where, remedy="give a character_book or lorebook_v3")
    if len(entries) > MOST_LORE_ENTRIES:
        raise InputError(f"has more than {MOST_LORE_ENTRIES} entries", where=where, remedy="split it")
    read = [_read_entry(entry, number) for number, entry in enumerate(entries) if isinstance(entry, Mapping)]
    depth, budget = _number(data.get("scan_depth")), _number(data.get("token_budget"))
    return Lorebook(
        entries=tuple(read),
        name=_text(data.get("name")),
        scan_depth=None if depth is None else max(0, int(depth)),
        token_budget=None if budget is None else max(0, int(budget)),
        recursive_scanning=recurs if isinstance(recurs := data.get("recursive_scanning"), bool) else None,
    )


def lorebook_of(persona: Persona) -> Lorebook | None:
    """The lorebook of a persona that came with a card, ``None`` if it has none."""
    book = card_data(persona.extensions.get(SLOT)).get("character_book")
    return read_lorebook(book, where=f"{persona.id}: character_book") if isinstance(book, Mapping) else None


def _read_entry(entry: Mapping[str, Any], number: int) -> LoreEntry:
    decorators, text = split_decorators(_text(entry.get("content")))
    rules = read_rules(entry)
    order = _number(entry.get("insertion_order", entry.get("order")))
    sensitive = entry.get("case_sensitive")
    position = entry.get("position")
    return LoreEntry(
        number=number,
        keys=_keys(entry.get("keys", entry.get("key"))),
        text=text,
        decorators=decorators,
        enabled=entry.get("enabled", not entry.get("disable", False)) is True,
        constant=entry.get("constant") is True,
        selective=entry.get("selective") is True,
        secondary_keys=_keys(entry.get("secondary_keys", entry.get("keysecondary"))),
        use_regex=entry.get("use_regex") is True and rules is None,
        case_sensitive=(rules.case_sensitive if rules and not isinstance(sensitive, bool) else sensitive) is True,
        insertion_order=0 if order is None else order,
        rules=rules,
        priority=_number(entry.get("priority")),
        position="before_char" if position in ("before_char", 0) else "after_char",
        label=_text(entry.get("name")) or _text(entry.get("comment")),
    )


def _keys(value: Any) -> tuple[str, ...]:
    if isinstance(value, str):
        value = [part.strip() for part in value.split(",")]
    if not isinstance(value, list):
        return ()
    return tuple(key for key in value[:MOST_KEYS] if isinstance(key, str) and key)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _number(value: Any) -> float | None:
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return float(value) if is_number and abs(value) < 2**53 else None
