"""What is searched for the keys of a lorebook's entries, and which of them are found."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from personae.persona.formats.limits import MOST_SCANNED
from personae.persona.formats.lorebook import Lorebook, LoreEntry
from personae.persona.formats.macros import Macros
from personae.persona.formats.patterns import Patterns
from personae.persona.formats.tavern import USUAL_SCAN_DEPTH, Logic, TavernRules

_SLASHED = re.compile(r"/.+/[dgimsuvy]*", re.DOTALL)
_WORD = re.compile(r"\w+", re.ASCII)
_NO_RULES = TavernRules(whole_words=False)


def rules_of(entry: LoreEntry) -> TavernRules:
    """The rules of an entry; of one that SillyTavern did not write, those that ask for nothing."""
    return entry.rules or _NO_RULES


class _Heard(NamedTuple):
    """What is searched, once for all entries that search the same."""

    text: str
    folded: str


class Search:
    """The search of one scan: the messages, the texts about the character, and what patterns had to be given up.

    Args:
        book: Whose entries are looked for.
        spoken: Messages, the latest last, each with the name of who said it.
        macros: Resolves macros in keys, and knows the texts about the character.
    """

    def __init__(self, book: Lorebook, spoken: Sequence[tuple[str, str]], macros: Macros) -> None:
        self.patterns = Patterns()
        self._macros = macros
        self._texts = [text[-MOST_SCANNED:] for _, text in spoken]
        self._named = [f"{name}: {text[-MOST_SCANNED:]}" for name, text in spoken]
        self._heard: dict[Any, _Heard] = {}
        self._depth = book.scan_depth
        if self._depth is None and book.is_of_tavern:
            self._depth = USUAL_SCAN_DEPTH

    def is_found(self, entry: LoreEntry, echo: Sequence[str]) -> bool:
        """Whether the keys of an entry are in what it searches, with ``echo`` the texts of entries called up before."""
        asked = entry.decorators
        heard = self._text_for(entry, echo)

        def has(key: str) -> bool:
            return self._has(key, entry, heard)

        if entry.use_regex:
            return any(map(has, (*entry.keys, *asked.get("additional_keys", ()))))
        if "exclude_keys" in asked and any(map(has, asked["exclude_keys"])):
            return False
        if entry.constant:
            return True
        if "additional_keys" in asked and not any(map(has, asked["additional_keys"])):
            return False
        if not any(map(has, entry.keys)):
            return False
        needs_second = entry.selective and bool(entry.secondary_keys)
        return not needs_second or _fits(rules_of(entry).logic, map(has, entry.secondary_keys))

    def score(self, entry: LoreEntry, echo: Sequence[str]) -> int:
        """How many keys of an entry are found, as SillyTavern counts them to choose within a group."""
        heard = self._text_for(entry, echo)
        first = sum(self._has(key, entry, heard) for key in entry.keys)
        second = sum(self._has(key, entry, heard) for key in entry.secondary_keys)
        logic = rules_of(entry).logic
        counts = logic == "any" or (logic == "all" and second == len(entry.secondary_keys))
        return first + second if entry.keys and counts else first

    def _text_for(self, entry: LoreEntry, echo: Sequence[str]) -> _Heard:
        rules = rules_of(entry)
        depth = entry.decorators.get("scan_depth", self._depth if rules.scan_depth is None else rules.scan_depth)
        if entry.rules is not None and depth == 0:
            return _Heard("", "")  # no depth, no search
        key = (depth, entry.rules is None, rules.searches, id(echo))
        if key not in self._heard:
            spoken = self._texts if entry.rules is None else self._named
            seen = spoken if depth is None else spoken[len(spoken) - min(depth, len(spoken)) :]
            about = [told[:MOST_SCANNED] for name in rules.searches if (told := self._macros.about(name))]
            text = "\n".join((*seen, *about, *echo))
            self._heard[key] = _Heard(text, text.casefold())
        return self._heard[key]

    def _has(self, key: str, entry: LoreEntry, heard: _Heard) -> bool:
        key = self._macros.resolve(key) if "{{" in key else key
        is_pattern = entry.use_regex or (entry.rules is not None and _SLASHED.fullmatch(key) is not None)
        if is_pattern:
            return self.patterns.found(key, heard.text, ignore_case=not entry.case_sensitive)
        if entry.rules is not None and not (key := key.strip()):
            return False
        text = heard.text
        if not entry.case_sensitive:
            key, text = key.casefold(), heard.folded
        if not rules_of(entry).whole_words or any(letter.isspace() for letter in key):
            return key in text
        # Words end where Latin letters do, as in SillyTavern: Chinese has no spaces that a key could stand between.
        if _WORD.fullmatch(key):
            return key in _words_of(text)
        return key in text and re.search(rf"(?<!\w){re.escape(key)}(?!\w)", text, re.ASCII) is not None


def _fits(logic: Logic, found: Iterable[bool]) -> bool:
    match logic:
        case "any":
            return any(found)
        case "all":
            return all(found)
        case "not_any":
            return not any(found)
        case "not_all":
            return not all(found)


@lru_cache(maxsize=8)
def _words_of(text: str) -> frozenset[str]:
    return frozenset(_WORD.findall(text))
