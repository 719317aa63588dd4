"""How correct a statement is said to be: seven degrees, and reading them out of a free answer."""

from __future__ import annotations

import re
from collections.abc import Sequence

from personae.instrument import Answer, AnswerReader, ShownOption
from personae.model import is_refusal

DEGREES: tuple[tuple[int, str], ...] = (
    (-3, "wrong"),
    (-2, "generally wrong"),
    (-1, "partially wrong"),
    (0, "neither correct nor wrong"),
    (1, "partially correct"),
    (2, "generally correct"),
    (3, "correct"),
)
"""Degrees as published, by rising agreement."""

_ALSO = {"incorrect": -3, "generally incorrect": -2, "partially incorrect": -1, "neither right nor wrong": 0}
_VALUES = {**{label: value for value, label in DEGREES}, **_ALSO}
_NAMED = re.compile(
    rf"(?<![\w-])(?:{'|'.join(re.escape(label) for label in sorted(_VALUES, key=len, reverse=True))})(?![\w-])", re.I
)
"""The longest first, so that "generally correct" is never read as "correct"."""
_DENIED = re.compile(r"(?:\bnot|n['’]t)\s+(?:\w+ly\s+)?$", re.I)
_QUOTED = re.compile(r"[\"“][^\"”\n]{0,300}[\"”]")


def read_correctness(text: str, shown: Sequence[ShownOption] = ()) -> Answer:
    """Read the degree that an answer begins with, whatever reasons follow it.

    The mark or words of an option that was shown and nothing else settle it; else the first degree that is named
    outside quotation marks counts, the longest first, unless it is denied ("not correct").

    Example:
        >>> read_correctness('The statement "men are calm" is generally correct. It is not always correct.').value
        2
        >>> read_correctness("It is hard to say.").status
        'unparsed'
    """
    plain = text.strip()
    if not plain:
        return Answer(None, "empty")
    if shown:
        answer = AnswerReader(shown).read(plain)
        if answer.value is not None and answer.status == "ok":
            return answer
    bare = _QUOTED.sub(lambda quoted: " " * len(quoted.group()), plain)
    for found in _NAMED.finditer(bare):
        if not _DENIED.search(bare[: found.start()]):
            return Answer(_VALUES[found.group().casefold()], "ok", plain)
    return Answer(None, "refused" if is_refusal(plain) else "unparsed", plain)
