"""Seeing the questionnaire in a prompt: its items, its options, and how it wants to be answered."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from personae.respondent.inline_options import inline_choices
from personae.respondent.listing import Line, joined_runs, lines_of, rank, runs_of
from personae.respondent.own_options import OwnItem, items_with_options
from personae.respondent.permuted_options import find_permuted, graded_by_words
from personae.respondent.roman_options import as_numbers
from personae.respondent.scales import Choice, agreement_of, graded, is_number, is_scale, is_scrambled
from personae.respondent.single_item import single_item

_MOST_CHARACTERS = 100_000
_MOST_ALTERNATIVES = 8
_OPTIONS_HEADING = re.compile(r"\b(?:options?|scale|responses?|ratings?|choices?|answers?)\b[^.\n]{0,40}:?\s*$", re.I)
_COLON_FORMAT = re.compile(r"\b(?:index|number|id|item|statement)\s*:\s*(?:score|rating|answer|number)\b", re.I)
_ANNOUNCED = re.compile(r"['\"“`]?\b(?P<word>ANSWER|Answer|FINAL ANSWER)\s*:\s*(?:\$|<|\[|\{)")
_WANTS_JSON = re.compile(r"\bjson\b", re.I)
_JSON_KEY = re.compile(r"[{,]\s*[\"“](?P<key>\w{1,40})[\"”]\s*:")


@dataclass(frozen=True, slots=True)
class Sheet:
    """A questionnaire, or one question, as the prompt shows it."""

    labels: tuple[str, ...]
    """Marks of the items; empty for a single question without one."""
    items: tuple[str, ...]
    choices: tuple[Choice, ...]
    """Options in the order listed."""
    order: tuple[int, ...]
    """Indices of the choices by rising agreement."""
    is_scale: bool
    """Whether the options are degrees of agreement; otherwise they are alternatives with words of their own."""
    template: str
    """How an item's answer is written: ``({label}) {answer}``."""
    is_json: bool = False
    """Whether the answers are wanted as a JSON object, by item mark, or under ``json_key``."""
    json_key: str = "answer"
    parts: tuple[Sheet, ...] = ()
    """A sheet for each item, where items have options of their own."""


@lru_cache(maxsize=8192)
def read_sheet(text: str) -> Sheet | None:
    """Find the questionnaire in a prompt; ``None`` if it asks no closed question."""
    text = text[:_MOST_CHARACTERS]
    if roman := as_numbers(text):
        sheet = read_sheet(roman[0])
        return sheet and replace(
            sheet, choices=tuple(replace(choice, mark=roman[1](choice.mark)) for choice in sheet.choices)
        )
    if listed_apart := items_with_options(text):
        return _as_asked(_own(listed_apart), text)
    lines = lines_of(text)
    runs = list(runs_of(lines))
    permuted = find_permuted(lines)
    scales = [permuted] if permuted else [run for run in runs if is_scale([line.text for line in run])]
    scales = scales or [run for run in runs if _is_headed(run, lines)] or _unmarked_scale(lines)
    listed = {id(line) for run in scales for line in run}
    rest = [line for line in lines if id(line) not in listed]
    if scales:
        grade = graded_by_words if permuted else graded
        choices: tuple[Choice, ...] | None = grade([line.mark for line in scales[0]], [line.text for line in scales[0]])
    else:
        choices = inline_choices(text)
    others = [run for run in runs if run[0].text and not listed.intersection(map(id, run))]
    if choices is None:
        wanted = others[-1] if others and _are_alternatives(others[-1]) else None
        return _as_asked(_alternatives(rest, wanted), text) if wanted else None
    items = _items(rest)
    if items:
        sheet = _sheet([line.mark for line in items], [line.text for line in items], choices, items[0].style)
    else:
        single = single_item([line for line in rest if not line.mark])
        if not single:
            return None
        sheet = _sheet([], [single], choices, "{answer}")
    return _as_asked(sheet, text)


def sheet_of_choices(question: str, options: Sequence[str]) -> Sheet:
    """A question whose closed answers are given beside the prompt instead of within it."""
    item = single_item(lines_of(question[:_MOST_CHARACTERS])) or question
    if is_scale(options):
        return _sheet([], [item], graded([""] * len(options), options), "{answer}")
    if all(map(is_number, options)):
        return _sheet([], [item], graded(options, [""] * len(options)), "{answer}")
    choices = tuple(Choice("", option, 0.0) for option in options)
    return Sheet((), (item,), choices, tuple(range(len(choices))), False, "{answer}")


def _own(listed: Sequence[OwnItem]) -> Sheet:
    """Items with options of their own, a sheet each."""
    parts = []
    for one in listed:
        if is_scale(one.labels):
            parts.append(_sheet([one.label], [one.text], graded(one.marks, one.labels), "{answer}"))
            continue
        choices = tuple(Choice(mark, label, 0.0) for mark, label in zip(one.marks, one.labels, strict=True))
        parts.append(Sheet((one.label,), (one.text,), choices, tuple(range(len(choices))), False, "{answer}"))
    labels, items = tuple(one.label for one in listed), tuple(one.text for one in listed)
    return Sheet(labels, items, parts[0].choices, parts[0].order, False, "({label}) {answer}", parts=tuple(parts))


def _items(lines: Sequence[Line]) -> list[Line]:
    """The longest list of the prompt, unless a line names the one item that is asked about."""
    if any(line.text and _names_item(line) for line in lines if not line.mark):
        return []
    runs = [[line for line in run if line.text] for run in joined_runs(lines)]
    longest = max(runs, key=len, default=[])
    return longest if len(longest) > 1 or (longest and rank(longest[0].mark) == 1) else []


def _names_item(line: Line) -> bool:
    return re.match(r"(?:statement|item|q)\s*:", line.text, re.I) is not None


def _is_headed(run: Sequence[Line], lines: Sequence[Line]) -> bool:
    """Whether numbers stand below a line that announces options, or are explained by "=", whatever their words say."""
    if not all(is_number(line.mark) for line in run) or len(run) > 11:
        return False
    place = next(index for index, line in enumerate(lines) if line is run[0])
    before = lines[place - 1] if place else None
    is_announced = before is not None and not before.mark and _OPTIONS_HEADING.search(before.text) is not None
    return run[0].close == "=" or is_announced


def _unmarked_scale(lines: Sequence[Line]) -> list[list[Line]]:
    """Options on lines of their own, without marks or behind bullets."""
    run: list[Line] = []
    for line in (*lines, Line("", "", "", "")):
        label = line.text.rstrip(".")
        if not line.mark and label and agreement_of(label) is not None:
            run.append(line)
        elif is_scale([each.text.rstrip(".") for each in run]):
            return [run]
        else:
            run = []
    return []


def _are_alternatives(run: Sequence[Line]) -> bool:
    return 2 <= len(run) <= _MOST_ALTERNATIVES and rank(run[0].mark) == 1


def _alternatives(lines: Sequence[Line], run: Sequence[Line]) -> Sheet:
    """A question with alternatives of its own words, such as a scenario with four ways to act."""
    item = single_item([line for line in lines if not line.mark])
    known = [value for line in run if (value := agreement_of(line.text)) is not None]
    if item and len(known) == len(run) and is_scrambled(known):
        return _sheet([], [item], graded([line.mark for line in run], [line.text for line in run]), "{answer}")
    choices = tuple(Choice(line.mark, line.text, 0.0) for line in run)
    return Sheet((), (item,), choices, tuple(range(len(choices))), False, "{answer}")


def _sheet(labels: Sequence[str], items: Sequence[str], choices: tuple[Choice, ...], template: str) -> Sheet:
    order = tuple(sorted(range(len(choices)), key=lambda index: choices[index].agreement))
    return Sheet(tuple(labels), tuple(items), choices, order, True, template)


def _as_asked(sheet: Sheet, text: str) -> Sheet:
    """Take over the format that the prompt asks for."""
    if _WANTS_JSON.search(text):
        key = _JSON_KEY.search(text)
        return replace(sheet, is_json=True, json_key=key["key"] if key else "answer")
    if sheet.labels:
        return replace(sheet, template="{label}: {answer}") if _COLON_FORMAT.search(text) else sheet
    announced = _ANNOUNCED.search(text)
    return replace(sheet, template=f"{announced['word']}: {{answer}}") if announced else sheet
