"""Marks of options and items."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from personae.errors import InputError
from personae.instrument import Administration, make_form
from personae.instrument.mark_styles import OPTION_MARKS, option_mark, roman
from support.questionnaires import small_instrument

_VALUES = {"i": 1, "v": 5, "x": 10, "l": 50, "c": 100}


def number_of(numeral: str) -> int:
    values = [_VALUES[letter] for letter in numeral]
    return sum(
        -one if any(later > one for later in values[place + 1 : place + 2]) else one for place, one in enumerate(values)
    )


@given(st.integers(0, 98))
def test_roman_numerals_count_on(index: int) -> None:
    assert number_of(roman(index)) == index + 1
    assert not any(letter * 4 in roman(index) for letter in "ivxlc")


def test_a_style_that_does_not_exist_names_those_that_do() -> None:
    with pytest.raises(InputError, match="lower_roman"):
        option_mark("greek", 0, 1)
    with pytest.raises(InputError, match="greek"):
        Administration(option_marks="greek")


@pytest.mark.parametrize("style", OPTION_MARKS)
@pytest.mark.parametrize("order", ["ascending", "descending", (2, 0, 4, 1, 3)])
def test_every_option_is_read_back_as_its_value_whatever_marks_it(style: str, order: str | tuple[int, ...]) -> None:
    form = make_form(small_instrument(), Administration(option_marks=style, option_order=order))
    assert sorted(option.value for option in form.options) == [1, 2, 3, 4, 5]
    for option in form.options:
        assert form.reader.read(option.mark or option.label).value == option.value
        sheet = "\n".join(f"({label}) {option.mark or option.label}" for label in form.labels)
        assert [one.value for one in form.reader.read_sheet(sheet, form.labels)] == [option.value] * 4


def test_the_published_labels_stay_ascending_when_the_words_are_turned() -> None:
    form = make_form(small_instrument(), Administration(option_marks="lower_roman", option_order="descending"))
    assert [(one.mark, one.value) for one in form.options] == [("i", 5), ("ii", 4), ("iii", 3), ("iv", 2), ("v", 1)]


def test_options_without_marks_are_shown_as_words() -> None:
    form = make_form(small_instrument(), Administration(option_marks="words"))
    prompt = form.prompt("$options|$example|$options_in_line", 0)
    assert prompt.startswith("Disagree strongly\nDisagree a little\n")
    assert "=" not in prompt
    assert "|Neither agree nor disagree|Disagree strongly, Disagree a little," in prompt
