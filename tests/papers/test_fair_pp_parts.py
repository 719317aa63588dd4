"""Fair-PP [31], part by part: weights, distances, segments, the taxonomy, and the policy that is trained."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given as given_values
from hypothesis import strategies as st
from scipy.spatial.distance import jensenshannon

from personae.errors import InputError
from personae.papers.fair_pp import (
    SEGMENTS,
    FairPP,
    FairSettings,
    british_segments,
    tier_weights,
    tiers_of,
)
from personae.papers.fair_pp.distances import differing, differing_from_all, js_between, js_to_all
from personae.papers.fair_pp.policy import choices, features_of, fit_base, fit_dpo, fit_sft
from personae.papers.fair_pp.questions import (
    built_in_questions,
    dimension_of,
    question_of,
    split_question,
    spread,
)
from personae.papers.fair_pp.replay import code_of
from personae.papers.fair_pp.segments import KEYS, read_portraits
from personae.papers.fair_pp.study import parse_as_published
from personae.papers.fair_pp.weights import js_distance
from personae.population import SEGMENT, Population
from personae.population.source import Block
from personae.population.store import write_population


def test_published_weights_are_those_of_the_formula() -> None:
    counts = [700, 300, 200, 150, 100, 50, 20]
    tiers = np.repeat(np.arange(1, 8), counts)
    raw = np.array([k / 7 / n for k, n in zip(range(1, 8), counts, strict=True)])
    weights = tier_weights(tiers, as_published=True)
    assert list(weights.values()) == pytest.approx((raw / raw.sum()).tolist())
    assert sum(weights.values()) == pytest.approx(1)
    by_hand = {1: 1 / 7 / 2, 2: 2 / 7, 7: 1.0}  # N = 2, 1, 1; the sum is 19 / 14
    assert tier_weights([1, 1, 2, 7], as_published=True) == pytest.approx({k: w * 14 / 19 for k, w in by_hand.items()})
    assert tier_weights([1, 1, 2, 7], as_published=True) == pytest.approx({1: 1 / 19, 2: 4 / 19, 7: 14 / 19})
    squared = tier_weights(tiers, alpha=2, beta=0, as_published=True)
    assert squared[7] / squared[1] == pytest.approx(49)


def test_an_empty_tier_leaves_the_others_their_numbers() -> None:
    weights = tier_weights([1, 1, 3, 7], as_published=True)
    assert list(weights) == [1, 3, 7]
    assert weights[3] / weights[1] == pytest.approx(3 * 2)
    assert weights[7] / weights[3] == pytest.approx(7 / 3)
    with pytest.raises(InputError, match="no items"):
        tier_weights([0, 0])


@given_values(st.lists(st.integers(0, 7), min_size=1, max_size=60).filter(lambda tiers: any(tiers)))
def test_corrected_weights_have_a_mean_of_one(tiers: list[int]) -> None:
    weights = tier_weights(tiers)
    used = [weights[tier] for tier in tiers if tier]
    assert np.mean(used) == pytest.approx(1)


def test_tiers_count_who_differs() -> None:
    answers = np.array([[0, 1, 2, 0], [0, 0, 0, 2], [0, 0, 1, 1], [0, 0, 2, 0]])
    assert tiers_of(answers, 0).tolist() == [1, 4, 0, 2]
    assert tiers_of(answers, 0, as_published=True).tolist() == [1, 4, 3, 3]


@given_values(st.lists(st.integers(0, 9), min_size=3, max_size=3), st.lists(st.integers(0, 9), min_size=3, max_size=3))
def test_the_distance_is_that_of_scipy(first: list[int], second: list[int]) -> None:
    if not sum(first) or not sum(second):
        assert math.isnan(js_distance(first, second))
    else:
        assert js_distance(first, second) == pytest.approx(float(jensenshannon(first, second)), abs=1e-7)


def test_shares_of_letters_cannot_see_people_who_never_agree() -> None:
    one = np.array([0, 1] * 20)
    other = 1 - one
    assert js_between(one, other, "x").estimate == 0
    assert differing(one, other, [str(number) for number in range(40)]).estimate == 1


def test_distances_to_several_are_means_of_those_to_one() -> None:
    rng = np.random.default_rng(5)
    one, *others = rng.integers(0, 3, (4, 60))
    mean = np.mean([js_between(one, other, "x").estimate for other in others])
    found = js_to_all(one, others, "x")
    assert found.estimate == pytest.approx(mean)
    assert found.low <= found.estimate <= found.high
    known = [np.where((one < 2) & (other < 2), other, one) for other in others]
    items = [str(number) for number in range(60)]
    rates = [differing(one, other, items).estimate for other in known]
    assert differing_from_all(one, known, items).estimate == pytest.approx(np.mean(rates))


# Segments and questions.


def test_segments_have_the_shares_of_the_survey() -> None:
    assert sum(one.share for one in SEGMENTS) == pytest.approx(1)
    drawn = british_segments().draw(Block(0, 1000, 1000, seed=3))
    counts = drawn[SEGMENT].value_counts()
    assert dict(counts.iter_rows()) == {one.key: round(1000 * one.share) for one in SEGMENTS}
    assert all(4 <= one.portrait.count(".") <= 7 for one in SEGMENTS)


def test_people_of_segments_are_a_population_that_is_written(tmp_path: Path) -> None:
    people = Population(british_segments(), count=100, seed=1)
    write_population(people, tmp_path / "britain")
    persons = list(people.personas())
    portraits = {one.portrait for one in SEGMENTS}
    assert {one.description for one in persons} == portraits
    assert sum(one.extensions["segment"] == "loyal_nationals" for one in persons) == 17
    assert "7 segments by quota" in str(persons[0].provenance)
    with pytest.raises(InputError, match="no end"):
        _ = Population(british_segments()).size


def test_the_taxonomy_has_the_published_sizes() -> None:
    found = built_in_questions()
    assert len(found) == len({one.hash for one in found}) == 98 * 29 * 5 * 2
    assert len({one.place.problem for one in found}) == 98
    assert len({one.place.topic for one in found}) == 5
    assert len({one.place.category for one in found}) == 15
    assert len({one.place.group_type for one in found}) == 6
    assert {one.place.dimension for one in found} == {1, 2, 3, 4, 5}
    assert not [one for one in found if "{" in one.whole or "  " in one.whole]


def test_questions_are_spread_over_problems_and_dimensions() -> None:
    found = built_in_questions()
    chosen = spread(found, 490)
    assert len({(one.place.problem, one.place.dimension) for one in chosen}) == 490
    assert len({one.place.group for one in chosen}) == 29
    few = [one.place.dimension for one in spread(found, 12)]
    assert sorted(few.count(dimension) for dimension in range(1, 6)) == [2, 2, 2, 3, 3]
    assert len(spread(found[:7], 99)) == 7
    assert spread(found, 50) == spread(found, 50)


def test_published_questions_are_taken_apart() -> None:
    assert split_question("Who?\nA: We.\nB: They.") == ("Who?", "We.", "They.")
    assert split_question("Which?\n A. Fair competition\nB. Vitamin C. is free\nC. N/A") == (
        "Which?",
        "Fair competition",
        "Vitamin C. is free",
    )
    assert split_question("Who?") is None
    assert [dimension_of(value) for value in (1.1, 2.5, "7.3")] == [1, 5, 3]
    assert not any(dimension_of(value) for value in (2.0, 1.9, None, math.inf, "x"))
    row = {"Question": "Who? A. We. B. They.", "Perspective": 2.4, "Specific Problem": "rent", "Group": "nurses"}
    assert question_of(row, "x").place.perspective == "2.4"
    assert question_of(row, "x").place.problem == "rent"
    with pytest.raises(InputError, match="no answers"):
        question_of({**row, "Question": "Who?"}, "x")
    with pytest.raises(InputError, match="no dimension"):
        question_of({**row, "Perspective": 3.0}, "x")


@given_values(st.sampled_from(range(28_420)))
def test_a_question_of_ours_survives_the_published_column(number: int) -> None:
    one = built_in_questions()[number]
    assert split_question(one.whole) == (one.text, one.a, one.b)


def test_a_file_gives_other_portraits(tmp_path: Path) -> None:
    path = tmp_path / "portraits.toml"
    path.write_text("\n".join(f'{key} = "You are {key}."' for key in KEYS), encoding="utf-8")
    study = FairPP(FairSettings.read({"portraits": str(path)}))
    assert study.portraits["loyal_nationals"] == "You are loyal_nationals."
    assert study.parameters["segments"] != FairPP().parameters["segments"]
    for text, fault in (("x = ", "cannot be read"), ('loyal_nationals = "x"', "no portrait of progressive")):
        path.write_text(text, encoding="utf-8")
        with pytest.raises(InputError, match=fault):
            read_portraits(path)
    path.write_text("\n".join(f'{key} = "x"' for key in (*KEYS, "greens")), encoding="utf-8")
    with pytest.raises(InputError, match="greens"):
        read_portraits(path)


def test_replies_are_read_as_published_beside_ours() -> None:
    assert [parse_as_published(text) for text in ("A", "B", "B. Not A.", "Option A", " A", "C.")] == [0, 1, 0, 2, 2, 2]
    assert [code_of(value) for value in (0, 1, 2, 0.0, "B.", float("nan"), True)] == [0, 1, 2, 0, 1, 2, 1]


# Policy.


def test_dpo_learns_what_the_target_prefers_and_leaves_the_reference_where_nothing_is_weighted() -> None:
    questions = spread(built_in_questions(), 300)
    x = features_of(questions)
    prefers_a = np.array([one.place.dimension % 2 == 0 for one in questions])
    chosen = fit_dpo(x, prefers_a, np.zeros(x.shape[1]))
    assert np.mean(choices(x, chosen) == np.where(prefers_a, 0, 1)) > 0.97
    reference = fit_base(x, ~prefers_a)
    assert np.mean(choices(x, reference) == np.where(prefers_a, 1, 0)) > 0.97
    for aligned in (fit_dpo(x, prefers_a, reference), fit_sft(x, prefers_a, reference)):
        assert np.mean(choices(x, aligned) == np.where(prefers_a, 0, 1)) > 0.97
    assert np.allclose(fit_dpo(x, prefers_a, reference, np.zeros(len(x))), reference)


def test_a_policy_can_learn_that_one_group_is_another_matter() -> None:
    questions = [one for one in built_in_questions() if one.place.group in ("children", "men")][::7]
    x = features_of(questions)
    prefers_a = np.array([one.place.group == "men" for one in questions])
    assert np.mean(choices(x, fit_dpo(x, prefers_a, np.zeros(x.shape[1]))) == np.where(prefers_a, 0, 1)) > 0.9


def test_one_step_of_weighted_dpo_is_the_gradient_of_its_loss() -> None:
    rng = np.random.default_rng(2)
    x, prefers_a = rng.normal(size=(6, 3)) / 4, rng.random(6) < 0.5
    reference, weights = rng.normal(size=3), rng.random(6) * 2
    y = np.where(prefers_a, 1.0, -1.0)

    def loss(theta: Any) -> float:
        return float(np.mean(weights * np.log1p(np.exp(-y * (x @ (theta - reference))))))

    found = fit_dpo(x, prefers_a, reference, weights)
    steps = 1e-6 * np.eye(3)
    start = np.array([(loss(reference + step) - loss(reference - step)) / 2e-6 for step in steps])
    assert float((found - reference) @ start) < 0
    assert loss(found) < loss(reference)
    ended = np.array([(loss(found + step) - loss(found - step)) / 2e-6 for step in steps])
    assert np.linalg.norm(ended) < 0.3 * np.linalg.norm(start)


def test_weights_decide_where_items_contradict_each_other() -> None:
    x = np.array([[1.0], [1.0], [1.0]])
    prefers_a = np.array([True, False, False])
    start = np.zeros(1)
    assert choices(x, fit_dpo(x, prefers_a, start)).tolist() == [1, 1, 1]
    assert choices(x, fit_dpo(x, prefers_a, start, np.array([5.0, 1.0, 1.0]))).tolist() == [0, 0, 0]


# Fresh runs.
