"""The one closed-answer parser: from what a model wrote to one value and one status for every item.

An item's answer stands between its mark and the next item's mark (:mod:`personae.instrument.item_marks`), or in a JSON
object, or in a list of exactly as many answers as items. What it says is read by one set of rules
(:mod:`personae.instrument.option_reader`). Every item gets an :class:`Answer`; none is dropped or guessed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cache

from personae.instrument.item_marks import find_spans
from personae.instrument.json_answers import find_json_answers
from personae.instrument.option_reader import Answer, OptionReader, ShownOption, tidy
from personae.model import is_refusal

__all__ = ["Answer", "AnswerReader", "ShownOption"]

_MOST_CHARACTERS = 200_000
_MOST_LINES = 1000
_THOUGHT = ("<think>", "</think>")


class AnswerReader:
    r"""Reads answers to closed questions that offered these options.

    Raises:
        InputError: If there are no options, or two that an answer could not tell apart.

    Example:
        >>> agree = AnswerReader([ShownOption("1", "Disagree", 1), ShownOption("2", "Agree", 2)])
        >>> agree.read("2").value, agree.read("I would say: agree.").status
        (2, 'repaired')
        >>> [answer.value for answer in agree.read_sheet("(a) 1\n(b) 2 - Agree", ["a", "b"])]
        [1, 2]
    """

    def __init__(self, options: Sequence[ShownOption]) -> None:
        self.options = tuple(options)
        self._reader = OptionReader(self.options)

    def read(self, text: str) -> Answer:
        """Read the answer to one question from a whole reply."""
        text = _prepared(text)
        rest = self._without_legend(text)
        if rest != text and not rest.strip():
            return Answer(None, "unparsed", text.strip())
        return self._reader.read(rest)

    def read_sheet(self, text: str, labels: Sequence[str]) -> list[Answer]:
        """Read the answers to many items from one reply.

        Args:
            text: The reply.
            labels: Marks of the items in the order wanted: ``["a", "b", ...]`` or ``["1", "2", ...]``.

        Returns:
            One answer an item, in that order.
        """
        text = _prepared(text)
        if not text.strip():
            return [Answer(None, "empty")] * len(labels)
        found = self._by_item(text, labels)
        rest = self._without_legend(text)
        if rest != text:
            without = self._by_item(rest, labels)
            # Items and options may be marked alike: what looks like a legend is none if answers are lost with it.
            found = without if _answered(found) <= _answered(without) else found
        # A list that is longer than a legend may hold all options in their order by chance.
        for listed in (rest, text) if rest != text and len(labels) > len(self.options) else (rest,):
            if len(_answered(found)) < len(labels):
                found = self._from_list(listed, labels, must_be_spelt=bool(_answered(found))) or found
        if not _answered(found) and is_refusal(text):
            return [Answer(None, "refused", text.strip())] * len(labels)
        return [found.get(label, Answer(None, "unparsed")) for label in labels]

    def _by_item(self, text: str, labels: Sequence[str]) -> dict[str, Answer]:
        return self._from_json(text, labels) or self._from_marks(text, labels)

    def _from_json(self, text: str, labels: Sequence[str]) -> dict[str, Answer]:
        values, is_as_asked = find_json_answers(text, labels)
        answers = {label: self._reader.read(tidy(value)) for label, value in values.items()}
        return answers if is_as_asked else {label: _looked_for(answer) for label, answer in answers.items()}

    def _from_marks(self, text: str, labels: Sequence[str]) -> dict[str, Answer]:
        spans = find_spans(text, labels, self._reader) if labels else []
        # A list is read from its first item on; what stood before it is a slip that counts only if nothing else does.
        begin = next((index for index, span in enumerate(spans) if span.label == labels[0]), 0)
        read = cache(self._read_stretch)  # within one reply: most stretches are one of a few marks
        found: dict[str, Answer] = {}
        for span in (*spans[begin:], *spans[:begin]):
            answer = read(text[span.start : span.end])
            before = found.get(span.label)
            if before is None or before.value is None:
                found[span.label] = answer
            elif answer.value is not None and answer.value != before.value:
                # Said twice, differently: the first counts, as in published scripts, and is flagged.
                found[span.label] = replace(before, status="repaired", is_contradictory=True)
        return found

    def _read_stretch(self, text: str) -> Answer:
        """Read what stands behind an item's mark: its first line, else all up to a blank line."""
        text = text.strip()
        first = self._reader.read(text.partition("\n")[0])
        paragraph = text.partition("\n\n")[0]
        return first if first.value is not None or "\n" not in paragraph else self._reader.read(paragraph)

    def _from_list(self, text: str, labels: Sequence[str], *, must_be_spelt: bool) -> dict[str, Answer]:
        """Answers without item marks, if there are exactly as many as items: one a line, or separated in one line.

        Where some lines could also be read as answers with item marks, every answer must have its mark and its words.
        """
        if len(labels) == 1 and not must_be_spelt:
            return {labels[0]: _looked_for(self._reader.read(text))}
        lines = [line for line in text.split("\n") if line.strip()]
        exact = cache(self._reader.exact)
        for parts in (lines, *(line.replace(",", " ").replace(";", " ").split() for line in lines)):
            if not len(labels) <= len(parts) <= len(labels) + _MOST_LINES:
                continue
            found = [(exact(part), part) for part in parts]
            places = [index for index, (one, _) in enumerate(found) if one]
            if len(places) != len(labels) or not places or places[-1] - places[0] + 1 > len(labels):
                continue
            given = [(one, part) for one, part in found if one]
            forms = {one.has_both and not one.is_contradictory for one, _ in given}
            if forms == {True} or (forms == {False} and not must_be_spelt):
                return {label: _looked_for(one.answer(part)) for label, (one, part) in zip(labels, given, strict=True)}
        return {}

    def _without_legend(self, text: str) -> str:
        """The text without a repetition of the response options, one a line, in the order shown or reversed."""
        lines = text.split("\n")
        filled = [index for index, line in enumerate(lines[:_MOST_LINES]) if line.strip()]
        exact = [self._reader.exact(lines[index]) for index in filled]
        chosen = [one.option if one and not one.is_contradictory else None for one in exact]
        width = len(self.options)
        for start in range(len(filled) - width + 1):
            shown = tuple(chosen[start : start + width])
            is_spelt = sum(one is not None and one.has_both for one in exact[start : start + width]) > 1
            if is_spelt and shown in (self.options, self.options[::-1]):
                return "\n".join([*lines[: filled[start]], *lines[filled[start + width - 1] + 1 :]])
        return text


def _prepared(text: str) -> str:
    """A reply in one form, without the thoughts that a reasoning model wrote before it."""
    begin, end = _THOUGHT
    if text.lstrip().startswith(begin):
        _, closed, answer = text.partition(end)
        text = answer if closed else begin  # cut off while thinking: words, but no answer
    return tidy(text[:_MOST_CHARACTERS])


def _answered(found: dict[str, Answer]) -> set[str]:
    return {label for label, answer in found.items() if answer.value is not None}


def _looked_for(answer: Answer) -> Answer:
    """An answer that had to be looked for is repaired at best."""
    return replace(answer, status="repaired") if answer.status == "ok" else answer
