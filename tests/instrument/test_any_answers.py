"""Reading answers: any text at all, and the raw outputs of a paper."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from personae.instrument import AnswerReader
from personae.model.status import STATUSES, USABLE
from support.answer_readers import ABCD, FIVE, LETTERS, ONE_TO_FOUR, values
from support.questionnaires import LETTERS_44, bare, in_words

READERS = [FIVE, LETTERS, AnswerReader(in_words()), AnswerReader(bare(0, 10)), AnswerReader(bare(-2, 2))]
# fmt: off
PIECES = [
    "(a)", "(b)", "b)", "c.", "d:", "1.", "(2)", "3:", "5", "4", "E", "A", "-", "Agree strongly", "not", "or", "\n",
    "\n\n", "{", "}", '"a": ', ",", "[", "]", "I", "can't", "/", ".", "*", "|", "=", "<think>", "</think>", "ı", "İ",
    "٣", "²",
]
# fmt: on
SHEET_LIKE = st.builds(
    lambda parts, gap: gap.join(parts), st.lists(st.sampled_from(PIECES), max_size=30), st.sampled_from(["", " "])
)


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("labels", [ABCD, ONE_TO_FOUR, LETTERS_44, ("a",), ()])
@given(text=st.text(max_size=80) | SHEET_LIKE)
def test_any_text_gives_one_answer_an_item(reader: AnswerReader, labels: tuple[str, ...], text: str) -> None:
    found = reader.read_sheet(text, labels)
    assert len(found) == len(labels)
    offered = {option.value for option in reader.options}
    for answer in found:
        assert answer.status in STATUSES
        assert answer.status != "failed"
        assert answer.value in offered if answer.status in USABLE else answer.value is None
        assert not (answer.value is None and answer.is_contradictory)


# fmt: off
HOSTILE = [
    "(", ")", "[{", "}", "1", "5 ", "5\n", "a", "a\n", "(a) ", "(a) 5 ", "(b)\n", "1. 5\n", "q ", "q", "\n", " ",
    "\t", '"', "agree ", "not agree strongly ", "Disagree strongly\n", "1 = Disagree strongly\n", "answer: ", "5 or ",
    "5/", ".5", "-", "5 out of ", '{"a":', "<think>", "I cannot ", "*", "|", "- ", "abc) ", "no ", "\r\n", "\u00a0",
    "1 2 3 4 5 ", "i ",
]
# fmt: on


@pytest.mark.parametrize("piece", HOSTILE)
def test_hostile_texts_of_200_kilobytes_take_less_than_a_second(piece: str) -> None:
    for text in (piece * (200_000 // len(piece)), "q" + piece * (200_000 // len(piece)) + "x"):
        begin = time.process_time()
        assert len(FIVE.read_sheet(text, LETTERS_44)) == 44
        assert time.process_time() - begin < 1
        begin = time.process_time()
        LETTERS.read(text)
        assert time.process_time() - begin < 1


def test_texts_beyond_all_measure_are_read_from_their_beginning() -> None:
    text = "\n".join(f"({label}) 3" for label in LETTERS_44) + "\n" + "x" * 5_000_000
    assert values(FIVE, text, LETTERS_44) == [3] * 44


# Raw outputs.

_STRICT = re.compile(r"^\(([a-z]{1,2})\) ([1-5]) ?$", re.MULTILINE)


@pytest.mark.replay
def test_every_answer_of_gpt35_is_read_as_an_independent_reading_has_it(replay: Callable[[str], Path]) -> None:
    files = sorted(replay("001/outputs/gpt-3.5-turbo-0613/temp0.7/bfi").glob("*.json"))
    assert len(files) == 320
    total = 0
    for path in files:
        text = json.loads(path.read_text(encoding="utf-8"))["annotation"]
        strict: dict[str, int] = {}
        begun = text.index("(a) ")  # four replies begin again after a slip
        for label, value in _STRICT.findall(text[begun:]):
            strict.setdefault(label, int(value))
        found = FIVE.read_sheet(text, LETTERS_44)
        assert [answer.value for answer in found] == [strict[label] for label in LETTERS_44], path.name
        assert {answer.status for answer in found} <= USABLE, path.name
        total += len(found)
    assert total == 14_080
