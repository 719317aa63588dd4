"""What an item measures: by the key of a known instrument, else by its words."""

from __future__ import annotations

import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from personae.instrument import Instrument, list_instruments, load_instrument
from personae.instrument.tasks import twin_stimuli
from personae.respondent.lexicon_file import trait_lexicon

_STEM = re.compile(
    r"^(?:(?:do )?(?:i|you) (?:see|think of|regard|describe) (?:myself|yourself) as"
    r"|(?:i am|i'm|you are|you're|are you) (?=some|a person)|the author(?: of this text)?)?"
    r"\s*:?\s*(?:(?:someone|somebody|a person) who\s+)?"
)
_BE = re.compile(r"^(?:i am|i'm|you are|you're|are you|is|are|am)\b")
_SUBJECT = re.compile(r"^(?:i|do you|you)\s+")
_SPACES = re.compile(r"\s+")
_AROUND = " .?!\"'“”‘’*_:;,"


_LONG_POOL = "ipip-neo-300"
_NEAREST = {
    "hexaco.honesty_humility": "big_five.agreeableness",
    "hexaco.emotionality": "big_five.neuroticism",
    "hexaco.extraversion": "big_five.extraversion",
    "hexaco.agreeableness": "big_five.agreeableness",
    "hexaco.conscientiousness": "big_five.conscientiousness",
    "hexaco.openness": "big_five.openness",
    "self_regulation": "big_five.conscientiousness",
}
"""Where a person stands of whom only the Big Five are told. The pairing is our convention, after the correlations that
people's answers have (Ashton & Lee, 2007); for people they are well below 1."""


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
        """Where a person of these traits stands on the item: its facet if the person has one, else its domain.

        A domain of which only facets are said is their mean.
        """
        z = traits.get(self.trait)
        if z is None:
            domain = ".".join(self.trait.split(".")[:2])
            z = traits.get(domain)
        if z is None:
            facets = [value for trait, value in traits.items() if trait.startswith(f"{domain}.")]
            z = sum(facets) / len(facets) if facets else traits.get(_NEAREST.get(domain, ""), 0.0)
        return self.sign * z


@lru_cache(maxsize=16_384)
def loading_of(text: str) -> Loading | None:
    """The loading of an item; ``None`` if it is unknown and none of its words speaks of a trait.

    Items differ: discrimination lies between 2.4 and 3.2 (a quarter less for unknown items), difficulty within 0.3 SD.
    Both are fixed for an item of the library, whatever its wording, and by the words of any other. Items of people
    discriminate less; these are so sharp that a scale of eight recovers a standard normal trait with r >= .95.
    """
    plain = plain_item(text)
    known = _known_items().get(plain)
    discrimination, difficulty = _spread(known.identity if known else plain)
    if known is not None:
        return Loading(known.trait, known.sign, discrimination, difficulty, is_known=True)
    sums: dict[str, float] = {}
    for hit in trait_lexicon().scan(text):
        # What is said first says it: a later word for the other pole weighs a little less.
        sums[hit.trait] = sums.get(hit.trait, 0.0) + hit.z * (1.0 if hit.trait in sums else 1.01)
    sums = {trait: value for trait, value in sums.items() if value}
    if not sums:
        return None
    trait, value = max(sums.items(), key=lambda pair: abs(pair[1]))
    return Loading(trait, 1 if value > 0 else -1, 0.75 * discrimination, difficulty, is_known=False)


def plain_item(text: str) -> str:
    """An item in the form in which items are compared: lower case, no stem, no subject, no stop.

    Example:
        >>> plain_item("I see myself as someone who is talkative."), plain_item("You are talkative")
        ('am talkative', 'am talkative')
    """
    text = _SPACES.sub(" ", text.strip().lower().replace("’", "'")).strip(_AROUND)
    text = _STEM.sub("", text, count=1)
    return _SUBJECT.sub("", _BE.sub("am", text))


def _spread(identity: str) -> tuple[float, float]:
    """Discrimination and difficulty of an item, scattered by its name."""
    number = zlib.crc32(identity.encode())
    return 2.4 + 0.8 * (number % 1000) / 999, -0.3 + 0.6 * (number // 1000 % 1000) / 999


@dataclass(frozen=True, slots=True)
class _KnownItem:
    identity: str
    trait: str
    sign: int


def _only_adds(form: Instrument) -> bool:
    """Whether a form measures other traits than the Big Five, in whose words personas are mostly told."""
    return any(scale.trait and not scale.trait.startswith("big_five.") for scale in form.scales)


@lru_cache(maxsize=1)
def _known_items() -> dict[str, _KnownItem]:
    """Every item of the library, in every wording; under its facet where the instrument has facets."""
    known: dict[str, _KnownItem] = {}
    forms = [load_instrument(key) for key in list_instruments()]
    # Forms of other models share items with the Big Five, and the long pool keys two of its items to another domain
    # than a shorter form: they come after, and only add.
    for instrument in sorted(forms, key=lambda form: (_only_adds(form), form.key == _LONG_POOL)):
        if instrument.is_structure_only:
            continue
        key, only_adds = instrument.key, _only_adds(instrument)
        texts = [instrument.items, *(wording.items for wording in instrument.wordings)]
        for scale in instrument.scales:
            if not scale.trait:
                continue  # nothing is known of what it measures: the item's words say more
            for item, keyed in instrument.keying(scale).items():
                plains = {plain_item(wording[item]) for wording in texts}
                before = next((known[plain] for plain in sorted(plains) if plain in known), None)
                # An item that instruments share is one item, under the narrowest trait that one of them gives it.
                identity = before.identity if before else f"{key}/{item}"
                is_narrower = before is not None and scale.trait.count(".") > before.trait.count(".")
                is_own = before is not None and before.identity.startswith(f"{key}/")
                if before is None or (is_narrower and (is_own or not (only_adds or key == _LONG_POOL))):
                    before = _KnownItem(identity, scale.trait, keyed * scale.direction)
                known.update(dict.fromkeys(plains, before))
    for twin in twin_stimuli().twins:
        known.setdefault(plain_item(twin.statement), _KnownItem(f"twins/{twin.key}", twin.trait, twin.keyed))
    return known
