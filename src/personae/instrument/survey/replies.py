"""Reading the reply to a question of a survey, by its kind."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

from personae.instrument.answers import AnswerReader
from personae.instrument.option_reader import ShownOption
from personae.instrument.survey.questions import Question
from personae.model import Status, is_refusal

Value = int | float | str | tuple[int, ...] | None

NONE_OF_THEM = "none"
"""What is to be written if no option applies."""
_NUMBER = re.compile(r"(?<![\w.,])[-−]?\d{1,3}(?:,\d{3})+(?:\.\d+)?(?![\w,])|(?<![\w.,])[-−]?\d+(?:\.\d+)?(?![\w])")
_PARTS = re.compile(r"[,;\n]|\band\b")
_AND = re.compile(r"\band\b")
_NONE = re.compile(r"^\W*none(?: of (?:them|these|the above))?\W*$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Reply:
    """What was answered to one question."""

    value: Value
    """Value of the option, values of several, a number or a text; ``None`` without a usable answer."""
    status: Status
    text: str = ""


def read_reply(question: Question, text: str, options: Sequence[ShownOption]) -> Reply:
    """Read a reply; ``options`` are those that were shown."""
    plain = text.strip()
    if not plain:
        return Reply(None, "empty")
    match question.kind:
        case "single":
            answer = AnswerReader(options).read(text)
            return Reply(answer.value, answer.status, plain)
        case "multiple":
            return _several(plain, options)
        case "number":
            return _number(question, plain)
        case _:
            is_refused = is_refusal(plain)
            return Reply(None if is_refused else plain, "refused" if is_refused else "ok", plain)


def _several(text: str, options: Sequence[ShownOption]) -> Reply:
    """Options that are named one by one; any part that is no option leaves the reply without an answer."""
    if _NONE.match(text):
        return Reply((), "ok", text)
    reader = AnswerReader(options)
    whole = {one.label.casefold(): one.value for one in options if one.label}
    found: list[int] = []
    is_exact = True
    for part in _PARTS.split(_protected(text, whole)):
        piece = part.strip()
        if not piece:
            continue
        piece = piece.replace("\ue000", ",").replace("\ue001", ";").replace("\ue002", "and")
        answer = reader.read(piece)
        if answer.value is None:
            return Reply(None, "refused" if is_refusal(text) else "unparsed", text)
        is_exact = is_exact and answer.status == "ok"
        if answer.value not in found:
            found.append(answer.value)
    if not found:
        return Reply(None, "unparsed", text)
    return Reply(tuple(sorted(found)), "ok" if is_exact else "repaired", text)


def _protected(text: str, labels: dict[str, int]) -> str:
    """Words of options keep their own commas and conjunctions."""
    for label in sorted(filter(_PARTS.search, labels), key=len, reverse=True):
        kept = _AND.sub("\ue002", label.replace(",", "\ue000").replace(";", "\ue001"))
        text = re.sub(re.escape(label), kept.replace("\\", r"\\"), text, flags=re.IGNORECASE)
    return text


def _number(question: Question, text: str) -> Reply:
    found = {float(match.replace(",", "").replace("−", "-")) for match in _NUMBER.findall(text)}
    if len(found) != 1:
        return Reply(None, "refused" if not found and is_refusal(text) else "unparsed", text)
    value = found.pop()
    is_out = (question.least is not None and value < question.least) or (
        question.most is not None and value > question.most
    )
    if is_out or not math.isfinite(value) or (question.is_whole and not value.is_integer()):
        return Reply(None, "unparsed", text)
    is_bare = _NUMBER.fullmatch(text.rstrip(".")) is not None
    return Reply(int(value) if value.is_integer() else value, "ok" if is_bare else "repaired", text)
