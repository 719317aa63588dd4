"""Traits as z-scores, and the ways in which studies put them: nine levels, percentiles, poles.

A z-score counts standard deviations from the population mean: 0 is the average person, 1 is one SD above. Traits are
named ``scale.trait`` or ``scale.trait.facet``: ``big_five.extraversion``, ``big_five.extraversion.assertiveness``.
"""

from __future__ import annotations

import math
import tomllib
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

BIG_FIVE = (
    "big_five.extraversion",
    "big_five.agreeableness",
    "big_five.conscientiousness",
    "big_five.neuroticism",
    "big_five.openness",
)
"""The five domains, in the order in which PersonaLLM lists them."""

LEVELS = 9
MOST_EXTREME_Z = 6.0

POLE_Z = 1.5
"""Where a person stands who is called by a bare adjective of a pole; our convention (one in fifteen is further out)."""

_LEVEL_STEP = 0.5


@dataclass(frozen=True, slots=True)
class Marker:
    """A pair of adjectives that mark the low and the high end of a trait."""

    low: str
    high: str


@dataclass(frozen=True, slots=True)
class TraitWords:
    """Words for one trait: a name, one adjective a pole, and the markers that shape it by nine levels."""

    key: str
    title: str
    low: str
    """Adjective of the low pole, as PersonaLLM words it."""
    high: str
    markers: tuple[Marker, ...]


@lru_cache(maxsize=1)
def trait_words() -> dict[str, TraitWords]:
    """Words of the traits that have any, by trait key."""
    text = (files("personae.persona") / "trait_words.toml").read_text(encoding="utf-8")
    return {
        key: TraitWords(
            key, row["title"], row["low"], row["high"], tuple(Marker(low, high) for low, high in row["markers"])
        )
        for key, row in tomllib.loads(text)["traits"].items()
    }


def trait_title(key: str) -> str:
    """Name of a trait for readers.

    Example:
        >>> trait_title("big_five.extraversion.activity_level")
        'activity level'
    """
    return key.rpartition(".")[2].replace("_", " ")


def level_of(z: float) -> int:
    """Sort a z-score into nine levels: 1 (extremely low) to 9 (extremely high), 5 in the middle.

    The nine levels are those of Serapio-García et al. (2023), who set levels and not z-scores. The width of half an SD
    is our convention: level 5 spans -0.25 to 0.25, levels 1 and 9 begin at 1.75 SD.

    Example:
        >>> [level_of(z) for z in (-3.0, -0.5, 0.0, 1.2, 2.0)]
        [1, 4, 5, 7, 9]
    """
    middle = (LEVELS + 1) // 2
    # Half-way values go away from the middle on both sides, so that a trait and its mirror image get mirrored levels.
    steps = math.floor(abs(z) / _LEVEL_STEP + 0.5)
    return max(1, min(LEVELS, middle + int(math.copysign(steps, z))))


def z_of_level(level: int) -> float:
    """The z-score that a level stands for: the middle of its span, -2 to 2.

    Raises:
        ValueError: If the level is not 1 to 9.

    Example:
        >>> [z_of_level(level) for level in (1, 5, 9)]
        [-2.0, 0.0, 2.0]
    """
    if not 1 <= level <= LEVELS:
        raise ValueError(f"level {level} is not 1 to {LEVELS}")
    return (level - (LEVELS + 1) // 2) * _LEVEL_STEP


def percentile_of(z: float) -> float:
    """Share of the population below a z-score, in percent, if the trait is normally distributed.

    Example:
        >>> percentile_of(0.0), round(percentile_of(1.0))
        (50.0, 84)
    """
    return 50.0 * (1.0 + math.erf(z / math.sqrt(2.0)))


def pole_of(z: float, *, least: float = 0.5) -> int:
    """Sign of a trait: 1 high, -1 low, 0 if it is less than ``least`` SD from the mean.

    Example:
        >>> pole_of(1.5), pole_of(-0.2)
        (1, 0)
    """
    return 0 if abs(z) < least else (1 if z > 0 else -1)
