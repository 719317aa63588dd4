"""Seeing the questionnaire in a prompt, whoever wrote the prompt: items, options, direction, format of the answer."""

from __future__ import annotations

import itertools
import time
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from personae.instrument import Administration, AnswerReader, ShownOption, load_instrument, make_form
from personae.respondent.answering import write_answers
from personae.respondent.sheet import Sheet, read_sheet

FIVE = ("Disagree strongly", "Disagree a little", "Neither agree nor disagree", "Agree a little", "Agree strongly")


def sheet_of(prompt: str) -> Sheet:
    sheet = read_sheet(prompt)
    assert sheet is not None
    return sheet


MODES: tuple[Literal["all_in_one", "item_wise"], ...] = ("all_in_one", "item_wise")
ORDERS: tuple[Literal["ascending", "descending"], ...] = ("ascending", "descending")
OPTION_MARKS: tuple[Literal["values", "ranks", "letters"], ...] = ("values", "ranks", "letters")
ITEM_MARKS: tuple[Literal["letters", "numbers"], ...] = ("letters", "numbers")
ITEM_ORDERS: tuple[Literal["printed", "shuffled"], ...] = ("printed", "shuffled")
ADMINISTRATIONS = [
    Administration(
        mode=mode,
        wording=wording,
        option_order=order,
        option_marks=marks,
        show_labels=labels,
        item_marks=item_marks,
        item_order=item_order,
    )
    for mode, wording, order, marks, labels, item_marks, item_order in itertools.product(
        MODES, ("original", "simplified"), ORDERS, OPTION_MARKS, (True, False), ITEM_MARKS, ITEM_ORDERS
    )
]


@pytest.mark.parametrize("how", ADMINISTRATIONS, ids=lambda how: "-".join(map(str, how.spell().values())))
def test_every_administration_of_the_instrument_room_is_seen_whole(how: Administration) -> None:
    instrument = load_instrument("bfi-44")
    form = make_form(instrument, how, np.random.default_rng(1))
    by_value = sorted(form.options, key=lambda option: option.value)
    for index in (None,) if how.mode == "all_in_one" else range(0, 44, 11):
        sheet = sheet_of(form.prompt(how.template, index))
        if index is None:
            assert sheet.labels == form.labels
            assert sheet.items == form.texts
        else:
            assert (sheet.labels, sheet.items) == ((), (form.texts[index],))
        assert [choice.mark for choice in sheet.choices] == [option.mark for option in form.options]
        assert [sheet.choices[place].mark for place in sheet.order] == [option.mark for option in by_value]
        for place, option in enumerate(form.options):
            reply = write_answers(sheet, [sheet.choices[place].mark] * len(sheet.items))
            answers = form.reader.read_sheet(reply, form.labels) if index is None else [form.reader.read(reply)]
            assert {(answer.value, answer.status) for answer in answers} == {(option.value, "ok")}


@dataclass(frozen=True)
class Foreign:
    """A prompt in the manner of another tool."""

    name: str
    prompt: str
    items: tuple[str, ...]
    rising: tuple[str, ...]
    """Marks of the options, or their words where they have none, from disagreement to agreement."""
    answered: str
    """The whole reply that chooses the option that agrees most for every item."""


_LIST = "1. I talk a lot.\n2. I worry about many things.\n3. I leave my things around."
_ITEMS = ("I talk a lot", "I worry about many things", "I leave my things around")
_LINES = "1. {0}\n2. {0}\n3. {0}"

FOREIGN = [
    Foreign(
        "index and score, explained by words in quotes",
        "You can only reply numbers from 1 to 5 in the following statements. Here are a number of characteristics that "
        "may or may not apply to you. Please indicate the extent to which you agree or disagree with that statement. "
        '1 denotes "strongly disagree", 2 denotes "a little disagree", 3 denotes "neither agree nor disagree", 4 '
        'denotes "little agree", 5 denotes "strongly agree". Here are the statements, score them one by one in the '
        f'form "statement index: score":\n{_LIST}',
        _ITEMS,
        ("1", "2", "3", "4", "5"),
        "1: 5\n2: 5\n3: 5",
    ),
    Foreign(
        "one statement in quotes, scale behind it",
        'Considering the statement, "I see myself as someone who is talkative", please rate how far you agree on a '
        "scale of 1 to 5, where 1 means 'disagree strongly', 2 is 'disagree a little', 3 is 'neither agree nor "
        "disagree', 4 is 'agree a little', and 5 is 'agree strongly'. I would choose option",
        ("I see myself as someone who is talkative",),
        ("1", "2", "3", "4", "5"),
        "5",
    ),
    Foreign(
        "letters in brackets, from the top down",
        'Given a statement of you: "You make friends easily." Please choose from the following options to identify how '
        "accurately this statement describes you.\nOptions:\n(A). Very Accurate\n(B). Moderately Accurate\n(C). "
        "Neither "
        "Accurate Nor Inaccurate\n(D). Moderately Inaccurate\n(E). Very Inaccurate\n\nAnswers:\nI choose option",
        ("You make friends easily.",),
        ("E", "D", "C", "B", "A"),
        "A",
    ),
    Foreign(
        "multiple choice with an announced answer",
        "Answer the following multiple choice question. The entire content of your response should be of the following "
        "format: 'ANSWER: $LETTER' (without quotes) where LETTER is one of A,B,C,D,E.\n\nI am the life of the "
        "party.\n\n"
        "A) Strongly disagree\nB) Disagree\nC) Neutral\nD) Agree\nE) Strongly agree",
        ("I am the life of the party.",),
        ("A", "B", "C", "D", "E"),
        "ANSWER: E",
    ),
    Foreign(
        "ends of the scale only",
        f"On a scale of 1 to 5 where 1 means Disagree strongly and 5 means Agree strongly, rate each:\n{_LIST}",
        _ITEMS,
        ("1", "2", "3", "4", "5"),
        _LINES.format(5),
    ),
    Foreign(
        "ends of the scale in brackets, seven points, upside down",
        f"Rate each statement from 1 (strongly agree) to 7 (strongly disagree).\n{_LIST}",
        _ITEMS,
        ("7", "6", "5", "4", "3", "2", "1"),
        _LINES.format(1),
    ),
    Foreign(
        "options in a sentence",
        "Write 1 for Disagree strongly, 2 for Disagree a little, 3 for Neither agree nor disagree, 4 for Agree a "
        f"little, 5 for Agree strongly.\n\n{_LIST}",
        _ITEMS,
        ("1", "2", "3", "4", "5"),
        _LINES.format(5),
    ),
    Foreign(
        "options in a sentence, words first",
        f"Use this scale: strongly disagree (1), disagree (2), agree (3), strongly agree (4).\n{_LIST}",
        _ITEMS,
        ("1", "2", "3", "4"),
        _LINES.format(4),
    ),
    Foreign(
        "options in one line, letters",
        "I get upset easily. A. Strongly agree B. Agree C. Disagree D. Strongly disagree",
        ("I get upset easily.",),
        ("D", "C", "B", "A"),
        "A",
    ),
    Foreign("yes or no", "Do you worry a lot? Answer yes or no.", ("Do you worry a lot?",), ("No", "Yes"), "Yes"),
    Foreign("yes/no in brackets", "Are you shy? (Yes/No)", ("Are you shy?",), ("No", "Yes"), "Yes"),
    Foreign(
        "true or false", 'True or false: "I keep my desk tidy."', ("I keep my desk tidy.",), ("False", "True"), "True"
    ),
    Foreign(
        "agree or disagree in words",
        'Statement: "Criminals deserve help."\nDo you "strongly disagree", "disagree", "agree" or "strongly agree"?',
        ("Criminals deserve help.",),
        ("strongly disagree", "disagree", "agree", "strongly agree"),
        "strongly agree",
    ),
    Foreign(
        "options in words behind a colon",
        "Statement: I like order.\nReply with exactly one of: Strongly agree, Agree, Neutral, Disagree, "
        "Strongly disagree",
        ("I like order.",),
        ("Strongly disagree", "Disagree", "Neutral", "Agree", "Strongly agree"),
        "Strongly agree",
    ),
    Foreign(
        "options in words, a line each",
        "I forgive people quickly.\n\nNot at all like me\nA little like me\nSomewhat like me\nVery much like me\n\n"
        "Only one option may be chosen.",
        ("I forgive people quickly.",),
        ("Not at all like me", "A little like me", "Somewhat like me", "Very much like me"),
        "Very much like me",
    ),
    Foreign(
        "options behind bullets",
        f"Choose for each statement:\n- Never\n- Sometimes\n- Always\n\n{_LIST}",
        _ITEMS,
        ("Never", "Sometimes", "Always"),
        _LINES.format("Always"),
    ),
    Foreign(
        "nought to ten",
        "On a scale from 0 to 10, how much do you agree that you are full of ideas? Reply with the number only.",
        ("you are full of ideas",),
        tuple(map(str, range(11))),
        "10",
    ),
    Foreign(
        "a slider of a hundred",
        'Rate the statement "I panic easily" from 0 (not at all) to 100 (completely).',
        ("I panic easily",),
        tuple(map(str, range(101))),
        "100",
    ),
    Foreign(
        "signed numbers",
        f"-2 = strongly disagree\n-1 = disagree\n0 = neutral\n1 = agree\n2 = strongly agree\n\n{_LIST}",
        _ITEMS,
        ("-2", "-1", "0", "1", "2"),
        _LINES.format(2),
    ),
    Foreign(
        "amounts without a yes or no",
        "How often have you been bothered by the following?\n0 = Not at all\n1 = Several days\n2 = More than half the "
        f"days\n3 = Nearly every day\n\n{_LIST}",
        _ITEMS,
        ("0", "1", "2", "3"),
        _LINES.format(3),
    ),
    Foreign(
        "how often",
        "1. Never\n2. Rarely\n3. Sometimes\n4. Often\n5. Always\n\n(a) I talk a lot.\n(b) I worry about many things.",
        ("I talk a lot", "I worry about many things"),
        ("1", "2", "3", "4", "5"),
        "(a) 5\n(b) 5",
    ),
    Foreign(
        "true of me",
        "1 = very untrue of me\n2 = untrue of me\n3 = true of me\n4 = very true of me\n\nI daydream.",
        ("I daydream.",),
        ("1", "2", "3", "4"),
        "4",
    ),
    Foreign(
        "items and options numbered alike",
        "1. I talk a lot.\n2. I worry about many things.\n\n1. Disagree\n2. Agree",
        ("I talk a lot", "I worry about many things"),
        ("1", "2"),
        "1. 2\n2. 2",
    ),
    Foreign(
        "words of its own under a heading",
        f"Scale:\n1 Couldn't be less me\n2 so-so\n3 me to a T\n\n{_LIST}".replace("1 C", "1: C")
        .replace("2 s", "2: s")
        .replace("3 m", "3: m"),
        _ITEMS,
        ("1", "2", "3"),
        _LINES.format(3),
    ),
    Foreign(
        "sections with headings",
        "1 = no\n2 = yes\n\nPart one\nQ1. I talk a lot.\nQ2. I worry about many things.\n\nPart two\nQ3. I leave my "
        "things around.",
        _ITEMS,
        ("1", "2"),
        "Q1. 2\nQ2. 2\nQ3. 2",
    ),
    Foreign(
        "options below every item",
        "1. I talk a lot.\n   A. Disagree\n   B. Agree\n2. I worry about many things.\n   A. Disagree\n   B. Agree\n"
        "3. I leave my things around.\n   A. Disagree\n   B. Agree",
        _ITEMS,
        ("A", "B"),
        _LINES.format("B"),
    ),
    Foreign(
        "markdown and lines to fill in",
        "Rate from 1 to 5.\n\n**1.** I talk a lot. ____\n**2.** I worry about many things. ____",
        ("I talk a lot", "I worry about many things"),
        ("1", "2", "3", "4", "5"),
        "1. 5\n2. 5",
    ),
    Foreign(
        "answers as JSON by item",
        "Options:\n1 = Disagree\n2 = Agree\n\nQ1: I talk a lot.\nQ2: I worry about many things.\n\nReply in JSON.",
        ("I talk a lot", "I worry about many things"),
        ("1", "2"),
        '{"1":2,"2":2}',
    ),
    Foreign(
        "one answer as JSON under a key",
        'Statement: I talk a lot.\nA) Disagree\nB) Agree\nReturn JSON such as {"choice": "A"}.',
        ("I talk a lot.",),
        ("A", "B"),
        '{"choice":"B"}',
    ),
    Foreign(
        "carriage returns and tabs",
        "1 = Disagree\r\n2 = Agree\r\n\r\n\t(a)\tI talk a lot\r\n\t(b)\tI worry about many things\r\n",
        ("I talk a lot", "I worry about many things"),
        ("1", "2"),
        "(a) 2\n(b) 2",
    ),
    Foreign(
        "a persona and a task around one item",
        "You are a very quiet person. Please rate the item below.\n\nItem: I talk a lot.\n\n5 = Strongly agree\n4 = "
        "Agree\n3 = Neutral\n2 = Disagree\n1 = Strongly disagree\n\nGive the number only.",
        ("I talk a lot.",),
        ("1", "2", "3", "4", "5"),
        "5",
    ),
    Foreign(
        "satisfaction",
        "How satisfied are you with your life?\n1 = Very dissatisfied\n2 = Dissatisfied\n3 = Neutral\n4 = Satisfied\n"
        "5 = Very satisfied",
        ("How satisfied are you with your life?",),
        ("1", "2", "3", "4", "5"),
        "5",
    ),
]


@pytest.mark.parametrize("case", FOREIGN, ids=lambda case: case.name)
def test_questionnaires_of_other_tools_are_seen_whole(case: Foreign) -> None:
    sheet = sheet_of(case.prompt)
    assert sheet.is_scale
    assert tuple(item.rstrip(".") for item in sheet.items) == tuple(item.rstrip(".") for item in case.items)
    shown = [choice.mark or choice.label for choice in sheet.choices]
    assert tuple(shown[place] for place in sheet.order) == case.rising
    assert write_answers(sheet, [shown[sheet.order[-1]]] * len(sheet.items)) == case.answered


@pytest.mark.parametrize("case", FOREIGN, ids=lambda case: case.name)
def test_answers_to_other_tools_are_read_as_ok_by_the_one_parser(case: Foreign) -> None:
    sheet = sheet_of(case.prompt)
    options = [ShownOption(choice.mark, choice.label, place) for place, choice in enumerate(sheet.choices)]
    reader = AnswerReader(options)
    wanted = sheet.order[-1]
    if sheet.labels:
        answers = reader.read_sheet(case.answered, sheet.labels)
    else:
        # The parser is strict about wrappers: what the prompt itself asked for in front of a mark counts as repaired.
        bare = case.answered.removeprefix("ANSWER: ") if not sheet.is_json else case.answered.split(":")[1].strip('"}')
        answers = [reader.read(bare)]
    assert [(answer.value, answer.status) for answer in answers] == [(wanted, "ok")] * len(sheet.items)


def test_a_scenario_with_ways_to_act_is_no_scale() -> None:
    sheet = sheet_of(
        "Situation: You are invited to a party where you know nobody.\nQuestion: What do you do?\n"
        "A. I go and talk to everyone.\nB. I stay at home, alone.\nC. I go and sit in a quiet corner.\nD. I bring a "
        "friend and dance.\nAnswer:"
    )
    assert not sheet.is_scale
    assert [choice.mark for choice in sheet.choices] == ["A", "B", "C", "D"]
    assert sheet.items == ("What do you do?",)
    assert write_answers(sheet, ["C"]) == "C"


PROSE = [
    "",
    "Tell me about your day.",
    "Now tell a personal story of about 800 words. Do not name your personality traits in it.",
    "Write 3 to 5 paragraphs about your life.",
    "What would you do if you won 5 to 10 million?",
    "You are a very shy person. How do you feel?",
    "Thank you.\n\n- It was nice.\n- I liked it.",
    "My plan: 1. get up, 2. eat.",
]


@pytest.mark.parametrize("prompt", PROSE)
def test_prose_is_no_questionnaire(prompt: str) -> None:
    assert read_sheet(prompt) is None


@given(st.integers(1, 60), st.sampled_from(["({}) ", "{}) ", "{}. ", "{}: ", "[{}] "]), st.booleans(), st.booleans())
@settings(max_examples=40, deadline=None)
def test_any_number_of_items_in_any_list_style_is_found(count: int, mark: str, numbers: bool, up: bool) -> None:
    names = [
        str(index + 1) if numbers else chr(ord("a") + index % 26)
        for index in range(count if numbers else min(count, 26))
    ]
    items = [f"I like thing number {name} of them" for name in names]
    marks = ["1", "2", "3", "4", "5"] if up else ["5", "4", "3", "2", "1"]
    options = "\n".join(f"{value} = {label}" for value, label in zip(marks, FIVE if up else FIVE[::-1], strict=True))
    listed = "\n".join(mark.format(name) + item for name, item in zip(names, items, strict=True))
    sheet = sheet_of(f"Answer all.\n\n{options}\n\n{listed}")
    assert sheet.labels == tuple(names)
    assert sheet.items == tuple(items)
    assert [sheet.choices[place].mark for place in sheet.order] == ["1", "2", "3", "4", "5"]


@given(st.text(max_size=300))
@settings(max_examples=200, deadline=None)
def test_no_prompt_makes_it_stumble(prompt: str) -> None:
    sheet = read_sheet(prompt)
    if sheet is not None:
        assert len(sheet.choices) >= 2
        assert sorted(sheet.order) == list(range(len(sheet.choices)))
        assert len(sheet.items) == (len(sheet.labels) or 1)
        write_answers(sheet, [sheet.choices[0].mark or sheet.choices[0].label] * len(sheet.items))


@pytest.mark.parametrize(
    "piece",
    ["(", "1 ", "a", "\n", "1. a\n", '"', "- ", "I am ", "1 for agree, ", "agree ", "yes or ", "(yes/", "1 to "],
)
def test_hostile_prompts_take_linear_time(piece: str) -> None:
    prompt = piece * (200_000 // len(piece))
    started = time.process_time()
    read_sheet(prompt)
    assert time.process_time() - started < 10  # quadratic time would take minutes
