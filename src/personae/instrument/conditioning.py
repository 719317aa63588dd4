"""Items that told a persona who it is, and items that are scored: they must not be the same.

A persona that was made of somebody's answers to a questionnaire and is then scored on these very answers repeats its
prompt. Item-level conditioning is fine as long as what is scored was held out.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from functools import lru_cache

from personae.errors import InputError
from personae.instrument.questionnaire import Instrument

_SHOWN = 5
_LEAST_WORDS = 3  # "is reserved" may stand in any description


def refuse_overlap(instrument: Instrument, conditioned_on: Collection[str] | Mapping[str, str]) -> None:
    """Refuse to score items that a persona was conditioned on.

    Args:
        instrument: What is scored: all of its items.
        conditioned_on: Identifiers of items of this instrument; or of another one, with their texts, as two forms of
            one questionnaire share items under different numbers.

    Raises:
        InputError: If they overlap; the message names the items.
    """
    overlap = overlapping(instrument, conditioned_on)
    if overlap:
        more = f" and {len(overlap) - _SHOWN} more" if len(overlap) > _SHOWN else ""
        raise InputError(
            f"the persona was conditioned on items that are scored: {', '.join(overlap[:_SHOWN])}{more}",
            where=instrument.key,
            remedy="score the others: held_out(instrument, items) keeps what the persona was not told",
        )


def overlapping(instrument: Instrument, conditioned_on: Collection[str] | Mapping[str, str]) -> list[str]:
    """Items of an instrument that are among those that a persona was conditioned on, by identifier or by text."""
    if isinstance(conditioned_on, Mapping):
        told = {_plain(text) for text in conditioned_on.values()}
        texts = [instrument.items, *(wording.items for wording in instrument.wordings)]
        return [
            item
            for item in instrument.item_ids
            if any(_plain(text[item]) in told or _plain(f"{instrument.stem} {text[item]}") in told for text in texts)
        ]
    named = {str(item) for item in conditioned_on}
    return [item for item in instrument.item_ids if item in named]


def items_within(instrument: Instrument, text: str) -> list[str]:
    """Items whose words stand as they are in a text, such as a persona's prompt; under three words do not count.

    When to use: to find out whether a prompt that came from elsewhere gives answers away.
    """
    within = f" {_plain(text)} "
    return [
        item
        for item, words in instrument.items.items()
        if len(words.split()) >= _LEAST_WORDS and f" {_plain_item(words)} " in within
    ]


def held_out(instrument: Instrument, conditioned_on: Collection[str]) -> Instrument:
    """The instrument without the items that a persona was conditioned on; scales without an item left are gone.

    Raises:
        InputError: If nothing is left, or an item does not exist.
    """
    told = {str(item) for item in conditioned_on}
    if unknown := sorted(told - set(instrument.items)):
        raise InputError(f"has no items {', '.join(unknown[:_SHOWN])}", where=instrument.key)
    left = {item: text for item, text in instrument.items.items() if item not in told}
    if not left:
        raise InputError("no item is left to score", where=instrument.key, remedy="condition on fewer items")
    data = instrument.model_dump()
    data["items"] = left
    scales = []
    for scale in data["scales"]:
        kept = [item for item in scale["items"] if item not in told]
        if kept:
            reverse = [item for item in scale["reverse"] if item not in told]
            weights = {item: weight for item, weight in scale["weights"].items() if item not in told}
            scales.append({**scale, "items": kept, "reverse": reverse, "weights": weights})
    names = {scale["key"] for scale in scales}
    data["scales"] = [{**scale, "within": scale["within"] if scale["within"] in names else ""} for scale in scales]
    formats = [{**one, "items": [item for item in one["items"] if item not in told]} for one in data["formats"]]
    data["formats"] = [one for one in formats if one["items"]]
    data["fillers"] = [item for item in data["fillers"] if item not in told]
    data["dichotomies"] = [one for one in data["dichotomies"] if {one["scale"], one["opposite"]} <= {*names, ""}]
    data["wordings"] = [
        {**wording, "items": {item: wording["items"][item] for item in left}} for wording in data["wordings"]
    ]
    return Instrument.model_validate(data)


@lru_cache(maxsize=4096)
def _plain_item(words: str) -> str:
    return _plain(words)


def _plain(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.casefold()))
