"""Reliability: formulas by hand and by independent implementations, intervals by planted truth."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from personae.errors import InputError
from personae.stats import (
    Estimate,
    cronbach_alpha,
    guttman_lambda6,
    item_total,
    mcdonald_omega,
    pooled_within_sd,
    split_half,
)

Floats = NDArray[np.float64]

LOADINGS = np.array([0.8, 0.7, 0.6, 0.5, 0.75, 0.65, 0.55, 0.7])
ITEMS = len(LOADINGS)


def population_covariance() -> Floats:
    covariance = np.outer(LOADINGS, LOADINGS)
    np.fill_diagonal(covariance, 1.0)
    return covariance


def true_values() -> dict[str, float]:
    """What the four coefficients are in the population."""
    covariance, total = population_covariance(), float(population_covariance().sum())
    halves = []
    for chosen in combinations(range(1, ITEMS), ITEMS // 2 - 1):
        half = np.zeros(ITEMS)
        half[[0, *chosen]] = 1
        other = 1 - half
        r = (half @ covariance @ other) / math.sqrt((half @ covariance @ half) * (other @ covariance @ other))
        halves.append(2 * r / (1 + r))
    return {
        "alpha": ITEMS / (ITEMS - 1) * (1 - ITEMS / total),
        "omega": float(LOADINGS.sum() ** 2 / total),
        "split_half": float(np.mean(halves)),
        "lambda6": 1 - float((1 / np.diag(np.linalg.inv(covariance))).sum()) / total,
    }


def respondents(
    rng: np.random.Generator, n: int, clusters: int = 0, shared: float = 0.5
) -> tuple[Floats, NDArray[np.int64]]:
    """Answers of n respondents; with clusters, half of the variance of the trait is shared within them."""
    codes = np.repeat(np.arange(clusters), n // clusters) if clusters else np.arange(n)
    trait = rng.normal(size=n)
    if clusters:
        trait = math.sqrt(shared) * rng.normal(size=clusters)[codes] + math.sqrt(1 - shared) * trait
    return trait[:, None] * LOADINGS + rng.normal(size=(n, ITEMS)) * np.sqrt(1 - LOADINGS**2), codes


COEFFICIENTS: dict[str, Callable[[Floats, object, np.random.Generator], Estimate]] = {
    "alpha": lambda rows, clusters, _: cronbach_alpha(rows, clusters=clusters),  # type: ignore[arg-type]
    "omega": lambda rows, clusters, _: mcdonald_omega(rows, clusters=clusters),  # type: ignore[arg-type]
    "split_half": lambda rows, clusters, rng: split_half(rows, rng=rng, clusters=clusters),  # type: ignore[arg-type]
    "lambda6": lambda rows, clusters, _: guttman_lambda6(rows, clusters=clusters),  # type: ignore[arg-type]
}


@pytest.mark.slow
@pytest.mark.parametrize("name", COEFFICIENTS)
@pytest.mark.parametrize(("n", "clusters"), [(100, 0), (320, 32)])
def test_intervals_cover_the_population_value(name: str, n: int, clusters: int) -> None:
    truth, rng, times = true_values()[name], np.random.default_rng(5), 2000
    held = 0
    for _ in range(times):
        rows, codes = respondents(rng, n, clusters)
        found = COEFFICIENTS[name](rows, codes if clusters else None, rng)
        held += found.low <= truth <= found.high
    assert 0.93 < held / times < 0.97


@pytest.mark.parametrize("name", COEFFICIENTS)
def test_large_samples_give_the_population_value(name: str) -> None:
    rng = np.random.default_rng(1)
    rows, _ = respondents(rng, 20_000)
    found = COEFFICIENTS[name](rows[:4000], None, rng)
    assert found.estimate == pytest.approx(true_values()[name], abs=0.02)
    assert found.low < found.high < 1
    assert found.high - found.low < 0.03
    assert (found.n, found.missing) == (4000, 0)


def test_alpha_by_hand() -> None:
    rows = np.array([[1.0, 2.0, 1.0], [2.0, 2.0, 3.0], [4.0, 5.0, 4.0], [5.0, 4.0, 5.0]])
    by_hand = 1.5 * (1 - rows.var(axis=0, ddof=1).sum() / rows.sum(axis=1).var(ddof=1))
    assert cronbach_alpha(rows).estimate == pytest.approx(by_hand)


def test_omega_of_equal_loadings_is_alpha() -> None:
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(5000, 1)) * 0.7 + rng.normal(size=(5000, 6)) * math.sqrt(0.51)
    assert mcdonald_omega(rows).estimate == pytest.approx(cronbach_alpha(rows).estimate, abs=0.003)


def test_omega_is_not_below_alpha_where_loadings_differ() -> None:
    rows, _ = respondents(np.random.default_rng(3), 2000)
    assert mcdonald_omega(rows).estimate > cronbach_alpha(rows).estimate


def test_split_half_of_two_items_is_their_correlation_stepped_up() -> None:
    rng = np.random.default_rng(4)
    rows = rng.normal(size=(60, 1)) + rng.normal(size=(60, 2))
    r = float(np.corrcoef(rows[:, 0], rows[:, 1])[0, 1])
    assert split_half(rows, rng=rng).estimate == pytest.approx(2 * r / (1 + r))


def test_lambda6_by_regression() -> None:
    rng = np.random.default_rng(6)
    rows, _ = respondents(rng, 80)
    centred = rows - rows.mean(axis=0)
    left = 0.0
    for item in range(ITEMS):
        others = np.delete(centred, item, axis=1)
        fitted = others @ np.linalg.lstsq(others, centred[:, item], rcond=None)[0]
        left += float(((centred[:, item] - fitted) ** 2).sum())
    by_hand = 1 - left / float((centred.sum(axis=1) ** 2).sum())
    assert guttman_lambda6(rows).estimate == pytest.approx(by_hand)


def test_item_total_leaves_the_item_out_of_the_total() -> None:
    rows, _ = respondents(np.random.default_rng(7), 50)
    found = item_total(rows)
    assert len(found) == ITEMS
    for item, one in enumerate(found):
        rest = np.delete(rows, item, axis=1).sum(axis=1)
        assert one.estimate == pytest.approx(np.corrcoef(rows[:, item], rest)[0, 1])
        assert one.low < one.estimate < one.high


@pytest.mark.oracle
def test_alpha_and_its_interval_are_those_of_pingouin() -> None:
    pingouin = pytest.importorskip("pingouin")
    import pandas as pd

    rows, _ = respondents(np.random.default_rng(8), 60)
    alpha, (low, high) = pingouin.cronbach_alpha(pd.DataFrame(rows))
    found = cronbach_alpha(rows)
    assert found.estimate == pytest.approx(alpha)
    assert (found.low, found.high) == pytest.approx((low, high), abs=6e-4)  # pingouin rounds to three digits


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.floats(-5, 5))
def test_shifting_items_and_reordering_anything_changes_nothing(seed: int, shift: float) -> None:
    rng = np.random.default_rng(seed)
    rows, _ = respondents(rng, 30)
    moved = (rows + shift * np.arange(ITEMS))[rng.permutation(30)][:, rng.permutation(ITEMS)]
    for one in (cronbach_alpha, mcdonald_omega, guttman_lambda6):
        assert one(moved).estimate == pytest.approx(one(rows).estimate, abs=1e-6)
        assert one(moved).low == pytest.approx(one(rows).low, abs=1e-5)


def test_rows_that_miss_an_answer_are_set_aside_and_counted_and_take_their_cluster_along() -> None:
    rng = np.random.default_rng(9)
    rows, codes = respondents(rng, 60, 12)
    holed = rows.copy()
    holed[[0, 7], [1, 2]] = np.nan
    kept = np.delete(rows, [0, 7], axis=0)
    for clusters, left in ((None, None), (codes, np.delete(codes, [0, 7]))):
        found, expected = cronbach_alpha(holed, clusters=clusters), cronbach_alpha(kept, clusters=left)
        assert (found.n, found.missing) == (58, 2)
        assert (found.estimate, found.low, found.high) == (expected.estimate, expected.low, expected.high)


def test_clusters_widen_the_interval_and_are_named() -> None:
    rows, codes = respondents(np.random.default_rng(10), 320, 16, shared=0.9)
    alone, together = cronbach_alpha(rows), cronbach_alpha(rows, clusters=codes)
    assert together.estimate == alone.estimate
    assert together.high - together.low > alone.high - alone.low
    assert "16 clusters" in together.method


@pytest.mark.parametrize(
    ("rows", "note"),
    [
        (np.ones((10, 3)), "same score"),
        (np.column_stack([np.arange(10.0), np.arange(10.0)[::-1], np.ones(10)]), "same score"),
        (np.column_stack([np.arange(10.0), np.arange(10.0) ** 2, np.ones(10)]), "answered alike by everyone"),
        (np.arange(10.0)[:, None], "single item"),
        (np.array([[1.0, 2.0, 3.0], [2.0, 1.0, 3.0]]), "fewer than three respondents"),
        (np.full((5, 3), np.nan), "fewer than three respondents"),
    ],
)
def test_what_has_no_reliability_is_nan_with_a_note(rows: Floats, note: str) -> None:
    rng = np.random.default_rng(0)
    for one in COEFFICIENTS.values():
        found = one(rows, None, rng)
        assert math.isnan(found.estimate)
        assert math.isnan(found.low)
        assert note in found.note


def test_two_items_have_no_omega() -> None:
    rows = np.random.default_rng(0).normal(size=(30, 2))
    assert "three items" in mcdonald_omega(rows).note


def test_a_heywood_case_is_noted() -> None:
    rng = np.random.default_rng(1)
    trait = rng.normal(size=400)
    rows = np.column_stack([trait, trait * 0.3 + rng.normal(size=400), trait * 0.3 + rng.normal(size=400)])
    assert "Heywood" in mcdonald_omega(rows).note


def test_fewer_than_three_clusters_have_no_interval_and_say_so() -> None:
    rows, _ = respondents(np.random.default_rng(2), 20)
    assert "three clusters" in cronbach_alpha(rows, clusters=["a", "b"] * 10).note


def test_one_cluster_for_each_respondent_is_wanted() -> None:
    with pytest.raises(InputError, match="10 values have 3 clusters"):
        cronbach_alpha(np.zeros((10, 3)), clusters=[1, 2, 3])


def test_a_vector_is_no_matrix() -> None:
    with pytest.raises(InputError, match="no matrix"):
        cronbach_alpha([1.0, 2.0, 3.0])


def test_perfect_agreement_of_items_is_reliability_1() -> None:
    column = np.random.default_rng(3).normal(size=20)
    found = cronbach_alpha(np.column_stack([column] * 4))
    assert found.estimate == pytest.approx(1.0)
    assert found.high == pytest.approx(1.0)


def test_omega_of_a_whole_study_takes_far_less_than_a_second() -> None:
    rows, codes = respondents(np.random.default_rng(4), 320, 32)
    noise = np.random.default_rng(5).normal(size=(320, 10))
    started = time.process_time()
    mcdonald_omega(rows, clusters=codes)
    mcdonald_omega(noise)  # the hard case: nothing in common
    assert time.process_time() - started < 2


def test_the_noise_floor_is_the_sd_within_clusters() -> None:
    values, clusters = [1.0, 3.0, 10.0, 14.0, 5.0], ["a", "a", "b", "b", "c"]
    found = pooled_within_sd(values, clusters)
    assert found.estimate == pytest.approx(math.sqrt((2 + 8) / 2))
    assert found.low < found.estimate < found.high
    assert math.isnan(pooled_within_sd([1.0, 2.0], ["a", "b"]).estimate)


def test_the_noise_floor_covers() -> None:
    rng, held = np.random.default_rng(6), 0
    clusters = np.repeat(np.arange(10), 4)
    for _ in range(3000):
        found = pooled_within_sd(rng.normal(size=10)[clusters] + rng.normal(0, 0.5, 40), clusters)
        held += found.low <= 0.5 <= found.high
    assert 0.93 < held / 3000 < 0.97


def test_lambda_6_has_no_value_where_items_determine_each_other() -> None:
    answers = np.random.default_rng(8).normal(size=(50, 1)) + np.random.default_rng(9).normal(size=(50, 6))
    for rows in (np.column_stack([answers, answers[:, 0]]), answers[:5]):  # a duplicate; fewer rows than items
        found = guttman_lambda6(rows)
        assert math.isnan(found.estimate)
        assert "determine" in found.note


def test_halves_that_are_never_drawn_are_refused() -> None:
    with pytest.raises(InputError, match="splits"):
        split_half(np.eye(4), rng=np.random.default_rng(0), splits=0)


@pytest.mark.parametrize("estimator", [cronbach_alpha, mcdonald_omega, guttman_lambda6])
def test_a_level_that_is_none_is_refused(estimator: Callable[..., Estimate]) -> None:
    with pytest.raises(InputError, match="level"):
        estimator(np.random.default_rng(0).normal(size=(20, 4)), level=95)
