"""Small questionnaires, and options as respondents see them."""

from __future__ import annotations

from collections.abc import Sequence

from personae.instrument import Instrument, Licence, Option, Scale, ShownOption, Wording
from personae.instrument.administration import letters

AGREEMENT = (
    "Disagree strongly",
    "Disagree a little",
    "Neither agree nor disagree",
    "Agree a little",
    "Agree strongly",
)
LETTERS_44 = tuple(letters(index) for index in range(44))


def numbered(labels: Sequence[str] = AGREEMENT, first: int = 1) -> list[ShownOption]:
    """Options with a number and words, as rising values."""
    return [ShownOption(str(value), label, value) for value, label in enumerate(labels, start=first)]


def lettered(labels: Sequence[str] = AGREEMENT) -> list[ShownOption]:
    """Options A, B, ... with words."""
    return [ShownOption(letters(index).upper(), label, index + 1) for index, label in enumerate(labels)]


def in_words(labels: Sequence[str] = AGREEMENT) -> list[ShownOption]:
    """Options that are words alone."""
    return [ShownOption("", label, value) for value, label in enumerate(labels, start=1)]


def bare(least: int, most: int) -> list[ShownOption]:
    """Options that are numbers alone."""
    return [ShownOption(str(value), "", value) for value in range(least, most + 1)]


def small_instrument(
    *,
    first: int = 1,
    labels: Sequence[str] = AGREEMENT,
    instructions: str = "How are you?",
    stem: str = "I see myself as",
) -> Instrument:
    """Four items, a scale keyed both ways, a scale of stability that measures neuroticism downwards, and a facet."""
    return Instrument(
        key="small",
        version="1",
        title="Small",
        citation="Example (2026)",
        language="en",
        licence=Licence(name="CC0-1.0", is_commercial_use_free=True),
        instructions=instructions,
        stem=stem,
        options=tuple(Option(value=value, label=label) for value, label in enumerate(labels, start=first)),
        items={"1": "loud", "2": "silent", "3": "calm", "4": "worried"},
        scales=(
            Scale(key="friendly", title="Friendliness", items=("1",), trait="big_five.extraversion", within="loudness"),
            Scale(key="loudness", title="Loudness", items=("1", "2"), reverse=("2",), trait="big_five.extraversion"),
            Scale(
                key="stability",
                title="Stability",
                items=("3", "4"),
                reverse=("4",),
                trait="big_five.neuroticism",
                direction=-1,
            ),
        ),
        wordings=(
            Wording(
                key="plain",
                source="ours",
                items={"1": "I talk much.", "2": "I talk little.", "3": "I am calm.", "4": "I worry."},
            ),
        ),
    )
