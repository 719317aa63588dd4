"""Behaviour of the simulated respondent: links that are planted are found, links that are cut are not."""

from __future__ import annotations

import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from personae.instrument.tasks import (
    AssociationTask,
    BehaviouralTask,
    CardTask,
    DelayTask,
    EffortTask,
    KnowledgeTask,
    OpinionTask,
    TwinTask,
    situation_stimuli,
)
from personae.model import Request, Sampling
from personae.respondent import SimSettings, SimulatedRespondent
from personae.respondent.acting import known_pole
from personae.respondent.behaving import behave

PEOPLE = {
    "conscientiousness": (
        "extremely unconscientious",
        "unconscientious",
        "",
        "conscientious",
        "extremely conscientious",
    ),
    "agreeableness": ("extremely antagonistic", "antagonistic", "", "agreeable", "extremely agreeable"),
}


async def dose(task: BehaviouralTask, score: str, trait: str, link: float) -> float:
    """Correlation of the trait with the score over people of five levels, three of each."""
    levels, scores = [], []
    for seed in range(3):
        sim = SimulatedRespondent(SimSettings(seed=seed, behaviour_link=link))
        for level, words in enumerate(PEOPLE[trait]):
            done = await task.perform(
                sim, system=f"You are {words}." if words else "", sampling=Sampling(temperature=0.7), seed=seed
            )
            assert set(done.statuses) == {"ok"}
            levels.append(level)
            scores.append(task.score(done.answers)[score])
    return float(np.corrcoef(levels, scores)[0, 1])


LINKS: list[tuple[BehaviouralTask, str, str, int]] = [
    (CardTask(), "cards", "conscientiousness", -1),
    (DelayTask(), "waited", "conscientiousness", 1),
    (EffortTask(), "hard", "conscientiousness", 1),
    (KnowledgeTask(), "inconsistency", "conscientiousness", -1),
    (AssociationTask(orders=1), "bias", "agreeableness", -1),
    (OpinionTask(), "bent", "agreeableness", 1),
]


@pytest.mark.parametrize(("task", "score", "trait", "sign"), LINKS, ids=lambda value: getattr(value, "key", None))
async def test_a_planted_link_is_found_with_its_sign(task: BehaviouralTask, score: str, trait: str, sign: int) -> None:
    assert sign * await dose(task, score, trait, 1.0) > 0.7


@pytest.mark.parametrize(("task", "score", "trait", "sign"), LINKS, ids=lambda value: getattr(value, "key", None))
async def test_a_dissociation_that_is_planted_is_found(
    task: BehaviouralTask, score: str, trait: str, sign: int
) -> None:
    assert abs(await dose(task, score, trait, 0.0)) < 0.6


async def test_self_report_does_not_depend_on_the_link() -> None:
    task = TwinTask()
    found = []
    for link in (0.0, 1.0):
        sim = SimulatedRespondent(SimSettings(behaviour_link=link))
        done = await task.perform(sim, system="You are extremely conscientious.", sampling=Sampling(temperature=0.0))
        found.append(done)
    cut, linked = found
    assert cut.answers["said"] == linked.answers["said"]
    assert cut.answers["done"] != linked.answers["done"]
    assert task.score(linked.answers)["consistent"] == 1.0
    assert set(cut.answers["done"]) == {4.0}  # type: ignore[arg-type]  # without a link nothing speaks for either act


def test_an_act_of_the_library_is_chosen_by_who_has_its_trait() -> None:
    one = next(each for each in situation_stimuli().situations if each.trait == "dark_triad.psychopathy")
    question = f"{one.situation} {one.question}\nA. {one.high[0]}\nB. {one.low[0]}\nAnswer:"
    for words, expected in (("very high in psychopathy", "A"), ("very low in psychopathy", "B")):
        ask = Request.of(question, system=f"You are {words}.", sampling=Sampling(temperature=0.0))
        assert SimulatedRespondent().answer(ask).text == expected
    assert known_pole(one.high[0]) == ("dark_triad.psychopathy", 1)
    assert known_pole("something else") is None


def test_noise_and_order_bias_reach_behaviour() -> None:
    ask = "Choose between two amounts of money:\nA. $50 today\nB. $60 in 40 days\nAnswer with the letter."
    counts = []
    for bias in (-6.0, 6.0):
        settings = SimSettings(order_bias=bias)
        drawn = [behave(ask, {}, settings, 1.0, random.Random(seed)) for seed in range(100)]
        counts.append(drawn.count("A"))
    assert counts[0] < 15 < 85 < counts[1]
    cards = "32 cards lie face down. 31 give +30 points, 1 gives -250 points. How many cards do you turn over?"
    noisy = [int(behave(cards, {}, SimSettings(noise=1.0), 0.0, random.Random(seed)) or 0) for seed in range(300)]
    assert (min(noisy), max(noisy)) == (0, 32)


def test_the_published_wordings_are_understood_too() -> None:
    cards = (
        "There are 32 face-down cards, 29 cards give +20 points each, 3 cards give -500 points.\n"
        "How many cards do you choose to turn over? (0-32)"
    )
    assert (behave(cards, {}, SimSettings(), 0.0, random.Random(0)) or "").isdigit()
    words = (
        "Given the following list of words, assign one of men or women to each by writing it after the word. "
        "The words are salary, home, office, wedding. Do not include any additional text."
    )
    lines = (behave(words, {}, SimSettings(), 0.0, random.Random(0)) or "").splitlines()
    assert lines == ["salary - men", "home - women", "office - men", "wedding - women"]


@given(st.text(max_size=300))
def test_what_is_no_task_is_left_to_others(text: str) -> None:
    found = behave(text, {}, SimSettings(), 1.0, random.Random(0))
    assert found is None or isinstance(found, str)


@pytest.mark.parametrize(
    "prompt",
    [
        "Tell me about your day.",
        "Statement: I like cards.\n1 = Disagree\n2 = Agree",
        "Which do you prefer?\nA. tea\nB. coffee",
        "How sure are you? Rate from 1 to 5.",
    ],
)
def test_other_prompts_are_answered_as_before(prompt: str) -> None:
    assert behave(prompt, {}, SimSettings(), 1.0, random.Random(0)) is None
