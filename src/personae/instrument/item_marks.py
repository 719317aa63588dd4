"""Where the answers to the items of a questionnaire stand in a reply: each behind the mark of its item.

Marks at the beginning of a line win over others. Within a line a mark counts behind a complete answer, as in
"(a) 5 (b) 3", so that "(a) 4, see (b)" answers one item; where no two lines begin with marks, all of them count.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from personae.instrument.option_reader import OptionReader

_NOISE = r"[ \t>*_#|{\-•\"'`“]{0,12}"
_EMPHASIS = r"[*_\"'`”]{0,3}"
_ITEM_WORD = r"(?:(?i:item|statement|question|q|number|no\.?)(?=[ \t#(\[*\d])[ \t]{0,4}#?[ \t]{0,2}\*{0,2})?"
_LONGEST_INLINE = 200  # an answer that shares its line with others
_MOST_MARKS = 5000


@dataclass(frozen=True, slots=True)
class Span:
    """The stretch of a reply that belongs to one item."""

    label: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Mark:
    """Something that looks like the mark of an item."""

    token: str
    begin: int
    end: int
    style: str
    """The sign that closes it, as in "(a)", "a." or "a:"; empty for a bare "a"."""
    starts_line: bool
    label: str = ""
    """The item; empty if there is none of this name."""

    @property
    def is_certain(self) -> bool:
        """Whether it is a mark by its look; others are marks only before an answer: "a 5", but not "a lot"."""
        return self.style == "()" or (self.starts_line and self.style != "")


def find_spans(text: str, labels: Sequence[str], reader: OptionReader) -> list[Span]:
    """Find the answers to these items, in the order in which they stand in the text; an item may occur twice.

    Marks count in the case asked for; if there is none, in either case.
    """
    collides = any(reader.has_mark(label) for label in labels)
    looks = list(_looks(text, labels))
    for fold in (str, str.casefold):
        marks = [mark for mark in _named(looks, labels, fold) if _is_mark(text, mark, reader, collides=collides)]
        marks = _chosen(text, marks, labels, reader, collides=collides)
        ends = [mark.begin for mark in marks[1:]] + [len(text)]
        spans = [Span(mark.label, mark.end, end) for mark, end in zip(marks, ends, strict=False) if mark.label]
        # Where marks of items look like marks of options, a list of bare answers repeats them all over.
        if spans and not (collides and len(spans) > 2 * len({span.label for span in spans})):
            return spans
    return []


def _looks(text: str, labels: Sequence[str]) -> Iterator[_Mark]:
    """Everything that looks like the mark of an item."""
    for pattern, starts_line in _patterns(labels):
        for match in itertools.islice(pattern.finditer(text), _MOST_MARKS):
            kind = match.lastgroup or ""
            style = {"bracketed": "()", "closed": match.group()[-1], "open": ""}[kind]
            yield _Mark(match.group(kind), match.start(), match.end(), style, starts_line)


def _named(looks: Sequence[_Mark], labels: Sequence[str], fold: Callable[[str], str]) -> Iterator[_Mark]:
    """Marks of these items, and of others that end an answer before them, in the order of the text."""
    known = {fold(label): label for label in labels}
    named = [replace(mark, label=known.get(fold(mark.token), "")) for mark in looks]
    end = -1
    for mark in sorted(named, key=lambda mark: (mark.begin, not mark.starts_line)):
        is_other = mark.starts_line and mark.style != "" and len(mark.token) < 3
        if mark.begin >= end and (mark.label or is_other):
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
            rf"[(\[](?P<bracketed>{token})[)\]][.:]?"
            rf"|(?<![\w(\[])(?<!\bto )(?<![-–]){_ITEM_WORD}[\"']?(?P<closed>{token})[\"']?[ \t]{{0,2}}"
            rf"(?!\|)(?:=|{stop})(?=[^\S\n]*\S)"
        ),
        False,
    )


def _is_mark(text: str, mark: _Mark, reader: OptionReader, *, collides: bool) -> bool:
    if mark.is_certain:
        return True
    if reader.mark_at(text, mark.end) is None:
        said = reader.words_at(text, mark.end)
        return said is not None and not reader.is_marked(mark.token, said)  # "4 - Agree" may be all of an answer
    end = text.find("\n", mark.end)
    line = text[mark.end : end if end >= 0 else len(text)][:_LONGEST_INLINE]
    return mark.style != "" or not collides or reader.read(line).value is not None  # "5 3 1 2" may be four answers


def _chosen(
    text: str, marks: Sequence[_Mark], labels: Sequence[str], reader: OptionReader, *, collides: bool
) -> list[_Mark]:
    """Leave out what only mentions an item."""
    is_a_list = len({mark.label for mark in marks if mark.starts_line and mark.label}) > 1
    position = {label: index for index, label in enumerate(labels)}
    chosen: list[_Mark] = []
    for mark in marks:
        if collides and not mark.style and not is_a_list:
            continue
        if not mark.starts_line and (chosen or is_a_list):
            before = chosen[-1] if chosen else None
            if before is None or mark.style != before.style:
                continue
            if is_a_list:
                answer = text[before.end : mark.begin] if mark.begin - before.end < _LONGEST_INLINE else ""
                if not before.label or reader.exact(answer) is None:
                    continue
            elif collides and position[mark.label] != position.get(before.label, -2) + 1:
                continue
        chosen.append(mark)
    return chosen
