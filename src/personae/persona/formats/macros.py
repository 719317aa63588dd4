r"""Curly-braced macros of character cards (Character Card V3, "Curly Braced Syntaxes"), and those of SillyTavern.

``{{char}}``, ``{{user}}``, ``{{random:a,b}}``, ``{{pick:a,b}}``, ``{{roll:6}}``, ``{{roll:2d6+1}}``,
``{{// comment}}``, ``{{hidden_key:x}}``, ``{{comment:x}}``, ``{{reverse:x}}``, ``{{newline}}``, ``{{noop}}``, and the
older ``<USER>``, ``<BOT>``, ``<CHAR>``. SillyTavern's are texts of the card (``{{description}}``, ``{{scenario}}``),
the latest messages (``{{lastMessage}}``), variables (``{{setvar::name::value}}``, ``{{getvar::name}}``), the time if it
is given, ``{{trim}}``, ``{{space}}`` and ``{{outlet::name}}``. Macros may be inside each other; unknown ones stay as
they are. A value that is put in is not looked at again, so that a user's name cannot smuggle in a macro.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from personae.canonical import derive_seed
from personae.errors import InputError
from personae.persona.formats.limits import MOST_MACRO_TEXT, MOST_MACROS

if TYPE_CHECKING:
    from datetime import datetime

    import numpy as np

NOBODY = "the user"
"""What ``{{user}}`` is called where nobody is known."""

_TOKEN = re.compile(r"\{\{|\}\}")
_OLD = re.compile(r"<(user|bot|char)>", re.IGNORECASE)
_COMMA = re.compile(r"(?<!\\),")
_DICE = re.compile(r"\s*(?:([0-9]{1,3})?[dD])?\s*([0-9]{1,10})\s*([+-][0-9]{1,9})?\s*")
"""``6``, ``d6``, ``2d6+1``."""
_TRIM = re.compile(r"(?:\r?\n)*\{\{trim\}\}(?:\r?\n)*")
_ROLL = re.compile(r"roll\s+(\S+)", re.IGNORECASE)
"""``{{roll d6}}``, as it was written before colons were."""
_OTHER_NAMES = {
    "chardescription": "description",
    "charpersonality": "personality",
    "charscenario": "scenario",
    "mesexamples": "examples",
    "mesexamplesraw": "examples",
    "chardepthprompt": "note",
    "charversion": "version",
    "char_version": "version",
    "charfirstmessage": "greeting",
}
"""What texts of a card are called in macros, where it is not what they are called here."""
_TEXTS = ("description", "personality", "scenario", "persona", "greeting", *_OTHER_NAMES)
_SAID = ("lastmessage", "lastusermessage", "lastcharmessage")
_CLOCK = ("time", "date", "weekday", "isotime", "isodate")
_VARIABLES = {f"{verb}{kind}var": verb for verb in ("set", "add", "inc", "dec", "get") for kind in ("", "global")}
_MOST_SPACES = 100
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
        texts: What the card says, for macros such as ``{{scenario}}``; their own macros are resolved, but not again.
        now: The time of the chat; macros of date and time stay as they are without it.

    Example:
        >>> Macros("Ada", user="Bo").resolve("{{char}} greets {{user}}{{// quietly}}.")
        'Ada greets Bo.'
        >>> Macros("Ada").resolve("{{reverse:{{char}}}}"), Macros("Ada").resolve("{{unknown}}")
        ('adA', '{{unknown}}')
    """

    def __init__(
        self,
        char: str,
        *,
        user: str = NOBODY,
        rng: np.random.Generator | None = None,
        chat: str = "",
        texts: Mapping[str, str] | None = None,
        now: datetime | None = None,
    ) -> None:
        self.char = char
        self.user = user
        self.chat = chat
        self.now = now
        self.said: dict[str, str] = {}
        """The latest messages by the macro that stands for them, in small letters."""
        self.outlets: dict[str, str] = {}
        """Texts of a lorebook that enter where ``{{outlet::name}}`` stands."""
        self._texts = texts
        self._is_inside = False
        self._count = self._length = 0
        self._variables: dict[str, str] = {}
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

    def about(self, name: str) -> str:
        """A text of the card with its macros resolved; those for texts of the card are empty in it."""
        if self._is_inside or not self._texts:
            return ""
        self._is_inside = True
        try:
            return self.resolve(self._texts.get(name, ""))
        finally:
            self._is_inside = False

    def draw(self, count: int) -> int:
        """A whole number below ``count`` from the same source as ``random`` and ``roll``."""
        return self._draw(count)

    def _resolve(self, text: str, *, for_scan: bool) -> str:
        if "{{" not in text and "<" not in text:
            return text
        opened: list[list[str]] = [[]]
        place = 0
        if not self._is_inside:
            self._count = self._length = 0
        for token in _TOKEN.finditer(text):
            opened[-1].append(self._old(text[place : token.start()]))
            place = token.end()
            if token.group() == "{{":
                opened.append([])
                self._count += 1
            elif len(opened) > 1:
                inner = "".join(opened.pop())
                value = self._value(inner, for_scan)
                opened[-1].append(value)
                self._length += len(value)
            else:
                opened[-1].append("}}")
            if self._count > MOST_MACROS or self._length > MOST_MACRO_TEXT:
                raise InputError("holds more macros than a card can mean", remedy="take them out of the text")
        opened[-1].append(self._old(text[place:]))
        while len(opened) > 1:  # never closed: it is text
            inner = "".join(opened.pop())
            opened[-1].append("{{" + inner)
        whole = "".join(opened[0])
        return _TRIM.sub("", whole) if "{{trim}}" in whole else whole

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
            value = self._known(word)
            return "{{" + inner + "}}" if value is None else value
        if word in _VARIABLES and given.startswith(":"):
            return self._variable(_VARIABLES[word], word, *given[1:].partition("::")[::2])
        match word:
            case "outlet" if given.startswith(":"):
                return self.outlets.get(given[1:].strip(), "")
            case "space" | "newline" if (times := given.strip(": ")).isdecimal() and len(times) < 4:
                return (" " if word == "space" else "\n") * min(int(times), _MOST_SPACES)
            case "random":
                options = _options(given)
                return options[self._draw(len(options))]
            case "pick":
                options = _options(given)
                return options[derive_seed("pick", self.chat, given) % len(options)]
            case "roll" if dice := _DICE.fullmatch(given.removeprefix(":")):
                return self._roll(*(int(part) if part else None for part in dice.groups()))
            case "reverse":
                return given.removeprefix(":")[::-1]
        return "{{" + inner + "}}"

    def _known(self, word: str) -> str | None:
        """What a macro without values stands for, ``None`` if it is none."""
        match word:
            case "char" | "group" | "charifnotgroup":
                return self.char
            case "user" | "notchar":
                return self.user
            case "newline":
                return "\n"
            case "space":
                return " "
            case "noop":
                return ""
        if word in _SAID:
            return self.said.get(word, "")
        if word in _TEXTS and (self._texts is not None or self._is_inside):
            return self.about(_OTHER_NAMES.get(word, word))
        if word in _CLOCK and self.now is not None:
            return _clock(word, self.now)
        dice = _ROLL.fullmatch(word)
        return self._value(f"roll:{dice.group(1)}", for_scan=False) if dice else None

    def _variable(self, verb: str, macro: str, name: str, value: str) -> str:
        """Keep or give a variable of the chat; those of all chats are others, and live as long here."""
        key = f"{'global' in macro} {name.strip()}"
        before = self._variables.get(key, "")
        match verb:
            case "get":
                return before
            case "set":
                after = value
            case "add":
                sum_ = _sum(before or "0", value)
                after = before + value if sum_ is None else sum_
            case _:
                after = _sum(before or "0", "1" if verb == "inc" else "-1") or "0"
        if len(after) > MOST_MACRO_TEXT or len(self._variables) > MOST_MACROS:
            raise InputError("keeps more in variables than a card can mean", remedy="take them out of the text")
        self._variables[key] = after
        return after if verb in ("inc", "dec") else ""

    def _roll(self, count: int | None, sides: int | None, more: int | None) -> str:
        """The sum of some dice, and what is added to it."""
        faces = max(1, min(sides or 1, _MOST_SIDES))
        return str(sum(1 + self._draw(faces) for _ in range(min(count or 1, _MOST_DICE))) + (more or 0))

    def _draw(self, count: int) -> int:
        if self._rng is None:
            import numpy as np

            self._rng = np.random.default_rng(derive_seed("macros", self.char, self.chat))
        return int(self._rng.integers(count))


def _sum(before: str, more: str) -> str | None:
    """The sum of two numbers in words; ``None`` if one is no number."""
    try:
        total = float(before) + float(more)
    except ValueError:
        return None
    return f"{total:.0f}" if total.is_integer() and abs(total) < 2**53 else repr(total)


def _clock(word: str, now: datetime) -> str:
    hour = f"{now.hour % 12 or 12}:{now:%M} {'AM' if now.hour < 12 else 'PM'}"
    date = f"{now:%B} {now.day}, {now.year}"
    return {"time": hour, "date": date, "weekday": f"{now:%A}", "isotime": f"{now:%H:%M}"}.get(word, f"{now:%Y-%m-%d}")


def _options(given: str) -> list[str]:
    """Values between commas, a comma after a backslash being part of one; or between double colons (``a::b``)."""
    if given.startswith(":"):
        return [part.strip() for part in given[1:].split("::")] if "::" in given[1:] else _options(given[1:])
    return [part.replace("\\,", ",").strip() for part in _COMMA.split(given)]
