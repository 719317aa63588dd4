"""Calibration and discrimination on planted truth."""

from __future__ import annotations

import math

import numpy as np
import pytest

from personae.stats import bootstrap, brier_score, calibration_error, discrimination


def test_a_calibrated_forecaster_has_no_error_and_the_brier_score_of_its_spread() -> None:
    rng = np.random.default_rng(1)
    p = rng.uniform(0.01, 1, 100_000)
    hit = rng.uniform(size=len(p)) < p
    assert calibration_error(p, hit) < 0.012
    assert brier_score(p, hit) == pytest.approx(1 / 6, abs=0.004)


def test_a_shift_of_confidence_is_the_error() -> None:
    rng = np.random.default_rng(2)
    p = rng.uniform(0.3, 0.7, 50_000)
    hit = rng.uniform(size=len(p)) < p - 0.2
    assert calibration_error(p, hit) == pytest.approx(0.2, abs=0.01)


def test_discrimination_is_the_share_of_pairs_in_order() -> None:
    rng = np.random.default_rng(3)
    hit = rng.uniform(size=300) < 0.4
    scores = rng.normal(size=300) + hit
    pairs = [float(a > b) + 0.5 * float(a == b) for a in scores[hit] for b in scores[~hit]]
    assert discrimination(scores, hit) == pytest.approx(np.mean(pairs))
    assert discrimination(-scores, hit) == pytest.approx(1 - np.mean(pairs))


def test_one_kind_of_case_discriminates_nothing() -> None:
    assert math.isnan(discrimination([0.1, 0.9], [1, 1]))
    assert math.isnan(discrimination([], []))


def test_they_go_into_the_bootstrap() -> None:
    rng = np.random.default_rng(4)
    p = rng.uniform(size=200)
    rows = np.column_stack([p, rng.uniform(size=200) < p])
    found = bootstrap(lambda x: brier_score(x[:, 0], x[:, 1]), rows, rng=rng, resamples=200)
    assert found.low < found.estimate < found.high
