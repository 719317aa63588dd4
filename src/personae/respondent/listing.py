"""Lists in a prompt: lines that begin with a mark, and the runs in which the marks count on."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

_LISTED = re.compile(
    r"^[ \t>]{0,8}(?:[-*•][ \t]+)?(?:\*{2}|__)?(?P<word>(?:statement|item|question|q|s|no\.?|#)[ \t]?(?=\d))?"
    r"(?P<open>[(\[]?)(?P<mark>[A-Za-z]{1,2}|[-+−]?\d{1,3})"
    r"(?P<close>\)\.|[)\].:]|[ \t]*=|[ \t]+[–—-](?=[ \t])|$)(?:\*{2}|__)?[ \t]*(?P<text>.*)$",
    re.IGNORECASE,
)
_BULLET = re.compile(r"^\s*(?:[-*•]\s+)?(?:\[ ?\]\s+)?")
_QUESTION = re.compile(r"^\s*Q:\s")
"""What a question begins with that is followed by "A:"; it counts nothing."""
_ROW = re.compile(r"^\s*\|\s*(?P<mark>[A-Za-z]{1,2}|\d{1,3})\s*\|\s*(?P<text>[^|]+?)\s*\|")
"""A row of a table that numbers its statements."""
_BLANKS = " \t_.…"
_MOST_LINES = 5000


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a prompt; without a mark if it is no part of a list."""

    mark: str
    text: str
    style: str
    """How an answer to it is written: ``({label}) {answer}``."""
    close: str
    """The sign behind the mark."""


def lines_of(text: str) -> list[Line]:
    """The lines of a prompt that hold anything."""
    return [_line(raw) for raw in text.splitlines()[:_MOST_LINES] if raw.strip()]


def _line(raw: str) -> Line:
    if row := _ROW.match(raw[:2000]):
        return Line(row["mark"], row["text"], "{label}. {answer}", "|")
    match = _LISTED.match(raw) if len(raw) < 2000 and not _QUESTION.match(raw) else None
    if match is None or not (match["close"] or not match["text"]):
        return Line("", _BULLET.sub("", raw).strip(), "", "")
    mark, close = match["mark"].replace("−", "-"), match["close"].strip()
    word = match["word"] or ""
    ending = close if close in (")", "]", ".", ":", ").") else "."
    style = f"{word}{match['open']}{{label}}{ending} {{answer}}"
    return Line(mark, match["text"].strip().strip("*").rstrip(_BLANKS) or "", style, f"{match['open']}{close}")


def runs_of(lines: Iterable[Line]) -> Iterator[list[Line]]:
    """Runs of at least two list lines whose marks count up or down by the same step."""
    run: list[Line] = []
    for line in lines:
        if line.mark and (not run or _goes_on(run, line)):
            run.append(line)
            continue
        if len(run) > 1:
            yield run
        run = [line] if line.mark else []
    if len(run) > 1:
        yield run


def joined_runs(lines: Iterable[Line]) -> list[list[Line]]:
    """List lines whose marks count on, whatever stands between them: the sections of one questionnaire."""
    runs: list[list[Line]] = []
    for line in lines:
        if line.mark:
            if runs and _goes_on(runs[-1], line) and rank(line.mark) > rank(runs[-1][-1].mark):
                runs[-1].append(line)
            else:
                runs.append([line])
    return runs


def rank(mark: str) -> int:
    """Place of a mark in its own order: 3 for "3" and "c", 27 for "aa"."""
    if mark.lstrip("+-").isdecimal():
        return int(mark)
    place = 0
    for letter in mark.lower():
        place = place * 26 + ord(letter) - ord("a") + 1
    return place


def _goes_on(run: Sequence[Line], line: Line) -> bool:
    before = run[-1]
    # Options without words may lack the sign that stands between mark and words: "1 = no", "2", "3 = yes".
    if (before.close != line.close and before.text and line.text) or _kind(before.mark) != _kind(line.mark):
        return False
    step = rank(line.mark) - rank(before.mark)
    return step == rank(before.mark) - rank(run[-2].mark) if len(run) > 1 else step in (-1, 1)


def _kind(mark: str) -> str:
    return "number" if mark.lstrip("+-").isdecimal() else "upper" if mark.isupper() else "lower"
