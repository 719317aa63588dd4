"""The respondent prefers the text that sounds like the person it plays, and says so of a text that does."""

from __future__ import annotations

import json

import numpy as np
import pytest

from personae.model import Request, Sampling, Schema
from personae.respondent import SimulatedRespondent
from personae.respondent.shown_texts import asks_whether_it_suits, fit_of, fits_of, shown_texts

LOUD = "I love parties. I am the life of the party. I talk to everybody and I am outgoing."
QUIET = "I am quiet. I keep to myself. I am shy and I stay at home alone."
OUTGOING = "You are this person:\n\n- age: 40\n- extraversion: very high\n\n"
SHY = "You are this person:\n\n- age: 40\n- extraversion: very low\n\n"
CHOICE = Schema(
    "choice",
    {"type": "object", "properties": {"choice": {"type": "string", "enum": ["A", "B"]}}, "required": ["choice"]},
)


def chosen(who: str, a: str, b: str) -> str:
    prompt = f"{who}Somebody asked: What now?\n\nAnswer A:\n{a}\n\nAnswer B:\n{b}\n\nWhich answer is preferred, A or B?"
    request = Request.of(prompt, sampling=Sampling(temperature=0.0))
    reply = SimulatedRespondent().answer(Request(request.messages, request.sampling, CHOICE))
    return str(json.loads(reply.text)["choice"])


@pytest.mark.parametrize(("who", "wanted"), [(OUTGOING, LOUD), (SHY, QUIET)])
def test_the_text_that_sounds_like_the_person_is_chosen_in_both_orders(who: str, wanted: str) -> None:
    other = QUIET if wanted == LOUD else LOUD
    assert chosen(who, wanted, other) == "A"
    assert chosen(who, other, wanted) == "B"


def test_nobody_has_no_preference_and_takes_the_first() -> None:
    assert chosen("", LOUD, QUIET) == chosen("", QUIET, LOUD) == "A"


def test_texts_are_read_up_to_the_question() -> None:
    prompt = "Answer A:\nOne.\n\nTwo.\n\nAnswer B:\nThree.\n\nFour.\n\nSay which answer is preferred."
    assert dict(shown_texts(prompt)) == {"A": "One.\n\nTwo.", "B": "Three.\n\nFour."}
    assert not shown_texts("Answer A:\nOnly one.")
    assert not shown_texts("The answer A: is inline. Answer B: too.")
    assert fits_of(shown_texts(prompt), ["yes", "no"], {}) is None


def test_whether_a_text_suits_follows_the_person() -> None:
    assert fit_of(LOUD, {"big_five.extraversion": 2.0}) > 0 > fit_of(QUIET, {"big_five.extraversion": 2.0})
    assert fit_of(LOUD, {}) == 0
    assert asks_whether_it_suits("suits_person") and asks_whether_it_suits("is_personalised")
    assert not asks_whether_it_suits("benefits") and not asks_whether_it_suits("outfit")
    schema = Schema("s", {"type": "object", "properties": {"suits": {"type": "boolean"}}, "required": ["suits"]})

    def share(text: str) -> float:
        told = [
            SimulatedRespondent().answer(
                Request(
                    Request.of(
                        f"Imagine this person:\n\n- extraversion: very high\n\n<response>\n{text}\n</response>"
                    ).messages,
                    Sampling(temperature=0.0, seed=seed),
                    schema,
                )
            )
            for seed in range(60)
        ]
        return float(np.mean([json.loads(one.text)["suits"] for one in told]))

    assert share(LOUD) > 0.8
    assert share(QUIET) < 0.2
