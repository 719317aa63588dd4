"""The statements of one target as the observer is asked them, and which of them speak against it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from string import Template
from typing import TYPE_CHECKING, Literal

from personae.instrument import Format, Instrument, Option, Scale, load_instrument
from personae.instrument.third_person import third_person
from personae.papers.psycot.poles import Target
from personae.papers.psycot.prompts import KEYING

if TYPE_CHECKING:
    import numpy as np

AS_PUBLISHED_REVERSED = (0, 1, 3)
"""Places of the statements of extraversion that the published introduction calls reversed, whatever they say."""
_SEPARATOR = " | "

Order = Literal["printed", "shuffled", "half"]


@dataclass(frozen=True, slots=True)
class Statements:
    """What is asked about one target."""

    instrument: Instrument
    """The statements in the order asked, numbered from S0."""
    keying: str
    """What the introduction says of the reversed ones."""


def statements_of(target: Target, order: Order, rng: np.random.Generator, *, as_published: bool) -> Statements:
    """The statements of a target, all, shuffled, or half of them."""
    source = load_instrument("bfi-44" if target.trait and target.scale == target.key else "oejts")
    scale = source.scale(target.scale)
    items = list(scale.items)
    if order == "shuffled":
        items = [items[int(place)] for place in rng.permutation(len(items))]
    elif order == "half":
        kept = sorted(int(place) for place in rng.permutation(len(items))[: max(2, len(items) // 2)])
        items = [items[place] for place in kept]
    reversed_places = [place for place, item in enumerate(items) if item in scale.reverse]
    if as_published and target.key == "extraversion":
        reversed_places = [place for place in AS_PUBLISHED_REVERSED if place < len(items)]
    instrument = _numbered(source.key, target.scale, tuple(items))
    if source.key == "oejts":
        return Statements(instrument, "For each, A and B are two ends; C means that you are not sure.")
    names = [f"S{place}" for place in range(len(items))]
    told = {
        "direct": ", ".join(name for place, name in enumerate(names) if place not in reversed_places) or "none",
        "reversed": ", ".join(names[place] for place in reversed_places) or "none",
        "scale": f"high {target.key}",
    }
    return Statements(instrument, Template(KEYING).substitute(told))


@lru_cache(maxsize=512)
def _numbered(key: str, scale_key: str, items: tuple[str, ...]) -> Instrument:
    source = load_instrument(key)
    scale = source.scale(scale_key)
    kept = Scale(
        key=scale.key,
        title=scale.title,
        items=items,
        reverse=tuple(item for item in items if item in scale.reverse),
        trait=scale.trait,
    )
    texts, formats = {}, []
    for place, item in enumerate(items):
        if key == "oejts":
            left, _, right = source.items[item].partition(_SEPARATOR)
            texts[item] = f"S{place}: Which fits the author?"
            options = (Option(value=1, label=left), Option(value=3, label="not sure"), Option(value=5, label=right))
            formats.append(Format(items=(item,), options=options))
        else:
            texts[item] = f"S{place}: {third_person(source.items[item], stem=source.stem)}"
    return Instrument(
        key=f"{key}-observer",
        version=source.version,
        title=source.title,
        citation=source.citation,
        licence=source.licence,
        language=source.language,
        options=() if key == "oejts" else source.options,
        items=texts,
        formats=tuple(formats),
        scales=(kept,),
    )
