"""The inventory: which items describe a person and which are predicted, and the two readings of stored answers.

The published answers are stored turned by their key already: 5 means much of the trait, whatever the item says. The
released code shows them to the model as if 5 meant "very accurate". Both readings are named here and never mixed up.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from personae.instrument import Instrument, load_instrument

Floats = NDArray[np.float64]
Keying = Literal["stored", "raw"]
"""``stored``: turned by the key, as published. ``raw``: how accurate the statement is."""

DOMAINS = ("A", "C", "E", "N", "O")
"""In the order in which the paper sums them."""
TRAITS = {
    "A": "big_five.agreeableness",
    "C": "big_five.conscientiousness",
    "E": "big_five.extraversion",
    "N": "big_five.neuroticism",
    "O": "big_five.openness",
}
LOWEST, HIGHEST = 1, 5
LONG, SHORT = "ipip-neo-300", "ipip-neo-120"


@dataclass(frozen=True)
class Inventory:
    """Items in the order of the answers."""

    ids: tuple[str, ...]
    texts: tuple[str, ...]
    domains: tuple[str, ...]
    """A letter an item."""
    signs: tuple[int, ...]
    """-1 for an item keyed against its domain."""
    described: frozenset[str]
    """Items whose answers may be told to a model; all others are predicted."""

    @property
    def predicted(self) -> tuple[str, ...]:
        """Items that are never told."""
        return tuple(item for item in self.ids if item not in self.described)

    def columns(self, items: Sequence[str] | frozenset[str], domain: str = "") -> NDArray[np.int64]:
        """Columns of items, of one domain or of all."""
        wanted = set(items)
        return np.array(
            [
                place
                for place, item in enumerate(self.ids)
                if item in wanted and (not domain or self.domains[place] == domain)
            ],
            dtype=np.int64,
        )

    def turned(self, answers: Floats) -> Floats:
        """From one reading to the other: items keyed against their domain are turned round."""
        against = np.array(self.signs) < 0
        turned: Floats = np.where(against, LOWEST + HIGHEST - answers, answers)
        return turned


def inventory_of(instrument: Instrument) -> Inventory:
    """The inventory of an instrument of the IPIP-NEO family.

    Of the 300 items, those of the IPIP-NEO-120 describe a person, as published; of the 120, the first two of each facet
    do.
    """
    letter = {trait: name for name, trait in TRAITS.items()}
    domain, sign = {}, {}
    for scale in instrument.broad_scales():
        for item, keyed in instrument.keying(scale).items():
            domain[item], sign[item] = letter[scale.trait], keyed * scale.direction
    if len(instrument.items) > 120:
        told = {_plain(text) for text in load_instrument(SHORT).items.values()}
        described = [item for item, text in instrument.items.items() if _plain(text) in told]
    else:
        described = [item for scale in instrument.scales if scale.within for item in scale.items[:2]]
    ids = instrument.item_ids
    return Inventory(
        ids,
        tuple(instrument.items[item] for item in ids),
        tuple(domain[item] for item in ids),
        tuple(sign[item] for item in ids),
        frozenset(described),
    )


def _plain(text: str) -> str:
    return text.strip().rstrip(".").casefold()
