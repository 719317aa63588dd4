"""Who answers: a persona, the client of a dialogue, an observer."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from personae.errors import InputError
from personae.instrument import (
    Administration,
    Respondent,
    Turn,
    administer,
    client_proxy,
    load_instrument,
    observer,
    played,
    score_traits,
)
from personae.instrument.respondents import OPENING, merged
from personae.model import Message, Request, ScriptedModel, open_model
from personae.respondent import SimulatedRespondent
from support.questionnaires import small_instrument

SMALL = small_instrument()
COMPLETE = "(a) 5\n(b) 2\n(c) 4\n(d) 1"
SAID = [
    Turn("counsellor", "What brings you here?"),
    Turn("counsellor", "Take your time."),
    Turn("client", "I worry."),
    Turn("client", "A lot."),
    Turn("counsellor", "Since when?"),
]


async def test_a_persona_is_a_system_message() -> None:
    one, other = ScriptedModel([COMPLETE]), ScriptedModel([COMPLETE])
    await administer(SMALL, one, system="You are Ada.")
    await administer(SMALL, other, respondent=played("You are Ada."))
    assert one.requests == other.requests


async def test_two_personas_at_once_are_refused() -> None:
    with pytest.raises(InputError, match="respondent"):
        await administer(SMALL, ScriptedModel([]), system="You are Ada.", respondent=played("You are Bob."))


# The client of a dialogue.


async def test_roles_are_reversed_and_neighbours_merged() -> None:
    model = ScriptedModel(["4"] * 4)
    who = client_proxy(SAID, "client", system="You are the client.")
    await administer(SMALL, model, Administration(mode="item_wise"), respondent=who)
    messages = model.requests[0].messages
    assert [message.role for message in messages] == ["system", "user", "assistant", "user"]
    assert messages[1].content == "What brings you here?\nTake your time."
    assert messages[2].content == "I worry.\nA lot."
    # The last thing that the counsellor said and the question are one message.
    assert messages[3].content.startswith("Since when?\n\nHow are you?")


async def test_a_model_without_a_system_role_reads_it_first() -> None:
    model = ScriptedModel([COMPLETE])
    who = client_proxy(SAID, "client", system="You are the client.", has_system_role=False)
    await administer(SMALL, model, respondent=who)
    messages = model.requests[0].messages
    assert [message.role for message in messages] == ["user", "assistant", "user"]
    assert messages[0].content.startswith("You are the client.\n\nWhat brings you here?")


def test_a_dialogue_that_the_client_begins_is_opened() -> None:
    history = client_proxy([Turn("client", "Hello."), Turn("counsellor", "Hi.")], "client").history
    assert [(one.role, one.content) for one in history] == [
        ("user", OPENING),
        ("assistant", "Hello."),
        ("user", "Hi."),
    ]


@pytest.mark.parametrize("turns", [[], [Turn("counsellor", "Hello?")], [Turn("client", "  ")]])
def test_a_dialogue_without_the_client_is_refused(turns: list[Turn]) -> None:
    with pytest.raises(InputError, match="nobody called 'client' speaks"):
        client_proxy(turns, "client")


@given(st.lists(st.tuples(st.sampled_from(["client", "counsellor", "observer"]), st.text(min_size=1)), min_size=1))
def test_no_two_neighbours_share_a_role_and_nothing_is_lost(said: list[tuple[str, str]]) -> None:
    turns = [Turn("client", "begin"), *(Turn(*one) for one in said)]
    history = client_proxy(turns, "client").history
    roles = [message.role for message in history]
    assert roles[0] == "user"
    assert all(before != after for before, after in itertools.pairwise(roles))
    whole = "\n".join(message.content for message in history)
    assert all(turn.text.strip() in whole for turn in turns)


def test_merging_keeps_single_messages() -> None:
    messages = (Message("system", "a"), Message("user", "b"), Message("assistant", "c"))
    assert merged(messages) == messages


# Observers.


async def test_an_observer_reads_the_text_and_rates_its_author() -> None:
    model = ScriptedModel([COMPLETE])
    bfi = load_instrument("bfi-10")
    given_ = await administer(bfi, model, respondent=observer("I spent $5 on {tea} & <cake>."))
    prompt = model.requests[0].messages[-1].content
    assert "<text>\nI spent $5 on {tea} & <cake>.\n</text>" in prompt
    assert "(a) The author is reserved\n" in prompt
    assert "I see myself" not in prompt
    assert given_.attempts[0].text == COMPLETE


async def test_an_observer_of_a_person_reads_the_description() -> None:
    model = ScriptedModel([COMPLETE])
    who = observer("Ada likes tea.", is_person=True, system="You are a psychologist.")
    await administer(SMALL, model, respondent=who)
    assert "Here is a description of a person." in model.requests[0].messages[-1].content
    assert "(a) This person: " not in model.requests[0].messages[-1].content
    assert model.requests[0].messages[0] == Message("system", "You are a psychologist.")


async def test_the_text_is_shown_once_in_a_conversation() -> None:
    model = ScriptedModel(["5", "2", "4", "1"])
    await administer(SMALL, model, Administration(mode="multi_turn"), respondent=observer("I like tea."))
    assert ["I like tea." in message.content for message in model.requests[-1].messages].count(True) == 1


def test_there_must_be_something_to_observe() -> None:
    with pytest.raises(InputError, match="nothing to observe"):
        observer("  \n")


@pytest.mark.parametrize("mode", ["all_in_one", "item_wise", "multi_turn"])
@pytest.mark.parametrize("key", ["bfi-44", "mini-ipip-20"])
async def test_an_observer_sees_the_trait_in_a_text(mode: str, key: str) -> None:
    sim, instrument = SimulatedRespondent(), load_instrument(key)
    scores = []
    for words in ("extremely outgoing and talkative", "extremely shy and reserved"):
        written = sim.answer(Request.of("Write a story in 300 words.", system=f"You are {words}.")).text
        given_ = await administer(instrument, sim, Administration(mode=mode), respondent=observer(written))  # type: ignore[arg-type]
        assert given_.status == "ok"
        row = np.array([[np.nan if value is None else value for value in given_.values]])
        scores.append(float(score_traits(row, instrument, ["big_five.extraversion"])["big_five.extraversion"][0]))
    assert scores[0] > scores[1] + 1


async def test_a_proxy_answers_as_its_client_spoke() -> None:
    outgoing = "I love parties. I talk to everybody. I am outgoing and sociable, and I enjoy meeting new people."
    shy = "I am shy and quiet. I am reserved and prefer to be alone. I avoid parties and keep in the background."
    extraversion = []
    for said in (outgoing, shy):
        who = client_proxy(
            [Turn("counsellor", "Tell me."), Turn("client", said)], "client", system="Answer as the client."
        )
        given_ = await administer(load_instrument("bfi-44"), open_model("sim"), respondent=who)
        extraversion.append(given_.values[0])  # is talkative
    assert extraversion[0] is not None
    assert extraversion[1] is not None
    assert extraversion[0] > extraversion[1]


def test_what_a_run_keeps_of_a_respondent_holds_no_words() -> None:
    who = observer("I spent 5 on tea.", system="You are a psychologist.")
    spelled = str(who.spell())
    assert "tea" not in spelled
    assert "psychologist" not in spelled
    assert who.spell() != observer("I spent 6 on tea.", system="You are a psychologist.").spell()
    assert Respondent().spell()["respondent"] == "self"
