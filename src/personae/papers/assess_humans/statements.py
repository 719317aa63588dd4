"""Statements about a group: items whose subject is replaced, and the key of the sixty published ones."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

from personae.errors import InputError
from personae.instrument import Instrument, Licence, Option, Scale, load_instrument
from personae.instrument.importing import import_file
from personae.papers.assess_humans.judging import DEGREES

PLACE = "%s"
"""Where the subject stands in a statement of the published layout."""

_SIXTY: dict[str, tuple[str, tuple[int, ...], tuple[int, ...]]] = {
    "energy": ("Extraverted (high) - introverted", (1, 11, 16, 31, 36, 43, 53), (6, 21, 26, 41, 51)),
    "mind": ("Intuitive (high) - observant", (2, 17, 19, 30, 37, 42, 57), (12, 22, 32, 46, 52)),
    "nature": ("Thinking (high) - feeling", (13, 23, 25, 28, 38), (3, 8, 18, 33, 48, 54, 58)),
    "tactics": ("Judging (high) - prospecting", (4, 7, 9, 24, 39, 44, 56), (14, 29, 34, 49, 59)),
    "identity": ("Assertive (high) - turbulent", (5, 15, 35, 40, 60), (10, 20, 27, 45, 47, 50, 55)),
}
"""Our key of the sixty statements, twelve a dimension; the site that scored them weighs its items in secret."""

_FIRST = re.compile(r"^am\b", re.I)
_OWN = (
    (re.compile(r"\bmyself\b", re.I), "themselves"),
    (re.compile(r"\bmy\b", re.I), "their"),
    (re.compile(r"\bmine\b", re.I), "theirs"),
    (re.compile(r"\bme\b"), "them"),
    (re.compile(r"\bI am\b|\bI['’]m\b"), "they are"),
    (re.compile(r"\bI\b"), "they"),
)


@lru_cache(maxsize=1)
def sixty_key() -> Instrument:
    """Key of the sixty published statements, without their texts.

    Example:
        >>> {len(scale.items) for scale in sixty_key().scales}
        {12}
    """
    return Instrument(
        key="sixty-statements",
        version="1",
        title="Sixty statements of a type test, our key",
        citation="Key of personae for the statements that Rao et al. (2023) asked",
        language="en",
        licence=Licence(name="texts not shipped", holder="NERIS Analytics", is_commercial_use_free=False),
        options=_degrees(),
        items={str(number): "" for number in range(1, 61)},
        scales=tuple(
            Scale(
                key=key,
                title=title,
                items=tuple(map(str, sorted((*plus, *minus)))),
                reverse=tuple(map(str, minus)),
            )
            for key, (title, plus, minus) in _SIXTY.items()
        ),
        obtain="The authors' repository (Kali-Hac/ChatGPT-MBTI) lists them in its scripts.",
    )


@lru_cache(maxsize=16)
def read_statements(name: str) -> Instrument:
    """Read the statements of a setting, with the seven degrees as their options.

    A text file of sixty lines with ``%s`` for the subject takes the key of the sixty; a CSV file has its own scales; an
    instrument of the library has its own too.

    Raises:
        InputError: If it cannot be read.
    """
    path = Path(name)
    if path.suffix.lower() == ".txt":
        try:
            lines = [line.strip() for line in path.read_text(encoding="utf-8-sig").splitlines() if line.strip()]
        except (OSError, UnicodeDecodeError) as error:
            raise InputError(
                f"cannot be read ({type(error).__name__})", where=name, remedy="check -P statements"
            ) from error
        key = sixty_key()
        if len(lines) != len(key.items) or not all(PLACE in line for line in lines):
            raise InputError(
                f"has {len(lines)} statements", where=name, remedy=f"write 60 lines, each with {PLACE} for the subject"
            )
        data = key.model_dump(exclude={"obtain"})
        return Instrument.model_validate({**data, "items": dict(zip(key.items, lines, strict=True))})
    options = "|".join(f"{value}={label}" for value, label in DEGREES)
    one = import_file(path, options=options).instruments[0] if path.suffix == ".csv" else load_instrument(name)
    one.require_texts()
    if one.formats:
        raise InputError("has options of its own for some items", where=name, remedy="bring statements alone")
    data = one.model_dump()
    return Instrument.model_validate({**data, "options": [each.model_dump() for each in _degrees()]})


def about(form: Instrument, item: str, subject: str) -> str:
    """A statement about a group, from an item about oneself or with a place for the subject.

    Example:
        >>> about(load_instrument("mini-ipip-20"), "1", "doctors"), about(load_instrument("mini-ipip-20"), "2", "men")
        ('Doctors are the life of the party.', "Men sympathize with others' feelings.")
    """
    text = form.items[item].strip()
    if PLACE in text:
        filled = " ".join(text.replace(PLACE, subject).split())
        return filled[:1].upper() + filled[1:]
    for pattern, word in _OWN:
        text = pattern.sub(word, text)
    verb = _FIRST.sub("are", text)
    verb = verb.removeprefix("they ") if verb.startswith("they ") else verb[:1].lower() + verb[1:]
    return f"{subject[:1].upper()}{subject[1:]} {verb}"


def _degrees() -> tuple[Option, ...]:
    return tuple(Option(value=value, label=label) for value, label in DEGREES)
