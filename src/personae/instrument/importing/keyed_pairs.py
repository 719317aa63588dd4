r"""Forced choices as Pan & Zeng (2023) lay them out: ``{"1": {"question": "...\nA...\nB...", "A": "J", "B": "P"}}``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import PurePath
from typing import Any

from personae.errors import InputError
from personae.instrument.importing.imported import Foreign, Imported, instrument_key, unknown_licence
from personae.instrument.shelf import make_instrument

_POLES = (("Energy", "E", "I"), ("Information", "S", "N"), ("Decisions", "T", "F"), ("Lifestyle", "J", "P"))
_ALTERNATIVES = re.compile(r"^(?P<text>.*?)\n\s*A\s*[.．、:]\s*(?P<a>.+?)\n\s*B\s*[.．、:]\s*(?P<b>.+)$", re.DOTALL)


class _Pair(Foreign):
    question: str
    A: str
    B: str


def is_keyed_pairs(data: object) -> bool:
    """Whether parsed JSON is in this layout."""
    first = next(iter(data.values()), None) if isinstance(data, dict) else None
    return isinstance(first, dict) and {"question", "A", "B"} <= first.keys()


def read_keyed_pairs(data: Mapping[str, object], where: str) -> Imported:
    """Read the pairs as one instrument: a count for each letter, a dichotomy for each pair of letters.

    Letters of an item that are no pair of poles stay as the file has them, with a warning: a published key has such an
    item, and published counts depend on it.

    Raises:
        InputError: If an item has no two alternatives, or a letter that is no pole.
    """
    poles = {letter.casefold() for pair in _POLES for letter in pair[1:]}
    items: dict[str, str] = {}
    formats: list[dict[str, Any]] = []
    counted: dict[str, list[str]] = {}
    warnings = []
    for item, entry in data.items():
        place = f"{where}: {item}"
        pair = _Pair.read(entry, place)
        found = _ALTERNATIVES.match(pair.question.replace("\\n", "\n"))
        keys = [pair.A.strip().casefold(), pair.B.strip().casefold()]
        if found is None or not set(keys) <= poles:
            what = "has no alternatives A and B" if found is None else f"is keyed to {pair.A!r} and {pair.B!r}"
            raise InputError(what, where=place, remedy="write the question, then a line A.... and a line B....")
        items[item] = found["text"].strip() or "…"
        labels = [found["a"].strip(), found["b"].strip()]
        options = [
            {"value": value, "label": label, "keyed": key}
            for value, (label, key) in enumerate(zip(labels, keys, strict=True), start=1)
        ]
        formats.append({"items": [item], "options": options})
        for key in dict.fromkeys(keys):
            counted.setdefault(key, []).append(item)
        if not any(set(keys) == {pole.casefold() for pole in pair_[1:]} for pair_ in _POLES):
            warnings.append(f"item {item} is keyed to {pair.A} and {pair.B}, which are no pair of poles")
    name = PurePath(where).name
    wanted = [letter.casefold() for pair_ in _POLES for letter in pair_[1:]]
    data_ = {
        "key": instrument_key(PurePath(where).stem),
        "version": "1",
        "title": PurePath(where).stem,
        "citation": f"Forced choices from {name}; cite the test itself",
        "source": f"imported from {name} (keyed pairs)",
        "language": "zh" if any("\u4e00" <= letter <= "\u9fff" for text in items.values() for letter in text) else "en",
        "licence": unknown_licence(name),
        "items": items,
        "formats": formats,
        "scales": [
            {"key": key, "title": key.upper(), "items": counted[key], "score": "count"}
            for key in wanted
            if key in counted
        ],
        "dichotomies": [
            {"title": title, "high": high, "low": low, "scale": high.casefold(), "opposite": low.casefold()}
            for title, high, low in _POLES
            if {high.casefold(), low.casefold()} <= counted.keys()
        ],
    }
    return Imported("keyed pairs", (make_instrument(data_, where),), warnings=tuple(warnings))
