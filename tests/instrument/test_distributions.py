"""Answers read off probabilities: first tokens and continuations."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from personae.errors import InputError
from personae.instrument import Administration, OptionDistribution, administer, load_instrument
from personae.instrument.distributions import averaged, soft_max
from personae.model import ProviderError, Reply, Request, ScriptedModel, TokenLogprob, open_client, open_model
from support.chat_server import ChatServer, completion
from support.echo_server import EchoServer
from support.questionnaires import small_instrument

SMALL = small_instrument()
FIRST = Administration(mode="item_wise", answering="first_token")


def reply(**probabilities: float) -> Reply:
    top = tuple((token.removeprefix("t"), math.log(p)) for token, p in probabilities.items())
    return Reply(top[0][0], logprobs=(TokenLogprob(*top[0], top),))


# The first token.


async def test_the_most_probable_option_is_the_answer_and_the_rest_is_kept() -> None:
    model = ScriptedModel(lambda _: reply(t4=0.5, t3=0.3, t5=0.1, t2=0.05, t1=0.05))
    given_ = await administer(SMALL, model, FIRST)
    assert given_.values == [4] * 4
    assert given_.method == "first_token"
    assert given_.distributions[0].mean == pytest.approx(4 * 0.5 + 3 * 0.3 + 5 * 0.1 + 2 * 0.05 + 1 * 0.05)
    assert given_.distributions[0].covered == pytest.approx(1)
    request = model.requests[0]
    assert (request.sampling.max_tokens, request.sampling.top_logprobs) == (1, 20)
    assert request.choices == ("1", "2", "3", "4", "5")


async def test_an_option_that_was_not_reported_is_not_nought() -> None:
    given_ = await administer(SMALL, ScriptedModel(lambda _: reply(t4=0.6, t5=0.2)), FIRST)
    found = given_.distributions[0]
    assert set(found.probabilities) == {4, 5}
    assert found.unreported == pytest.approx({1: 0.2, 2: 0.2, 3: 0.2})
    low, high = found.mean_bounds
    assert found.mean == pytest.approx(4.25)
    assert low == pytest.approx(0.8 * 4.25 + 0.2 * 1)
    assert high == pytest.approx(4.25)  # all that are missing lie below


async def test_a_reply_that_begins_with_something_else_is_no_answer() -> None:
    model = ScriptedModel(lambda _: reply(As=0.7, t4=0.2, t5=0.1))
    given_ = await administer(SMALL, model, FIRST)
    assert given_.values == [None] * 4
    assert {answer.status for answer in given_.answers} == {"unparsed"}
    assert given_.distributions[0].covered == pytest.approx(0.3)
    assert given_.distributions[0].probabilities == pytest.approx({4: 2 / 3, 5: 1 / 3})
    lenient = await administer(
        SMALL, model, Administration(mode="item_wise", answering="first_token", least_coverage=0.2)
    )
    assert lenient.values == [4] * 4


async def test_tokens_that_name_no_option_leave_the_item_unparsed_and_go_on() -> None:
    replies = [reply(t4=1.0), reply(The=1.0), reply(t2=1.0), reply(t1=1.0)]
    given_ = await administer(SMALL, ScriptedModel(replies), FIRST)
    assert given_.values == [4, None, 2, 1]
    assert "no token" in given_.distributions[1].note
    assert math.isnan(given_.distributions[1].mean)


async def test_an_endpoint_without_log_probabilities_ends_it() -> None:
    model = ScriptedModel(lambda _: "4")
    with pytest.raises(ProviderError) as caught:
        await administer(load_instrument("bfi-44"), model, FIRST)
    assert caught.value.kind == "unsupported"
    assert len(model.requests) == 5


async def test_a_failed_call_is_a_failed_item() -> None:
    failure = ProviderError("timeout", "too slow")
    given_ = await administer(SMALL, ScriptedModel([reply(t4=1.0), failure, reply(t2=1.0), reply(t1=1.0)]), FIRST)
    assert [answer.status for answer in given_.answers] == ["ok", "failed", "ok", "ok"]
    assert given_.detail == str(failure)


async def test_two_options_alike_are_no_answer() -> None:
    given_ = await administer(SMALL, ScriptedModel(lambda _: reply(t4=0.5, t2=0.5)), FIRST)
    assert given_.values == [None] * 4
    assert given_.distributions[0].mean == pytest.approx(3)


async def test_both_orders_are_averaged_by_value() -> None:
    def by_place(request: Request) -> Reply:
        first = request.messages[-1].content.split("Response options:\n")[1][0]
        return reply(**{f"t{first}": 0.7, "t3": 0.3})  # whatever stands first, and the middle

    how = Administration(mode="item_wise", answering="first_token", orders="swap")
    model = ScriptedModel(by_place)
    given_ = await administer(SMALL, model, how)
    found = given_.distributions[0]
    assert len(model.requests) == 8
    assert found.orders == 2
    assert found.probabilities == {3: pytest.approx(1.0)}  # the ends were reported under one order each
    assert set(found.unreported) == {1, 2, 4, 5}
    assert found.order_gap == pytest.approx(0.35)


def test_what_both_orders_say_has_no_gap() -> None:
    one = OptionDistribution("first_token", {1: 0.25, 2: 0.75}, 1.0)
    both = averaged([one, one])
    assert both.probabilities == pytest.approx({1: 0.25, 2: 0.75})
    assert both.order_gap == pytest.approx(0)
    assert averaged([one]) is one
    with pytest.raises(ValueError, match="no distribution"):
        averaged([])


def test_an_order_that_could_not_be_read_leaves_no_average() -> None:
    one = OptionDistribution("first_token", {1: 0.25, 2: 0.75}, 1.0)
    none = OptionDistribution("first_token", {}, 0.0, note="no token that is reported stands for a choice")
    assert averaged([one, none]).value is None
    assert averaged([one, none]).note == none.note


async def test_over_http_with_the_wire_format_of_log_probabilities() -> None:
    told = [
        {
            "token": "4",
            "logprob": -0.5,
            "top_logprobs": [{"token": " 4", "logprob": -0.5}, {"token": "5", "logprob": -1.2}],
        }
    ]
    with ChatServer(completion("4", logprobs=told)) as server:
        model = open_client(f"{server.url}#m", {})
        given_ = await administer(SMALL, model, FIRST)
        await model.aclose()
    assert given_.values == [4] * 4
    assert server.requests[0]["logprobs"] is True
    assert server.requests[0]["top_logprobs"] == 20


async def test_a_conversation_carries_the_most_probable_marks() -> None:
    model = ScriptedModel(lambda _: reply(E=0.6, A=0.4))
    how = Administration(mode="multi_turn", answering="first_token", option_marks="letters")
    given_ = await administer(SMALL, model, how)
    assert given_.values == [5] * 4
    assert [message.content for message in model.requests[-1].messages if message.role == "assistant"] == ["E"] * 3


# Continuations.


async def test_words_are_scored_as_what_comes_next_over_http() -> None:
    table = {"Agree": -0.1, "Disagree": -2.0, "strongly": -3.0, "a": -0.2, "little": -0.2, "Neither": -4.0}
    with EchoServer(table) as server:
        model = open_client(f"{server.url}#m", {})
        how = Administration(mode="item_wise", answering="continuation", option_marks="words")
        given_ = await administer(SMALL, model, how)
        await model.aclose()
    assert given_.values == [4] * 4  # "Agree a little" is likelier than "Agree strongly"
    assert given_.method == "continuation"
    weights = soft_max([-5.0, -2.4, -4 - 1 - 1 - 1, -0.5, -3.1])
    assert [given_.distributions[0].probabilities[value] for value in (1, 2, 4, 5)] == pytest.approx(
        [weights[0], weights[1], weights[3], weights[4]], rel=0.05
    )
    assert len(server.completions) == 4
    assert server.completions[0]["prompt"][0].endswith("\nDisagree strongly")


async def test_long_words_may_count_by_the_token() -> None:
    table = {"Agree": -2.0, "Neither": -0.1, "agree": -0.1, "nor": -0.1, "disagree": -0.1, "strongly": -0.1}
    values = {}
    for per_token in (False, True):
        with EchoServer(table) as server:
            model = open_client(f"{server.url}#m", {"scoring": "prompt_logprobs"})
            how = Administration(mode="item_wise", answering="continuation", option_marks="words", per_token=per_token)
            values[per_token] = (await administer(SMALL, model, how)).distributions[0]
            await model.aclose()
    assert values[True].probabilities[3] > values[False].probabilities[3] or values[True].value == 3


@pytest.mark.parametrize("marks", ["values", "letters", "words"])
async def test_sim_answers_alike_by_probability_and_by_text(marks: str) -> None:
    bfi = load_instrument("bfi-10")
    system = "You are extremely outgoing, extremely lazy and extremely anxious."
    found = {}
    for answering in ("continuation",) if marks == "words" else ("continuation", "first_token"):
        how = Administration(mode="item_wise", answering=answering, option_marks=marks)  # type: ignore[arg-type]
        found[answering] = await administer(bfi, open_model("sim"), how, system=system)
    means = [[one.mean for one in each.distributions] for each in found.values()]
    assert all(each == pytest.approx(means[0]) for each in means)
    assert found["continuation"].distributions[0].mean < 2  # reserved
    assert found["continuation"].distributions[5].mean > 4  # outgoing


@given(st.lists(st.floats(-50, 0), min_size=2, max_size=8))
def test_shares_of_scores_sum_to_one(scores: list[float]) -> None:
    assert sum(soft_max(scores)) == pytest.approx(1)


@pytest.mark.parametrize(
    ("choices", "said"),
    [
        ({"answering": "first_token"}, "item_wise"),
        ({"answering": "first_token", "mode": "blocks", "block_size": 2}, "one item at a time"),
        ({"answering": "first_token", "mode": "item_wise", "option_marks": "words"}, "continuation"),
        ({"answering": "telepathy"}, "first_token"),
        ({"orders": "swap"}, "administer_over_orders"),
        ({"orders": "all", "mode": "item_wise", "answering": "first_token"}, "swap or cyclic"),
        ({"least_coverage": 2.0}, "0 to 1"),
    ],
)
def test_choices_that_do_not_fit_are_refused(choices: dict[str, object], said: str) -> None:
    with pytest.raises(InputError, match=said):
        Administration(**choices)  # type: ignore[arg-type]


def test_a_distribution_is_spelt_in_json() -> None:
    found = OptionDistribution("first_token", {1: 0.25, 2: 0.75}, 0.9, {3: 0.1})
    assert found.spell()["probabilities"] == {"1": 0.25, "2": 0.75}
    assert found.spell()["mean_high"] == pytest.approx(0.9 * 1.75 + 0.1 * 3)
    assert found.spell()["order_gap"] is None
    assert found.entropy == pytest.approx(0.8113, abs=1e-4)
