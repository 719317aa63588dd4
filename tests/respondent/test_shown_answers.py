"""Answers that a prompt shows put the simulated respondent where they say; anything else is read as before."""

from __future__ import annotations

import pytest

from personae.instrument import load_instrument
from personae.model import Message
from personae.respondent.reading import read_persona
from personae.respondent.shown_answers import take_shown_answers

NEO = load_instrument("ipip-neo-120")
N = NEO.scale("neuroticism")


def shown(level: int, count: int = 12) -> str:
    """The first items of neuroticism, answered at a level of the trait."""
    labels = {option.value: option.label for option in NEO.options}
    lines = []
    for item in N.items[:count]:
        value = level if NEO.keying(N)[item] > 0 else 6 - level
        lines.append(f"You {NEO.items[item].rstrip('.').lower()}: {labels[value]}")
    return "This is how accurately statements describe you:\n" + "\n".join(lines)


@pytest.mark.parametrize(("level", "low", "high"), [(5, 1.5, 2.0), (4, 0.7, 1.5), (3, -0.1, 0.1), (1, -2.0, -1.5)])
def test_answers_put_the_trait_where_they_say(level: int, low: float, high: float) -> None:
    traits = read_persona([Message("system", shown(level))])
    assert low <= traits["big_five.neuroticism"] <= high
    assert set(traits) == {"big_five.neuroticism"}


def test_few_lines_are_no_answers() -> None:
    assert take_shown_answers(shown(5, 4))[0] == ()


def test_other_texts_are_read_as_before() -> None:
    for text in ("You are extremely outgoing.", "Name: Ada\nAge: 36\nJob: nurse\nHobby: chess\nCity: York\nPet: cat"):
        assert take_shown_answers(text) == ((), text)
