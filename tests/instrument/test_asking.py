"""Blocks and conversations: what is asked together, and what stays in the conversation."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from personae.errors import InputError
from personae.instrument import Administration, administer, load_instrument
from personae.instrument.asking import blocks_of
from personae.model import Message, ProviderError, Request, Sampling, ScriptedModel, open_model
from support.questionnaires import small_instrument

SMALL = small_instrument()


def roles(request: Request) -> list[str]:
    return [message.role for message in request.messages]


# Blocks.


@given(st.integers(1, 60), st.integers(1, 70))
def test_blocks_hold_every_item_once(items: int, size: int) -> None:
    blocks = list(blocks_of(Administration(mode="blocks", block_size=size), items, None))
    assert [place for block in blocks for place in block] == list(range(items))
    assert all(len(block) == size for block in blocks[:-1])


@given(st.integers(0, 500))
def test_a_random_split_lies_where_it_was_said_to(seed: int) -> None:
    how = Administration(mode="blocks", split_between=(17, 27))
    first, second = blocks_of(how, 44, np.random.default_rng(seed))
    assert 17 <= len(first) <= 27
    assert [*first, *second] == list(range(44))


def test_every_split_comes_up() -> None:
    how = Administration(mode="blocks", split_between=(17, 27))
    sizes = {len(next(blocks_of(how, 44, np.random.default_rng(seed)))) for seed in range(300)}
    assert sizes == set(range(17, 28))


async def test_each_block_begins_its_marks_anew_and_is_put_back_in_its_place() -> None:
    model = ScriptedModel(["(1) 5\n(2) 2\n(3) 4", "(1) 1"])
    how = Administration(mode="blocks", block_size=3, item_marks="numbers")
    given_ = await administer(SMALL, model, how)
    assert given_.values == [5, 2, 4, 1]
    assert "(1) I see myself as worried" in model.requests[1].messages[-1].content
    assert "silent" not in model.requests[1].messages[-1].content
    assert [roles(request) for request in model.requests] == [["user"], ["user"]]


async def test_a_block_may_know_those_before_it() -> None:
    model = ScriptedModel(["(a) 5\n(b) 2", "(a) 4\n(b) 1"])
    how = Administration(mode="blocks", block_size=2, keeps_history=True)
    given_ = await administer(SMALL, model, how, system="You are Ada.")
    assert roles(model.requests[1]) == ["system", "user", "assistant", "user"]
    assert model.requests[1].messages[2].content == "(a) 5\n(b) 2"
    assert given_.messages == (*model.requests[1].messages, Message("assistant", "(a) 4\n(b) 1"))


async def test_shuffled_items_of_blocks_come_back_in_printed_order() -> None:
    def answer(request: Request) -> str:
        shown = re.findall(r"^\((\w+)\) I see myself as (\w+)$", request.messages[-1].content, re.M)
        return "\n".join(f"({mark}) {['loud', 'silent', 'calm', 'worried'].index(word) + 1}" for mark, word in shown)

    how = Administration(mode="blocks", split_between=(1, 3), item_order="shuffled")
    for seed in range(10):
        given_ = await administer(SMALL, ScriptedModel(answer), how, rng=np.random.default_rng(seed))
        assert given_.values == [1, 2, 3, 4]


async def test_one_block_that_is_refused_costs_its_items_alone() -> None:
    model = ScriptedModel(["I'm sorry, but I can't rate myself.", "(a) 4\n(b) 1"])
    given_ = await administer(SMALL, model, Administration(mode="blocks", block_size=2))
    assert given_.values == [None, None, 4, 1]
    assert [answer.status for answer in given_.answers] == ["refused", "refused", "ok", "ok"]
    assert given_.status == "refused"


async def test_answers_as_json_by_the_number_of_the_item_are_read() -> None:
    model = ScriptedModel(['{"1": "iv", "2": "ii"}', '{"1": "v", "2": "i"}'])
    how = Administration(mode="blocks", block_size=2, item_marks="numbers", option_marks="lower_roman")
    assert (await administer(SMALL, model, how)).values == [4, 2, 5, 1]


# Conversations.


async def test_one_statement_a_turn_with_the_earlier_ratings_in_the_conversation() -> None:
    model = ScriptedModel(["5", "2", "4", "1"])
    given_ = await administer(SMALL, model, Administration(mode="multi_turn"))
    assert given_.values == [5, 2, 4, 1]
    assert [len(request.messages) for request in model.requests] == [1, 3, 5, 7]
    last = model.requests[-1].messages
    assert [message.content for message in last if message.role == "assistant"] == ["5", "2", "4"]
    assert "Response options" in last[0].content
    assert last[2].content.startswith("Statement: I see myself as silent\n\nAnswer with")
    assert "Response options" not in last[2].content
    assert given_.messages == (*last, Message("assistant", "1"))


async def test_a_turn_is_asked_again_within_its_conversation() -> None:
    model = ScriptedModel(["5", "hm", "2", "4", "1"])
    given_ = await administer(SMALL, model, Administration(mode="multi_turn", attempts=2))
    assert given_.values == [5, 2, 4, 1]
    assert given_.status == "repaired"
    assert model.requests[1].messages == model.requests[2].messages
    assert (model.requests[1].replicate, model.requests[2].replicate) == (0, 1)
    assert [message.content for message in given_.messages if message.role == "assistant"] == ["5", "2", "4", "1"]


async def test_what_could_not_be_read_stays_in_the_conversation() -> None:
    given_ = await administer(SMALL, ScriptedModel(["5", "hm", "4", "1"]), Administration(mode="multi_turn"))
    assert given_.values == [5, None, 4, 1]
    assert "hm" in [message.content for message in given_.messages]


async def test_a_call_that_failed_does_not() -> None:
    failure = ProviderError("timeout", "too slow")
    model = ScriptedModel(["5", failure, "4", "1"])
    given_ = await administer(SMALL, model, Administration(mode="multi_turn"))
    assert given_.values == [5, None, 4, 1]
    assert given_.detail == str(failure)
    assert roles(model.requests[-1]) == ["user", "assistant", "user", "assistant", "user"]


async def test_both_templates_can_be_replaced() -> None:
    model = ScriptedModel(["5", "2", "4", "1"])
    how = Administration(mode="multi_turn", prompt="First: $items ($options)", next_prompt="Then: $items")
    await administer(SMALL, model, how)
    said = [request.messages[-1].content for request in model.requests]
    assert said[0].startswith("First: I see myself as loud (1 = Disagree strongly")
    assert said[1:] == [f"Then: I see myself as {word}" for word in ("silent", "calm", "worried")]


async def test_a_persona_answers_alike_in_every_mode() -> None:
    bfi = load_instrument("bfi-10")
    scores = {}
    for how in (
        Administration(),
        Administration(mode="item_wise"),
        Administration(mode="blocks", block_size=4),
        Administration(mode="blocks", block_size=4, keeps_history=True),
        Administration(mode="multi_turn"),
    ):
        given_ = await administer(
            bfi, open_model("sim"), how, system="You are extremely outgoing.", sampling=Sampling(temperature=0.0)
        )
        assert given_.status == "ok"
        scores[str(how.spell())] = tuple(given_.values)
    assert len(set(scores.values())) == 1


# What cannot be chosen.


@pytest.mark.parametrize(
    ("choices", "said"),
    [
        ({"mode": "blocks"}, "a size or a split"),
        ({"block_size": 3}, "mode='blocks'"),
        ({"mode": "blocks", "block_size": 3, "split_between": (1, 2)}, "not both"),
        ({"mode": "blocks", "split_between": (3, 2)}, "rising"),
        ({"mode": "multi_turn", "keeps_history": True}, "always keeps it"),
        ({"mode": "chorus"}, "multi_turn"),
        ({"option_order": "sideways"}, "tuple of places"),
    ],
)
def test_choices_that_do_not_fit_are_refused(choices: dict[str, object], said: str) -> None:
    with pytest.raises(InputError, match=said):
        Administration(**choices)  # type: ignore[arg-type]


async def test_a_split_behind_the_last_item_is_refused() -> None:
    how = Administration(mode="blocks", split_between=(2, 4))
    with pytest.raises(InputError, match="leaves nothing of 4 items"):
        await administer(SMALL, ScriptedModel([]), how, rng=np.random.default_rng(0))


@pytest.mark.parametrize("choices", [{"mode": "blocks", "split_between": (1, 2)}, {"option_order": "shuffled"}])
async def test_what_is_drawn_needs_a_generator(choices: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="rng"):
        await administer(SMALL, ScriptedModel([]), Administration(**choices))  # type: ignore[arg-type]


async def test_shuffled_options_are_drawn_for_each_respondent() -> None:
    model = ScriptedModel(lambda _: "1")
    how = Administration(mode="item_wise", option_order="shuffled", option_marks="ranks")
    given_ = [await administer(SMALL, model, how, rng=np.random.default_rng(seed)) for seed in range(20)]
    assert len({tuple(one.values) for one in given_}) == 5
    assert all(len(set(one.values)) == 1 for one in given_)  # one order for all items of a respondent
