"""Where the answers to the items of a questionnaire stand in a reply: each behind the mark of its item.

Marks at the beginning of a line win over others. Within a line a mark counts behind a complete answer, as in
"(a) 5 (b) 3", so that "(a) 4, see (b)" answers one item; where no two lines begin with marks, all of them count.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from personae.instrument.option_reader import OptionReader

_NOISE = r"[ \t>*_#|{\-•\"'`“]{0,12}"
_EMPHASIS = r"[*_\"'`”]{0,3}"
_ITEM_WORD = r"(?:(?i:item|statement|question|q|number|no\.?)(?=[ \t#(\[*\d])[ \t]{0,4}#?[ \t]{0,2}\*{0,2})?"
_LONGEST_INLINE = 200  # an answer that shares its line with others


@dataclass(frozen=True, slots=True)
class Span:
    """The stretch of a reply that belongs to one item."""

    label: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Mark:
    """Something that looks like the mark of an item. ``label`` is empty if there is no such item."""

    token: str
    label: str
    begin: int
    end: int
    is_closed: bool
    """Whether it is a mark by its look: "(a)", "a.", but not "a", which is one only before an answer."""
    starts_line: bool


def find_spans(text: str, labels: Sequence[str], reader: OptionReader) -> list[Span]:
    """Find the answers to these items, in the order in which they stand in the text; an item may occur twice.

    Marks count in the case asked for; if there is none, in either case.
    """
    collides = any(reader.has_mark(label) for label in labels)
    for fold in (str, str.casefold):
        marks = [mark for mark in _marks(text, labels, fold) if _is_mark(text, mark, reader)]
        marks = _chosen(text, marks, labels, reader, collides=collides)
        ends = [mark.begin for mark in marks[1:]] + [len(text)]
        spans = [Span(mark.label, mark.end, end) for mark, end in zip(marks, ends, strict=False) if mark.label]
        # Where marks of items look like marks of options, a list of bare answers repeats them all over.
        if spans and not (collides and len(spans) > 2 * len({span.label for span in spans})):
            return spans
    return []


def _marks(text: str, labels: Sequence[str], fold: Callable[[str], str]) -> Iterator[_Mark]:
    """Everything that looks like the mark of an item, in the order of the text."""
    known = {fold(label): label for label in labels}
    found: list[_Mark] = []
    for pattern, starts_line in _patterns(labels):
        for match in pattern.finditer(text):
            kind = match.lastgroup or ""
            token = match.group(kind)
            label = known.get(fold(token), "")
            if label or (starts_line and kind != "open" and len(token) < 3):
                is_closed = kind == "bracketed" or (kind == "closed" and starts_line)
                found.append(_Mark(token, label, match.start(), match.end(), is_closed, starts_line))
    end = -1
    for mark in sorted(found, key=lambda mark: (mark.begin, not mark.starts_line)):
        if mark.begin >= end:
            yield mark
            end = mark.end


def _patterns(labels: Sequence[str]) -> Iterator[tuple[re.Pattern[str], bool]]:
    """Patterns of marks at the beginning of a line and within one."""
    if all(re.fullmatch(r"[A-Za-z]{1,3}", label) for label in labels):
        token, number, stop = "[A-Za-z]{1,3}", r"(?:\d{1,3}[.)][ \t]{0,4})?", r"[).:\]|]"
    elif all(re.fullmatch(r"[0-9]{1,4}", label) for label in labels):
        token, number, stop = "[0-9]{1,4}", "", r"(?:[):\]|]|\.(?!\d))"  # "1.5" is a number
    else:
        token, number, stop = (
            "|".join(re.escape(label) for label in sorted(labels, key=len, reverse=True)),
            "",
            r"[).:\]|]",
        )
    yield (
        re.compile(
            rf"^{_NOISE}{number}{_NOISE}{_ITEM_WORD}(?:[(\[](?P<bracketed>{token})[)\]]{_EMPHASIS}[ \t]{{0,2}}[.:]?"
            rf"|(?P<closed>{token}){_EMPHASIS}[ \t]{{0,4}}{stop}"
            rf"|(?P<open>{token}){_EMPHASIS}(?:[ \t]{{0,4}}[-–—=→,]>?|[ \t]))",
            re.MULTILINE,
        ),
        True,
    )
    yield (
        re.compile(
            rf"[(\[](?P<bracketed>{token})[)\]][.:]?|(?<![\w(\[]){_ITEM_WORD}[\"']?(?P<closed>{token})[\"']?[ \t]{{0,2}}(?:=|{stop})"
        ),
        False,
    )


def _is_mark(text: str, mark: _Mark, reader: OptionReader) -> bool:
    if mark.is_closed or reader.mark_at(text, mark.end) is not None:
        return True
    said = reader.words_at(text, mark.end)
    return said is not None and not reader.is_marked(mark.token, said)  # "4 - Agree" may be all of an answer


def _chosen(
    text: str, marks: Sequence[_Mark], labels: Sequence[str], reader: OptionReader, *, collides: bool
) -> list[_Mark]:
    """Leave out what only mentions an item."""
    is_a_list = len({mark.label for mark in marks if mark.starts_line and mark.label}) > 1
    position = {label: index for index, label in enumerate(labels)}
    chosen: list[_Mark] = []
    for mark in marks:
        if not mark.starts_line and chosen:
            if is_a_list:
                answer = text[chosen[-1].end : mark.begin] if mark.begin - chosen[-1].end < _LONGEST_INLINE else ""
                if not chosen[-1].label or reader.exact(answer) is None:
                    continue
            elif collides and position[mark.label] != position.get(chosen[-1].label, -2) + 1:
                continue
        chosen.append(mark)
    return chosen
