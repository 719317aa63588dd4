"""An instrument as a person sees it, and what their answers come to."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from personae.errors import InputError
from personae.instrument import Instrument, Matrix, Option, Scale, score_range, score_scale
from personae.serve.faults import Refusal


def form_of(instrument: Instrument) -> dict[str, Any]:
    """What is asked, without what it measures.

    Raises:
        Refusal: If the texts are not here.
    """
    if lack := lack_of_texts(instrument):
        raise Refusal(409, "no_texts", lack.what, where=instrument.key, remedy=lack.remedy) from None
    return structure_of(instrument)


def lack_of_texts(instrument: Instrument) -> InputError | None:
    """What is missing of an instrument whose texts may not be shipped, and what to do; ``None`` if nothing is."""
    if not instrument.is_structure_only:
        return None
    try:
        instrument.require_texts()
    except InputError as error:
        return error
    return None


def structure_of(instrument: Instrument) -> dict[str, Any]:
    """Items and options of an instrument; the texts are empty where they may not be shipped."""
    return {
        "key": instrument.key,
        "title": instrument.title,
        "version": instrument.version,
        "language": instrument.language,
        "instructions": instrument.instructions,
        "stem": instrument.stem,
        "options": [_option(one) for one in instrument.options],
        "items": [
            {
                "id": item,
                "text": text,
                "options": None
                if instrument.options_of(item) == instrument.options
                else [_option(one) for one in instrument.options_of(item)],
            }
            for item, text in instrument.items.items()
        ],
    }


def summary_of(instrument: Instrument) -> dict[str, Any]:
    """What a list shows of an instrument."""
    return {
        "key": instrument.key,
        "title": instrument.title,
        "version": instrument.version,
        "language": instrument.language,
        "citation": instrument.citation,
        "items": len(instrument.items),
        "scales": [scale.title for scale in instrument.scales],
        "licence": {
            "name": instrument.licence.name,
            "is_commercial_use_free": instrument.licence.is_commercial_use_free,
        },
        "has_texts": not instrument.is_structure_only,
    }


def scale_rows(instrument: Instrument) -> list[dict[str, Any]]:
    """The scales with their keys and norms."""
    return [
        {
            "key": scale.key,
            "title": scale.title,
            "items": list(scale.items),
            "reverse": list(scale.reverse),
            "trait": scale.trait,
            "within": scale.within,
            "norms": [norm.model_dump(mode="json") for norm in scale.norms],
        }
        for scale in instrument.scales
    ]


def read_row(instrument: Instrument, answers: Mapping[str, int | None]) -> list[int | None]:
    """Answers in the order of the items; an item that is not named has none.

    Raises:
        Refusal: If an answer is to no item, or is none of its options.
    """
    for item, value in answers.items():
        if item not in instrument.items:
            raise Refusal(422, "input", "there is no such item", where=f"answers.{item[:60]}", remedy="leave it out")
        if value is not None and value not in {option.value for option in instrument.options_of(item)}:
            known = ", ".join(str(option.value) for option in instrument.options_of(item))
            raise Refusal(
                422, "input", f"{value} is no option", where=f"answers.{item}", remedy=f"choose one of {known}, or null"
            )
    return [answers.get(item) for item in instrument.item_ids]


def score_rows(instrument: Instrument, row: list[int | None]) -> list[dict[str, Any]]:
    """One person's score on every scale, beside what people of the norms have."""
    matrix: Matrix = np.array([[np.nan if value is None else value for value in row]], dtype=float)
    return [_scored(instrument, scale, float(score_scale(matrix, instrument, scale)[0])) for scale in instrument.scales]


def _scored(instrument: Instrument, scale: Scale, score: float) -> dict[str, Any]:
    lowest, highest = score_range(instrument, scale)
    norm = None
    if scale.norms and math.isfinite(score):
        people = scale.norms[0]
        z = (score - people.mean) / people.sd
        norm = {
            "group": people.group,
            "z": round(z, 2),
            "percentile": round(50 * (1 + math.erf(z / math.sqrt(2))), 1),
            "source": people.source,
            "confidence": people.confidence,
        }
    return {
        "key": scale.key,
        "title": scale.title,
        "score": score if math.isfinite(score) else None,
        "lowest": lowest,
        "highest": highest,
        "norm": norm,
    }


def _option(option: Option) -> dict[str, Any]:
    return {"value": option.value, "label": option.label}
