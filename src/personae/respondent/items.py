"""What an item measures: by the key of a known instrument, else by its words."""

from __future__ import annotations

import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from personae.instrument import list_instruments, load_instrument
from personae.respondent.lexicon import trait_lexicon

_STEM = re.compile(
    r"^(?:i (?:see|think of) myself as(?: someone who)?|i am someone who|i am a person who|the author)\s*:?\s+"
)
_SPACES = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Loading:
    """How an item hangs on a trait."""

    trait: str
    sign: int
    """1 if agreeing means much of the trait, -1 if it means little of it."""
    discrimination: float
    difficulty: float
    is_known: bool
    """Whether the item is one of the library's, with its published key."""

    def theta(self, traits: Mapping[str, float]) -> float:
        """Where a person of these traits stands on the item: its facet if the person has one, else its domain."""
        z = traits.get(self.trait)
        if z is None:
            z = traits.get(".".join(self.trait.split(".")[:2]), 0.0)
        return self.sign * z


@lru_cache(maxsize=16_384)
def loading_of(text: str) -> Loading | None:
    """The loading of an item; ``None`` if it is unknown and none of its words speaks of a trait.

    Items differ: discrimination lies between 1.6 and 2.4, difficulty within 0.3 SD, fixed by the words of the item.
    """
    plain = plain_item(text)
    spread = zlib.crc32(plain.encode())
    discrimination = 1.6 + 0.8 * (spread % 1000) / 999
    difficulty = -0.3 + 0.6 * (spread // 1000 % 1000) / 999
    known = _known_items().get(plain)
    if known is not None:
        return Loading(known[0], known[1], discrimination, difficulty, is_known=True)
    sums: dict[str, float] = {}
    for hit in trait_lexicon().scan(text):
        sums[hit.trait] = sums.get(hit.trait, 0.0) + hit.z
    sums = {trait: value for trait, value in sums.items() if value}
    if not sums:
        return None
    trait, value = max(sums.items(), key=lambda pair: abs(pair[1]))
    return Loading(trait, 1 if value > 0 else -1, 0.75 * discrimination, difficulty, is_known=False)


def plain_item(text: str) -> str:
    """An item in the form in which items are compared: lower case, no stem, no stop.

    Example:
        >>> plain_item("I see myself as someone who is talkative.")
        'is talkative'
    """
    text = _SPACES.sub(" ", text.strip().lower().replace("’", "'")).strip(" .\"'“”")
    return _STEM.sub("", text)


@lru_cache(maxsize=1)
def _known_items() -> dict[str, tuple[str, int]]:
    """Trait and sign of every item of the library, in every wording; facets where the instrument has them."""
    known: dict[str, tuple[str, int]] = {}
    for key in list_instruments():
        instrument = load_instrument(key)
        texts = [instrument.items, *(wording.items for wording in instrument.wordings)]
        for scale in sorted(instrument.scales, key=lambda scale: scale.within != ""):  # facets last, so that they win
            for item, keyed in instrument.keying(scale).items():
                for wording in texts:
                    known[plain_item(wording[item])] = (scale.trait, keyed * scale.direction)
    return known
