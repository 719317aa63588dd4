"""One interface for three scorers of texts: word list, model, classifier."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from personae.judge import (
    ClassifierScorer,
    LexiconScorer,
    RatedScorer,
    TextScorer,
    standardised,
    train_scorer,
    trait_rubric,
)
from personae.model import ScriptedModel
from personae.persona import BIG_FIVE
from personae.respondent import SimulatedRespondent, simulated_texts

WARM = "We had such a lovely evening with all our friends and family at home, and everybody was happy and kind to us."
COLD = (
    "He was furious again, he hated the fight and the insult, and the angry threats of the enemy never ended that day."
)


def test_the_lexicon_knows_warm_words_from_angry_ones() -> None:
    scorer = LexiconScorer()
    warm, cold = scorer.read(WARM).scores, scorer.read(COLD).scores
    assert set(warm) == set(BIG_FIVE)
    assert warm["big_five.agreeableness"] > cold["big_five.agreeableness"] + 5
    assert cold["big_five.neuroticism"] > warm["big_five.neuroticism"]


@pytest.mark.parametrize(("text", "status"), [("", "empty"), ("Too short.", "unparsed"), (WARM, "ok")])
async def test_every_text_has_a_status(text: str, status: str) -> None:
    data = simulated_texts(40)
    scorers: list[TextScorer] = [LexiconScorer(), RatedScorer(SimulatedRespondent()), train_scorer(data)]
    for scorer in scorers:
        found = await scorer.score(text)
        assert found.status == status
        assert bool(found.scores) == (status == "ok")
        assert scorer.unit
        assert scorer.calibration


async def test_the_model_that_rates_is_asked_on_all_traits_at_once() -> None:
    model = ScriptedModel(lambda _: "{" + ", ".join(f'"{one.key}": 7' for one in trait_rubric().criteria) + "}")
    found = await RatedScorer(model).score(WARM)
    assert found.scores == dict.fromkeys(BIG_FIVE, 7.0)
    assert len(model.requests) == 1
    assert WARM in model.requests[0].messages[-1].content


async def test_a_rating_that_cannot_be_read_is_no_score() -> None:
    found = await RatedScorer(ScriptedModel(lambda _: "It is warm.")).score(WARM)
    assert (found.status, dict(found.scores)) == ("unparsed", {})


async def test_zero_shot_ratings_of_sim_find_its_authors() -> None:
    data = simulated_texts(40, seed=3)
    scorer = RatedScorer(SimulatedRespondent())
    rated = [(await scorer.score(text)).scores for text in data.texts]
    for trait in BIG_FIVE:
        assert np.corrcoef([one[trait] for one in rated], data.labels[trait])[0, 1] > 0.5


def test_what_a_score_depends_on_is_in_the_hash() -> None:
    scorer = LexiconScorer()
    assert LexiconScorer().hash == scorer.hash
    assert replace(scorer, signs={"a": {"social": 1}}).hash != scorer.hash
    data = simulated_texts(40)
    assert train_scorer(data).hash != train_scorer(simulated_texts(40, seed=9)).hash
    assert isinstance(train_scorer(data), ClassifierScorer)


@given(st.lists(st.floats(-5, 5), min_size=2, max_size=20))
def test_standardised_scores_have_mean_0_and_sd_1(values: list[float]) -> None:
    found = standardised([{"a": value} for value in values], ["a"])["a"]
    if np.std(values) > 1e-6:
        assert np.mean(found) == pytest.approx(0, abs=1e-9)
        assert np.std(found, ddof=1) == pytest.approx(1)


def test_scores_without_spread_are_not_standardised() -> None:
    assert all(map(math.isnan, standardised([{"a": 1.0}, {"a": 1.0}], ["a"])["a"]))
