"""Agreement of raters: formulas by hand and by independent implementations, intervals by planted truth."""

from __future__ import annotations

import math
from itertools import permutations
from typing import Literal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from personae.errors import InputError
from personae.stats import cohen_kappa, fleiss_kappa, krippendorff_alpha, majority_vote

Floats = NDArray[np.float64]
MEASURES: tuple[Literal["nominal", "ordinal", "interval"], ...] = ("nominal", "ordinal", "interval")


def ratings(rng: np.random.Generator, units: int, raters: int = 3, signal: float = 0.8) -> Floats:
    """Ratings from 1 to 5 of units that differ, by raters who err."""
    latent = rng.normal(size=units)[:, None] * signal + rng.normal(size=(units, raters)) * 0.6
    return np.clip(np.round(3 + 1.2 * latent), 1, 5)


def as_counts(rated: Floats) -> Floats:
    counts: Floats = (rated[:, :, None] == np.arange(1, 6)).sum(axis=1).astype(np.float64)
    return counts


@pytest.mark.parametrize(
    ("votes", "winner"),
    [
        (["a", "b", "a"], "a"),
        (["a", "b"], None),
        (["a", "b", "a", "b", "c"], None),
        (["a"], "a"),
        ([], None),
        ([True, False, True], True),
        (["a", "a", "b", "b", "c", "c", "c"], "c"),
    ],
)
def test_a_majority_is_more_than_any_other_and_a_tie_is_nobody(votes: list[str], winner: str | None) -> None:
    for order in list(permutations(votes))[:50]:
        assert majority_vote(order) == winner


def test_kappa_by_hand() -> None:
    first, second = list("aaaabbbbcc"), list("aaabbbbacc")
    observed, expected = 0.8, 0.4 * 0.4 + 0.4 * 0.4 + 0.2 * 0.2
    found = cohen_kappa(first, second)
    assert found.estimate == pytest.approx((observed - expected) / (1 - expected))
    assert (found.n, found.missing) == (10, 0)
    assert -1 <= found.low < found.estimate < found.high <= 1


def test_what_a_rater_left_open_is_set_aside() -> None:
    found = cohen_kappa(["a", None, "b", "a", "b"], ["a", "b", "b", None, "a"])
    assert (found.n, found.missing) == (3, 2)


def test_fleiss_by_the_example_of_1971() -> None:
    """Ten subjects, fourteen raters, five categories; the value that the literature reports for it is .210."""
    counts = [
        [0, 0, 0, 0, 14],
        [0, 2, 6, 4, 2],
        [0, 0, 3, 5, 6],
        [0, 3, 9, 2, 0],
        [2, 2, 8, 1, 1],
        [7, 7, 0, 0, 0],
        [3, 2, 6, 3, 0],
        [2, 5, 3, 2, 2],
        [6, 5, 2, 1, 0],
        [0, 2, 2, 3, 7],
    ]
    assert fleiss_kappa(counts).estimate == pytest.approx(0.210, abs=5e-4)


def test_two_raters_have_nearly_one_kappa_by_either_way() -> None:
    rated = ratings(np.random.default_rng(0), 400, raters=2)
    cohen = cohen_kappa(rated[:, 0].tolist(), rated[:, 1].tolist()).estimate
    assert fleiss_kappa(as_counts(rated)).estimate == pytest.approx(cohen, abs=0.01)


@pytest.mark.oracle
def test_kappas_are_those_of_statsmodels() -> None:
    inter_rater = pytest.importorskip("statsmodels.stats.inter_rater")
    rated = ratings(np.random.default_rng(1), 60)
    table, _ = inter_rater.to_table(rated[:, :2].astype(int) - 1)
    cohen = cohen_kappa(rated[:, 0].tolist(), rated[:, 1].tolist())
    assert cohen.estimate == pytest.approx(inter_rater.cohens_kappa(table).kappa)
    assert fleiss_kappa(as_counts(rated)).estimate == pytest.approx(inter_rater.fleiss_kappa(as_counts(rated)))


@pytest.mark.oracle
@pytest.mark.parametrize("measure", MEASURES)
def test_alpha_is_that_of_the_krippendorff_package(measure: Literal["nominal", "ordinal", "interval"]) -> None:
    krippendorff = pytest.importorskip("krippendorff")
    rng = np.random.default_rng(2)
    rated = ratings(rng, 40, raters=4)
    rated[rng.random(rated.shape) < 0.2] = np.nan
    expected = krippendorff.alpha(reliability_data=rated.T, level_of_measurement=measure)
    assert krippendorff_alpha(rated, measure=measure).estimate == pytest.approx(expected)


@pytest.mark.slow
@pytest.mark.parametrize("measure", MEASURES)
@pytest.mark.parametrize("signal", [0.2, 0.8])
def test_the_interval_of_alpha_covers(measure: Literal["nominal", "ordinal", "interval"], signal: float) -> None:
    rng = np.random.default_rng(3)
    truth = krippendorff_alpha(ratings(rng, 30_000, signal=signal)[:30_000], measure=measure).estimate
    held = 0
    for _ in range(3000):
        found = krippendorff_alpha(ratings(rng, 96, signal=signal), measure=measure)
        held += found.low <= truth <= found.high
    assert 0.93 < held / 3000 < 0.97


@pytest.mark.slow
@pytest.mark.parametrize("signal", [0.4, 0.8])
def test_the_intervals_of_the_kappas_cover(signal: float) -> None:
    rng = np.random.default_rng(4)
    many = ratings(rng, 30_000, raters=5, signal=signal)
    true_cohen = cohen_kappa(many[:10_000, 0].tolist(), many[:10_000, 1].tolist())
    true_fleiss = fleiss_kappa(as_counts(many[:10_000]))
    cohen = fleiss = 0
    for _ in range(3000):
        rated = ratings(rng, 80, raters=5, signal=signal)
        one = cohen_kappa(rated[:, 0].tolist(), rated[:, 1].tolist())
        cohen += one.low <= true_cohen.estimate <= one.high
        other = fleiss_kappa(as_counts(rated))
        fleiss += other.low <= true_fleiss.estimate <= other.high
    assert 0.925 < cohen / 3000 < 0.97
    assert 0.925 < fleiss / 3000 < 0.97


def test_perfect_agreement_is_1() -> None:
    rated = np.repeat(np.array([1.0, 2.0, 3.0, 2.0, 5.0])[:, None], 3, axis=1)
    for found in (
        krippendorff_alpha(rated),
        fleiss_kappa(as_counts(rated)),
        cohen_kappa(rated[:, 0].tolist(), rated[:, 1].tolist()),
    ):
        assert found.estimate == found.high == pytest.approx(1.0)


def test_disagreement_by_system_is_below_0() -> None:
    rated = np.array([[1.0, 5.0], [5.0, 1.0]] * 20)
    assert krippendorff_alpha(rated).estimate < 0
    assert cohen_kappa(rated[:, 0].tolist(), rated[:, 1].tolist()).estimate == pytest.approx(-1.0)


def test_the_measures_differ_in_how_far_apart_values_are() -> None:
    near, far = np.array([[1.0, 2.0], [4.0, 5.0], [3.0, 3.0]] * 10), np.array([[1.0, 5.0], [4.0, 1.0], [3.0, 3.0]] * 10)
    assert krippendorff_alpha(near).estimate == pytest.approx(
        krippendorff_alpha(np.array([[1.0, 2.0], [4.0, 5.0], [3.0, 3.0]] * 10) ** 3).estimate
    )
    assert krippendorff_alpha(near, measure="interval").estimate > 0.8
    assert krippendorff_alpha(far, measure="interval").estimate < 0.2


def test_units_with_one_rating_are_set_aside_and_counted() -> None:
    rated = ratings(np.random.default_rng(5), 20)
    holed = rated.copy()
    holed[0] = np.nan
    holed[1, 1:] = np.nan
    found = krippendorff_alpha(holed)
    assert (found.n, found.missing) == (18, 2)
    assert found.estimate == pytest.approx(krippendorff_alpha(rated[2:]).estimate)


@given(st.integers(0, 10_000))
def test_the_order_of_units_and_of_raters_changes_nothing(seed: int) -> None:
    rng = np.random.default_rng(seed)
    rated = ratings(rng, 15)
    moved = rated[rng.permutation(15)][:, rng.permutation(3)]
    for measure in MEASURES:
        one, other = krippendorff_alpha(rated, measure=measure), krippendorff_alpha(moved, measure=measure)
        assert one.estimate == pytest.approx(other.estimate)
        assert one.low == pytest.approx(other.low)


def test_one_category_only_has_no_agreement_beyond_chance() -> None:
    for found in (
        krippendorff_alpha(np.ones((5, 3))),
        fleiss_kappa(np.column_stack([np.full(5, 3.0), np.zeros(5)])),
        cohen_kappa(["a"] * 5, ["a"] * 5),
    ):
        assert math.isnan(found.estimate)
        assert "one" in found.note


@pytest.mark.parametrize("units", [0, 1, 2])
def test_too_few_units_are_said_so(units: int) -> None:
    rated = ratings(np.random.default_rng(6), 5)[:units]
    for found in (krippendorff_alpha(rated), cohen_kappa(["a", "b"][:units], ["b", "a"][:units])):
        assert math.isnan(found.estimate)
        assert "three units" in found.note


def test_a_category_that_only_one_unit_brings_leaves_no_interval_but_an_estimate() -> None:
    found = cohen_kappa(["a", "a", "a", "a", "b"], ["a", "a", "a", "a", "b"])
    assert found.estimate == pytest.approx(1.0)
    assert math.isnan(found.low)
    assert "without one unit" in found.note


def test_unequal_numbers_are_refused() -> None:
    with pytest.raises(InputError, match="2 ratings are paired with 3"):
        cohen_kappa(["a", "b"], ["a", "b", "c"])
    with pytest.raises(InputError, match="number of raters"):
        fleiss_kappa([[3, 0], [2, 0], [1, 1]])


def test_nan_is_left_open_as_none_is() -> None:
    with_nan = cohen_kappa([1.0, math.nan, 2.0, 1.0, 2.0], [1.0, 1.0, 2.0, 2.0, math.nan])
    assert (with_nan.n, with_nan.missing) == (3, 2)
    assert with_nan.estimate == cohen_kappa([1.0, 2.0, 1.0], [1.0, 2.0, 2.0]).estimate


@pytest.mark.parametrize("counts", [[], [[4, -1], [0, 3], [2, 1]], [[3, 0], [math.nan, 3], [2, 1]]])
def test_what_is_no_table_of_counts_is_refused(counts: list[list[float]]) -> None:
    with pytest.raises(InputError, match="no count"):
        fleiss_kappa(counts)


def test_an_unknown_measure_is_refused_and_so_is_a_single_row_of_ratings() -> None:
    with pytest.raises(InputError, match="measure"):
        krippendorff_alpha([[1, 1], [2, 2], [3, 1]], measure="ordnal")  # type: ignore[arg-type]
    with pytest.raises(InputError, match="no matrix"):
        krippendorff_alpha([1, 2, 3])
