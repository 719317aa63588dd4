"""Questions that an earlier part of the conversation explains."""

from __future__ import annotations

import math

import pytest

from personae.model import Message, Request, continuation_request, open_model, score_continuations
from personae.respondent.conversation import asked_before
from personae.respondent.poles import pole_of
from support.questionnaires import AGREEMENT

OUTGOING = "I love parties. I talk to everybody. I am outgoing and sociable, and I enjoy meeting new people every day."
SHY = "I am shy and quiet. I am reserved and prefer to be alone. I avoid parties and keep in the background."
OPTIONS = "\n".join(f"{mark} = {label}" for mark, label in enumerate(AGREEMENT, start=1))
INTRODUCTION = "Say how well each statement describes the person who wrote it."
FIRST = f"{INTRODUCTION}\n\nStatement: The author is reserved\n\n{OPTIONS}"
NEXT = 'Statement: The author is talkative\n\nAnswer with the option you choose, as in "3".'


def dialogue(text: str, *after: str) -> Request:
    first = f"Here is a text.\n\n<text>\n{text}\n</text>\n\n{FIRST}"
    turns = [Message("user", first)]
    for question in after:
        turns += [Message("assistant", "3"), Message("user", question)]
    return Request(tuple(turns))


async def rating(request: Request) -> float:
    model = open_model("sim")
    scores = await score_continuations(model, request, ["1", "2", "3", "4", "5"])
    return sum(int(one.text) * math.exp(one.logprob) for one in scores)


async def test_a_further_item_is_rated_by_the_options_and_the_text_of_before() -> None:
    assert await rating(dialogue(OUTGOING, NEXT)) > 3.5
    assert await rating(dialogue(SHY, NEXT)) < 2.5
    reply = await open_model("sim").generate(dialogue(SHY, NEXT))
    assert reply.text in {"1", "2", "3", "4", "5"}


def test_a_word_of_conversation_is_no_further_item() -> None:
    messages = dialogue(OUTGOING, "How was your day?").messages
    assert asked_before(messages, messages[-1].content) is None


@pytest.mark.parametrize(
    ("high", "low"),
    [
        ("High level of Extraversion", "Low level of Extraversion"),
        ("Extraversion (E)", "Introversion (I)"),
    ],
)
@pytest.mark.parametrize("is_swapped", [False, True])
async def test_the_conclusion_follows_the_text(high: str, low: str, *, is_swapped: bool) -> None:
    first, second = (low, high) if is_swapped else (high, low)
    question = f"Which is more likely for the author?\nA: {first}\nB: {second}\nAnswer with A or B."
    for text, wanted in ((OUTGOING, high), (SHY, low)):
        reply = await open_model("sim").generate(dialogue(text, question))
        assert reply.text == ("A" if first == wanted else "B")


async def test_whoever_nobody_described_is_known_by_their_own_words() -> None:
    for said, is_high in ((OUTGOING, True), (SHY, False)):
        messages = (
            Message("user", "Tell me more."),
            Message("assistant", said),
            Message("user", f"Statement: I am talkative\n\n{OPTIONS}"),
        )
        assert (await rating(Request(messages)) > 3) == is_high
        described = (Message("system", "You are extremely outgoing and talkative."), *messages)
        assert await rating(Request(described)) > 3  # who is described answers as described


@pytest.mark.parametrize(
    ("label", "pole"),
    [
        ("Low Neuroticism", ("big_five.neuroticism", -1)),
        ("high openness", ("big_five.openness", 1)),
        ("Thinking", ("big_five.agreeableness", -1)),
        ("Perceiving (P)", ("big_five.conscientiousness", -1)),
        ("intuition", ("big_five.openness", 1)),
        ("tea", None),
    ],
)
def test_poles_by_name(label: str, pole: tuple[str, int] | None) -> None:
    assert pole_of(label) == pole


async def test_continuations_of_something_else_are_not_scored() -> None:
    reply = await open_model("sim").generate(continuation_request(dialogue(SHY), ["1", "maybe"]))
    assert reply.logprobs == ()
