"""A planted violation of invariance is found at its step and item; where there is none, it is claimed seldom enough."""

from __future__ import annotations

import numpy as np
import pytest

from personae.errors import InputError
from personae.stats.factor_groups import Moments, fit_groups
from personae.stats.invariance import Invariance, measurement_invariance
from support.graded_answers import draw_answers, draw_parameters

ITEMS = 6


def two_groups(
    rng: np.random.Generator, n: int, *, shift: float = 0.0, slope: float = 1.0, second_factor: float = 0.0
) -> Invariance:
    """The last item is shifted, or its loading another, in the second group; or two of its items share more."""
    loadings = rng.uniform(0.6, 1.0, ITEMS)
    other = loadings.copy()
    other[-1] *= slope
    first = rng.normal(0, 1, (n, 1)) * loadings + rng.normal(0, 0.7, (n, ITEMS))
    second = rng.normal(0.5, 1.2, (n, 1)) * other + rng.normal(0, 0.7, (n, ITEMS))
    second[:, -1] += shift
    second[:, :2] += second_factor * rng.normal(size=(n, 1))
    return measurement_invariance(np.vstack([first, second]), ["model"] * n + ["people"] * n)


def test_invariant_groups_of_different_mean_and_spread_are_scalar() -> None:
    rng = np.random.default_rng(0)
    found = [two_groups(rng, 300) for _ in range(25)]
    assert sum(one.reached == "scalar" for one in found) >= 23
    for place in (1, 2):
        p_values = [one.steps[place].p_value for one in found]
        assert np.mean([p is not None and p < 0.05 for p in p_values]) < 0.2  # 1 of 25 expected
    assert found[0].groups == ("model", "people")
    assert found[0].n == 600


def test_a_shifted_item_breaks_scalar_invariance_and_is_named() -> None:
    rng = np.random.default_rng(1)
    for _ in range(3):
        found = two_groups(rng, 300, shift=0.7)
        assert found.reached == "metric"
        assert found.broken_by[0][:2] == (ITEMS - 1, "scalar")
        assert found.steps[2].loss_of_cfi > 0.01


def test_another_loading_breaks_metric_invariance_and_is_named() -> None:
    rng = np.random.default_rng(2)
    for _ in range(3):
        found = two_groups(rng, 400, slope=0.2)
        assert found.reached == "configural"
        assert found.broken_by[0][:2] == (ITEMS - 1, "metric")


def test_another_structure_breaks_configural_invariance() -> None:
    assert two_groups(np.random.default_rng(3), 400, second_factor=0.9).reached == "none"


@pytest.mark.slow
def test_answers_on_five_options_keep_the_nominal_rate() -> None:
    rng = np.random.default_rng(4)
    p_values = []
    for _ in range(30):
        parameters = draw_parameters(ITEMS, rng)
        rows = [draw_answers(250, ITEMS, rng, parameters=parameters).answers for _ in range(2)]
        found = measurement_invariance(np.vstack(rows), np.repeat([0, 1], 250).tolist())
        p_values += [step.p_value for step in found.steps[1:]]
    assert np.mean([p is not None and p < 0.05 for p in p_values]) < 0.13


def test_permutations_within_people_know_that_they_answer_twice() -> None:
    rng = np.random.default_rng(5)
    planted = draw_answers(150, 5, rng).answers
    again = np.clip(planted + rng.choice([-1, 0, 1], p=[0.1, 0.8, 0.1], size=planted.shape), 1, 5)
    rows, people = np.vstack([planted, again]), np.tile(np.arange(150), 2)
    group = np.repeat(["usual", "reversed"], 150).tolist()
    same = measurement_invariance(rows, group, clusters=people, permutations=24, rng=rng)
    assert same.reached == "scalar"
    assert "24 permutations" in same.steps[1].note
    rows[150:, 0] = np.clip(rows[150:, 0] + 1, 1, 5)
    moved = measurement_invariance(rows, group, clusters=people, permutations=24, rng=rng)
    assert moved.steps[2].p_value == pytest.approx(1 / 25)
    assert moved.reached == "metric"
    assert moved.broken_by[0][0] == 0


def test_a_fit_reproduces_moments_that_it_can_reproduce() -> None:
    loadings = np.array([0.9, 0.7, 0.5, 0.8])
    moments = [
        Moments(
            500,
            np.array([3.0, 2.0, 4.0, 3.5]) + mean * loadings,
            variance * np.outer(loadings, loadings) + 0.4 * np.eye(4),
        )
        for mean, variance in ((0.0, 1.0), (0.6, 1.5))
    ]
    every = np.ones(4, dtype=np.bool_)
    fit = fit_groups(moments, equal_loadings=every, equal_intercepts=every)
    assert fit.chi_squared == pytest.approx(0.0, abs=1e-3)
    assert fit.loadings[0] == pytest.approx(loadings, abs=1e-2)
    assert fit.factor_means[1] == pytest.approx(0.6, abs=1e-2)
    assert fit.factor_variances[1] == pytest.approx(1.5, abs=2e-2)
    assert fit.df == 2 * 14 - (4 + 4 + 8 + 1 + 1)


def test_what_cannot_be_tested_is_refused() -> None:
    rng = np.random.default_rng(6)
    rows = rng.normal(size=(240, 4))
    group = ["a"] * 150 + ["b"] * 90
    with pytest.raises(InputError, match="group b: has 90"):
        measurement_invariance(rows, group)
    with pytest.raises(InputError, match="one group"):
        measurement_invariance(rows, ["a"] * 240)
    even = np.tile(["a", "b"], 120).tolist()
    with pytest.raises(InputError, match="clusters"):
        measurement_invariance(rows, even, clusters=np.arange(240))
    with pytest.raises(InputError, match="rng"):
        measurement_invariance(rows, even, permutations=5)
    with pytest.raises(InputError, match="three items"):
        measurement_invariance(rows[:, :2], even)
    rows[:, 1] = 1.0
    with pytest.raises(InputError, match="alike"):
        measurement_invariance(rows, even)
