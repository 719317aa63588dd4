"""Readers of answers, and what they make of a text."""

from __future__ import annotations

from personae.instrument import AnswerReader
from support.questionnaires import lettered, numbered

FIVE = AnswerReader(numbered())


LETTERS = AnswerReader(lettered())


ABCD = ("a", "b", "c", "d")


ONE_TO_FOUR = ("1", "2", "3", "4")


def values(reader: AnswerReader, text: str, labels: tuple[str, ...]) -> list[int | None]:
    return [answer.value for answer in reader.read_sheet(text, labels)]
