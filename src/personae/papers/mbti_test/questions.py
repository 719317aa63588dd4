"""The questions: forced choices whose options are keyed to letters."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

from personae.errors import InputError
from personae.instrument import Instrument, load_instrument
from personae.instrument.importing import import_file
from personae.instrument.shelf import make_instrument

LETTERS = "EISNTFJP"
_BETWEEN = " | "


@lru_cache(maxsize=16)
def read_questions(name: str) -> Instrument:
    """Read the questions of a setting.

    Raises:
        InputError: If they cannot be read, or an item is no choice between two options keyed to letters.
    """
    form: Instrument | None
    path = Path(name)
    if path.suffix.lower() == ".json":
        found = import_file(path).instruments
        form = found[0] if len(found) == 1 else None
    else:
        loaded = load_instrument(name)
        form = as_forced_choice(loaded) if loaded.dichotomies and not loaded.is_forced_choice else loaded
    if form is None or any(not _is_keyed(form, item) for item in form.items):
        raise InputError(
            "is no forced choice between options keyed to E, I, S, N, T, F, J, P",
            where=name,
            remedy='give keyed pairs: {"1": {"question": ..., "A": "J", "B": "P"}}',
        )
    return form


def as_forced_choice(form: Instrument) -> Instrument:
    """Make of pairs of descriptions between which a respondent stands, such as those of the OEJTS, two options each.

    The first description is option 1; it is keyed to the letter that answers near it count for.

    Raises:
        InputError: If an item does not name its two ends on either side of a bar.
    """
    formats: list[dict[str, Any]] = []
    counted: dict[str, list[str]] = {}
    for one in form.dichotomies:
        scale = form.scale(one.scale)
        for item, sign in form.keying(scale).items():
            first, bar, second = form.items[item].partition(_BETWEEN)
            if not bar:
                raise InputError("does not name two ends", where=f"{form.key}, item {item}")
            keys = (one.low.lower(), one.high.lower()) if sign > 0 else (one.high.lower(), one.low.lower())
            labels = (first, second)
            options = [
                {"value": value, "label": label, "keyed": key}
                for value, (label, key) in enumerate(zip(labels, keys, strict=True), start=1)
            ]
            formats.append({"items": [item], "options": options})
            for key in keys:
                counted.setdefault(key, []).append(item)
    wanted = [letter.lower() for letter in LETTERS]
    pairs = [LETTERS[place : place + 2] for place in range(0, len(LETTERS), 2)]
    data = {
        **form.model_dump(include={"version", "title", "citation", "source", "licence", "language"}),
        "key": f"{form.key}-forced",
        "items": dict.fromkeys(form.items, "Which of these describes you better?"),
        "formats": formats,
        "scales": [{"key": key, "title": key.upper(), "items": counted[key], "score": "count"} for key in wanted],
        "dichotomies": [
            {"title": pair, "high": pair[0], "low": pair[1], "scale": pair[0].lower(), "opposite": pair[1].lower()}
            for pair in pairs
        ],
        "notes": "Each pair of ends as a choice between two; the form itself has five steps between them.",
    }
    return make_instrument(data, form.key)


def _is_keyed(form: Instrument, item: str) -> bool:
    options = form.options_of(item)
    return len(options) == 2 and all(one.keyed.upper() in LETTERS and one.keyed for one in options)
