"""What is planted into answers is found again, with the n it rests on; what is not planted is not found."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from personae.instrument import Instrument, Scale, keyed_items, load_instrument
from personae.instrument.validity import (
    MUCH_ACQUIESCENCE,
    acquiescence,
    contradictions,
    noise_floor,
    order_effect,
    refusals,
    scale_reliability,
    setting_effect,
)
from support.questionnaires import small_instrument

BFI = load_instrument("bfi-44")
SMALL = small_instrument()
Floats = NDArray[np.float64]


def answers_of(
    people: int, rng: np.random.Generator, *, agreement: float = 0.0, instrument: Instrument = BFI
) -> Floats:
    """Answers by trait alone, in scale points and unrounded; everybody agrees with everything so much more."""
    matrix = np.empty((people, len(instrument.item_ids)))
    for scale in instrument.broad_scales():
        trait = rng.normal(0, 0.7, people)
        for item, sign in instrument.keying(scale).items():
            column = instrument.item_ids.index(item)
            matrix[:, column] = instrument.midpoint + sign * trait + agreement + rng.normal(0, 0.5, people)
    return matrix


def each_alone(count: int) -> list[str]:
    return [f"person {index}" for index in range(count)]


# Acquiescence.


@pytest.mark.parametrize("agreement", [-0.6, -0.1, 0.0, 0.1, 0.6])
def test_planted_agreement_is_recovered(agreement: float) -> None:
    matrix = answers_of(300, np.random.default_rng(1), agreement=agreement)
    found = acquiescence(matrix, BFI, each_alone(300))
    assert found.low < agreement < found.high
    assert found.estimate == pytest.approx(agreement, abs=0.05)
    assert found.n == 300
    assert found.missing == 0


@pytest.mark.parametrize(
    ("agreement", "is_found"), [(0.0, False), (0.2, False), (-0.2, False), (0.4, True), (-0.4, True)]
)
def test_agreement_is_called_found_only_beyond_the_threshold(agreement: float, is_found: bool) -> None:
    found = acquiescence(answers_of(300, np.random.default_rng(2), agreement=agreement), BFI, each_alone(300))
    assert ("found" in found.note) == is_found
    assert (abs(agreement) > MUCH_ACQUIESCENCE) == is_found


def test_an_estimate_beyond_the_threshold_is_not_found_while_its_interval_is_not() -> None:
    found = acquiescence(answers_of(4, np.random.default_rng(3), agreement=0.3), BFI, each_alone(4))
    assert found.estimate > MUCH_ACQUIESCENCE
    assert found.low < MUCH_ACQUIESCENCE
    assert found.note == ""


def test_what_a_scale_measures_cancels_out() -> None:
    rng = np.random.default_rng(4)
    matrix = answers_of(50, rng)
    trait = rng.normal(0, 3, (50, 1))
    for scale in BFI.broad_scales():
        signs = np.array(list(BFI.keying(scale).values()))
        columns = [BFI.item_ids.index(item) for item in scale.items]
        moved = matrix.copy()
        moved[:, columns] += trait * signs
        assert acquiescence(moved, BFI, each_alone(50)).estimate == pytest.approx(
            acquiescence(matrix, BFI, each_alone(50)).estimate, abs=1e-12
        )


def test_agreement_on_answers_from_zero_is_counted_from_their_middle() -> None:
    from_zero = small_instrument(first=0)
    matrix = np.array([[4.0, 4.0, 4.0, 4.0], [2.0, 2.0, 2.0, 2.0], [4.0, 0.0, 0.0, 4.0]])
    assert acquiescence(matrix, from_zero, each_alone(3)).estimate == pytest.approx((2 + 0 + 0) / 3)


def test_facets_are_not_counted_beside_their_scale() -> None:
    # The facet has item 1 only; were it counted, the loud would agree.
    assert acquiescence(np.array([[5.0, 1.0, 3.0, 3.0]] * 3), SMALL, each_alone(3)).estimate == 0


def test_people_without_answers_are_missing() -> None:
    matrix = answers_of(20, np.random.default_rng(5), agreement=0.5)
    matrix[3] = np.nan
    matrix[7] = np.nan
    found = acquiescence(matrix, BFI, each_alone(20))
    assert (found.n, found.missing) == (18, 2)


def test_repeated_draws_of_one_prompt_are_no_further_people() -> None:
    rng = np.random.default_rng(6)
    prompts = [f"prompt {index // 10}" for index in range(80)]
    shared = np.repeat(rng.normal(0.3, 0.3, 8), 10)[:, None]
    matrix = answers_of(80, rng) + shared
    by_prompt, by_draw = acquiescence(matrix, BFI, prompts), acquiescence(matrix, BFI, each_alone(80))
    assert by_prompt.estimate == pytest.approx(by_draw.estimate)
    assert by_prompt.high - by_prompt.low > 2 * (by_draw.high - by_draw.low)
    assert by_prompt.n == 80


def test_one_prompt_alone_gives_no_interval_and_says_so() -> None:
    found = acquiescence(answers_of(5, np.random.default_rng(7), agreement=2.0), BFI, ["same"] * 5)
    assert math.isnan(found.low)
    assert "found" not in found.note
    assert found.note


def test_an_instrument_without_mirrored_items_has_no_agreement_to_measure() -> None:
    one_way = SMALL.model_copy(update={"scales": (Scale(key="calm", title="", items=("3",)),)})
    found = acquiescence(np.full((4, 4), 5.0), one_way, each_alone(4))
    assert math.isnan(found.estimate)
    assert (found.n, found.missing) == (0, 4)
    assert "both ways" in found.note


# Refusals and contradictions.


def test_planted_refusals_are_counted_at_first_and_over_all() -> None:
    attempts = (
        [["ok"]] * 60 + [["refused", "ok"]] * 20 + [["refused", "refused", "refused"]] * 10 + [["unparsed", "ok"]] * 10
    )
    found = refusals(attempts, total=100)
    assert (found["first_attempt"].estimate, found["first_attempt"].n, found["first_attempt"].missing) == (0.3, 100, 0)
    assert found["all_attempts"].estimate == pytest.approx(50 / 150)
    assert found["all_attempts"].n == 60 + 40 + 30 + 20
    assert (found["asked_again"].estimate, found["asked_again"].n) == (0.4, 100)
    assert found["first_attempt"].low < 0.3 < found["first_attempt"].high


def test_whoever_was_never_asked_is_missing_everywhere() -> None:
    found = refusals([["refused", "ok"], ["ok"], []], total=5)
    assert {name: (one.n, one.missing) for name, one in found.items()} == {
        "first_attempt": (2, 3),
        "all_attempts": (3, 3),
        "asked_again": (2, 3),
    }
    assert found["first_attempt"].estimate == 0.5
    assert found["asked_again"].estimate == 0.5


def test_a_failed_call_is_no_refusal() -> None:
    found = refusals([["failed"], ["empty"], ["unparsed"], ["repaired"]], total=4)
    assert found["first_attempt"].estimate == 0


def test_nobody_asked_is_no_share_of_zero() -> None:
    found = refusals([], total=7)
    assert all(math.isnan(one.estimate) and one.missing == 7 and one.note for one in found.values())


def test_contradictions_are_a_share_of_answers() -> None:
    found = contradictions([[False] * 40, [True] * 4 + [False] * 36, []])
    assert (found.estimate, found.n) == (0.05, 80)
    assert math.isnan(contradictions([]).estimate)


# Noise, order, setting.


@pytest.mark.parametrize("sd", [0.05, 0.4])
def test_planted_noise_is_recovered_whatever_the_prompts_differ_in(sd: float) -> None:
    rng = np.random.default_rng(8)
    prompts = [f"prompt {index // 10}" for index in range(320)]
    scores = np.repeat(rng.normal(3, 1, 32), 10) + rng.normal(0, sd, 320)
    found = noise_floor(scores, prompts)
    assert found.low < sd < found.high
    assert found.estimate == pytest.approx(sd, rel=0.15)
    assert (found.n, found.missing) == (320, 0)


def test_noise_leaves_out_missing_scores() -> None:
    scores = np.array([1.0, 3.0, np.nan, 5.0, 5.0, 5.0])
    found = noise_floor(scores, ["a", "a", "a", "b", "b", "b"])
    assert found.estimate == pytest.approx(math.sqrt(2 / 3))
    assert (found.n, found.missing) == (5, 1)


def test_prompts_asked_once_have_no_noise_floor() -> None:
    assert math.isnan(noise_floor(np.array([1.0, 2.0]), ["a", "b"]).estimate)


def test_a_preference_for_the_first_option_is_above_zero() -> None:
    rng = np.random.default_rng(9)
    opinion, preference = rng.normal(3, 0.5, 40), 0.3
    # Listed upwards the first option is the lowest, listed downwards the highest.
    ascending = opinion - preference + rng.normal(0, 0.05, 40)
    descending = opinion + preference + rng.normal(0, 0.05, 40)
    found = order_effect(ascending, descending)
    assert found.estimate == pytest.approx(2 * preference, abs=0.04)
    assert found.low > 0
    assert order_effect(descending, ascending).estimate == pytest.approx(-found.estimate)


def test_no_preference_is_not_found() -> None:
    rng = np.random.default_rng(10)
    opinion = rng.normal(3, 0.5, 200)
    found = order_effect(opinion + rng.normal(0, 0.2, 200), opinion + rng.normal(0, 0.2, 200))
    assert found.low < 0 < found.high


def test_a_setting_is_compared_with_the_usual_one_in_pairs() -> None:
    usual = np.array([1.0, 2.0, 3.0, np.nan, 5.0])
    changed = np.array([2.0, 2.5, 3.0, 4.0, np.nan])
    found = setting_effect(changed, usual)
    assert found.estimate == pytest.approx(0.5)
    assert (found.n, found.missing) == (3, 2)


# Reliability.


def test_items_that_hang_together_are_told_from_items_that_do_not() -> None:
    rng = np.random.default_rng(11)
    matrix, noise = answers_of(150, rng), rng.normal(3, 1, (150, 44))
    scale = BFI.scale("extraversion")
    clusters = each_alone(150)
    together = scale_reliability(keyed_items(matrix, BFI, scale), rng=np.random.default_rng(0), clusters=clusters)
    apart = scale_reliability(keyed_items(noise, BFI, scale), rng=np.random.default_rng(0), clusters=clusters)
    assert set(together) == {"alpha", "omega", "split_half", "weakest_item"}
    for name in ("alpha", "omega", "split_half"):
        assert together[name].low > 0.85
        assert apart[name].estimate < 0.45
        assert (together[name].n, together[name].missing) == (150, 0)
    # One trait of SD 0.7 and eight items with noise of SD 0.5.
    assert together["alpha"].estimate == pytest.approx(8 * 0.49 / (8 * 0.49 + 0.25), abs=0.02)


def test_answers_that_were_not_turned_do_not_hang_together() -> None:
    matrix = answers_of(150, np.random.default_rng(12))
    scale = BFI.scale("extraversion")
    raw = matrix[:, [BFI.item_ids.index(item) for item in scale.items]]
    found = scale_reliability(raw, rng=np.random.default_rng(0), clusters=each_alone(150))
    assert found["alpha"].estimate < 0.5


def test_the_weakest_item_is_the_one_that_was_spoilt() -> None:
    rng = np.random.default_rng(13)
    items = keyed_items(answers_of(200, rng), BFI, BFI.scale("openness"))
    before = scale_reliability(items, rng=np.random.default_rng(0), clusters=each_alone(200))["weakest_item"]
    items[:, 4] = rng.normal(3, 1, 200)
    found = scale_reliability(items, rng=np.random.default_rng(0), clusters=each_alone(200))["weakest_item"]
    assert before.estimate > 0.6
    assert abs(found.estimate) < 0.2
    assert "10" in found.method


def test_a_constant_item_is_not_the_weakest() -> None:
    items = keyed_items(answers_of(100, np.random.default_rng(14)), BFI, BFI.scale("openness"))
    items[:, 2] = 3
    found = scale_reliability(items, rng=np.random.default_rng(0), clusters=each_alone(100))["weakest_item"]
    assert math.isfinite(found.estimate)


def test_reliability_is_the_same_for_the_same_rng() -> None:
    items = keyed_items(answers_of(60, np.random.default_rng(15)), BFI, BFI.scale("openness"))
    found = [scale_reliability(items, rng=np.random.default_rng(seed), clusters=each_alone(60)) for seed in (0, 0, 1)]
    assert found[0] == found[1]
    assert found[0]["split_half"] != found[2]["split_half"]  # other halves
    assert found[0]["alpha"] == found[2]["alpha"]  # nothing is drawn


def test_clusters_are_resampled_whole() -> None:
    rng = np.random.default_rng(16)
    one_of_each = keyed_items(answers_of(12, rng), BFI, BFI.scale("openness"))
    repeated = np.repeat(one_of_each, 10, axis=0) + rng.normal(0, 1e-6, (120, 10))
    clusters = [f"prompt {index // 10}" for index in range(120)]
    by_prompt = scale_reliability(repeated, rng=np.random.default_rng(0), clusters=clusters)["alpha"]
    by_draw = scale_reliability(repeated, rng=np.random.default_rng(0), clusters=each_alone(120))["alpha"]
    assert by_prompt.estimate == pytest.approx(by_draw.estimate)
    assert by_prompt.high - by_prompt.low > 1.5 * (by_draw.high - by_draw.low)


def test_respondents_with_gaps_are_missing() -> None:
    items = keyed_items(answers_of(40, np.random.default_rng(17)), BFI, BFI.scale("openness"))
    items[0, 0] = np.nan
    items[1] = np.nan
    found = scale_reliability(items, rng=np.random.default_rng(0), clusters=each_alone(40))
    assert all((one.n, one.missing) == (38, 2) for one in found.values())


def test_everybody_alike_has_no_reliability_and_says_why() -> None:
    found = scale_reliability(np.full((20, 5), 3.0), rng=np.random.default_rng(0), clusters=each_alone(20))
    assert all(math.isnan(one.estimate) and one.note for one in found.values())
