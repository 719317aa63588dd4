"""The lexicon that ships with the respondent: reading its file and spelling out the forms of its words."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from functools import lru_cache
from importlib.resources import files
from itertools import product

from personae.persona import trait_words
from personae.respondent.lexicon import Pole, TraitLexicon, tokens_of

_CONSONANT_Y = re.compile(r"[^aeiou]y$")
_DOUBLED = re.compile(r"^[^aeiou]*[aeiou][bdgmnprt]$")


@lru_cache(maxsize=1)
def trait_lexicon() -> TraitLexicon:
    """The lexicon that ships with the respondent, with the marker adjectives of the persona room."""
    data = tomllib.loads((files("personae.respondent") / "trait_lexicon.toml").read_text(encoding="utf-8"))
    irregular = {verb: tuple(forms.split()) for verb, forms in data["irregular"].items()}
    phrases: dict[tuple[str, ...], Pole | None] = {}
    stems: dict[str, Pole] = {}
    for pole, sign in (("high", 1), ("low", -1)):
        for trait, row in data[pole].items():
            for entry in row["words"].split():
                if entry.endswith("*") and "_" not in entry:
                    stems[entry[:-1]] = (trait, sign)
                else:
                    phrases.update(dict.fromkeys(_forms(entry, irregular), (trait, sign)))
    for entry in data["nothing"]["words"].split():
        phrases.update(dict.fromkeys(_forms(entry, irregular), None))
    for trait, words in trait_words().items():
        for low, high in ((words.low, words.high), *((marker.low, marker.high) for marker in words.markers)):
            phrases[tuple(tokens_of(low))] = (trait, -1)
            phrases[tuple(tokens_of(high))] = (trait, 1)
    by_first: dict[str, list[tuple[tuple[str, ...], Pole | None]]] = {}
    for words_of_phrase, found in sorted(phrases.items(), key=lambda pair: -len(pair[0])):
        by_first.setdefault(words_of_phrase[0], []).append((words_of_phrase, found))
    return TraitLexicon(
        by_first,
        stems,
        data["qualifiers"],
        frozenset(data["negations"]["words"].split()),
        frozenset(data["dismissals"]["words"].split()),
    )


def verb_forms(verb: str, irregular: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """All forms of a verb.

    Example:
        >>> verb_forms("worry", {}), verb_forms("plan", {})
        (('worry', 'worries', 'worrying', 'worried'), ('plan', 'plans', 'planning', 'planned'))
        >>> verb_forms("take", {"take": ("took", "taken")})
        ('take', 'takes', 'taking', 'took', 'taken')
    """
    stem = verb + verb[-1] if _DOUBLED.match(verb) else verb.removesuffix("e")
    present = (
        f"{verb[:-1]}ies"
        if _CONSONANT_Y.search(verb)
        else verb + ("es" if verb.endswith(("s", "sh", "ch", "x")) else "s")
    )
    past = irregular.get(verb) or (f"{verb[:-1]}ied" if _CONSONANT_Y.search(verb) else f"{stem}ed",)
    return (verb, present, f"{stem}ing", *past)


def _forms(entry: str, irregular: Mapping[str, tuple[str, ...]]) -> Iterator[tuple[str, ...]]:
    """Every spelling of an entry, as the words that are compared."""
    words = [verb_forms(word[:-1], irregular) if word.endswith("+") else (word,) for word in entry.split("_")]
    for form in product(*words):
        yield tuple(tokens_of(" ".join(form)))
