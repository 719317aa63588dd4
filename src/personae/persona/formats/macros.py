r"""Curly-braced macros of character cards (Character Card V3, "Curly Braced Syntaxes").

``{{char}}``, ``{{user}}``, ``{{random:a,b}}``, ``{{pick:a,b}}``, ``{{roll:6}}``, ``{{roll:2d6+1}}``,
``{{// comment}}``, ``{{hidden_key:x}}``, ``{{comment:x}}``, ``{{reverse:x}}``, ``{{newline}}``, ``{{noop}}``, and the
older ``<USER>``, ``<BOT>``, ``<CHAR>``. Macros may be inside each other; unknown ones stay as they are. A value that is
put in is not looked at again, so that a user's name cannot smuggle in a macro.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from personae.canonical import derive_seed
from personae.errors import InputError
from personae.persona.formats.limits import MOST_MACRO_TEXT, MOST_MACROS

if TYPE_CHECKING:
    import numpy as np

NOBODY = "the user"
"""What ``{{user}}`` is called where nobody is known."""

_TOKEN = re.compile(r"\{\{|\}\}")
_OLD = re.compile(r"<(user|bot|char)>", re.IGNORECASE)
_COMMA = re.compile(r"(?<!\\),")
_DICE = re.compile(r"\s*(?:([0-9]{1,3})?[dD])?\s*([0-9]{1,10})\s*([+-][0-9]{1,9})?\s*")
"""``6``, ``d6``, ``2d6+1``."""
_MOST_SIDES = 2**31 - 1
_MOST_DICE = 100


class Macros:
    r"""Resolves macros for one character and one chat.

    ``random`` and ``roll`` draw from ``rng`` each time; ``pick`` depends on the chat and on what there is to pick from,
    and gives the same in every turn.

    Args:
        char: Nickname of the character, else the name.
        user: Name of who talks to it.
        rng: Source of ``random`` and ``roll``; made from the chat if none is given.
        chat: What distinguishes this chat from others, for ``pick``.

    Example:
        >>> Macros("Ada", user="Bo").resolve("{{char}} greets {{user}}{{// quietly}}.")
        'Ada greets Bo.'
        >>> Macros("Ada").resolve("{{reverse:{{char}}}}"), Macros("Ada").resolve("{{unknown}}")
        ('adA', '{{unknown}}')
    """

    def __init__(
        self, char: str, *, user: str = NOBODY, rng: np.random.Generator | None = None, chat: str = ""
    ) -> None:
        self.char = char
        self.user = user
        self.chat = chat
        self._rng = rng

    def resolve(self, text: str) -> str:
        """The text as it enters a prompt.

        Raises:
            InputError: If the text has more macros, or would become longer, than any honest card.
        """
        return self._resolve(text, for_scan=False)

    def resolve_for_scan(self, text: str) -> str:
        """The text as recursive lorebook scanning sees it: with hidden keys."""
        return self._resolve(text, for_scan=True)

    def draw(self, count: int) -> int:
        """A whole number below ``count`` from the same source as ``random`` and ``roll``."""
        return self._draw(count)

    def _resolve(self, text: str, *, for_scan: bool) -> str:
        if "{{" not in text and "<" not in text:
            return text
        opened: list[list[str]] = [[]]
        place = count = length = 0
        for token in _TOKEN.finditer(text):
            opened[-1].append(self._old(text[place : token.start()]))
            place = token.end()
            if token.group() == "{{":
                opened.append([])
                count += 1
            elif len(opened) > 1:
                inner = "".join(opened.pop())
                value = self._value(inner, for_scan)
                opened[-1].append(value)
                length += len(value)
            else:
                opened[-1].append("}}")
            if count > MOST_MACROS or length > MOST_MACRO_TEXT:
                raise InputError("holds more macros than a card can mean", remedy="take them out of the text")
        opened[-1].append(self._old(text[place:]))
        while len(opened) > 1:  # never closed: it is text
            inner = "".join(opened.pop())
            opened[-1].append("{{" + inner)
        return "".join(opened[0])

    def _old(self, text: str) -> str:
        return _OLD.sub(lambda found: self.user if found.group(1).casefold() == "user" else self.char, text)

    def _value(self, inner: str, for_scan: bool) -> str:
        name, separator, given = inner.partition(":")
        word = name.strip().casefold()
        if inner.lstrip().startswith("//") or (word == "comment" and separator):
            return ""
        if word == "hidden_key" and separator:
            return given if for_scan else ""
        if not separator:
            known = {"char": self.char, "user": self.user, "newline": "\n", "noop": ""}
            return known.get(word, "{{" + inner + "}}")
        match word:
            case "random":
                options = _options(given)
                return options[self._draw(len(options))]
            case "pick":
                options = _options(given)
                return options[derive_seed("pick", self.chat, given) % len(options)]
            case "roll" if dice := _DICE.fullmatch(given):
                return self._roll(*(int(part) if part else None for part in dice.groups()))
            case "reverse":
                return given[::-1]
        return "{{" + inner + "}}"

    def _roll(self, count: int | None, sides: int | None, more: int | None) -> str:
        """The sum of some dice, and what is added to it."""
        faces = max(1, min(sides or 1, _MOST_SIDES))
        return str(sum(1 + self._draw(faces) for _ in range(min(count or 1, _MOST_DICE))) + (more or 0))

    def _draw(self, count: int) -> int:
        if self._rng is None:
            import numpy as np

            self._rng = np.random.default_rng(derive_seed("macros", self.char, self.chat))
        return int(self._rng.integers(count))


def _options(given: str) -> list[str]:
    """Values between commas, a comma after a backslash being part of one; or between double colons (``a::b``)."""
    if given.startswith(":"):
        return [part.strip() for part in given[1:].split("::")] if "::" in given[1:] else _options(given[1:])
    return [part.replace("\\,", ",").strip() for part in _COMMA.split(given)]
