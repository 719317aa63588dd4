"""Random respondents are found; respondents who follow the model are accused at the nominal rate."""

from __future__ import annotations

import numpy as np
import pytest

from personae.stats.graded_response import fit_graded
from personae.stats.person_fit import person_fit
from support.graded_answers import draw_answers

pytest.importorskip("mirt", reason="needs the extra stats")


def test_respondents_who_follow_the_model_are_accused_at_the_nominal_rate() -> None:
    fit = fit_graded(draw_answers(2000, 20, np.random.default_rng(1)).answers)
    found = person_fit(fit)
    assert float(np.mean(found.p_values < 0.05)) == pytest.approx(0.05, abs=0.02)
    assert float(found.statistic.std()) == pytest.approx(1.0, abs=0.1)
    assert found.share.estimate < 0.01


@pytest.mark.parametrize(
    ("items", "alone", "corrected"), [(30, 0.8, 0.35), pytest.param(60, 0.95, 0.85, marks=pytest.mark.slow)]
)
def test_random_respondents_are_found(items: int, alone: float, corrected: float) -> None:
    rng = np.random.default_rng(2)
    planted = draw_answers(1000, items, rng)
    answers = planted.answers.copy()
    answers[:50] = rng.integers(1, 6, (50, items))
    found = person_fit(fit_graded(answers))
    assert float(np.mean(found.p_values[:50] < 0.05)) > alone
    assert found.is_misfitting[:50].mean() > corrected
    assert found.is_misfitting[50:].mean() < 0.01
    assert float(np.mean(found.p_values[50:] < 0.05)) < 0.05  # random respondents flatten the model: it grows lenient
    assert found.share.estimate < 0.06


def test_too_few_answers_have_no_fit() -> None:
    planted = draw_answers(300, 8, np.random.default_rng(3))
    answers = planted.answers.copy()
    answers[0, 4:] = np.nan
    found = person_fit(fit_graded(answers))
    assert np.isnan(found.statistic[0])
    assert found.share.missing == 1
    assert found.share.n == 299
