"""The one closed-answer parser: from what a model wrote to one value and one status for every item.

Rules, in this order:

1. An item's answer stands between its mark and the next item's mark; marks at the beginning of a line win over others.
2. An option is found by its mark ("4", "B") at the beginning, else by its words, **longest option first**, so that
   "neither agree nor disagree" is never read as "agree", else by the only mark that occurs.
3. Two different options, a negated option ("not agree strongly"), a fraction, a number out of range are no answer.
4. If mark and words contradict each other ("5 - Disagree strongly"), the mark counts, as in published scoring scripts,
   and the answer is flagged.

Every item gets an :class:`Answer`; none is dropped or guessed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest

import orjson

from personae.model import Status, is_refusal

_LEADING = re.compile(r"[\s*_`\"'“”‘’>#:=\-–—.,]*")
_LINE_NOISE = r"[ \t>*_#\-•]{0,8}"
_ITEM_WORD = r"(?:(?:item|statement|question|q|no\.?|number)[ \t]*#?[ \t]*)?"
_NEGATION = re.compile(r"(?:\b(?:not|never|no|hardly)|n['’]t)\s+(?:\w+\s+)?$", re.IGNORECASE)
_MOST_CHARACTERS = 200_000


@dataclass(frozen=True, slots=True)
class ShownOption:
    """A response option as the respondent saw it."""

    mark: str
    """What stands for it in an answer: "1", "B"; empty if options are words alone."""
    label: str
    """Its words; empty if they were not shown."""
    value: int
    """The value that is scored."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to one item."""

    value: int | None
    """What is scored; ``None`` unless the status is ``ok`` or ``repaired``."""
    status: Status
    text: str = ""
    """The part of the reply that it was read from."""
    is_contradictory: bool = False
    """Whether mark and words, or two answers to the same item, said different things."""


class AnswerReader:
    r"""Reads answers to closed questions that offered these options.

    Example:
        >>> agree = AnswerReader([ShownOption("1", "Disagree", 1), ShownOption("2", "Agree", 2)])
        >>> agree.read("2").value, agree.read("I would say: agree.").status
        (2, 'repaired')
        >>> [answer.value for answer in agree.read_sheet("(a) 1\n(b) 2 - Agree", ["a", "b"])]
        [1, 2]
    """

    def __init__(self, options: Sequence[ShownOption]) -> None:
        self.options = tuple(options)
        self._by_mark = {option.mark.casefold(): option for option in options if option.mark}
        self._by_label = {_plain(option.label): option for option in options if option.label}
        labels = sorted(self._by_label, key=len, reverse=True)
        self._label = re.compile(r"(?<!\w)(?:" + "|".join(map(_spaced, labels)) + r")(?!\w)", re.I) if labels else None
        self._has_numbers = all(option.mark.isdigit() for option in options)
        marks = "|".join(sorted((re.escape(mark) for mark in self._by_mark), key=len, reverse=True))
        # A mark that begins an answer; "4/5" and "4 out of 5" are a 4, "4.5", "3-4" and "3 or 4" are not.
        self._first_mark = re.compile(
            rf"[(\[]?({marks})(?:[)\]]|\s*/\s*\d+|\s+out\s+of\s+\d+)?(?![\w’'])(?!\s*[.,]\d)"
            rf"(?!\s*(?:-|–|—|to|or|and)\s*[(\[]?(?:{marks})(?!\w))",
            re.IGNORECASE,
        )
        self._any_mark = re.compile(r"(?<![\w.,/])[(\[]?(\d+(?:[.,]\d+)?)(?:\s*/\s*\d+|\s+out\s+of\s+\d+)?(?!\w)")
        self._letter_mark = re.compile(
            rf"(?<!\w)[(\[]({marks})[)\]]|(?:answer|option|choose|choice)\W{{0,4}}({marks})(?!\w)", re.I
        )

    def read(self, text: str) -> Answer:
        """Read the answer to one question from a whole reply."""
        return self._read_segment(text[:_MOST_CHARACTERS])

    def read_sheet(self, text: str, labels: Sequence[str]) -> list[Answer]:
        """Read the answers to many items from one reply.

        Args:
            text: The reply.
            labels: Marks of the items in the order wanted: ``["a", "b", ...]`` or ``["1", "2", ...]``.

        Returns:
            One answer an item, in that order.
        """
        text = text[:_MOST_CHARACTERS]
        if not text.strip():
            return [Answer(None, "empty")] * len(labels)
        found = self._from_json(text, labels) or self._from_marks(text, labels) or self._from_list(text, labels)
        if not found:
            return [Answer(None, "refused" if is_refusal(text) else "unparsed")] * len(labels)
        return [found.get(label, Answer(None, "unparsed")) for label in labels]

    def _read_segment(self, text: str) -> Answer:
        body = text[_leading(text) :].rstrip(" \t\r\n*_`\"'”’.,;)]")
        if not body.strip():
            return Answer(None, "empty", text.strip())
        exact = self._by_mark.get(body.strip("([").casefold()) or self._by_label.get(_plain(body))
        if exact is not None:
            return Answer(exact.value, "ok", body)
        return self._begins_with_mark(body) or self._by_words(body) or self._only_mark(body) or _no_answer(body)

    def _begins_with_mark(self, body: str) -> Answer | None:
        match = self._first_mark.match(body) if self._by_mark else None
        if match is None:
            return None
        mark, rest = match.group(1), body[match.end() :]
        is_bracketed = body[0] in "(["
        if not self._has_numbers and not is_bracketed and not _ends_mark(mark, rest):
            return None  # "A quiet evening" and "I agree" begin with words, not with marks
        option = self._by_mark[mark.casefold()]
        said = self._label.match(rest, _leading(rest)) if self._label else None
        if said is not None and self._by_label[_plain(said.group())].value != option.value:
            return Answer(option.value, "repaired", body, is_contradictory=True)
        return Answer(option.value, "ok", body)

    def _by_words(self, body: str) -> Answer | None:
        if self._label is None:
            return None
        said = list(self._label.finditer(body))
        values = {self._by_label[_plain(match.group())].value for match in said}
        if len(values) != 1 or any(_NEGATION.search(body, max(0, match.start() - 24), match.start()) for match in said):
            return None
        return Answer(values.pop(), "repaired", body)

    def _only_mark(self, body: str) -> Answer | None:
        if self._has_numbers:
            marks = {match.group(1) for match in self._any_mark.finditer(body)}
        else:
            marks = {match.group(1) or match.group(2) for match in self._letter_mark.finditer(body)}
        if len(marks) != 1:
            return None
        option = self._by_mark.get(marks.pop().casefold())
        if option is None or (self._label is not None and self._label.search(body) is not None):
            return None  # words were found too, and they did not settle it
        return Answer(option.value, "repaired", body)

    def _from_marks(self, text: str, labels: Sequence[str]) -> dict[str, Answer]:
        spans = list(_item_spans(text, labels, at_line_start=True))
        if len({label for label, _, _ in spans}) < len(labels):
            anywhere = list(_item_spans(text, labels, at_line_start=False))
            if len({label for label, _, _ in anywhere}) > len({label for label, _, _ in spans}):
                spans = anywhere
        # A list is read from its first item on; what stood before it is a slip that counts only if nothing else does.
        begin = next((index for index, (label, _, _) in enumerate(spans) if label == labels[0]), 0)
        found: dict[str, Answer] = {}
        for label, start, end in (*spans[begin:], *spans[:begin]):
            answer = self._read_segment(text[start:end])
            before = found.get(label)
            if before is None or before.value is None:
                found[label] = answer
            elif answer.value is not None and answer.value != before.value:
                # Said twice, differently: the first counts, as in published scripts, and is flagged.
                found[label] = Answer(before.value, "repaired", before.text, is_contradictory=True)
        return found if any(answer.value is not None for answer in found.values()) or len(found) > 1 else {}

    def _from_json(self, text: str, labels: Sequence[str]) -> dict[str, Answer]:
        first, last = text.find("{"), text.rfind("}")
        if not 0 <= first < last:
            return {}
        try:
            data = orjson.loads(text[first : last + 1])
        except ValueError:
            return {}
        if not isinstance(data, dict):
            return {}
        if len(data) == 1 and isinstance(inner := next(iter(data.values())), dict):
            data = inner  # {"answers": {...}}
        is_bare = not text[:first].strip() and not text[last + 1 :].strip()
        return {
            label: _lowered(self._read_segment(str(value)), is_bare)
            for label in labels
            for value in [_entry(data, label)]
            if isinstance(value, (str, int))
        }

    def _from_list(self, text: str, labels: Sequence[str]) -> dict[str, Answer]:
        """Answers without item marks, if there are exactly as many as items: one a line, or separated by commas."""
        lines = [line for line in text.splitlines() if line.strip()]
        for parts in (lines, re.split(r"[,;\s]+", text.strip())):
            if len(parts) == len(labels) > 1:
                answers = [self._read_segment(part) for part in parts]
                if all(answer.status == "ok" for answer in answers):
                    return {label: _lowered(answer, False) for label, answer in zip(labels, answers, strict=True)}
        return {}


def _item_spans(text: str, labels: Sequence[str], *, at_line_start: bool) -> Iterator[tuple[str, int, int]]:
    """Where the answer to each item stands: after its mark, up to the next mark."""
    names = "|".join(sorted((re.escape(label) for label in labels), key=len, reverse=True))
    if at_line_start:
        pattern = (
            rf"^{_LINE_NOISE}{_ITEM_WORD}(?:\(({names})\)|\[({names})\]|({names})[ \t]*[).:\]=]|({names})[ \t]+(?=\S))"
        )
    else:
        pattern = rf"\(({names})\)|(?<!\w)({names})[):=](?=\s)"
    matches = list(re.finditer(pattern, text, re.IGNORECASE | re.MULTILINE))
    known = {label.casefold(): label for label in labels}
    for match, following in zip_longest(matches, matches[1:]):
        label = next(group for group in match.groups() if group is not None)
        yield known[label.casefold()], match.end(), following.start() if following else len(text)


def _ends_mark(mark: str, rest: str) -> bool:
    """Whether a letter that begins an answer is a mark: alone, or followed by a bracket, stop, colon or dash."""
    return mark.isupper() and (not rest.strip() or rest.lstrip(" ")[:1] in ").:]-–—,")


def _no_answer(body: str) -> Answer:
    return Answer(None, "refused" if is_refusal(body) else "unparsed", body)


def _lowered(answer: Answer, is_as_asked: bool) -> Answer:
    """An answer that had to be looked for is repaired at best."""
    if is_as_asked or answer.status != "ok":
        return answer
    return Answer(answer.value, "repaired", answer.text, answer.is_contradictory)


def _entry(data: Mapping[str, object], label: str) -> object:
    for key in (label, f"({label})", label.upper(), f"q{label}", f"item_{label}", f"item {label}"):
        if key in data:
            return data[key]
    return None


def _leading(text: str) -> int:
    match = _LEADING.match(text)
    return match.end() if match else 0


def _plain(label: str) -> str:
    """A label in the form in which labels are compared: lower case, single spaces, no stop at the end."""
    return re.sub(r"\s+", " ", label.strip().strip(".!*_\"'“”‘’")).casefold()


def _spaced(label: str) -> str:
    return r"\s+".join(map(re.escape, label.split(" ")))
