"""Planted stability, shift and noise of two askings are recovered, each by its own figure."""

from __future__ import annotations

import math

import numpy as np
import pytest

from personae.errors import InputError
from personae.stats import retest


def twice(rng: np.random.Generator, n: int, *, noise: float, shift: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
    trait = rng.normal(3, 1, n)
    return trait + noise * rng.normal(size=n), trait + shift + noise * rng.normal(size=n)


def test_noise_is_told_from_a_shift_of_all() -> None:
    rng = np.random.default_rng(0)
    found = retest(*twice(rng, 4000, noise=0.5, shift=1.0))
    reliability = 1 / (1 + 0.25)
    assert found.stability.estimate == pytest.approx(reliability, abs=0.02)
    assert found.shift.estimate == pytest.approx(1.0, abs=0.04)
    assert found.agreement.estimate == pytest.approx(1 / (1 + 0.25 + 0.5), abs=0.03)  # half of the squared shift
    assert found.measurement_error.estimate == pytest.approx(0.5, abs=0.02)
    assert found.smallest_change == pytest.approx(1.96 * math.sqrt(2) * 0.5, abs=0.06)


def test_the_error_s_interval_holds_it_as_often_as_it_says() -> None:
    rng = np.random.default_rng(1)
    held = []
    for _ in range(400):
        error = retest(*twice(rng, 25, noise=0.4)).measurement_error
        held.append(error.low <= 0.4 <= error.high)
    assert np.mean(held) == pytest.approx(0.95, abs=0.03)


def test_gaps_are_counted_and_constants_say_what_they_have_not() -> None:
    found = retest([1, 2, 3, np.nan, 5], [1, 2, 4, 4, 5])
    assert {one.missing for one in found} == {1}
    assert {one.n for one in found} == {4}
    same = retest([3, 3, 3], [3, 3, 3])
    assert same.measurement_error.estimate == 0
    assert math.isnan(same.stability.estimate)
    assert math.isnan(retest([1], [1]).measurement_error.estimate)
    with pytest.raises(InputError, match="paired"):
        retest([1, 2], [1])
