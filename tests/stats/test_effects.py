"""Effect sizes: their formulas by hand, their intervals by planted truth, their behaviour at the edges."""

from __future__ import annotations

import math
import time
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import stats

from personae.errors import InputError
from personae.stats import Estimate, anova, cluster_cohens_d, cohens_d, eta_squared, hedges_g

A = [4.0, 5.0, 6.0, 5.0]
B = [1.0, 2.0, 3.0, 2.0, 7.0, 2.0]
VALUES = st.lists(st.integers(-40, 40).map(lambda value: value / 4), min_size=2, max_size=15)


def coverage(draw: Callable[[np.random.Generator], Estimate], truth: float, *, times: int = 4000) -> float:
    """Share of intervals that hold the truth."""
    rng = np.random.default_rng(20)
    found = [draw(rng) for _ in range(times)]
    return float(np.mean([one.low <= truth <= one.high for one in found]))


def by_hand(ddof: int, pooled: str) -> float:
    va, vb = float(np.var(A, ddof=ddof)), float(np.var(B, ddof=ddof))
    variance = (3 * va + 5 * vb) / 8 if pooled == "weighted" else (va + vb) / 2
    return (5.0 - 17 / 6) / math.sqrt(variance)


@pytest.mark.parametrize("ddof", [0, 1])
@pytest.mark.parametrize("pooled", ["weighted", "average"])
def test_d_is_the_difference_in_pooled_sds(ddof: int, pooled: str) -> None:
    found = cohens_d(A, B, ddof=ddof, pooled=pooled)  # type: ignore[arg-type]
    assert found.estimate == pytest.approx(by_hand(ddof, pooled))
    assert found.conventions == (f"ddof={ddof}", f"pooled={pooled}", "interval=noncentral_t")
    assert found.details["difference"] == pytest.approx(5.0 - 17 / 6)
    assert found.details["difference"] / found.details["pooled_sd"] == pytest.approx(found.estimate)


def test_the_population_sd_makes_d_larger_by_a_known_factor() -> None:
    population, sample = cohens_d(A, [*A[::-1], 9.0], ddof=0), cohens_d(A, [*A[::-1], 9.0], ddof=1)
    assert abs(population.estimate) > abs(sample.estimate)
    rng = np.random.default_rng(1)
    a, b = rng.normal(2, 1, 25), rng.normal(0, 1, 25)
    with_0, with_1 = cohens_d(a, b, ddof=0), cohens_d(a, b, ddof=1)
    factor = math.sqrt(25 / 24)
    assert with_0.estimate == pytest.approx(factor * with_1.estimate)
    assert (with_0.low, with_0.high) == pytest.approx((factor * with_1.low, factor * with_1.high))


def test_the_interval_of_d_inverts_the_noncentral_t() -> None:
    found = cohens_d(A, B, level=0.9)
    t = float(stats.ttest_ind(A, B).statistic)
    root = math.sqrt(1 / 4 + 1 / 6)
    assert stats.nct.sf(t, 8, found.low / root) == pytest.approx(0.05, rel=1e-6)
    assert stats.nct.cdf(t, 8, found.high / root) == pytest.approx(0.05, rel=1e-6)
    assert found.level == 0.9


def test_the_interval_leaves_0_out_exactly_where_the_t_test_is_significant() -> None:
    rng = np.random.default_rng(3)
    for _ in range(200):
        a, b = rng.normal(0.6, 1, 12), rng.normal(0, 1, 15)
        found = cohens_d(a, b)
        assert (found.low > 0 or found.high < 0) == (stats.ttest_ind(a, b).pvalue < 0.05)


@pytest.mark.parametrize(("d", "sizes"), [(0.0, (20, 30)), (0.8, (10, 10)), (3.0, (20, 30)), (15.0, (160, 160))])
def test_the_noncentral_t_interval_covers(d: float, sizes: tuple[int, int]) -> None:
    share = coverage(lambda rng: cohens_d(rng.normal(d, 1, sizes[0]), rng.normal(0, 1, sizes[1])), d)
    assert 0.93 < share < 0.97


@pytest.mark.parametrize("d", [0.0, 1.0, 3.0])
def test_bonetts_interval_covers_where_groups_spread_unequally(d: float) -> None:
    sd = math.sqrt((1 + 4) / 2)

    def draw(rng: np.random.Generator) -> Estimate:
        return cohens_d(rng.normal(d * sd, 1, 40), rng.normal(0, 2, 80), pooled="average", interval="bonett")

    assert 0.93 < coverage(draw, d) < 0.97


def test_bonetts_interval_by_its_published_formula() -> None:
    found = cohens_d(A, B, pooled="average", interval="bonett")
    va, vb = float(np.var(A, ddof=1)), float(np.var(B, ddof=1))
    mean, d = (va + vb) / 2, by_hand(1, "average")
    variance = d**2 * (va**2 / 3 + vb**2 / 5) / (8 * mean**2) + (va / 3 + vb / 5) / mean
    half = 1.959964 * math.sqrt(variance)
    assert (found.low, found.high) == pytest.approx((d - half, d + half), abs=1e-5)
    scaled = cohens_d(A, B, ddof=0, pooled="average", interval="bonett")
    assert scaled.low / scaled.estimate == pytest.approx(found.low / found.estimate)


@settings(deadline=None)
@given(VALUES, VALUES)
def test_d_changes_sign_when_the_groups_change_places(a: list[float], b: list[float]) -> None:
    forth, back = cohens_d(a, b), cohens_d(b, a)
    assert (back.n, back.missing, back.note) == (forth.n, forth.missing, forth.note)
    if math.isnan(forth.estimate):
        assert math.isnan(back.estimate)
    else:
        assert (back.estimate, back.low, back.high) == pytest.approx((-forth.estimate, -forth.high, -forth.low))


@settings(deadline=None)
@given(VALUES, VALUES, st.floats(0.1, 50), st.floats(-100, 100), st.randoms())
def test_d_knows_neither_the_unit_nor_the_origin_nor_the_order(
    a: list[float], b: list[float], unit: float, origin: float, random: object
) -> None:
    found = cohens_d(a, b)
    assume(not math.isnan(found.estimate))
    moved = cohens_d([unit * value + origin for value in reversed(a)], [unit * value + origin for value in b])
    assert (moved.estimate, moved.low, moved.high) == pytest.approx(
        (found.estimate, found.low, found.high), rel=1e-6, abs=1e-6
    )


@settings(deadline=None)
@given(
    st.lists(st.sampled_from([1.0, 2.0, 4.0, math.nan]), max_size=12),
    st.lists(st.sampled_from([1.0, 3.0, math.nan]), max_size=12),
)
def test_n_and_missing_sum_to_all_values(a: list[float], b: list[float]) -> None:
    for found in (cohens_d(a, b), hedges_g(a, b), anova(a, b)):
        assert found.n + found.missing == len(a) + len(b)
        assert math.isnan(found.estimate) == bool(found.note)


def test_missing_values_are_set_aside() -> None:
    found = cohens_d([*A, math.nan], [math.nan, *B, math.nan])
    assert (found.estimate, found.n, found.missing) == (cohens_d(A, B).estimate, 10, 3)


@pytest.mark.parametrize(
    ("a", "b", "note"),
    [
        ([1, 1, 1], [2, 2, 2], "no variation within the groups"),
        ([0.1 + 0.2, 0.3, 0.3], [1, 1], "no variation within the groups"),
        ([1], [1, 2, 3], "a group has fewer than two values"),
        ([], [], "a group has fewer than two values"),
    ],
)
def test_where_nothing_varies_there_is_no_d(a: list[float], b: list[float], note: str) -> None:
    for found in (cohens_d(a, b, level=0.9), hedges_g(a, b, level=0.9)):
        assert math.isnan(found.estimate)
        assert math.isnan(found.low)
        assert math.isnan(found.high)
        assert (found.note, found.level) == (note, 0.9)


def test_one_group_may_be_constant() -> None:
    found = cohens_d([5, 5, 5], [1, 2, 3])
    assert found.estimate == pytest.approx(3 / math.sqrt(0.5))


def test_unknown_conventions_are_refused() -> None:
    with pytest.raises(InputError, match="ddof 2"):
        cohens_d(A, B, ddof=2)
    with pytest.raises(InputError, match=r"pooled 'wieghted'.*weighted or average"):
        cohens_d(A, B, pooled="wieghted")  # type: ignore[arg-type]
    with pytest.raises(InputError, match="interval 'wald'"):
        cohens_d(A, B, interval="wald")  # type: ignore[arg-type]
    with pytest.raises(InputError, match=r"level 95 .* 0\.95"):
        cohens_d(A, B, level=95)


def test_g_is_d_times_the_exact_factor_with_the_interval_of_the_true_effect() -> None:
    d, g = cohens_d(A, B), hedges_g(A, B)
    gamma = math.gamma(4) / (math.sqrt(4) * math.gamma(3.5))
    assert g.estimate == pytest.approx(gamma * d.estimate)
    assert g.details["J"] == pytest.approx(gamma)
    assert gamma == pytest.approx(1 - 3 / (4 * 8 - 1), abs=1e-3)  # Hedges' own approximation
    assert (g.low, g.high) == (d.low, d.high)


def test_g_is_unbiased_where_d_is_not() -> None:
    rng = np.random.default_rng(7)
    pairs = [(rng.normal(1, 1, 5), rng.normal(0, 1, 5)) for _ in range(6000)]
    assert np.mean([hedges_g(a, b).estimate for a, b in pairs]) == pytest.approx(1.0, abs=0.03)
    assert np.mean([cohens_d(a, b).estimate for a, b in pairs]) > 1.06


def test_hundreds_of_small_groups_in_g_do_not_overflow() -> None:
    rng = np.random.default_rng(0)
    found = hedges_g(rng.normal(1, 1, 4000), rng.normal(0, 1, 4000))
    assert found.details["J"] == pytest.approx(1, abs=1e-3)


# Clusters


def clustered(
    rng: np.random.Generator, d: float, shared: float, clusters: int, size: int
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.int64]]:
    """Two groups whose values share a part of their variance (1 in all) with their cluster."""
    codes = np.repeat(np.arange(clusters), size)

    def group(mean: float) -> NDArray[np.float64]:
        of_cluster = rng.normal(0, math.sqrt(shared), clusters)
        return mean + of_cluster[codes] + rng.normal(0, math.sqrt(1 - shared), len(codes))

    return group(d), group(0.0), codes


@pytest.mark.parametrize("d", [0.0, 0.8, 3.0, 7.8])
@pytest.mark.parametrize("shared", [0.0, 0.3, 0.7])
def test_the_cluster_interval_covers_however_much_clusters_share(d: float, shared: float) -> None:
    def draw(rng: np.random.Generator) -> Estimate:
        a, b, codes = clustered(rng, d, shared, 16, 10)
        return cluster_cohens_d(a, b, codes, codes)

    assert 0.93 < coverage(draw, d, times=3000) < 0.97


def test_the_interval_that_takes_values_for_independent_does_not_cover() -> None:
    def draw(rng: np.random.Generator) -> Estimate:
        a, b, _ = clustered(rng, 0.8, 0.3, 16, 10)
        return cohens_d(a, b)

    assert coverage(draw, 0.8, times=1000) < 0.75


@pytest.mark.parametrize("ddof", [0, 1])
@pytest.mark.parametrize("pooled", ["weighted", "average"])
def test_the_cluster_estimate_is_that_of_all_values(ddof: int, pooled: str) -> None:
    a, b, codes = clustered(np.random.default_rng(1), 2.0, 0.3, 8, 5)
    found = cluster_cohens_d(a, b[:-3], codes, codes[:-3], ddof=ddof, pooled=pooled)  # type: ignore[arg-type]
    plain = cohens_d(a, b[:-3], ddof=ddof, pooled=pooled)  # type: ignore[arg-type]
    assert (found.estimate, found.n) == (plain.estimate, plain.n)
    assert (found.details["clusters_first"], found.details["clusters_second"]) == (8, 8)
    assert found.conventions == (f"ddof={ddof}", f"pooled={pooled}", "interval=cluster_jackknife")


def test_bias_and_error_are_those_of_leaving_out_each_cluster() -> None:
    a, b, codes = clustered(np.random.default_rng(2), 1.0, 0.5, 6, 4)
    found = cluster_cohens_d(a, b, codes, codes)
    d = cohens_d(a, b).estimate
    less_a = np.array([cohens_d(a[codes != code], b).estimate for code in range(6)])
    less_b = np.array([cohens_d(a, b[codes != code]).estimate for code in range(6)])
    bias = 5 * (less_a.mean() - d) + 5 * (less_b.mean() - d)
    error = math.sqrt(5 / 6 * sum(float(((less - less.mean()) ** 2).sum()) for less in (less_a, less_b)))
    assert found.details["bias"] == pytest.approx(bias)
    assert found.details["standard_error"] == pytest.approx(error)
    assert (found.low + found.high) / 2 == pytest.approx(d - bias)
    assert 2 < found.details["df"] <= 10


def test_clusters_are_labels_of_any_kind_in_any_order() -> None:
    a, b, codes = clustered(np.random.default_rng(3), 1.0, 0.5, 6, 4)
    expected = cluster_cohens_d(a, b, codes, codes)
    names = [f"prompt {code}" for code in codes]
    order = np.random.default_rng(4).permutation(len(a))
    shuffled = cluster_cohens_d(a[order], b, [names[place] for place in order], np.array(names))
    assert (shuffled.estimate, shuffled.low, shuffled.high) == pytest.approx(
        (expected.estimate, expected.low, expected.high)
    )


def test_values_far_from_0_lose_no_digits() -> None:
    a, b, codes = clustered(np.random.default_rng(5), 1.0, 0.5, 6, 4)
    near, far = cluster_cohens_d(a, b, codes, codes), cluster_cohens_d(a + 1e6, b + 1e6, codes, codes)
    assert (far.low, far.high) == pytest.approx((near.low, near.high), rel=1e-6)


def test_missing_values_leave_their_cluster() -> None:
    a, b, codes = clustered(np.random.default_rng(6), 1.0, 0.5, 5, 4)
    a[codes == 0] = np.nan
    b[3] = np.nan
    found = cluster_cohens_d(a, b, codes, codes)
    assert (found.n, found.missing, found.details["clusters_first"]) == (35, 5, 4)


@pytest.mark.parametrize(
    ("a", "b", "clusters", "note"),
    [
        ([1, 2, 3, 4], [3, 4, 5, 6], "uuvv", "fewer than three clusters"),
        ([1, 1, 1, 1], [2, 2, 2, 2], "uvwx", "no variation within the groups"),
        ([1, 1, 1, 5], [2, 2, 2, 2], "uvwx", "but for one cluster"),
        ([], [], "", "fewer than two values"),
    ],
)
def test_where_clusters_do_not_suffice_there_is_no_interval(
    a: list[float], b: list[float], clusters: str, note: str
) -> None:
    found = cluster_cohens_d(a, b, list(clusters), list(clusters))
    assert math.isnan(found.estimate)
    assert math.isnan(found.low)
    assert note in found.note


def test_320_values_in_32_clusters_are_quick() -> None:
    a, b, codes = clustered(np.random.default_rng(8), 7.0, 0.3, 16, 10)
    cluster_cohens_d(a, b, codes, codes)
    start = time.process_time()
    for _ in range(10):
        cluster_cohens_d(a, b, codes, codes)
    assert (time.process_time() - start) / 10 < 0.25  # measured: 0.002


# Eta squared


def test_eta_squared_is_the_share_between_groups() -> None:
    groups = [np.array(A), np.array(B), np.array([0.0, 1.0, 5.0])]
    everything = np.concatenate(groups)
    between = sum(len(group) * (group.mean() - everything.mean()) ** 2 for group in groups)
    found = anova(*groups)
    assert found.estimate == pytest.approx(between / ((everything - everything.mean()) ** 2).sum())
    assert found.statistic is not None
    alone = eta_squared(found.statistic, 2, len(everything) - 3)
    assert (alone.estimate, alone.low, alone.high) == pytest.approx((found.estimate, found.low, found.high))


@pytest.mark.parametrize(
    "means", [(0.0, 0.3, 0.6), (0.0, 1.0, 2.0), pytest.param((0.0, 5.0, 20.0), marks=pytest.mark.slow)]
)
def test_the_interval_of_eta_squared_covers(means: tuple[float, ...]) -> None:
    size = 20
    noncentrality = size * float(((np.array(means) - np.mean(means)) ** 2).sum())
    truth = noncentrality / (noncentrality + size * len(means))
    share = coverage(lambda rng: anova(*(rng.normal(mean, 1, size) for mean in means)), truth, times=2000)
    assert 0.93 < share < 0.97


def test_without_any_effect_the_interval_of_eta_squared_begins_at_0_as_often_as_it_may() -> None:
    rng = np.random.default_rng(9)
    found = [anova(rng.normal(0, 1, 15), rng.normal(0, 1, 15)) for _ in range(2000)]
    assert np.mean([one.low == 0 for one in found]) == pytest.approx(0.975, abs=0.012)


@given(
    f=st.floats(0, 1e6, allow_subnormal=True),
    df1=st.integers(1, 40),
    df2=st.integers(1, 2000),
    level=st.sampled_from([0.8, 0.9, 0.95, 0.99]),
)
@settings(max_examples=150, deadline=None)
def test_eta_squared_and_its_interval_agree_or_the_note_says_why_not(
    f: float, df1: int, df2: int, level: float
) -> None:
    found = eta_squared(f, df1, df2, level=level)
    assert 0 <= found.low <= found.high <= 1
    inside = found.low <= found.estimate <= found.high
    assert bool(found.note) != inside
    if not inside:
        assert f"{found.details['epsilon_squared']:.3g}" in found.note
    epsilon, omega = found.details["epsilon_squared"], found.details["omega_squared"]
    assert epsilon <= found.estimate and abs(omega) <= abs(epsilon)


def test_with_an_f_below_1_the_share_of_the_sample_is_above_the_interval_of_the_population() -> None:
    rng = np.random.default_rng(3)
    found = [anova(*(rng.normal(0, 1, 6) for _ in range(5))) for _ in range(400)]
    outside = [one for one in found if one.estimate > one.high]
    assert outside and all("above the interval" in one.note for one in outside)
    assert all(not one.note for one in found if one.low <= one.estimate <= one.high)


def test_epsilon_squared_is_the_unbiased_one_and_eta_squared_is_not() -> None:
    """Five groups of six whose means differ by .6 SD: the population's share is known, as groups are fixed."""
    means = np.array([0.0, 0.0, 0.3, 0.6, 0.6])
    truth = means.var() / (1 + means.var())
    rng = np.random.default_rng(4)
    found = [anova(*(rng.normal(mean, 1, 6) for mean in means)) for _ in range(6000)]
    assert np.mean([one.details["epsilon_squared"] for one in found]) == pytest.approx(truth, abs=0.008)
    assert np.mean([one.details["omega_squared"] for one in found]) == pytest.approx(truth, abs=0.012)
    assert np.mean([one.estimate for one in found]) > truth + 0.1


def test_an_f_that_is_none_is_refused() -> None:
    for f, df1, df2 in ((-1.0, 1, 30), (math.nan, 1, 30), (1.0, 0, 30), (1.0, 1, 0)):
        with pytest.raises(InputError, match="no analysis of variance"):
            eta_squared(f, df1, df2)


@pytest.mark.oracle
@pytest.mark.filterwarnings("ignore")
def test_d_and_g_agree_with_pingouin() -> None:
    pingouin = pytest.importorskip("pingouin")
    assert cohens_d(A, B).estimate == pytest.approx(pingouin.compute_effsize(A, B, eftype="cohen"))
    # Pingouin takes Hedges' approximation of J.
    assert hedges_g(A, B).estimate == pytest.approx(pingouin.compute_effsize(A, B, eftype="hedges"), rel=2e-3)
