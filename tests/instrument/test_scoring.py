"""From answers to scores: by hand, and by what must hold whatever the answers are."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from personae.instrument import (
    Convention,
    Instrument,
    Licence,
    Matrix,
    Option,
    Scale,
    answer_matrix,
    keyed_items,
    load_instrument,
    scale_of_trait,
    score_scale,
    score_traits,
)
from support.questionnaires import small_instrument

NAN = np.nan
SMALL = small_instrument()  # loudness: 1, 2 reversed; stability: 3, 4 reversed; answers from 1 to 5
FROM_ZERO = small_instrument(first=0)
BFI = load_instrument("bfi-44")


def convention(**choices: Any) -> Convention:
    return Convention(**choices)


def rows(*answers: list[float]) -> Matrix:
    return np.array(answers, dtype=float)


def wide(count: int, *, first: int = 1, most: int = 5, reverse: tuple[str, ...] = ()) -> Instrument:
    """An instrument with one scale of many items."""
    items = {str(number): f"item {number}" for number in range(1, count + 1)}
    return Instrument(
        key="wide",
        version="1",
        title="Wide",
        citation="",
        language="en",
        licence=Licence(name="CC0-1.0", is_commercial_use_free=True),
        options=tuple(Option(value=value, label=f"degree {value}") for value in range(first, most + 1)),
        items=items,
        scales=(Scale(key="all", title="All", items=tuple(items), reverse=reverse, trait="big_five.openness"),),
    )


# By hand.


def test_reverse_keyed_answers_are_mirrored_within_the_range() -> None:
    answers = rows([1, 2, 3, 4], [5, 5, 5, 5])
    assert keyed_items(answers, SMALL, SMALL.scale("loudness")).tolist() == [[1, 4], [5, 1]]
    assert keyed_items(answers, SMALL, SMALL.scale("stability")).tolist() == [[3, 2], [5, 1]]


def test_the_reverse_constant_is_lowest_plus_highest() -> None:
    scale = FROM_ZERO.scale("loudness")
    assert keyed_items(rows([0, 0, 0, 0], [4, 1, 0, 0]), FROM_ZERO, scale).tolist() == [[0, 4], [4, 3]]
    signed = small_instrument(first=-2)
    assert keyed_items(rows([-2, -2, 0, 0]), signed, signed.scale("loudness")).tolist() == [[-2, 2]]


def test_mean_and_sum() -> None:
    answers = rows([5, 1, 3, 3], [4, 3, 3, 3])
    scale = SMALL.scale("loudness")
    assert score_scale(answers, SMALL, scale).tolist() == [5.0, 3.5]
    assert score_scale(answers, SMALL, scale, convention(aggregate="sum")).tolist() == [10.0, 7.0]


def test_items_are_taken_by_name_and_not_by_place() -> None:
    instrument = wide(4)
    scale = Scale(key="some", title="", items=("4", "2"), reverse=("2",))
    assert keyed_items(rows([1, 2, 3, 4]), instrument, scale).tolist() == [[4, 4]]


def test_the_extraversion_of_a_talkative_respondent_of_the_bfi() -> None:
    # E: 1 6R 11 16 21R 26 31R 36; every item agreed with as if it were said of an extravert.
    answers = np.full((1, 44), 3.0)
    for item in (1, 11, 16, 26, 36):
        answers[0, item - 1] = 5
    for item in (6, 21, 31):
        answers[0, item - 1] = 1
    scale = BFI.scale("extraversion")
    assert score_scale(answers, BFI, scale, convention(aggregate="sum")).tolist() == [40.0]
    assert score_scale(answers, BFI, BFI.scale("openness"), convention(aggregate="sum")).tolist() == [30.0]


def test_a_constant_respondent_scores_the_middle_of_a_balanced_scale() -> None:
    for value in range(1, 6):
        assert score_scale(np.full((1, 4), float(value)), SMALL, SMALL.scale("loudness")).tolist() == [3.0]


# Missing answers.


def test_a_missing_answer_takes_the_score_of_its_scale_only() -> None:
    answers = rows([5, NAN, 4, 2])
    assert np.isnan(score_scale(answers, SMALL, SMALL.scale("loudness"))).tolist() == [True]
    assert score_scale(answers, SMALL, SMALL.scale("stability")).tolist() == [4.0]


def test_prorating_scores_what_was_answered_and_scales_sums_up() -> None:
    instrument = wide(5)
    answers = rows([5, 4, 3, 4, NAN], [5, 4, 3, NAN, NAN])
    scale = instrument.scale("all")
    means = score_scale(answers, instrument, scale, convention(missing="prorate"))
    assert means[0] == 4.0
    assert np.isnan(means[1])  # three of five are fewer than 80 %
    sums = score_scale(answers, instrument, scale, convention(missing="prorate", aggregate="sum"))
    assert sums[0] == 20.0
    assert np.isnan(sums[1])
    assert score_scale(answers, instrument, scale, convention(missing="prorate", least=0.6)).tolist() == [4.0, 4.0]


@pytest.mark.parametrize(
    ("count", "least"), [(20, 0.55), (25, 0.28), (10, 0.7), (3, 1 / 3), (44, 0.25), (100, 0.07), (7, 1.0)]
)
def test_exactly_as_many_answers_as_needed_are_enough(count: int, least: float) -> None:
    instrument = wide(count)
    enough = round(count * least)
    answers = np.full((2, count), NAN)
    answers[0, :enough] = 4
    answers[1, : enough - 1] = 4
    scores = score_scale(answers, instrument, instrument.scale("all"), convention(missing="prorate", least=least))
    assert scores[0] == 4
    assert np.isnan(scores[1])


@pytest.mark.parametrize("rule", ["complete", "prorate"])
@pytest.mark.parametrize("aggregate", ["mean", "sum"])
def test_without_any_answer_there_is_no_score(rule: str, aggregate: str) -> None:
    scores = score_scale(
        np.full((3, 4), NAN), SMALL, SMALL.scale("loudness"), convention(missing=rule, aggregate=aggregate, least=0)
    )
    assert np.isnan(scores).all()


def test_no_respondents_no_scores() -> None:
    assert score_scale(np.empty((0, 4)), SMALL, SMALL.scale("loudness")).shape == (0,)


def test_conventions_are_spelt() -> None:
    assert convention().spell() == ("score=own", "missing_items=complete")
    assert convention(aggregate="mean").spell()[0] == "score=mean"
    assert convention(aggregate="sum", missing="prorate", least=0.75).spell() == (
        "score=sum",
        "missing_items=prorate>=0.75",
    )


# Traits.


def test_a_scale_of_the_opposite_is_turned() -> None:
    answers = rows([3, 3, 5, 1], [3, 3, 1, 5], [3, 3, 4, 3])
    traits = ["big_five.neuroticism", "big_five.extraversion"]
    means = score_traits(answers, SMALL, traits)
    assert means["big_five.neuroticism"].tolist() == [1.0, 5.0, 2.5]
    sums = score_traits(answers, SMALL, traits, convention(aggregate="sum"))
    assert sums["big_five.neuroticism"].tolist() == [2.0, 10.0, 5.0]
    from_zero = score_traits(rows([2, 2, 4, 0]), FROM_ZERO, traits)
    assert from_zero["big_five.neuroticism"].tolist() == [0.0]


def test_a_turned_scale_keeps_its_missing_scores_missing() -> None:
    assert np.isnan(score_traits(rows([3, 3, NAN, 1]), SMALL, ["big_five.neuroticism"])["big_five.neuroticism"]).all()


def test_the_broad_scale_of_a_trait_goes_before_its_facets() -> None:
    assert SMALL.scales[0].within  # the facet is listed first
    assert scale_of_trait(SMALL, "big_five.extraversion").key == "loudness"


def test_a_trait_that_only_a_facet_measures_is_found() -> None:
    facet = SMALL.scales[0].model_copy(update={"trait": "big_five.extraversion.friendliness"})
    instrument = SMALL.model_copy(update={"scales": (facet, *SMALL.scales[1:])})
    assert scale_of_trait(instrument, "big_five.extraversion.friendliness").key == "friendly"


def test_a_trait_that_is_not_measured_is_an_error() -> None:
    with pytest.raises(KeyError, match="openness"):
        score_traits(rows([1, 2, 3, 4]), SMALL, ["big_five.openness"])


# From a results table.


def test_answers_are_taken_from_a_table_with_gaps() -> None:
    table = pl.DataFrame({"answers": [[1, 2, None, 4], None, [], [5, 5, 5, 5]]})
    expected = rows([1, 2, NAN, 4], [NAN] * 4, [NAN] * 4, [5] * 4)
    np.testing.assert_array_equal(answer_matrix(table, SMALL), expected)


def test_a_table_without_the_column_has_no_answers() -> None:
    assert np.isnan(answer_matrix(pl.DataFrame({"status": ["failed", "failed"]}), SMALL)).all()
    assert answer_matrix(pl.DataFrame({"status": ["failed", "failed"]}), SMALL).shape == (2, 4)


@pytest.mark.parametrize("answers", [[1, 2, 3], [1, 2, 3, 4, 5]])
def test_a_row_of_another_length_is_an_error_that_names_it(answers: list[int]) -> None:
    with pytest.raises(ValueError, match="row 1"):
        answer_matrix(pl.DataFrame({"answers": [[1, 2, 3, 4], answers]}), SMALL)


# Whatever the answers are.

answer_rows = st.lists(st.lists(st.integers(1, 5) | st.just(NAN), min_size=4, max_size=4), min_size=1, max_size=8).map(
    lambda found: np.array(found, dtype=float)
)
conventions = st.builds(
    Convention,
    aggregate=st.sampled_from(["mean", "sum"]),
    missing=st.sampled_from(["complete", "prorate"]),
    least=st.floats(0, 1),
)


@given(answer_rows, conventions)
def test_answering_everything_the_other_way_mirrors_the_score(answers: Matrix, how: Convention) -> None:
    for scale in SMALL.scales:
        span = 6 * (len(scale.items) if how.aggregate == "sum" else 1)
        np.testing.assert_allclose(
            score_scale(6 - answers, SMALL, scale, how), span - score_scale(answers, SMALL, scale, how)
        )


@given(answer_rows, conventions, st.randoms(use_true_random=False))
def test_the_order_of_respondents_is_irrelevant(answers: Matrix, how: Convention, random: Any) -> None:
    order = list(range(len(answers)))
    random.shuffle(order)
    for scale in SMALL.scales:
        np.testing.assert_array_equal(
            score_scale(answers[order], SMALL, scale, how), score_scale(answers, SMALL, scale, how)[order]
        )


@given(answer_rows, conventions)
def test_scores_lie_within_the_range_and_a_sum_is_the_mean_times_its_items(answers: Matrix, how: Convention) -> None:
    for scale in SMALL.scales:
        scores = score_scale(answers, SMALL, scale, how)
        size = len(scale.items) if how.aggregate == "sum" else 1
        given_scores = scores[np.isfinite(scores)]
        assert ((given_scores >= size * 1) & (given_scores <= size * 5)).all()


@given(answer_rows)
def test_complete_scores_are_prorated_scores_of_whoever_answered_all(answers: Matrix) -> None:
    for scale in SMALL.scales:
        complete = score_scale(answers, SMALL, scale)
        prorated = score_scale(answers, SMALL, scale, convention(missing="prorate", least=1.0))
        np.testing.assert_array_equal(complete, prorated)
        lenient = score_scale(answers, SMALL, scale, convention(missing="prorate", least=0.0))
        scored = np.isfinite(complete)
        np.testing.assert_array_equal(complete[scored], lenient[scored])
        assert (np.isfinite(lenient) >= scored).all()


@given(answer_rows)
def test_answers_are_left_as_they_were(answers: Matrix) -> None:
    before = answers.copy()
    score_traits(answers, SMALL, ["big_five.extraversion", "big_five.neuroticism"])
    np.testing.assert_array_equal(answers, before)


@given(answer_rows, st.integers(-3, 3))
def test_a_shifted_answer_scale_shifts_the_mean(answers: Matrix, shift: int) -> None:
    moved = small_instrument(first=1 + shift)
    for scale, other in zip(SMALL.scales, moved.scales, strict=True):
        np.testing.assert_allclose(
            score_scale(answers + shift, moved, other), score_scale(answers, SMALL, scale) + shift
        )
