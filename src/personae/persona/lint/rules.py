"""The rules: each looks at a persona and gives places, messages and remedies."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator

from personae.persona.lint.finding import Hit, Rule
from personae.persona.lint.texts import LISTS, phrases_of, texts_of
from personae.persona.persona import Persona
from personae.persona.rendering import render
from personae.persona.terms import respect_terms

LEAST_WORDS = 12
"""Words below which a persona gives a model too little to act on (adjectives of five traits have about ten)."""

_SCORE = re.compile(
    r"\bz\s?=\s?-?\d|\bz-?scores?\b|\b(?:big_five|hexaco|dark_triad)[._]\w+|\b\d{1,3}(?:st|nd|rd|th) percentile\b"
    r"|\b(?:extraversion|extroversion|agreeableness|conscientiousness|neuroticism|openness)\b\W{0,3}(?:is|of|score)?"
    r"\W{0,3}-?\d+(?:\.\d+)?(?:\s?/\s?\d+|\s?%)?|[-+]?\d\.\d+ SD\b"
    r"|\d(?:\s?%|\s?/\s?\d+| percent| points?| out of \d+)? (?:on|in|for) (?:the )?"
    r"(?:extraversion|extroversion|agreeableness|conscientiousness|neuroticism|openness)\b",
    re.IGNORECASE,
)
_MACRO = re.compile(r"\{\{[^{}\n]{1,200}\}\}|\{\{(?:char|user|random|pick)\b|<(?:user|bot|char)>", re.IGNORECASE)
_OF_A_CHAT = re.compile(r"\{\{\s*(?!(?:char|user|newline|noop)\s*\}\}|//|comment:)", re.IGNORECASE)
"""A macro that means something only in a chat, or to nobody here: nothing can be written in its place."""
_FEWEST = {
    "big_five": ("extraversion", "agreeableness", "conscientiousness", "neuroticism", "openness"),
    "hexaco": (
        *("honesty_humility", "emotionality", "extraversion", "agreeableness", "conscientiousness", "openness"),
        "altruism",
    ),
    "dark_triad": ("machiavellianism", "narcissism", "psychopathy"),
}
"""Scales whose traits are a closed list."""
_FACET_GAP = 2.5
_MOST_Z = 3.0


def says_nothing(persona: Persona) -> Iterator[Hit]:
    """A persona without content."""
    if not set(persona.content()) - {"extensions", "model", "name"}:
        yield Hit("/", "says nothing about the person", "write a description, or at least a trait")


def says_little(persona: Persona) -> Iterator[Hit]:
    """Too little for a model to act on."""
    words = len(render(persona, "second-person").text.split())
    if words and set(persona.content()) - {"extensions", "model", "name"} and words < LEAST_WORDS:
        yield Hit("/", f"gives a model {words} words to act on", "add what the person does, wants and how they talk")


def has_no_manner(persona: Persona) -> Iterator[Hit]:
    """A description of facts without anything that shows in behaviour."""
    if set(persona.content()) - {"extensions", "model", "name"} == {"demographics"}:
        yield Hit("/", "has demographics alone: a group, not a person", "add a trait, a goal or a way of speaking")


def facets_against_domain(persona: Persona) -> Iterator[Hit]:
    """A facet far from its domain."""
    for key, z in persona.traits.items():
        domain = key.rpartition(".")[0]
        whole = persona.trait(domain)
        if domain.count(".") == 1 and whole is not None and abs(whole - z) > _FACET_GAP:
            apart = f"is {abs(whole - z):.1f} SD from {domain}"
            yield Hit(f"/traits/{key}", apart, "check both; facets make up their domain")


def scores_in_words(persona: Persona) -> Iterator[Hit]:
    """Numbers of a test where a prompt would show them."""
    for path, text in texts_of(persona):
        if found := _SCORE.search(text):
            remedy = "move it to traits; models repeat numbers that they are shown"
            yield Hit(path, f"shows a score: {found.group()!r}", remedy)


def has_macro(text: str) -> bool:
    """Whether a text holds a macro of character cards."""
    return _MACRO.search(text) is not None


def has_macro_of_a_chat(text: str) -> bool:
    """Whether a text holds a macro that nothing can be written for."""
    return has_macro(text) and _OF_A_CHAT.search(text) is not None


def traits_of_no_name(persona: Persona) -> Iterator[Hit]:
    """A trait that its scale does not have, or a scale that is nearly a known one; nothing else would say so."""
    for key in persona.traits:
        scale, _, rest = key.partition(".")
        trait = rest.partition(".")[0]
        known = _FEWEST.get(scale)
        if known is not None and trait not in known:
            close = difflib.get_close_matches(trait, known, n=1)
            meant = f"did you mean {scale}.{close[0]}?" if close else f"it has {', '.join(known)}"
            yield Hit(f"/traits/{key}", f"{scale} has no trait {trait!r}", meant)
        elif known is None and (close := difflib.get_close_matches(scale.lower(), _FEWEST, n=1, cutoff=0.7)):
            yield Hit(f"/traits/{key}", f"{scale!r} is no scale that is known", f"did you mean {close[0]}?")


def unresolved_macros(persona: Persona) -> Iterator[Hit]:
    """Macros of character cards in texts that every renderer prints."""
    for path, text in texts_of(persona):
        if found := _MACRO.search(text):
            yield Hit(path, f"holds a macro: {found.group()!r}", "write the name out")


def repeated_items(persona: Persona) -> Iterator[Hit]:
    """The same item twice in a list."""
    for name in LISTS:
        items = [" ".join(item.casefold().split()) for item in getattr(persona, name)]
        for number, item in enumerate(items):
            if item in items[:number]:
                yield Hit(f"/{name}/{number}", "is there already", "leave it out")


def stray_space(persona: Persona) -> Iterator[Hit]:
    """White space around a text, or an item that is nothing else."""
    for path, text in texts_of(persona):
        if text != text.strip() or (path.split("/")[1] in LISTS and not text):
            yield Hit(path, "begins or ends with white space, or is empty", "trim it")


def sources_of_nothing(persona: Persona) -> Iterator[Hit]:
    """Sources of fields that the persona does not have."""
    for path in persona.provenance:
        first = path.partition(".")[0]
        if path != "*" and first not in type(persona).model_fields:
            yield Hit(f"/provenance/{path}", "is the source of no field", "name a field, or leave it out")


def consent_is_refused(persona: Persona) -> Iterator[Hit]:
    """Fields that may not be passed on."""
    for loss in respect_terms(persona).withheld:
        if not loss.path.startswith("/extensions"):
            yield Hit(loss.path, f"may not be passed on ({loss.note})", "leave it out of exports, or ask")


def limits_without_ability(persona: Persona) -> Iterator[Hit]:
    """Abilities that are worded as what the person cannot do."""
    for number, one in enumerate(persona.abilities):
        if re.match(r"\s*(?:cannot|can't|can not|unable to|no |not )", one.ability, re.IGNORECASE):
            yield Hit(
                f"/abilities/{number}/ability",
                "names a limit as an ability",
                "say what the person does, and put the limit into its constraint",
            )


def abilities_without_constraint(persona: Persona) -> Iterator[Hit]:
    """Abilities that nothing limits: people are read as superhuman where no limit is told (Persona-L, 2024)."""
    for number, one in enumerate(persona.abilities):
        if not one.constraint.strip():
            yield Hit(
                f"/abilities/{number}/constraint",
                f"{one.ability!r} has no constraint beside it",
                "say what limits it, or that nothing does",
            )


def traits_out_of_reach(persona: Persona) -> Iterator[Hit]:
    """Traits further out than one person in 740."""
    for key, z in persona.traits.items():
        if abs(z) > _MOST_Z:
            yield Hit(f"/traits/{key}", f"{z:g} SD from the mean, where hardly anybody is", "check that it is meant")


def written_by_nobody(persona: Persona) -> Iterator[Hit]:
    """Fields that a model wrote, and it is not said which."""
    for path, source in persona.provenance.items():
        if source.origin == "written" and not source.by:
            yield Hit(f"/provenance/{path}", "was written by a model, and it is not said which", "name the model")


def phrase_rule(kind: str, what: str) -> Rule:
    """A rule that looks for the phrases of a list."""

    def look(persona: Persona) -> Iterator[Hit]:
        pattern, remedy = phrases_of(kind)
        for path, text in texts_of(persona):
            for phrase in dict.fromkeys(found.group().casefold() for found in pattern.finditer(text)):
                yield Hit(path, f"{what}: {phrase!r}", remedy)

    return look
