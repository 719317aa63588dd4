"""Filling a JSON schema: ratings of oneself or of a text by lexicon, everything else within the schema's bounds."""

from __future__ import annotations

import math
import random
import re
from collections.abc import Mapping, Sequence
from typing import Any

from personae.respondent.answering import answer_sheet, desired
from personae.respondent.graded import biased, category_probabilities, draw
from personae.respondent.items import loading_of
from personae.respondent.judging import find_material, text_quality, trait_of
from personae.respondent.lexicon_file import trait_lexicon
from personae.respondent.reading import impression
from personae.respondent.scales import agreement_of, is_scale
from personae.respondent.schema import (
    UnfillableError,
    alternatives_of,
    is_valid,
    multiples_within,
    number_bounds,
    resolved,
)
from personae.respondent.settings import SimSettings
from personae.respondent.sheet import read_sheet
from personae.respondent.shown_texts import asks_whether_it_suits, fit_of, fits_of, shown_texts
from personae.respondent.told_facts import fact_keys, told_facts
from personae.respondent.writing import Length, write_text

_RATING_DISCRIMINATION = 2.5
_MOST_STEPS = 100
_DEEPEST = 12
_FULL_DEPTH = 4  # below it only what is required is filled in, so that a recursive schema comes to an end
_USUAL_ITEMS = 3
_TEXT_WORDS = 25
_TEXT_CHARACTERS = 400
_TRIES = 20
_QUOTES = "evidence"
_SENTENCE = re.compile(r"(?<=[.!?])\s+|\n+")
_NUMBERED = re.compile(r"^\[\d+\]\s*", re.MULTILINE)
_ANSWER_NAMES = ("answer", "score", "rating", "response", "value", "choice", "option")

_FORMATS: Mapping[str, str] = {
    "date": "2021-05-04",
    "time": "09:30:00Z",
    "date-time": "2021-05-04T09:30:00Z",
    "duration": "P1D",
    "email": "someone@example.org",
    "hostname": "example.org",
    "ipv4": "192.0.2.1",
    "ipv6": "2001:db8::1",
    "uri": "https://example.org/",
    "uuid": "7b1f9a52-3c4d-4e5f-8a6b-0c1d2e3f4a5b",
}
_PATTERNED = (
    "a",
    "A",
    "1",
    "12",
    "123",
    "1234",
    "12345",
    "abc",
    "Abc",
    "ABC",
    "a1",
    "A1",
    "A-1",
    "1.5",
    "2021-05-04",
    "yes",
    "",
)
"""Texts that are tried where a schema gives a pattern."""


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
        material = find_material(prompt)
        self._text = material.text if material else None
        self._prompt = prompt
        self._shown = shown_texts(prompt)
        self._answers = {} if material or self._shown else self._answered(prompt)
        self._root: Mapping[str, Any] = {}

    def fill(self, schema: Mapping[str, Any]) -> Any:
        """Make a value that the schema accepts.

        Raises:
            UnfillableError: If nothing can be made that it accepts, or if it is no schema.
        """
        self._root = schema
        try:
            return self._fill(schema, "", 0)
        except (TypeError, ValueError, AttributeError, KeyError, OverflowError) as error:
            raise UnfillableError(f"it is malformed ({error})", "") from error  # keywords with values of a wrong kind

    def _answered(self, prompt: str) -> dict[str, str]:
        """Answers to the questionnaire that the prompt holds, by item mark; a single answer under its usual names."""
        sheet = read_sheet(prompt)
        if sheet is None:
            return {}
        answers = answer_sheet(sheet, self._traits, self._settings, self._temperature, self._rng)
        return (
            dict(zip(sheet.labels, answers, strict=True)) if sheet.labels else dict.fromkeys(_ANSWER_NAMES, answers[0])
        )

    def _fill(self, given: Any, name: str, depth: int) -> Any:
        if depth > _DEEPEST:
            raise UnfillableError("the schema nests without end", name)
        schema = resolved(given, self._root)
        if answer := self._from_sheet(schema, name):
            return answer[0]
        if "const" in schema:
            return schema["const"]
        if "enum" in schema:
            return self._choose([value for value in schema["enum"] if is_valid(value, schema)], name, schema)
        fault: UnfillableError | None = None
        for alternative in alternatives_of(schema, self._root):
            try:
                return self._of_kind(alternative, name, depth)
            except UnfillableError as error:
                fault = fault or error
        raise fault or UnfillableError("nothing satisfies the schema", name)

    def _of_kind(self, schema: Mapping[str, Any], name: str, depth: int) -> Any:
        if "const" in schema or "enum" in schema:
            return self._fill(schema, name, depth)
        match schema.get("type"):
            case "object":
                return self._object(schema, depth)
            case "array":
                return self._array(schema, name, depth)
            case "integer" | "number" as kind:
                return self._number(schema, name, whole=kind == "integer")
            case "boolean":
                return self._rng.random() < 1.0 / (1.0 + math.exp(-2.0 * self._level(name, schema)))
            case "null":
                return None
            case _:
                return self._words(schema, name)

    def _object(self, schema: Mapping[str, Any], depth: int) -> dict[str, Any]:
        properties = schema.get("properties", {})
        required = schema.get("required", ())
        filled: dict[str, Any] = {}
        for key, inner in properties.items():
            try:
                if key in required or depth < _FULL_DEPTH:
                    filled[key] = self._fill(inner, key, depth + 1)
            except UnfillableError:
                if key in required:
                    raise
        further = schema.get("additionalProperties", True)
        missing = [key for key in required if key not in filled]
        missing += [f"key_{index + 1}" for index in range(schema.get("minProperties", 0) - len(filled) - len(missing))]
        for key in missing:
            filled[key] = self._fill(further, key, depth + 1)
        if len(filled) > schema.get("maxProperties", len(filled)):
            filled = {key: filled[key] for key in (*required, *(key for key in filled if key not in required))}
            filled = dict(list(filled.items())[: schema["maxProperties"]])
        return filled

    def _array(self, schema: Mapping[str, Any], name: str, depth: int) -> list[Any]:
        least, most = int(schema.get("minItems", 0)), int(schema.get("maxItems", _MOST_STEPS))
        if name == _QUOTES and len(told := self._quoted()[:most]) >= max(1, least):
            return list(told)
        first = schema.get("prefixItems", [])
        rest = schema.get("items", True)
        if isinstance(rest, Mapping) and (keys := fact_keys(rest)) and (facts := self._facts(rest, keys)):
            return facts[:most]
        usual = 1 if depth >= _FULL_DEPTH else _USUAL_ITEMS
        count = min(most, max(least, len(first) if rest is False else max(len(first), usual)))
        if depth >= _FULL_DEPTH:
            count = least
        values: list[Any] = []
        while len(values) < count:
            inner = first[len(values)] if len(values) < len(first) else rest
            try:
                value = self._fill(inner, name, depth + 1)
                tries = 0
                while schema.get("uniqueItems") and value in values:
                    value = self._another(inner, name, depth, values, tries)
                    tries += 1
            except UnfillableError:
                if len(values) >= least:
                    break
                raise
            values.append(value)
        return values

    def _quoted(self) -> list[str]:
        """Passages of the text in the prompt, copied, where evidence is wanted."""
        plain = _NUMBERED.sub("", self._text or "")
        sentences = [one.strip() for one in _SENTENCE.split(plain) if len(one.split()) > 1]
        return sentences[:_USUAL_ITEMS]

    def _facts(self, item: Mapping[str, Any], keys: Sequence[str]) -> list[Any]:
        """Facts that the prompt tells, in the form of the items; those that the schema has no room for are left out."""
        properties = item["properties"]
        found = []
        for fact in told_facts(self._prompt, keys, self._rng, as_changes="op" in properties):
            told = {"key": fact.key, "value": fact.value, "op": fact.change, "confidence": fact.sure}
            row = {
                name: told[name] if name in told else self._fill(inner, name, 2) for name, inner in properties.items()
            }
            if all(is_valid(row[name], inner) for name, inner in properties.items()):
                found.append(row)
        return found

    def _another(self, inner: Any, name: str, depth: int, values: Sequence[Any], tries: int) -> Any:
        """A further value for an array of different ones: drawn again, then the first of the schema that is free."""
        if tries < _TRIES:
            return self._fill(inner, name, depth + 1)
        schema = resolved(inner, self._root)
        for value in multiples_within(schema, len(values) + 1) if "enum" not in schema else schema["enum"]:
            if value not in values and is_valid(value, schema):
                return value
        raise UnfillableError("there are not enough different values", name)

    def _number(self, schema: Mapping[str, Any], name: str, *, whole: bool) -> int | float:
        low, high, step = number_bounds(schema, whole=whole)
        steps = max(0, min(_MOST_STEPS, math.floor((high - low) / step + 1e-9)))
        p = category_probabilities(self._level(name, schema), _RATING_DISCRIMINATION, 0.0, steps + 1, 1.0)
        p = biased(p, range(len(p)), noise=self._settings.noise, temperature=self._temperature)
        share = draw(p, self._rng.random()) / steps if steps else 0.0
        value = low + math.floor(share * (high - low) / step + 1e-9) * step
        return round(value) if whole else float(round(value, 10))

    def _choose(self, options: Sequence[Any], name: str, schema: Mapping[str, Any]) -> Any:
        """Ordered options are graded; in others the words decide, else all are alike."""
        if not options:
            raise UnfillableError("no value of the enumeration is allowed", name)
        words = [str(option) for option in options]
        level = self._level(name, schema)
        numbers = [option for option in options if isinstance(option, (int, float)) and not isinstance(option, bool)]
        if len(numbers) == len(options) or is_scale(words) or self._is_rating(name, schema):
            agreement = [float(option) for option in numbers] if len(numbers) == len(options) else _ranks(words)
            order = sorted(range(len(options)), key=agreement.__getitem__)
            p = category_probabilities(level, _RATING_DISCRIMINATION, 0.0, len(options), 1.0)
            p = biased(
                p,
                order,
                order_bias=self._settings.order_bias,
                noise=self._settings.noise,
                temperature=self._temperature,
            )
            return options[order[draw(p, self._rng.random())]]
        about = dict(impression(self._text)) if self._text is not None else self._traits
        fits = fits_of(self._shown, words, self._traits) or [
            sum(hit.z * about.get(hit.trait, 0.0) for hit in trait_lexicon().scan(word)) for word in words
        ]
        weights = [math.exp(fit - max(fits)) for fit in fits]
        p = biased(
            [weight / sum(weights) for weight in weights],
            range(len(weights)),
            order_bias=self._settings.order_bias,
            noise=self._settings.noise,
            temperature=self._temperature,
        )
        return options[draw(p, self._rng.random())]

    def _words(self, schema: Mapping[str, Any], name: str) -> str:
        least, most = int(schema.get("minLength", 0)), int(schema.get("maxLength", _TEXT_CHARACTERS))
        if "pattern" in schema:
            fitting = [text for text in _PATTERNED if is_valid(text, schema)]
            if not fitting:
                raise UnfillableError(f"no text for the pattern {schema['pattern']!r}", name)
            return fitting[0]
        if schema.get("format") in _FORMATS:
            return _FORMATS[schema["format"]]
        text = write_text(self._traits, Length(_TEXT_WORDS), self._rng).replace("\n\n", " ")
        while len(text) < least:
            text += " " + write_text(self._traits, Length(_TEXT_WORDS), self._rng).replace("\n\n", " ")
        return text[: max(most, least)]

    def _from_sheet(self, schema: Mapping[str, Any], name: str) -> tuple[Any] | None:
        """The answer of the prompt's questionnaire under this name, if the schema has room for it."""
        answer = self._answers.get(name) or self._answers.get(
            re.sub(r"^(?:q|item|statement)_?(?=\w)", "", name.lower())
        )
        if answer is None:
            return None
        for value in (int(answer),) if answer.lstrip("+-").isdecimal() else ():
            if is_valid(value, schema):
                return (value,)
        return (answer,) if is_valid(answer, schema) else None

    def _level(self, name: str, schema: Mapping[str, Any]) -> float:
        """The z-score that a rating expresses: of the text if there is one to be rated, else of the respondent."""
        spelled = name.replace("_", " ")
        described = str(schema.get("description", ""))
        named = trait_of(spelled) or trait_of(described)
        if self._text is not None:
            if named is None and self._traits and asks_whether_it_suits(name):
                return fit_of(self._text, self._traits)
            if named is None:
                return text_quality(self._text, name)
            return named[1] * dict(impression(self._text)).get(named[0], 0.0)
        if named is not None:
            return named[1] * (self._traits.get(named[0], 0.0) + desired(named[0]) * self._settings.desirability)
        loading = loading_of(described or spelled)
        if loading is None:
            return self._settings.acquiescence
        wanted = loading.sign * desired(loading.trait) * self._settings.desirability
        return loading.theta(self._traits) + wanted + self._settings.acquiescence

    def _is_rating(self, name: str, schema: Mapping[str, Any]) -> bool:
        """Whether a field is named for a trait, so that its options are grades of it in the order listed."""
        options = " ".join(map(str, schema["enum"]))
        is_named = trait_of(name.replace("_", " ")) is not None
        return is_named and not trait_lexicon().scan(options)


def _ranks(words: Sequence[str]) -> list[float]:
    """Agreement of options by their words; where these do not go steadily, their place."""
    said = [agreement_of(word) for word in words]
    return (
        [float(value) for value in said if value is not None]
        if is_scale(words)
        else [float(i) for i in range(len(words))]
    )
