"""Words by level of English: what a patient of a level knows, what is beyond, and whether replies keep to it."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from personae.errors import InputError
from personae.papers.patientsim.axes import LANGUAGES

if TYPE_CHECKING:
    import numpy as np

SHOWN = 10
_KINDS = ("general", "medical")


@dataclass(frozen=True, slots=True)
class WordLists:
    """Words of each level, general and medical."""

    words: Mapping[str, Mapping[str, tuple[str, ...]]]

    def known(self, kind: str, level: str) -> tuple[str, ...]:
        """Words of a level and of those below it."""
        return tuple(word for one in LANGUAGES[: LANGUAGES.index(level) + 1] for word in self.words[kind].get(one, ()))

    def beyond(self, level: str) -> tuple[str, ...]:
        """Words that the level does not know, of both kinds."""
        return tuple(
            word
            for kind in _KINDS
            for one in LANGUAGES[LANGUAGES.index(level) + 1 :]
            for word in self.words[kind].get(one, ())
        )

    def shown(self, level: str, rng: np.random.Generator) -> dict[str, str]:
        """Ten words of each kind within the level and beyond it, as the prompt shows them."""
        above = LANGUAGES[LANGUAGES.index(level) + 1 :]
        lists = {}
        for kind, prefix in (("general", ""), ("medical", "medical_")):
            # Within: of the level itself, whose words say more about it than those of a beginner.
            lists[f"{prefix}within"] = self.words[kind].get(level, ())
            lists[f"{prefix}beyond"] = tuple(word for one in above for word in self.words[kind].get(one, ()))
        return {name: ", ".join(_some(words, rng)) or "(none)" for name, words in lists.items()}


def uses_any(text: str, words: tuple[str, ...]) -> bool:
    """Whether a text has one of these words.

    Example:
        >>> uses_any("It was intermittent.", ("intermittent",)), uses_any("Painful", ("pain",))
        (True, False)
    """
    said = set(re.findall(r"[a-z]+", text.casefold()))
    return not said.isdisjoint(word.casefold() for word in words)


@lru_cache(maxsize=2)
def read_words(path: Path | None = None) -> WordLists:
    """Our words, or those of a TOML file with the tables ``general`` and ``medical`` of levels A, B and C.

    Raises:
        InputError: If the file cannot be read, or a level has no words.
    """
    source = path or files("personae.papers.patientsim") / "words.toml"
    try:
        data = tomllib.loads(source.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InputError(
            f"cannot be read ({type(error).__name__})", where=str(path), remedy="give a TOML file of words"
        ) from error
    for kind in _KINDS:
        for level in LANGUAGES:
            words = data.get(kind, {}).get(level)
            if not isinstance(words, list) or not words or not all(isinstance(word, str) for word in words):
                raise InputError(
                    "is no list of words", where=f"{path}: {kind}.{level}", remedy='write A = ["house", ...]'
                )
    return WordLists({kind: {level: tuple(data[kind][level]) for level in LANGUAGES} for kind in _KINDS})


def _some(words: tuple[str, ...], rng: np.random.Generator) -> list[str]:
    if len(words) <= SHOWN:
        return list(words)
    return [words[place] for place in sorted(rng.choice(len(words), SHOWN, replace=False))]
