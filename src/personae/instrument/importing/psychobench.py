"""Questionnaires in the layout of PsychoBench: a list of forms with keys, scoring and norms.

Each form has ``name``, ``questions`` by number, ``prompt``, ``inner_setting``, ``scale`` (the constant that an answer
is taken from when it is reversed), ``reverse``, and ``categories`` with items, ``compute_mode`` and groups of people.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import PurePath
from typing import Any

from pydantic import Field

from personae.errors import InputError
from personae.instrument.importing.imported import Foreign, Imported, instrument_key, scale_key, unknown_licence
from personae.instrument.shelf import make_instrument

_RANGE = re.compile(r"numbers? from (-?\d+) to (-?\d+)")
_LABEL = re.compile(
    r"(?<![\w.])['\"‘“]?(-?\d+)['\"’”]?\s*(?:denotes|means|=|:|to indicate|\()\s*"
    r"['\"‘“]?([A-Za-z][A-Za-z ’'-]*?)['\"’”]?\s*(?=[,;.)\n]|\band\b|\bto\b|$)"
)
_LEAD = re.compile(r"\s*Here are the (?:statements|questions):\s*$")


class _Crowd(Foreign):
    crowd_name: str | None = None
    crowd_sample_mean: float
    crowd_sample_sd: float = Field(gt=0)
    crowd_sample_num: int | None = None


class _Category(Foreign):
    cat_name: str
    cat_questions: tuple[int, ...]
    compute_mode: str = "AVG"
    crowd: tuple[_Crowd, ...] = ()


class _Form(Foreign):
    name: str
    questions: dict[str, str] = Field(min_length=1)
    prompt: str
    inner_setting: str = ""
    scale: float
    reverse: tuple[int, ...] = ()
    categories: tuple[_Category, ...] = Field(min_length=1)


def is_psychobench(data: object) -> bool:
    """Whether parsed JSON is in this layout."""
    first = data[0] if isinstance(data, list) and data else None
    return isinstance(first, dict) and {"questions", "categories", "scale"} <= first.keys()


def read_psychobench(data: Sequence[object], where: str) -> Imported:
    """Read all forms.

    Raises:
        InputError: If one is malformed; the message names it.
    """
    instruments, warnings = [], []
    for number, entry in enumerate(data):
        name = entry.get("name") if isinstance(entry, dict) else None
        place = f"{where}: form {number + 1}" + (f" ({name})" if isinstance(name, str) else "")
        form = _Form.read(entry, place)
        instruments.append(make_instrument(_declared(form, where), place))
        warnings += [f"{form.name}: {text}" for text in _doubts(form)]
    keys = [one.key for one in instruments]
    if twice := next((key for key in keys if keys.count(key) > 1), ""):
        raise InputError(f"two forms are called {twice!r}", where=where, remedy="name each form differently")
    return Imported("PsychoBench questionnaires", tuple(instruments), warnings=tuple(warnings))


def _declared(form: _Form, where: str) -> dict[str, Any]:
    scored = {number for one in form.categories for number in one.cat_questions}
    reverse = set(form.reverse)
    return {
        "key": instrument_key(form.name),
        "version": "1",
        "title": form.name,
        "citation": f"{form.name}, as in {PurePath(where).name}; cite the form itself",
        "source": f"imported from {PurePath(where).name} (PsychoBench layout)",
        "language": "en",
        "licence": unknown_licence(PurePath(where).name),
        "instructions": _LEAD.sub("", form.prompt),
        "options": _options(form),
        "items": dict(form.questions),
        "fillers": [item for item in form.questions if item.isdecimal() and int(item) not in scored],
        "scales": [
            {
                "key": scale_key(one.cat_name),
                "title": one.cat_name,
                "items": [str(number) for number in one.cat_questions],
                "reverse": [str(number) for number in one.cat_questions if number in reverse],
                "score": "sum" if one.compute_mode.upper() == "SUM" else "mean",
                "norms": list(_norms(one, where)),
            }
            for one in form.categories
        ],
        "notes": f"System message of the published protocol: {form.inner_setting}" if form.inner_setting else "",
    }


def _norms(category: _Category, where: str) -> Iterator[dict[str, Any]]:
    for crowd in category.crowd:
        yield {
            "group": crowd.crowd_name or "people",
            "mean": crowd.crowd_sample_mean,
            "sd": crowd.crowd_sample_sd,
            "n": crowd.crowd_sample_num,
            "source": PurePath(where).name,
        }


def _range(form: _Form) -> tuple[int, int]:
    found = _RANGE.search(f"{form.prompt}\n{form.inner_setting}")
    if found is None:
        return 1, int(form.scale) - 1
    return int(found[1]), int(found[2])


def _options(form: _Form) -> list[dict[str, Any]]:
    """Options from the numbers that the prompt allows, with its words where it explains a number."""
    low, high = _range(form)
    words: dict[int, str] = {}
    for number, label in _LABEL.findall(form.prompt):
        if label.strip().casefold() not in {word.casefold() for word in words.values()}:
            words.setdefault(int(number), label.strip())
    return [{"value": value, "label": words.get(value, str(value))} for value in range(low, high + 1)]


def _doubts(form: _Form) -> Iterator[str]:
    low, high = _range(form)
    if form.scale != low + high:
        yield f"reverses by {form.scale:g} - x, but answers run from {low} to {high}; {low + high} - x is used"
    known = {int(item) for item in form.questions if item.isdecimal()}
    if stray := sorted(set(form.reverse) - {number for one in form.categories for number in one.cat_questions} & known):
        yield f"reverses items that no category has: {stray}"
    if form.name == "DTDD" and any(one.cat_name == "Neuroticism" for one in form.categories):
        yield "the category called Neuroticism is the narcissism of the Dirty Dozen"
