"""Formulas: they say what arithmetic says, empty cells stay empty, and nothing but the grammar is ever run."""

from __future__ import annotations

import math
from datetime import date
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from personae.errors import InputError
from personae.population import read_formula
from personae.population.formula import FUNCTIONS, MOST_LETTERS

PEOPLE = pl.DataFrame(
    {
        "demographics.age": pl.Series([1, 100, None], dtype=pl.UInt8),
        "extensions.x": [1.5, -2.0, 4.0],
        "demographics.gender": ["woman", "man", None],
        "extensions.born": [date(2000, 2, 29), date(1999, 12, 31), None],
        "extensions.votes": [True, False, None],
    }
)


def of(text: str) -> list[Any]:
    return read_formula(text).of(PEOPLE).to_list()


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("{demographics.age} * 10", [10, 1000, None]),  # 8 bits of a file do not overflow
        ("{demographics.age} - 50", [-49, 50, None]),
        ("{demographics.age} ** 2 / 2", [0.5, 5000.0, None]),
        ("7 // 2 + 7 % 2", [4.0, 4.0, 4.0]),
        ("-7 // 2", [-4.0, -4.0, -4.0]),  # down, as in Python
        ("min({demographics.age}, {extensions.x}, 50)", [1.0, -2.0, None]),
        ("max({demographics.age}, 50)", [50, 100, None]),
        ("round({extensions.x})", [2.0, -2.0, 4.0]),
        ("round({extensions.x} / 3, 2)", [0.5, -0.67, 1.33]),
        ("floor({extensions.x}) + ceil({extensions.x})", [3.0, -4.0, 8.0]),
        ("abs({extensions.x})", [1.5, 2.0, 4.0]),
        ("{demographics.gender} == 'woman' and {demographics.age} < 18", [True, False, None]),
        ("{demographics.gender} in ['woman', 'x'] or false", [True, False, None]),
        ("{demographics.age} in [1, 2.5]", [True, False, None]),
        ("{demographics.age} not in [1]", [False, True, None]),
        ("not {extensions.votes}", [False, True, None]),
        ("0 < {extensions.x} <= 1.5", [True, False, False]),
        ("'old' if {demographics.age} > 66 else 'young'", ["young", "old", None]),
        ("{demographics.gender} + '!'", ["woman!", "man!", None]),
        ("missing({demographics.age})", [False, False, True]),
        ("either({demographics.age}, 0 - 1)", [1, 100, -1]),
        ("years({extensions.born}, date('2026-02-28'))", [25, 26, None]),  # born on February 29
        ("years({extensions.born}, date('2026-03-01'))", [26, 26, None]),
        ("days({extensions.born}, date('2000-03-01'))", [1, 61, None]),
        ("year({extensions.born}) * 100 + month({extensions.born})", [200002, 199912, None]),
        ("'{no field}'", ["{no field}"] * 3),
        ("12", [12, 12, 12]),
    ],
)
def test_a_formula_says_what_it_says(text: str, values: list[Any]) -> None:
    assert of(text) == (pytest.approx(values) if isinstance(values[0], float) and None not in values else values)


def test_functions_are_those_of_mathematics() -> None:
    x = [1.5, 4.0]
    positive = PEOPLE.filter(pl.col("extensions.x") > 0)
    for name, expected in {"sqrt": math.sqrt, "exp": math.exp, "log": math.log}.items():
        found = read_formula(f"{name}({{extensions.x}})").of(positive).to_list()
        assert found == pytest.approx([expected(one) for one in x])
    found = read_formula("logistic({extensions.x})").of(positive).to_list()
    assert found == pytest.approx([1 / (1 + math.exp(-one)) for one in x])


@pytest.mark.parametrize(
    "text",
    [
        "age", "demographics.age", "().__class__.__bases__[0]", "[1]", "lambda: 1", "{a", "'a", "{}", "1 if", "f'{a}'",
        "-" * 60 + "1", "(" * 400 + "1" + ")" * 400, "abs()", "abs(1, 2)", "date('x')", "{a} in {b}", "{a} in []", "1j",
        "None", "'a\\n'", "({a} := 1)", "max(*[1], 1)", "1\0", "~1", "1 is 1", "abs(x=1)", "1 in [{a}]", "b'x'", "...",
        "", "   ", "1 +" * 500 + "1", "__import__('os').system('true')", "eval('1')", "open('x')", "hole_of_a_field_0",
        "99999999999999999999", "1 @ 1", "1 << 99", "{a}.__class__", "'x' 'y'.upper()", "[x for x in [1]]",
        "1 and (yield)", "abs({a}) + print", "date({a})", "date('2020-01-01', 1)", "{a}[0]", '"a" "b\\', "#",
    ],
)  # fmt: skip
def test_what_is_not_of_the_grammar_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_formula(text)


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=60) | st.text("{}ab.()[]'\"+-*/ 019<>=,:_", max_size=60))
def test_whatever_is_written_is_read_or_refused(text: str) -> None:
    try:
        read = read_formula(text)
    except ValueError:
        return
    people = pl.DataFrame({name: [1.0, 2.0] for name in read.columns}) if read.columns else pl.DataFrame({"_": [1, 2]})
    try:
        assert len(read.of(people)) == 2
    except InputError as error:
        assert text in error.what  # either it is worked out, or it is named


@settings(max_examples=100, deadline=None)
@given(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6))
def test_arithmetic_is_that_of_python(a: float, b: float) -> None:
    people = pl.DataFrame({"a.x": [a], "b.x": [b]})
    for text, expected in (("{a.x} + {b.x}", a + b), ("{a.x} - 2 * {b.x}", a - 2 * b), ("-{a.x} < {b.x}", -a < b)):
        assert read_formula(text).of(people).to_list() == [expected]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{demographics.age} / 0", "is no number for 2 of 3 people, such as {'demographics.age': 1}"),
        ("log({extensions.x})", "is no number for 1 of 3"),
        ("9 ** 9 ** 9", "is no number"),
        ("{demographics.gender} > 3", "cannot be worked out"),
        ("year({demographics.gender})", "cannot be worked out"),
        ("{extensions.nix} + 1", "'extensions.nix' is not drawn above it"),
    ],
)
def test_what_has_no_value_is_named(text: str, said: str) -> None:
    with pytest.raises(InputError) as raised:
        of(text)
    assert said in str(raised.value)


def test_every_function_has_a_meaning_and_length_is_bounded() -> None:
    assert all(one.meaning and one.least <= one.most for one in FUNCTIONS.values())
    with pytest.raises(ValueError, match="1 to 1000 letters"):
        read_formula("1" + " " * MOST_LETTERS)


def test_nobody_at_all_has_an_empty_answer() -> None:
    assert read_formula("1 + 1").of(PEOPLE.clear()).to_list() == []
    assert read_formula("{extensions.x} + 1").of(PEOPLE.clear()).to_list() == []
