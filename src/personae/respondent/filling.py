"""Filling a JSON schema: ratings of oneself or of a text by lexicon, everything else within the schema's bounds."""

from __future__ import annotations

import math
import random
import re
from collections.abc import Mapping
from typing import Any

from personae.respondent.answering import DESIRABLE
from personae.respondent.graded import biased, category_probabilities, draw
from personae.respondent.items import loading_of
from personae.respondent.reading import impression
from personae.respondent.settings import SimSettings
from personae.respondent.writing import write_text

_MATERIAL = (
    re.compile(r"<(?P<tag>story|text|essay|document|response|transcript)>(?P<text>.*?)</(?P=tag)>", re.DOTALL | re.I),
    re.compile(r'"""(?P<text>.*?)"""', re.DOTALL),
    re.compile(r"```(?P<text>.*?)```", re.DOTALL),
    re.compile(r"^(?:story|text|essay)\s*:\s*(?P<text>.+)", re.DOTALL | re.I | re.M),
)
_LEAST_WORDS = 40
_RATING_DISCRIMINATION = 2.5

_TRAIT_WORDS: tuple[tuple[re.Pattern[str], str, int], ...] = (
    (re.compile(r"extr[ao]ver", re.I), "big_five.extraversion", 1),
    (re.compile(r"introver", re.I), "big_five.extraversion", -1),
    (re.compile(r"(?<!dis)agreeable", re.I), "big_five.agreeableness", 1),
    (re.compile(r"(?<!un)conscientious", re.I), "big_five.conscientiousness", 1),
    (re.compile(r"neurotic", re.I), "big_five.neuroticism", 1),
    (re.compile(r"emotional[_ -]?stab", re.I), "big_five.neuroticism", -1),
    (re.compile(r"\bopen(?:ness)?\b|openness", re.I), "big_five.openness", 1),
)


class Filler:
    """Fills one schema for one prompt.

    Args:
        traits: Who fills it in.
        prompt: The question; a text in it, if there is one, is what ratings are about.
        settings: Planted biases.
        temperature: How freely answers are drawn.
        rng: Source of all draws.
    """

    def __init__(
        self, traits: Mapping[str, float], prompt: str, settings: SimSettings, temperature: float, rng: random.Random
    ) -> None:
        self._traits = traits
        self._settings = settings
        self._temperature = temperature
        self._rng = rng
        self._material = find_material(prompt)

    def fill(self, schema: Mapping[str, Any], name: str = "") -> Any:
        """Make a value that the schema accepts."""
        if "enum" in schema:
            return self._choose(list(schema["enum"]), name, schema)
        if "const" in schema:
            return schema["const"]
        for word in ("anyOf", "oneOf", "allOf"):
            if schema.get(word):
                return self.fill(schema[word][0], name)
        kind = schema.get("type", "object" if "properties" in schema else "string")
        if isinstance(kind, list):
            kind = next((one for one in kind if one != "null"), "null")
        match kind:
            case "object":
                return {key: self.fill(inner, key) for key, inner in schema.get("properties", {}).items()}
            case "array":
                count = int(schema.get("minItems", min(3, schema.get("maxItems", 3))))
                return [self.fill(schema.get("items", {}), name) for _ in range(count)]
            case "integer" | "number":
                return self._number(schema, name, whole=kind == "integer")
            case "boolean":
                return self._rng.random() < 1.0 / (1.0 + math.exp(-2.0 * self._level(name, schema)))
            case "null":
                return None
            case _:
                return self._words(schema, name)

    def _number(self, schema: Mapping[str, Any], name: str, *, whole: bool) -> int | float:
        low, high = schema.get("minimum", 1), schema.get("maximum")
        if high is None:
            high = low + 4
        steps = max(1, round(high - low)) if whole or high - low > 1 else 10
        p = category_probabilities(self._level(name, schema), _RATING_DISCRIMINATION, 0.0, steps + 1, self._temperature)
        p = biased(p, range(len(p)), order_bias=0.0, noise=self._settings.noise)
        value = low + draw(p, self._rng.random()) * (high - low) / steps
        return round(value) if whole else float(value)

    def _choose(self, options: list[Any], name: str, schema: Mapping[str, Any]) -> Any:
        """Ordered options are graded; in others the words decide, else all are alike."""
        p = category_probabilities(
            self._level(name, schema), _RATING_DISCRIMINATION, 0.0, len(options), self._temperature
        )
        is_trait = trait_of(f"{name} {schema.get('description', '')}") is not None
        if not is_trait:
            p = tuple(1.0 / len(options) for _ in options)
        return options[draw(p, self._rng.random())]

    def _words(self, schema: Mapping[str, Any], name: str) -> str:
        longest = int(schema.get("maxLength", 400))
        text = write_text(self._traits, 25, self._rng).replace("\n\n", " ")
        return text[:longest]

    def _level(self, name: str, schema: Mapping[str, Any]) -> float:
        """The z-score that a rating expresses: of the text if there is one to be rated, else of the respondent."""
        asked = f"{name.replace('_', ' ')} {schema.get('description', '')}".strip()
        named = trait_of(asked)
        if self._material is not None:
            if named is None:
                return text_quality(self._material, name)
            return named[1] * dict(impression(self._material)).get(named[0], 0.0)
        if named is not None:
            desired = DESIRABLE.get(named[0], 0) * self._settings.desirability
            return named[1] * (self._traits.get(named[0], 0.0) + desired)
        loading = loading_of(str(schema.get("description") or name))
        return loading.theta(self._traits) + self._settings.acquiescence if loading is not None else 0.0


def find_material(prompt: str) -> str | None:
    """The text that a prompt asks to be judged: marked, quoted in a block, or its longest paragraph of 40 words up."""
    for pattern in _MATERIAL:
        match = pattern.search(prompt)
        if match and len(match["text"].split()) >= _LEAST_WORDS // 2:
            return match["text"]
    longest = max(prompt.split("\n\n"), key=len, default="")
    return longest if len(longest.split()) >= _LEAST_WORDS else None


def trait_of(words: str) -> tuple[str, int] | None:
    """The trait that a field is named for, and its direction.

    Example:
        >>> trait_of("emotional_stability"), trait_of("readability")
        (('big_five.neuroticism', -1), None)
    """
    for pattern, trait, sign in _TRAIT_WORDS:
        if pattern.search(words):
            return trait, sign
    return None


def text_quality(text: str, name: str) -> float:
    """A rough z-score for the quality of a text: long sentences are hard to read, repeated words are redundant."""
    words = text.lower().split()
    if not words:
        return -2.0
    sentences = max(1, sum(text.count(stop) for stop in ".!?"))
    per_sentence = len(words) / sentences
    variety = len(set(words)) / math.pow(len(words), 0.9)
    if re.search(r"redundan|repetit", name, re.IGNORECASE):
        return max(-2.0, min(2.0, (0.9 - variety) * 4.0))
    if re.search(r"readab|clar|cohe", name, re.IGNORECASE):
        return max(-2.0, min(2.0, (18.0 - per_sentence) / 8.0))
    personal = sum(word in ("i", "my", "me") for word in words) / len(words)
    return max(-2.0, min(2.0, (personal - 0.04) * 25.0))
