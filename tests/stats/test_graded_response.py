"""Planted parameters of a graded response model are recovered, and its intervals and standard errors are honest."""

from __future__ import annotations

import numpy as np
import pytest

from personae.errors import InputError
from personae.stats.graded_response import fit_graded
from support.graded_answers import draw_answers, draw_parameters

pytest.importorskip("mirt", reason="needs the extra stats")


def rmse(found: np.ndarray, planted: np.ndarray) -> float:
    return float(np.sqrt(np.mean((found - planted) ** 2)))


def test_discriminations_of_two_thousand_respondents_are_recovered() -> None:
    errors, stated, differences = [], [], []
    for seed in range(3):
        rng = np.random.default_rng(seed)
        a, b = draw_parameters(20, rng)
        a = 0.8 + (a - 0.8) * 1.0 / 1.4  # .8 to 1.8: steeper slopes are told less exactly by any method
        planted = draw_answers(2000, 20, rng, parameters=(a, b))
        fit = fit_graded(planted.answers)
        assert fit.is_converged
        found = np.array([item.discrimination.estimate for item in fit.items])
        errors.append(rmse(found, a))
        stated += [item.discrimination.details["standard_error"] ** 2 for item in fit.items]
        differences.append(found - a)
        thresholds = np.array([[one.estimate for one in item.thresholds] for item in fit.items])
        assert rmse(thresholds, b) < 0.11
    assert float(np.mean(errors)) < 0.06
    assert float(np.mean(errors)) == pytest.approx(float(np.sqrt(np.mean(stated))), rel=0.25)
    assert abs(float(np.mean(differences))) < 0.02  # 21 quadrature points would be off by -.16


def test_traits_are_recovered_as_exactly_as_their_errors_say() -> None:
    planted = draw_answers(2000, 15, np.random.default_rng(7))
    fit = fit_graded(planted.answers)
    traits, errors = fit.abilities()
    assert np.corrcoef(traits, planted.traits)[0, 1] > 0.93
    assert rmse(traits, planted.traits) == pytest.approx(float(np.sqrt((errors**2).mean())), abs=0.02)
    reliability = float(np.corrcoef(traits, planted.traits)[0, 1] ** 2)
    assert fit.reliability().estimate == pytest.approx(reliability, abs=0.02)


@pytest.mark.slow
def test_intervals_hold_the_truth_as_often_as_they_say() -> None:
    rng = np.random.default_rng(8)
    held = []
    for _ in range(12):
        planted = draw_answers(500, 8, rng)
        for item, a in zip(fit_graded(planted.answers).items, planted.discriminations, strict=True):
            held.append(item.discrimination.low <= a <= item.discrimination.high)
    assert np.mean(held) == pytest.approx(0.95, abs=0.06)


def test_missing_answers_are_left_out_and_counted() -> None:
    rng = np.random.default_rng(9)
    planted = draw_answers(1500, 10, rng)
    holes = np.where(rng.random(planted.answers.shape) < 0.2, np.nan, planted.answers)
    holes[0] = np.nan
    fit = fit_graded(holes)
    a = np.array([item.discrimination.estimate for item in fit.items])
    assert rmse(a, planted.discriminations) < 0.12
    assert fit.items[0].discrimination.n == int(np.isfinite(holes[:, 0]).sum())
    assert fit.items[0].discrimination.missing == 1
    assert len(fit.abilities()[0]) == 1499


def test_options_that_nobody_chose_have_no_threshold() -> None:
    planted = draw_answers(400, 5, np.random.default_rng(10))
    answers = planted.answers.copy()
    answers[:, 2] = np.clip(answers[:, 2], 2, 4)
    fit = fit_graded(answers)
    assert fit.items[2].values == (2, 3, 4)
    assert len(fit.items[2].thresholds) == 2
    assert [table.shape for table in fit.probabilities([0.0, 1.0])][2] == (2, 3)


def test_information_is_what_the_likelihood_says() -> None:
    planted = draw_answers(600, 6, np.random.default_rng(11))
    fit = fit_graded(planted.answers)
    at, step = np.array([0.3]), 1e-4
    tables = [fit.probabilities(at + shift) for shift in (-step, 0.0, step)]
    expected = 0.0
    for low, middle, high in zip(*tables, strict=True):
        slope = (np.log(high) - np.log(low)) / (2 * step)
        expected += float((middle * slope**2).sum())
    assert fit.information(at)[0] == pytest.approx(expected, rel=1e-4)


def test_what_does_not_determine_a_model_is_refused() -> None:
    planted = draw_answers(200, 4, np.random.default_rng(12)).answers
    with pytest.raises(InputError, match="50 respondents"):
        fit_graded(planted[:50])
    with pytest.raises(InputError, match="three items"):
        fit_graded(planted[:, :2])
    with pytest.raises(InputError, match="quadrature"):
        fit_graded(planted, quadrature=21)
    constant = planted.copy()
    constant[:, 1] = 3
    with pytest.raises(InputError, match="item 2"):
        fit_graded(constant)
    with pytest.raises(InputError, match="whole numbers"):
        fit_graded(planted + 0.5)
