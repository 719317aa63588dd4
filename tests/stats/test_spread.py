"""Spread of groups on planted truth, and against SciPy."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats as scipy_stats

from personae.stats import levene, variance_change


@pytest.mark.parametrize("center", ["median", "mean"])
def test_levene_is_that_of_scipy(center: str) -> None:
    rng = np.random.default_rng(0)
    groups = [rng.normal(size=40) * scale for scale in (1, 1.5, 2)]
    expected = scipy_stats.levene(*groups, center=center)
    found = levene(*groups, center=center)  # type: ignore[arg-type]
    assert found.statistic == pytest.approx(expected.statistic)
    assert found.p_value == pytest.approx(expected.pvalue)
    assert f"center={center}" in found.conventions


def test_levene_holds_its_level() -> None:
    rng = np.random.default_rng(1)
    p = [levene(rng.normal(size=30), rng.normal(size=30)).p_value for _ in range(400)]
    assert 0.02 < np.mean([one is not None and one < 0.05 for one in p]) < 0.09


def test_a_planted_change_of_variance_is_found_and_covered() -> None:
    rng = np.random.default_rng(2)
    covered = 0
    for _ in range(60):
        found = variance_change(rng.normal(size=80), 2 * rng.normal(size=80), rng=rng, resamples=200)
        covered += found.low <= -0.75 <= found.high
    assert covered >= 48


def test_variance_within_clusters_leaves_their_differences_out() -> None:
    rng = np.random.default_rng(3)
    models = np.repeat(np.arange(6), 27)
    level = rng.normal(0, 5, 6)[models]
    before, after = level + rng.normal(0, 2, 162), level + rng.normal(0, 1, 162)
    pooled = variance_change(after, before, rng=rng, after_clusters=models, before_clusters=models, resamples=100)
    within = variance_change(
        after, before, rng=rng, after_clusters=models, before_clusters=models, within=True, resamples=100
    )
    assert within.estimate == pytest.approx(-0.75, abs=0.1)
    assert pooled.estimate > -0.4


def test_too_few_values_change_nothing() -> None:
    assert np.isnan(variance_change([1.0], [1.0, 2.0], rng=np.random.default_rng(0)).estimate)
