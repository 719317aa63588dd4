"""Slopes and rising curves are those that were planted; what cannot be said is not."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import linregress

from personae.errors import InputError
from personae.stats import dose_slope, monotone_fit


class TestSlope:
    def test_agrees_with_an_independent_implementation(self) -> None:
        rng = np.random.default_rng(5)
        x = np.arange(9.0)
        y = 0.4 * x + rng.normal(size=9)
        theirs = linregress(x, y)

        ours = dose_slope(x, y)

        assert ours.estimate == pytest.approx(theirs.slope)
        assert ours.p_value == pytest.approx(theirs.pvalue)
        assert ours.details["standard_error"] == pytest.approx(theirs.stderr)

    def test_its_interval_holds_the_planted_slope_as_often_as_it_says(self) -> None:
        rng = np.random.default_rng(7)
        x = np.arange(-4.0, 5.0)
        found = [dose_slope(x, 0.3 * x + rng.normal(scale=0.5, size=9)) for _ in range(600)]

        assert 0.92 < np.mean([one.low <= 0.3 <= one.high for one in found]) < 0.98

    def test_missing_points_are_counted(self) -> None:
        found = dose_slope([1, 2, 3, 4], [1.0, math.nan, 2.0, 4.0])

        assert (found.n, found.missing) == (3, 1)

    def test_a_perfect_line_has_a_slope_and_no_interval(self) -> None:
        found = dose_slope([1, 2, 3], [2, 4, 6])

        assert found.estimate == 2.0
        assert math.isnan(found.low)
        assert "perfect" in found.note

    @pytest.mark.parametrize("doses", [[], [1.0], [3.0, 3.0, 3.0]])
    def test_one_dose_has_no_slope(self, doses: list[float]) -> None:
        assert math.isnan(dose_slope(doses, doses).estimate)

    def test_two_lengths_are_an_error(self) -> None:
        with pytest.raises(InputError):
            dose_slope([1, 2], [1, 2, 3])


class TestMonotoneFit:
    @given(st.lists(st.integers(-100, 100), min_size=2, max_size=20, unique=True))
    def test_whatever_only_rises_fits_perfectly(self, values: list[int]) -> None:
        found = monotone_fit(np.arange(len(values)), sorted(values))

        assert found.estimate == pytest.approx(1.0)

    def test_a_curve_that_turns_back_fits_less(self) -> None:
        """1, 3, 2 becomes 1, 2.5, 2.5: half a point is lost of a variance of two."""
        assert monotone_fit([1, 2, 3], [1.0, 3.0, 2.0]).estimate == pytest.approx(1 - 0.5 / 2)

    def test_a_falling_curve_fits_not_at_all(self) -> None:
        assert monotone_fit([1, 2, 3], [3.0, 2.0, 1.0]).estimate == pytest.approx(0.0)

    def test_draws_of_one_dose_are_averaged(self) -> None:
        assert monotone_fit([1, 1, 2, 2], [1.0, 3.0, 2.0, 4.0]).estimate == pytest.approx(1.0)

    def test_a_flat_response_says_nothing(self) -> None:
        assert math.isnan(monotone_fit([1, 2, 3], [2.0, 2.0, 2.0]).estimate)
