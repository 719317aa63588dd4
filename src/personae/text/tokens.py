"""From a text to its words and sentences, by rules that a reader can check by hand.

Texts come from models and users: whatever they hold, everything here takes time in proportion to their length.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from functools import lru_cache

_APOSTROPHES = "’‘‛ʼ`´＇"
# They join what looks like one word: soft hyphen, zero-width (non-)joiner, word joiner, byte order mark.
_INVISIBLE = "\u00ad\u200c\u200d\u2060\ufeff"
# Variation selectors are marks to Unicode, but they dress emoji, not letters.
_VARIATION_SELECTORS = [*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0)]
_FOLDING = str.maketrans(
    {**dict.fromkeys(_APOSTROPHES, "'"), **dict.fromkeys(_INVISIBLE), **dict.fromkeys(map(chr, _VARIATION_SELECTORS))}
)

_STOP = re.compile(
    r"(?P<stop>[.!?…。！？]+(?:[ \t]+[.!?…。！？]+)*)(?P<closers>[\"'”’»)\]*_]*)"
    r"|\n\s*\n\s*"
    r"|\n[ \t]*(?=(?:[-*•]|\d{1,3}[.)])[ \t])"
)
_MOST_MARKS = 30  # on one letter, the bound of Unicode's stream-safe format (UAX #15)
_ELLIPSIS = frozenset(".… \t")
_NEXT_WORD = re.compile(r"\s*[\"'“‘«(\[*_–—-]*\s*(?P<word>[^\W_]+)?")
_INITIALS = re.compile(r"(?:[^\W\d_]\.)+[^\W\d_]|[A-HJ-Z]")  # "U.S", "p.m", "J"; a lone "I" is a word
_LONGEST_ABBREVIATION = 24


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_NEVER_FINAL = _words("mr mrs ms mx dr prof capt cmdr sgt lt col st mt messrs vs cf viz e.g i.e")
_BEFORE_NUMBERS = _words("no nos nr fig figs vol vols p pp ch chap sec art eq ca")
_SELDOM_FINAL = _words(
    """etc al approx gen sen rep gov pres hon rev maj jr sr inc ltd co corp dept univ est ave blvd rd ph.d ed eds
    jan feb mar apr jun jul aug sep sept oct nov dec mon tue tues wed thu thur thurs fri"""
)
_STARTERS = _words(
    """a after all although an and as at because before but by each finally for from he her here his how however i if in
    it its later many meanwhile most my no not now on one our she since so some still that the their then there these
    they this those though through to today we what when where while who why with yes yet you your"""
)

_PUNCTUATION = {
    "period": ".",
    "comma": ",、，",
    "colon": ":：",
    "semicolon": ";；",
    "question": "?¿？",
    "exclamation": "!¡！",
    "dash": "-‐‑‒–—―−",
    "quote": '"“”„«»',
    "apostrophe": "'" + _APOSTROPHES,
    "parenthesis": "()[]{}（）",
}
_KIND = {mark: kind for kind, marks in _PUNCTUATION.items() for mark in marks}
PUNCTUATION_KINDS: tuple[str, ...] = (*_PUNCTUATION, "other")
"""What :func:`count_punctuation` tells apart."""


def tokenize(text: str) -> list[str]:
    """Split a text into lower-case words.

    A word is a run of letters and digits of any script, with the accents and vowel signs that belong to them (composed
    as NFC, at most 30 on a letter). Apostrophes within a word are kept and spelled ``'``, those at its edges fall off;
    hyphenated words are split, so that "well-being" and "well being" count alike; numbers stay whole with their points
    and commas. All other punctuation, symbols and emoji are dropped. Scripts without spaces give one word a run of
    characters: segment them before. Tokens joined by spaces give the same tokens again.

    Example:
        >>> tokenize("I’m a well-read 3.5-year-old’s DAD… 😊")
        ["i'm", 'a', 'well', 'read', '3.5', 'year', "old's", 'dad']
    """
    if text.isascii():
        return _word_pattern("").findall(text.translate(_FOLDING).lower())
    # Composed before folding, as apostrophes have canonical twins, and after it, as letters may now stand beside marks.
    folded = _compose(_compose(text).translate(_FOLDING).lower())
    marks = sorted(sign for sign in set(folded) if unicodedata.category(sign) in ("Mn", "Mc"))
    return _word_pattern("".join(marks)).findall(folded)


def _compose(text: str) -> str:
    """Normalise to NFC. Sorting a row of marks takes quadratic time, so that rows longer than any writing are cut."""
    marks: dict[str, str] = {}
    for sign in set(text):
        apart = unicodedata.normalize("NFD", sign)
        if unicodedata.combining(apart[0]):
            marks[sign] = apart
    if marks:
        for sign in [sign for sign, apart in marks.items() if apart != sign]:
            text = text.replace(sign, marks[sign])
        text = _too_many_marks("".join(sorted(set("".join(marks.values()))))).sub(r"\1", text)
    return unicodedata.normalize("NFC", text)


@lru_cache(maxsize=64)
def _too_many_marks(marks: str) -> re.Pattern[str]:
    one = f"[{re.escape(marks)}]"
    return re.compile(f"({one}{{{_MOST_MARKS}}}){one}+")


@lru_cache(maxsize=64)
def _word_pattern(marks: str) -> re.Pattern[str]:
    # The marks in use are spelled out, as the regular expressions of Python do not know the class "mark".
    more = rf"(?:[^\W_]|[{re.escape(marks)}])*" if marks else r"[^\W_]*"
    return re.compile(rf"[^\W_]{more}(?:'[^\W_]{more}|(?<=\d)[.,](?=\d){more})*")


def sentences(text: str) -> list[str]:
    """Split a text into sentences.

    A sentence ends at ``.``, ``!``, ``?`` or an ellipsis before white space, at a blank line, and before a new line of
    a list. It does not end after titles and the like (Mr., e.g.), after initials and abbreviations that may be final
    (J., U.S., p.m., etc.) unless a capital begins a word that commonly opens a sentence, within numbers, at an ellipsis
    before a small letter or "I", nor after a closing quote or bracket before a small letter (``"Stop!" he said.``).
    When in doubt, it does not split. Pieces without a letter or digit are no sentences.

    Example:
        >>> sentences("Dr. No paid $3.50 to J. Smith... and left. “Why?” she asked. Nobody knew")
        ['Dr. No paid $3.50 to J. Smith... and left.', '“Why?” she asked.', 'Nobody knew']
    """
    found: list[str] = []
    start = 0
    for match in _STOP.finditer(text):
        if _is_end(text, start, match):
            found.append(text[start : match.end()])
            start = match.end()
    found.append(text[start:])
    return [piece.strip() for piece in found if any(sign.isalnum() for sign in piece)]


def _is_end(text: str, start: int, match: re.Match[str]) -> bool:
    stop, closers = match["stop"], match["closers"]
    if stop is None or any(sign in "。！？" for sign in stop):
        return True
    if match.end() < len(text) and not text[match.end()].isspace():
        return False
    following = _NEXT_WORD.match(text, match.end())
    word = (following["word"] if following else None) or ""
    if not word:
        return True
    if closers and word[0].islower():
        return False
    if stop != "." and not set(stop) - _ELLIPSIS:
        return not word[0].islower() and word != "I"
    if stop != ".":
        return True
    return not _is_abbreviated(text[max(start, match.start() - _LONGEST_ABBREVIATION) : match.start()], word)


def _is_abbreviated(before: str, following: str) -> bool:
    """Whether the point after ``before`` belongs to an abbreviation that goes on into the following word."""
    last_line = before.rpartition("\n")[2]
    chunk = (last_line.split() or [""])[-1].lstrip("\"'“‘«([*_")
    small = chunk.lower()
    if chunk.isdigit():
        return last_line.strip() == chunk and len(chunk) <= 3  # "1. Wash it"
    if small in _NEVER_FINAL:
        return True
    if small in _BEFORE_NUMBERS:
        return following[0].isdigit()
    if small in _SELDOM_FINAL or _INITIALS.fullmatch(chunk):
        return following[0].islower() or following.lower() not in _STARTERS
    return False


def count_punctuation(text: str) -> dict[str, int]:
    """Count punctuation marks by kind, all kinds named.

    The kinds are those that LIWC tells apart. Each mark counts, so that a pair of brackets counts two; an ellipsis
    character counts as the three periods it stands for; a single quotation mark cannot be told from an apostrophe.

    Example:
        >>> {kind: n for kind, n in count_punctuation("Well… (yes), it's “fine”!").items() if n}
        {'period': 3, 'comma': 1, 'exclamation': 1, 'quote': 2, 'apostrophe': 1, 'parenthesis': 2}
    """
    counts = dict.fromkeys(PUNCTUATION_KINDS, 0)
    for sign, times in Counter(text.replace("…", "...")).items():
        kind = _KIND.get(sign)
        if kind is None and unicodedata.category(sign).startswith("P"):
            kind = "other"
        if kind is not None:
            counts[kind] += times
    return counts
