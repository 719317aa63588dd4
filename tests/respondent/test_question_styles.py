"""Questions in the styles of many tools, end to end: what comes is in the format asked, at the right end."""

from __future__ import annotations

import pytest

from personae.model import Message, Request, Sampling
from personae.respondent import SimulatedRespondent

LOUD, STILL = "You are extremely talkative.", "You are extremely quiet."
FIVE = "1 = Disagree strongly\n2 = Disagree a little\n3 = Neither\n4 = Agree a little\n5 = Agree strongly"


def answer(prompt: str, system: str) -> str:
    """The likeliest reply, without chance."""
    return SimulatedRespondent().answer(Request.of(prompt, system=system, sampling=Sampling(0.0, seed=0))).text


STYLES = [
    (f"Statement: I am talkative.\n{FIVE}", "5", "1"),
    (f'Statement: """I am talkative."""\n{FIVE}', "5", "1"),
    ("```\nI am talkative.\n```\nRate from 1 to 5 where 1 means disagree and 5 means agree.", "5", "1"),
    ('Rate the statement "I am talkative." on a scale from 1 to 7.', "7", "1"),
    ("How much do you agree with: 'I talk a lot'? 0 = not at all, 10 = completely.", "10", "0"),
    ("On a scale of 1 to 5, where 1 means strongly agree and 5 means strongly disagree: I am talkative.", "1", "5"),
    ("Do you talk a lot? Answer yes or no.", "Yes", "No"),
    ("Are you talkative?\nA. Yes\nB. No\nAnswer:", "A", "B"),
    ("I am talkative. True or false?", "True", "False"),
    (
        "I am talkative.\nAnswer with one of: Strongly disagree, Disagree, Agree, Strongly agree",
        "Strongly agree",
        "Strongly disagree",
    ),
    (
        "I am talkative.\n[ ] Strongly disagree\n[ ] Neutral\n[ ] Agree\n[ ] Strongly agree",
        "Strongly agree",
        "Strongly disagree",
    ),
    ("I am talkative.\n\nA) Strongly agree\nB) Agree\nC) Neutral\nD) Disagree\nE) Strongly disagree", "A", "E"),
    (
        "Answer the question. The last line should be of the form 'ANSWER: $LETTER'.\n\nI am talkative.\n\n"
        "A) Strongly agree\nB) Neutral\nC) Strongly disagree",
        "ANSWER: A",
        "ANSWER: C",
    ),
    (
        "[System] You will see a statement.\nQ: I am talkative.\nOptions: (1) Very Inaccurate "
        "(2) Moderately Inaccurate (3) Neither (4) Moderately Accurate (5) Very Accurate\nA:",
        "5",
        "1",
    ),
    (
        "Score each from 1 (disagree) to 5 (agree), one line each, as index: score.\n1. Is talkative\n2. Is reserved",
        "1: 5\n2: 1",
        "1: 1\n2: 5",
    ),
    (
        "| # | Statement |\n|---|---|\n| 1 | I am talkative |\n| 2 | I am quiet |\nRate each from 1 to 5.",
        "1. 5\n2. 1",
        "1. 1\n2. 5",
    ),
    (f"{FIVE}\n\n(a) Is talkative\n(b) Tends to be quiet", "(a) 5\n(b) 1", "(a) 1\n(b) 5"),
    (f"{FIVE}\n\n- Q1: Is talkative\n- Q2: Tends to be quiet", "Q1: 5\nQ2: 1", "Q1: 1\nQ2: 5"),
    (f"{FIVE}\n\n1. Is talkative\n2. Tends to be quiet\nAnswer in JSON.", '{"1":5,"2":1}', '{"1":1,"2":5}'),
    (f'Statement: I am talkative.\n{FIVE}\nReply as JSON: {{"score": 3}}', '{"score":5}', '{"score":1}'),
    (
        "A colleague asks you to join a crowded party. What do you do?\nA. I talk to everyone there.\n"
        "B. I stay home, quiet and alone.\nAnswer with one letter.",
        "A",
        "B",
    ),
]


@pytest.mark.parametrize(("prompt", "loud", "still"), STYLES)
def test_the_answer_is_in_the_format_asked_and_at_the_right_end(prompt: str, loud: str, still: str) -> None:
    assert (answer(prompt, LOUD), answer(prompt, STILL)) == (loud, still)


@pytest.mark.parametrize(("prompt", "loud", "still"), STYLES)
def test_a_persona_before_the_question_counts_as_one_in_the_system_message(prompt: str, loud: str, still: str) -> None:
    assert (answer(f"{LOUD}\n\n{prompt}", ""), answer(f"{STILL}\n\n{prompt}", "")) == (loud, still)


def test_options_that_the_system_message_explains_hold_for_the_questions_after_it() -> None:
    system = f"{LOUD} Rate every statement on this scale:\n{FIVE}\nReply with the number only."
    request = Request((Message("system", system), Message("user", "I am talkative.")), Sampling(0.0))
    assert SimulatedRespondent().answer(request).text == "5"


def test_closed_choices_beside_the_prompt_are_options() -> None:
    for system, wanted in ((LOUD, "agree"), (STILL, "disagree")):
        request = Request.of("I am talkative.", system=system, sampling=Sampling(0.0))
        reply = SimulatedRespondent().answer(Request(request.messages, request.sampling, choices=("disagree", "agree")))
        assert reply.text == wanted


def test_a_question_about_a_text_is_answered_for_its_author() -> None:
    story = "<text>I love parties, and I talk to everyone in the room.</text>"
    question = f"{story}\nHow well does this describe the author: is talkative?\n{FIVE}"
    assert int(answer(question, STILL)) >= 4
    assert int(answer(question.replace("love", "hate").replace("and I talk to everyone", "so I sit alone"), LOUD)) <= 2


@pytest.mark.parametrize(
    "prompt",
    [
        "Please share a personal story in 80 words.",
        "Hello! How was your weekend?",
        "Describe a typical Saturday. What do you like about it?",
        "Tell me about yourself.",
    ],
)
def test_an_open_question_gets_sentences(prompt: str) -> None:
    reply = answer(prompt, LOUD)
    assert len(reply.split()) > 10
    assert reply.endswith((".", "!", "?"))
