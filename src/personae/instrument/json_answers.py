"""Answers to many items in a JSON value, in the shapes that models choose when they are not told one.

An object by item (``{"a": 4}``), possibly within another, or with an object for every item
(``{"a": {"answer": 4, "reason": "..."}}``); a list of objects that name their item; a list of as many answers as items.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import orjson

_ITEM_WORD = re.compile(r"(?:item|statement|question|q|number|no)[\W_]*(?=\w)")
_NAMED_FIRST = re.compile(r"[(\[](\w{1,8})[)\]]|(\w{1,8})[.):](?=\s)")
_ITEM_KEYS = ("item", "label", "mark", "letter", "id", "key", "number", "statement", "question")
_ANSWER_KEYS = ("answer", "value", "score", "rating", "response", "choice", "option", "selected")


def find_json_answers(text: str, labels: Sequence[str]) -> tuple[dict[str, str], bool]:
    """Find what a JSON value in a reply answers to each item.

    Returns:
        The answers by label, and whether the reply is an object by item and nothing else.
    """
    for begin, end in (("{", "}"), ("[", "]")):
        first, last = text.find(begin), text.rfind(end)
        if not 0 <= first < last:
            continue
        try:
            data = orjson.loads(text[first : last + 1])
        except ValueError:
            continue
        is_bare = not text[:first].strip() and not text[last + 1 :].strip()
        if isinstance(data, dict) and len(data) == 1 and isinstance(inner := next(iter(data.values())), (dict, list)):
            data = data if _label_of(next(iter(data)), labels) else inner  # {"answers": {...}}
        answers = _by_item(data, labels) if isinstance(data, dict) else _in_list(data, labels)
        if answers:
            return answers, is_bare and isinstance(data, dict)
    return {}, False


def _by_item(data: Mapping[str, object], labels: Sequence[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for key, value in data.items():
        label, answer = _label_of(key, labels), _scalar(value)
        if label and answer is not None:
            found.setdefault(label, answer)
    return found


def _in_list(data: object, labels: Sequence[str]) -> dict[str, str]:
    rows = data if isinstance(data, list) else []
    if len(rows) == len(labels) and not any(isinstance(row, (dict, list)) for row in rows):
        given = [_scalar(row) for row in rows]
        return {label: answer for label, answer in zip(labels, given, strict=True) if answer is not None}
    found: dict[str, str] = {}
    for row in rows:
        if isinstance(row, dict):
            named = (_label_of(str(row[key]), labels) for key in _ITEM_KEYS if key in row)
            label, answer = next((label for label in named if label), ""), _scalar(row)
            if label and answer is not None:
                found.setdefault(label, answer)
    return found


def _label_of(key: str, labels: Sequence[str]) -> str:
    """The item that a key names: "a", "(a)", "Q1", "item_1", "(a) is talkative"; empty if it names none."""
    known = {label.casefold(): label for label in labels}
    bare = key.strip(" \t()[].:*_\"'").casefold()
    if bare in known:
        return known[bare]
    if (rest := _ITEM_WORD.sub("", bare, count=1)) in known:
        return known[rest]
    first = _NAMED_FIRST.match(key.strip())
    return known.get((first.group(1) or first.group(2)).casefold(), "") if first else ""


def _scalar(value: object) -> str | None:
    if isinstance(value, dict):
        value = next((value[key] for key in _ANSWER_KEYS if key in value), None)
    return str(value) if isinstance(value, (str, int, float)) else None
