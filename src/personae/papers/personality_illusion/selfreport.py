"""Self-report: BFI-44 and self-regulation, an item a call, read by our parser and as the published script does."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from personae.instrument import Administration, Instrument, administer, keyed_items, load_instrument, read_instrument
from personae.model import Model, Sampling, Status
from personae.study import Value

BFI = "bfi-44"
SRQ = "srq-63"
SRQ_ITEMS = 63
PROXY = ("self_efficacy", "achievement_striving", "self_discipline", "cautiousness")
"""Facets of the IPIP-NEO-120 that stand in for the SRQ-63 where its texts are not at hand; public domain."""
PROXY_FORM = "ipip-neo-120"

_DIGIT = re.compile(r"[1-5]")
_WORDS = (("agree", 4), ("disagree", 2), ("neutral", 3), ("neither", 3), ("unsure", 3))
"""Keywords of the published fallback in its order: "strongly disagree" holds "agree" and is read as that."""
UNPARSED = 3
"""What an unparsed answer counts as published."""


@dataclass(frozen=True, slots=True)
class SelfReport:
    """What somebody said of themselves."""

    columns: Mapping[str, Value]
    statuses: tuple[Status, ...]
    detail: str = ""


def srq_structure() -> Instrument:
    """Key and scales of the SRQ-63, without texts."""
    return load_instrument(SRQ)


def regulation_form(srq: Path | None) -> Instrument:
    """The form that self-regulation is asked by: the user's SRQ-63, else the IPIP items that stand in.

    Raises:
        InputError: If the user's file is not the SRQ-63, or has no texts.
    """
    if srq is None:
        return _proxy()
    form = read_instrument(srq)
    form.require_texts()
    form.scale("self_regulation")
    return form


def _proxy() -> Instrument:
    whole = load_instrument(PROXY_FORM)
    scales = [whole.scale(key) for key in PROXY]
    items = [item for item in whole.item_ids if any(item in scale.items for scale in scales)]
    reverse = tuple(item for scale in scales for item in scale.reverse)
    texts = {item: whole.items[item] for item in items}
    one = scales[0].model_copy(
        update={
            "key": "self_regulation",
            "title": "Self-regulation (IPIP stand-in)",
            "items": tuple(items),
            "reverse": reverse,
            "trait": "big_five.conscientiousness",
            "within": "",
            "norms": (),
        }
    )
    update = {"key": "self-regulation-ipip", "title": one.title, "items": texts, "scales": (one,), "wordings": ()}
    return whole.model_copy(update=update)


async def ask_self(
    model: Model, forms: Sequence[Instrument], *, system: str, sampling: Sampling, prompt: str
) -> SelfReport:
    """Put both questionnaires, an item a call."""
    columns: dict[str, Value] = {}
    statuses: list[Status] = []
    detail = ""
    how = Administration(mode="item_wise", prompt=prompt)
    for name, form in zip(("bfi", "srq"), forms, strict=True):
        given = await administer(form, model, how, system=system, sampling=sampling)
        columns[f"{name}.answers"] = given.values
        columns[f"{name}.published"] = [read_as_published(attempt.text) for attempt in given.attempts]
        statuses += [answer.status for answer in given.answers]
        detail = detail or given.detail
    columns["self_report.statuses"] = list(statuses)
    return SelfReport(columns, tuple(statuses), detail)


def read_as_published(text: str) -> int:
    """The published reading: the first digit from 1 to 5, else a keyword, else 3.

    Example:
        >>> [read_as_published(text) for text in ("4", "Strongly disagree", "I cannot say.", "10")]
        [4, 4, 3, 1]
    """
    digit = _DIGIT.search(text)
    if digit:
        return int(digit.group())
    plain = text.casefold()
    return next((value for word, value in _WORDS if word in plain), UNPARSED)


def scores_of(row: Mapping[str, Any], forms: Sequence[Instrument], *, published: bool) -> dict[str, float]:
    """Means of the five traits, and self-regulation as a sum over 63 items (the mean times 63).

    As published every item has a value; corrected, a scale is the mean of the items that were answered, if these are at
    least four in five.
    """
    kind = "published" if published else "answers"
    scores = {}
    for name, form in zip(("bfi", "srq"), forms, strict=True):
        given = row.get(f"{name}.{kind}") or [None] * len(form.item_ids)
        matrix = np.array([[np.nan if one is None else float(one) for one in given]])
        for scale in form.broad_scales():
            items = keyed_items(matrix, form, scale)
            known = np.isfinite(items)
            mean = float(items[known].mean()) if known.mean() >= 0.8 else float("nan")
            if name == "srq":
                if scale.key == "self_regulation":
                    scores["self_regulation"] = mean * SRQ_ITEMS
            else:
                scores[scale.key] = mean
    return scores
