"""Means over two crossed sources: coverage, missing values, what has no interval."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from personae.errors import InputError
from personae.stats import cluster_mean, crossed_mean


def drawn(rng: np.random.Generator, names: int, questions: int, *, of_names: float, of_questions: float) -> np.ndarray:
    table = rng.normal(size=(names, questions))
    table += of_names * rng.normal(size=(names, 1)) + of_questions * rng.normal(size=(1, questions))
    return np.asarray(table)


def labels(names: int, questions: int) -> tuple[list[int], list[int]]:
    return [name for name in range(names) for _ in range(questions)], [*range(questions)] * names


@pytest.mark.parametrize(
    ("names", "questions", "of_names", "of_questions"), [(4, 20, 0.5, 0.5), (12, 12, 1.0, 0.3), (8, 20, 0.0, 1.0)]
)
def test_the_interval_covers_where_both_sources_are_samples(
    names: int, questions: int, of_names: float, of_questions: float
) -> None:
    rng = np.random.default_rng(4)
    first, second = labels(names, questions)
    both = one = 0
    for _ in range(400):
        values = drawn(rng, names, questions, of_names=of_names, of_questions=of_questions).ravel()
        found = crossed_mean(values, first, second)
        both += found.low <= 0 <= found.high
        alone = cluster_mean(values, first)
        one += alone.low <= 0 <= alone.high
    assert both / 400 > 0.92
    assert one < both  # names alone are not enough


def test_without_dependence_it_is_nearly_the_plain_interval() -> None:
    values = np.random.default_rng(0).normal(size=(40, 40))
    found = crossed_mean(values.ravel(), *labels(40, 40))
    assert found.details["standard_error"] == pytest.approx(values.std() / 40, rel=0.5)
    assert found.estimate == pytest.approx(values.mean())


def test_degrees_of_freedom_lie_between_those_of_the_smaller_source_and_of_both() -> None:
    rng = np.random.default_rng(0)
    of_names = drawn(rng, 4, 20, of_names=9.0, of_questions=0.0)
    even = drawn(rng, 4, 20, of_names=0.0, of_questions=9.0)
    assert crossed_mean(of_names.ravel(), *labels(4, 20)).details["df"] == pytest.approx(3, abs=0.3)
    assert crossed_mean(even.ravel(), *labels(4, 20)).details["df"] > 15
    assert crossed_mean(even[:2].ravel(), *labels(2, 20)).details["df"] == 1


def test_missing_values_are_counted_and_their_units_left_out() -> None:
    found = crossed_mean([1.0, 2.0, math.nan, 4.0, 5.0], list("aabbc"), list("xyxyx"))
    assert (found.n, found.missing) == (4, 1)
    assert found.details["first"] == 3


def test_what_says_nothing_of_its_error_has_no_interval() -> None:
    assert math.isnan(crossed_mean([1.0, 1.0, 1.0, 1.0], list("aabb"), list("xyxy")).low)
    assert math.isnan(crossed_mean([1.0, 2.0], list("aa"), list("xy")).low)
    assert crossed_mean([math.nan], ["a"], ["x"]).n == 0
    with pytest.raises(InputError):
        crossed_mean([1.0, 2.0], ["a"], ["x", "y"])


@pytest.mark.parametrize("scale", [1e-133, 1e-80, 1e80, 1e140])
def test_it_scales_with_the_values(scale: float) -> None:
    values, (first, second) = np.random.default_rng(1).normal(1.0, 1.0, 12), labels(3, 4)
    plain, scaled = crossed_mean(values, first, second), crossed_mean(values * scale, first, second)
    assert (scaled.low / scale, scaled.high / scale) == pytest.approx((plain.low, plain.high))
    assert scaled.details["df"] == pytest.approx(plain.details["df"])


@given(st.lists(st.floats(-5, 5), min_size=12, max_size=12), st.floats(-3, 3))
def test_it_moves_with_the_values(values: list[float], shift: float) -> None:
    first, second = labels(3, 4)
    plain, moved = crossed_mean(values, first, second), crossed_mean(np.array(values) + shift, first, second)
    assert moved.estimate == pytest.approx(plain.estimate + shift, abs=1e-9)
    if not (math.isnan(plain.low) or math.isnan(moved.low)):
        assert moved.high - moved.low == pytest.approx(plain.high - plain.low, abs=1e-6)
        swapped = crossed_mean(values, second, first)
        assert swapped.low == pytest.approx(plain.low)
