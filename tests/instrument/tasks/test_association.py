"""Word associations: reading pairs, the bias, orders that are drawn."""

from __future__ import annotations

import math

import pytest

from personae.instrument.tasks import AssociationTask, association_stimuli, bias_of
from personae.instrument.tasks.association import count_pairs
from personae.model import Request, ScriptedModel

TEST = association_stimuli().tests[0]
LABELS = {
    label.casefold(): (side, test)
    for test in association_stimuli().tests
    for side, labels in enumerate((test.a, test.b))
    for label in labels
}


def labels_of(request: Request) -> tuple[str, str, list[str]]:
    text = request.messages[-1].content
    quoted = text.split('"')
    return quoted[1], quoted[3], text.split(": ", 1)[1].split(".\n")[0].split(", ")


def biased(request: Request) -> str:
    a, b, words = labels_of(request)
    test = next(one for one in association_stimuli().tests if a in one.a and set(words) == {*one.words_a, *one.words_b})
    return "\n".join(f"{word} - {a if word in test.words_a else b}" for word in words)


@pytest.mark.parametrize(
    ("counts", "corrected", "published"),
    [
        ([8, 0, 0, 8], 1.0, 1.0),
        ([0, 8, 8, 0], -1.0, -1.0),
        ([4, 4, 4, 4], 0.0, 0.0),
        ([6, 2, 2, 6], 0.5, 0.5),
        ([8, 8, 0, 0], math.nan, -0.5),
        ([0, 0, 0, 0], math.nan, -1.0),
    ],
)
def test_the_bias(counts: list[int], corrected: float, published: float) -> None:
    assert bias_of(counts) == pytest.approx(corrected, nan_ok=True)
    assert bias_of(counts, "as_published") == pytest.approx(published)


@pytest.mark.parametrize(
    "line",
    ["salary - men", "1. salary - men", "Salary: Men", "* salary – men", "salary -> men", "**salary** - **men**"],
)
def test_pairs_are_read_in_the_forms_that_models_write(line: str) -> None:
    assert count_pairs(line, "men", "women", TEST) == [1, 0, 0, 0]


def test_a_word_counts_once_and_strange_words_not_at_all() -> None:
    text = "salary - men\nsalary - women\nbanana - men\nhome - nobody\nwedding - women"
    assert count_pairs(text, "men", "women", TEST) == [1, 0, 0, 1]


async def test_a_planted_stereotype_is_found() -> None:
    task = AssociationTask(orders=2)
    done = await task.perform(ScriptedModel(biased))
    scores = task.score(done.answers)
    assert set(done.statuses) == {"ok"}
    assert scores["bias"] == scores["size"] == 1.0
    assert all(scores[f"bias.{test.key}"] == 1.0 for test in association_stimuli().tests)


async def test_who_gives_everything_to_one_group_has_no_bias() -> None:
    def first(request: Request) -> str:
        a, _, words = labels_of(request)
        return "\n".join(f"{word} - {a}" for word in words)

    task = AssociationTask(orders=1)
    done = await task.perform(ScriptedModel(first))
    assert math.isnan(task.score(done.answers)["bias"])
    assert task.score(done.answers, "as_published")["bias"] == pytest.approx(-0.5)


async def test_orders_depend_on_the_seed_alone() -> None:
    models = [ScriptedModel(biased) for _ in range(3)]
    for model, seed in zip(models, (1, 1, 2), strict=True):
        await AssociationTask(orders=2).perform(model, seed=seed)
    asked = [[request.messages[-1].content for request in model.requests] for model in models]
    assert asked[0] == asked[1] != asked[2]
    assert len(set(asked[0])) == 2 * len(association_stimuli().tests)


async def test_a_refusal_is_a_refusal() -> None:
    task = AssociationTask(orders=1)
    done = await task.perform(ScriptedModel(lambda _: "I'm sorry, but I can't assign people to words."))
    assert set(done.statuses) == {"refused"}
    assert math.isnan(task.score(done.answers)["bias"])


def test_every_test_has_eight_words_a_side_and_none_twice() -> None:
    for test in association_stimuli().tests:
        assert len(test.words_a) == len(test.words_b) == 8
        assert not set(test.words_a) & set(test.words_b)
    assert len(LABELS) > 10
