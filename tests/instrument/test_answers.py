"""The one closed-answer parser on whole replies: whatever way a model marks its answers, none is lost or invented."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from personae.instrument import AnswerReader, ShownOption
from personae.instrument.administration import letters
from personae.model.status import USABLE
from support.answer_readers import ABCD, FIVE, LETTERS, ONE_TO_FOUR, values
from support.questionnaires import AGREEMENT, lettered, numbered


def statuses(reader: AnswerReader, text: str, labels: tuple[str, ...]) -> list[str]:
    return [answer.status for answer in reader.read_sheet(text, labels)]


# What was written is what is read.

LINES = {
    "letters": ["({0}) {1}", "{0}) {1}", "{0}. {1}", "{0}: {1}", "({0}): {1}", "[{0}] {1}", "{0}){1}"],
    "numbers": ["({0}) {1}", "{0}) {1}", "{0}. {1}", "{0}: {1}", "Q{0}: {1}", "Question {0}: {1}", "#{0}: {1}"],
}
MARKDOWN = ["{}", "- {}", "* {}", "> {}", "  {}", "\t{}", "**{}**", "### {}"]
TABLE = "| {0} | {1} |"
BOLD_MARK = "**{0}.** {1}"
PREAMBLES = [
    "",
    "Here are my responses:\n\n",
    "Sure! As a talkative person, I would answer as follows.\n",
    "I'll answer on a scale of 1 to 5.\n\n",
    "LEGEND",
]
POSTSCRIPTS = [
    "",
    "\n",
    "\n\nI hope this helps!",
    "\n\nNote: I am a bot, so 3 of these were hard.",
    "\n\n(All of them honest.)",
]
BREAKS = ["\n", "\r\n", "\n\n", "\r", "\n\n\n"]
MARKED = ["{0}", "{0}.", "({0})", "**{0}**", "{0} - {1}", "{0}: {1}", "{0} ({1})", "{0} – {1}, as I said"]
WORDED = ["{1}", "{1}.", "'{1}'"]


@st.composite
def option_sets(draw: st.DrawFn) -> list[ShownOption]:
    """Two to eleven options, rising or falling, marked by value, by rank or by letter."""
    names = [
        f"{word} so"
        for word in ("not", "hardly", "little", "partly", "half", "rather", "much", "very", "most", "quite")
    ]
    count = draw(st.integers(2, 10))
    labels = list(AGREEMENT) if count == 5 and draw(st.booleans()) else names[:count]
    options = draw(st.sampled_from([numbered(labels), numbered(labels, first=0), lettered(labels)]))
    return options[::-1] if draw(st.booleans()) else options


@st.composite
def sheets(draw: st.DrawFn) -> tuple[list[ShownOption], tuple[str, ...], list[ShownOption], list[str]]:
    """Options, items, the option chosen for each item, and the line that says so."""
    options = draw(option_sets())
    kind = draw(st.sampled_from(["letters", "numbers"]))
    count = draw(st.integers(2, 50))
    labels = tuple(letters(index) if kind == "letters" else str(index + 1) for index in range(count))
    chosen = draw(st.lists(st.sampled_from(options), min_size=count, max_size=count))
    answers = draw(st.sampled_from(MARKED if draw(st.booleans()) else WORDED))
    if draw(st.booleans()):
        pattern = draw(st.sampled_from(MARKDOWN)).format(draw(st.sampled_from(LINES[kind])))
    else:
        pattern = draw(st.sampled_from([TABLE, BOLD_MARK]))
    written = [answers.format(option.mark, option.label) for option in chosen]
    return options, labels, chosen, [pattern.format(label, text) for label, text in zip(labels, written, strict=True)]


def preamble(text: str, options: list[ShownOption]) -> str:
    legend = "\n".join(f"{option.mark} = {option.label}" for option in options)
    return legend + "\n\n" if text == "LEGEND" else text


@given(sheets(), st.sampled_from(PREAMBLES), st.sampled_from(POSTSCRIPTS), st.sampled_from(BREAKS))
def test_what_was_written_is_read(
    sheet: tuple[list[ShownOption], tuple[str, ...], list[ShownOption], list[str]], before: str, after: str, gap: str
) -> None:
    options, labels, chosen, lines = sheet
    found = AnswerReader(options).read_sheet(preamble(before, options) + gap.join(lines) + after, labels)
    assert [answer.value for answer in found] == [option.value for option in chosen]
    assert {answer.status for answer in found} <= USABLE
    assert not any(answer.is_contradictory for answer in found)


@given(sheets(), st.sampled_from(PREAMBLES), st.data())
def test_each_missing_line_is_one_missing_answer(
    sheet: tuple[list[ShownOption], tuple[str, ...], list[ShownOption], list[str]], before: str, data: st.DataObject
) -> None:
    options, labels, chosen, lines = sheet
    gone = data.draw(st.sets(st.sampled_from(labels), min_size=1, max_size=len(labels) - 1))
    kept = [line for label, line in zip(labels, lines, strict=True) if label not in gone]
    found = AnswerReader(options).read_sheet(preamble(before, options) + "\n".join(kept), labels)
    for label, option, answer in zip(labels, chosen, found, strict=True):
        assert answer.value == (None if label in gone else option.value)
        assert (answer.status == "unparsed") == (label in gone)


@given(sheets(), st.randoms(use_true_random=False))
def test_the_order_of_the_lines_does_not_matter(
    sheet: tuple[list[ShownOption], tuple[str, ...], list[ShownOption], list[str]], random: object
) -> None:
    options, labels, chosen, lines = sheet
    random.shuffle(lines)  # type: ignore[attr-defined]
    found = AnswerReader(options).read_sheet("\n".join(lines), labels)
    assert [answer.value for answer in found] == [option.value for option in chosen]


@given(sheets(), st.data())
def test_a_reply_cut_off_anywhere_never_changes_an_earlier_answer(
    sheet: tuple[list[ShownOption], tuple[str, ...], list[ShownOption], list[str]], data: st.DataObject
) -> None:
    options, labels, chosen, lines = sheet
    assume(len(options) <= 9)  # a 1 may be the beginning of a 10,
    assume(options[0].mark.isdigit())  # an H of "hardly"
    whole = data.draw(st.integers(1, len(lines) - 1))
    cut = data.draw(st.integers(0, len(lines[whole]) - 1))
    text = "\n".join(lines[:whole]) + "\n" + lines[whole][:cut]
    found = AnswerReader(options).read_sheet(text, labels)
    assert [answer.value for answer in found[:whole]] == [option.value for option in chosen[:whole]]
    assert found[whole].value in (None, chosen[whole].value)
    assert all(answer.value is None for answer in found[whole + 1 :])


@given(
    st.lists(st.integers(1, 5), min_size=2, max_size=44),
    st.sampled_from(["({0}) {1}", "{0}) {1}", "{0}: {1}", "({0}) {1} - {2}"]),
    st.sampled_from([" ", ", ", "; ", "  ", " | "]),
    st.booleans(),
)
def test_several_answers_in_a_line_are_read(given_values: list[int], style: str, gap: str, are_numbers: bool) -> None:
    labels = tuple(str(index + 1) if are_numbers else letters(index) for index in range(len(given_values)))
    text = gap.join(
        style.format(label, value, AGREEMENT[value - 1]) for label, value in zip(labels, given_values, strict=True)
    )
    assert values(FIVE, text, labels) == given_values


@given(
    st.lists(st.sampled_from(numbered()), min_size=2, max_size=44),
    st.sampled_from(["{0}", "({0})", "q{0}", "Q{0}", "item_{0}", "Statement {0}"]),
    st.sampled_from(["{}", "```json\n{}\n```", "Here you are: {}\nAnything else?", '{{"answers": {}}}']),
    st.sampled_from(["mark", "number", "words", "both", "object"]),
    st.booleans(),
)
def test_json_objects_are_read(chosen: list[ShownOption], key: str, frame: str, kind: str, are_numbers: bool) -> None:
    labels = tuple(str(index + 1) if are_numbers else letters(index) for index in range(len(chosen)))
    spelt: dict[str, Callable[[ShownOption], object]] = {
        "mark": lambda option: option.mark,
        "number": lambda option: option.value,
        "words": lambda option: option.label,
        "both": lambda option: f"{option.mark} - {option.label}",
        "object": lambda option: {"answer": option.value, "reason": "I have 2 jobs and 5 cats."},
    }
    data = {key.format(label): spelt[kind](option) for label, option in zip(labels, chosen, strict=True)}
    found = FIVE.read_sheet(frame.format(json.dumps(data, indent=1)), labels)
    assert [answer.value for answer in found] == [option.value for option in chosen]
    assert {answer.status for answer in found} == ({"ok"} if frame[0] == "{" else {"repaired"})


@given(
    st.lists(st.sampled_from(numbered()), min_size=2, max_size=44),
    st.sampled_from(["\n", ", ", " ", "\n\n", ";"]),
    st.booleans(),
    st.booleans(),
)
def test_as_many_bare_answers_as_items_are_read_in_order(
    chosen: list[ShownOption], gap: str, are_numbers: bool, has_preamble: bool
) -> None:
    labels = tuple(str(index + 1) if are_numbers else letters(index) for index in range(len(chosen)))
    text = ("My answers are:\n" if has_preamble else "") + gap.join(option.mark for option in chosen)
    found = FIVE.read_sheet(text, labels)
    assert [answer.value for answer in found] == [option.value for option in chosen]
    assert {answer.status for answer in found} == {"repaired"}


@given(st.lists(st.sampled_from(numbered()), min_size=6, max_size=44))
def test_options_with_their_words_one_a_line_are_not_taken_for_item_marks(chosen: list[ShownOption]) -> None:
    labels = tuple(str(index + 1) for index in range(len(chosen)))
    text = "\n".join(f"{option.mark} - {option.label}" for option in chosen)
    assert values(FIVE, text, labels) == [option.value for option in chosen]


@pytest.mark.parametrize("text", ["5\n3\n1", "5\n3\n1\n2\n4", "5\n3\nN/A\n2", "5, 3, 1", "5312"])
def test_bare_answers_that_cannot_be_matched_to_items_are_not_guessed(text: str) -> None:
    assert statuses(FIVE, text, ABCD) == ["unparsed"] * 4


# Real replies.

REAL = [
    pytest.param("(a) 5\n(b) 3\n(c) 1\n(d) 2", [5, 3, 1, 2], id="plain"),
    pytest.param("Here are my responses:\n\n(a) 5\n(b) 3 \n(c) 1\n(d) 2", [5, 3, 1, 2], id="preamble"),
    pytest.param(
        "(a) 5 - Agree strongly, I indeed talk a lot.\n(b) 3 - Neither agree nor disagree. I'm a bot, so I don't have "
        "energy levels.\n(c) 4 - I have 2 jobs\n(d) 3 see (a)",
        [5, 3, 4, 3],
        id="explanations",
    ),
    pytest.param("(a) 4, see (b) 5\n(b) 3 like (c) and (d)\n(c) 1\n(d) 2", [4, 3, 1, 2], id="marks in explanations"),
    pytest.param("(a) 4 - I have a) 5 cats\n(b) 3\n(c) 1\n(d) 2", [4, 3, 1, 2], id="a mark of another kind"),
    pytest.param("(c) 4\n(a) 2\n(b) 1\n(c) 5\n(d) 3", [2, 1, 5, 3], id="restarted after a slip"),
    pytest.param("(d) 2\n(a) 5\n(c) 1\n(b) 3", [5, 3, 1, 2], id="another order"),
    pytest.param("(a) 5\n(b) 3\n(c) 1\n(d) 2\n(e) 5\n(f) 4", [5, 3, 1, 2], id="more than asked"),
    pytest.param("(a) 5\n(b) 3\n(c) 1\n(d", [5, 3, 1, None], id="cut off"),
    pytest.param("(a) 5\n(b) 3\n(c)", [5, 3, None, None], id="cut off behind a mark"),
    pytest.param("(a) 5\n(c) 4\n(e) 3", [5, None, 4, None], id="left out"),
    pytest.param("(a) not 5 but 4\n(b) 3-4\n(c) 4.5\n(d) N/A", [None] * 4, id="no answers"),
    pytest.param(
        "(a) 5 (agree strongly)\n(b) I don't agree\n(c) between 3 and 4\n(d) 2", [5, None, None, 2], id="mixed"
    ),
    pytest.param(
        "(a) I neither agree nor disagree, so 3\n(b) 2\n(c) 5\n(d) 1", [3, 2, 5, 1], id="words, then a number"
    ),
    pytest.param(
        "(a) is talkative: 4\n(b) is quiet - 2\n(c) is sad (1)\n(d) has 2 jobs: 5", [4, 2, 1, 5], id="items said"
    ),
    pytest.param("1. (a) 5\n2. (b) 3\n3. (c) 1\n4. (d) 2", [5, 3, 1, 2], id="numbered too"),
    pytest.param("a 5\nb 3\nc 1\nd 2", [5, 3, 1, 2], id="no brackets"),
    pytest.param("a - 5\nb -> 3\nc → 1\nd = 2", [5, 3, 1, 2], id="arrows"),
    pytest.param("A) 5\nB) 3\nC) 1\nD) 2", [5, 3, 1, 2], id="capitals"),
    pytest.param("（a） ５\n（b） ３\n（c） １\n（d） ２", [5, 3, 1, 2], id="full width"),
    pytest.param("(a)\u00a05\n(b)\u00a03\n(c)\u2003**1**\n(d)\t2", [5, 3, 1, 2], id="odd spaces"),
    pytest.param("a lot of these are hard.\n(a) 5\n(b) 3\n(c) 1\n(d) 2", [5, 3, 1, 2], id="a word that is a mark"),
    pytest.param("(a) 5\n(b) 3\n(c) 1\n(d) 2\n\nA lot depends on mood. (b) 5?", [5, 3, 1, 2], id="afterthought"),
    pytest.param("(a) 5\n(b) 3\n(c) N/A\n\nI hope these 4 answers help.", [5, 3, None, None], id="postscript"),
    pytest.param("<think>(a) 1? (b) 1?</think>(a) 5\n(b) 3\n(c) 1\n(d) 2", [5, 3, 1, 2], id="thoughts"),
    pytest.param("<think>(a) 1? (b) 1? ...", [None] * 4, id="cut off while thinking"),
    pytest.param('{"a": 5, "b": 3, "c": 1, "d": ', [5, 3, 1, None], id="json cut off"),
    pytest.param("{'a': 5, 'b': 3, 'c': 1, 'd': 2,}", [5, 3, 1, 2], id="almost json"),
    pytest.param('[{"item": "a", "answer": 5}, {"item": "c", "answer": 4.5}]', [5, None, None, None], id="json rows"),
    pytest.param('{"a": null, "b": 3.0, "c": [1], "d": true}', [None, 3, None, None], id="json of other types"),
    pytest.param("[5, 3, 1, 2]", [5, 3, 1, 2], id="json list"),
]


@pytest.mark.parametrize(("text", "expected"), REAL)
def test_replies_as_models_write_them(text: str, expected: list[int | None]) -> None:
    assert values(FIVE, text, ABCD) == expected


NUMBERED = [
    pytest.param("1. 5\n2. 3\n3. 1\n4. 2", [5, 3, 1, 2], id="stops"),
    pytest.param("1. 5 2. 3 3. 1 4. 2", [5, 3, 1, 2], id="one line"),
    pytest.param("(1) (5)\n(2) (3)\n(3) (1)\n(4) (2)", [5, 3, 1, 2], id="brackets both"),
    pytest.param("1 - 5\n2 - 3\n3 - 3\n4 - 4", [5, 3, 3, 4], id="dashes"),
    pytest.param("1,5\n2,3\n3,1\n4,2", [5, 3, 1, 2], id="csv"),
    pytest.param("1. 5\n2. 3\n3", [5, 3, None, None], id="cut off"),
    pytest.param("1. 5\n2. 3\n4. 2", [5, 3, None, 2], id="left out"),
    pytest.param("1.\n5\n2.\n3\n3.\n1\n4.\n2", [5, 3, 1, 2], id="answers below"),
    pytest.param("1.\n\n5\n\n2.\n\n3\n", [5, 3, None, None], id="answers below, cut off"),
    pytest.param("1.5\n2.5\n3.5\n4.5", [None] * 4, id="fractions"),
    pytest.param(
        "1. Disagree strongly\n2. Disagree a little\n3. Agree a little\n4. Agree strongly", [1, 2, 4, 5], id="words"
    ),
    pytest.param("| Item | Answer |\n|---|---|\n| 1 | 5 |\n| 2 | 3 |\n| 3 | 1 |\n| 4 | 2 |", [5, 3, 1, 2], id="table"),
    pytest.param(
        "| 1 | is loud | 5 |\n| 2 | has 2 jobs | 3 |\n| 3 | x | 1 |\n| 4 | y | 2 |", [5, 3, 1, 2], id="wide table"
    ),
    pytest.param("I rate 5 for statement 1 and 3 for statement 2.", [None] * 4, id="prose"),
]


@pytest.mark.parametrize(("text", "expected"), NUMBERED)
def test_items_and_options_may_both_be_numbers(text: str, expected: list[int | None]) -> None:
    assert values(FIVE, text, ONE_TO_FOUR) == expected


@pytest.mark.parametrize("mark", ["{} =", "{}:", "{}.", "({})", "- {} ="])
@pytest.mark.parametrize("is_reversed", [False, True])
def test_a_legend_before_the_answers_is_no_answer(mark: str, is_reversed: bool) -> None:
    lines = [f"{mark.format(option.mark)} {option.label}" for option in numbered()]
    legend = "\n".join(lines[::-1] if is_reversed else lines)
    found = FIVE.read_sheet(f"{legend}\n\n1. 5\n2. 3\n3. 1\n4. 2", ONE_TO_FOUR)
    assert [(answer.value, answer.status, answer.is_contradictory) for answer in found] == [
        (5, "ok", False),
        (3, "ok", False),
        (1, "ok", False),
        (2, "ok", False),
    ]


def test_a_legend_of_letters_is_no_answer() -> None:
    legend = "\n".join(f"{option.mark} = {option.label}" for option in lettered())
    assert values(LETTERS, f"{legend}\n(a) E\n(b) C\n(c) A\n(d) B", ABCD) == [5, 3, 1, 2]


@pytest.mark.parametrize(
    "text",
    [
        "(a) E\n(b) C\n(c) A\n(d) B",
        "(A) E\n(B) C\n(C) A\n(D) B",
        "a. e\nb. c\nc. a\nd. b",
        "(a) (E) (b) (C) (c) (A) (d) (B)",
        "a: E; b: C; c: A; d: B",
        "E\nC\nA\nB",
        "E, C, A, B",
        "E. Agree strongly\nC. Neither agree nor disagree\nA. Disagree strongly\nB. Disagree a little",
    ],
)
def test_items_and_options_may_both_be_letters(text: str) -> None:
    assert values(LETTERS, text, ABCD) == [5, 3, 1, 2]


def test_a_sentence_that_begins_with_a_mark_of_an_item_is_no_answer_to_it() -> None:
    text = "I think this is 4 in all.\n(h) 2\nI would say so\n(j) 3\nAm I 5?"
    assert values(FIVE, text, ("h", "i", "j")) == [2, None, 3]


# Status and flags.


def test_a_refusal_of_the_whole_counts_for_every_item() -> None:
    for text in (
        "I'm sorry, but as an AI I can't rate myself.",
        "I cannot answer (a) to (d).",
        "(a) I can't rate\n(b) -",
    ):
        assert statuses(FIVE, text, ABCD) == ["refused"] * 4


def test_refusals_of_single_items_stand_beside_answers() -> None:
    text = "(a) I'm sorry, I can't answer that.\n(b) 3\n(c)\n(d) As an AI language model I can't rate item 4"
    assert statuses(FIVE, text, ABCD) == ["refused", "ok", "empty", "refused"]


def test_an_empty_reply_is_empty_for_every_item() -> None:
    assert statuses(FIVE, " \n\t", ABCD) == ["empty"] * 4


def test_words_without_answers_are_unparsed() -> None:
    assert statuses(FIVE, "What a nice questionnaire.", ABCD) == ["unparsed"] * 4


def test_an_answer_that_contradicts_its_words_is_flagged() -> None:
    found = FIVE.read_sheet("(a) 5 - Disagree strongly\n(b) 3 - Neither agree nor disagree\n(c) 1\n(d) 2", ABCD)
    assert [(answer.value, answer.status, answer.is_contradictory) for answer in found[:2]] == [
        (5, "repaired", True),
        (3, "ok", False),
    ]


def test_an_item_answered_twice_keeps_the_first_answer_and_is_flagged() -> None:
    found = FIVE.read_sheet("(a) 5\n(b) 3\n(b) 4\n(c) 1\n(d) 2\n(a) 5", ABCD)
    assert [answer.value for answer in found] == [5, 3, 1, 2]
    assert [answer.is_contradictory for answer in found] == [False, True, False, False]
    assert [answer.status for answer in found] == ["ok", "repaired", "ok", "ok"]


def test_a_slip_before_the_list_is_flagged_where_it_says_something_else() -> None:
    found = FIVE.read_sheet("(d) 4\n(a) 2\n(b) 1\n(c) 5\n(d) 3", ABCD)
    assert [(answer.value, answer.is_contradictory) for answer in found] == [
        (2, False),
        (1, False),
        (5, False),
        (3, True),
    ]
    same = FIVE.read_sheet("(d) 3\n(a) 2\n(b) 1\n(c) 5\n(d) 3", ABCD)
    assert not any(answer.is_contradictory for answer in same)


def test_a_second_attempt_at_an_item_counts_where_the_first_gave_nothing() -> None:
    assert values(FIVE, "(a) hm\n(b) 3\n(c) 1\n(d) 2\n(a) 4", ABCD) == [4, 3, 1, 2]


def test_one_item_needs_no_mark() -> None:
    assert values(FIVE, "4", ("a",)) == [4]
    assert values(FIVE, "(a) 4", ("a",)) == [4]
    assert statuses(FIVE, "I can't rate that, sorry.", ("a",)) == ["refused"]


def test_no_items_no_answers() -> None:
    assert FIVE.read_sheet("(a) 4", ()) == []
    assert FIVE.read_sheet("", ()) == []


def test_marks_of_another_kind_are_read_too() -> None:
    assert values(FIVE, "E1: 4\nE2: 2\nO-3: 5", ("E1", "E2", "O-3")) == [4, 2, 5]
