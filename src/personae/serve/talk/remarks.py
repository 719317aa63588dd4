"""What can be said about an answer without asking anybody: does it sound like the persona, what supports it, how hard.

All of it is counted from words. None of it is calibrated against people, and every figure says so.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from personae.persona import Persona, trait_title
from personae.persona.lint import phrases_of
from personae.respondent import impression
from personae.serve.recall import Recalled
from personae.serve.talk.conversation import ReadingLevel
from personae.text import (
    LEAST_CLOSENESS,
    closeness,
    flesch_kincaid_grade,
    placed_sentences,
    rare_words,
    sentences,
    tokenize,
    word_weights,
)

_LEAST_TRAIT = 0.5
"""SDs from the mean from which on a trait can be heard at all."""

_MOST_SOURCES = 20
_LONGEST = 100_000

METHOD = "trait words of a lexicon"
NOTE = "uncalibrated: a count of words, not a judgement"


def adherence_of(text: str, persona: Persona) -> dict[str, Any] | None:
    """How far an answer sounds like the traits of its persona.

    A trait at least half an SD from the mean is agreed with if the text puts its author on the same side, as the
    lexicon of the simulated respondent hears it. The score is the share of agreeing traits among those that were heard,
    ``None`` if none was.
    """
    wanted = {key: z for key, z in persona.traits.items() if abs(z) >= _LEAST_TRAIT and key.count(".") == 1}
    if not wanted:
        return None
    heard = dict(impression(text))
    rows = []
    for key, z in wanted.items():
        level = heard.get(key)
        is_heard = level is not None and level != 0
        rows.append(
            {
                "key": key,
                "title": trait_title(key),
                "wanted": z,
                "heard": level,
                "agrees": (level is not None and level * z > 0) if is_heard else None,
            }
        )
    judged = [row["agrees"] for row in rows if row["agrees"] is not None]
    score = sum(map(bool, judged)) / len(judged) if judged else None
    return {"score": score, "traits": rows, "method": METHOD, "note": NOTE}


def sources_of(text: str, persona: Persona, recalled: Recalled | None = None) -> list[dict[str, Any]]:
    """Which fields of the persona each sentence of an answer is close to, and where these come from.

    Only what the answer's prompt held counts: a sentence does not rest on what the model never read.

    Closeness is the cosine of their rarer words, each weighted by how few fields have it; at least two words, or all of
    a field that has but one or two, are shared. That a field is close does not mean that it implies the sentence.
    """
    told = list(facet_texts(persona))
    if recalled is not None and recalled.persona is not None:
        told = [*facet_texts(recalled.persona), *((one.path, one.text) for one in recalled.passages)]
    fields = [(path, said, rare_words(said)) for path, said in told]
    fields = [(path, said, words) for path, said, words in fields if words]
    if not fields:
        return []
    weight = word_weights(words for _, _, words in fields)
    found: list[dict[str, Any]] = []
    for start, end, sentence in placed_sentences(text):
        words = rare_words(sentence)
        best = max(
            ((closeness(words, other, weight), path, said) for path, said, other in fields), default=(0.0, "", "")
        )
        if best[0] >= LEAST_CLOSENESS:
            terms = persona.provenance_of(best[1].replace("[", ".").replace("]", ""))
            found.append(
                {
                    "start": start,
                    "end": end,
                    "path": best[1],
                    "text": best[2][:500],
                    "score": round(best[0], 3),
                    "by": terms.by,
                    "licence": terms.licence,
                }
            )
    return found[:_MOST_SOURCES]


MOST_GRADE: dict[ReadingLevel, float] = {"easy": 5.0, "plain": 8.0}
"""Years of school up to which an answer keeps its level, as the study of Persona-L counts it. A convention."""


def reading_of(text: str, level: ReadingLevel = "free") -> dict[str, Any]:
    """How many years of school an English text asks of its reader (Flesch-Kincaid, 1975), and how many it may.

    The grade is ``None`` for fewer than five words, and for texts that are mostly not in the Latin script.
    """
    most = MOST_GRADE.get(level)
    words = tokenize(text)
    letters = [one for one in text if one.isalpha()]
    is_latin = sum(one < "\u0250" for one in letters) * 2 >= len(letters)
    if len(words) < 5 or not is_latin:
        return {"grade": None, "words": len(words), "most": most}
    return {"grade": round(flesch_kincaid_grade(text), 1), "words": len(words), "most": most}


def worn_phrases_of(text: str) -> list[dict[str, Any]]:
    """Stereotypes and words of deficit in an answer, by the lists of the linter; a word may be right where it stands.

    Example:
        >>> (one,) = worn_phrases_of("My uncle suffers from noise.")
        >>> one["start"], one["text"], one["kind"]
        (9, 'suffers from', 'deficit')
    """
    found = []
    for kind in ("stereotype", "deficit"):
        pattern, remedy = phrases_of(kind)
        found += [
            {"start": hit.start(), "end": hit.end(), "text": hit[0], "kind": kind, "remedy": remedy}
            for hit in pattern.finditer(text[:_LONGEST])
        ]
    return sorted(found, key=lambda one: int(one["start"]))[:_MOST_SOURCES]


def remarks_on(
    text: str, persona: Persona | None, recalled: Recalled | None = None, level: ReadingLevel = "free"
) -> dict[str, Any]:
    """All remarks on an answer, for which a persona was given what it recalled and asked for a level of reading."""
    found: dict[str, Any] = {"reading": reading_of(text, level), "worn_phrases": worn_phrases_of(text)}
    if persona is not None:
        found["adherence"] = adherence_of(text, persona)
        found["sources"] = sources_of(text, persona, recalled)
    return found


def facet_texts(persona: Persona) -> Iterator[tuple[str, str]]:
    """The texts of a persona that a sentence may come from, by path."""
    for path in ("description", "life_context", "style", "appearance"):
        for number, sentence in enumerate(sentences(str(getattr(persona, path)))):
            yield f"{path}[{number}]", sentence
    for name, value in persona.demographics.model_dump(exclude_defaults=True).items():
        yield f"demographics.{name}", ", ".join(value) if isinstance(value, tuple) else str(value)
    for group in ("social_identity", "personal_identity"):
        for name, value in getattr(persona, group).items():
            yield f"{group}.{name}", value
    for group in ("goals", "beliefs", "knowledge"):
        for number, value in enumerate(getattr(persona, group)):
            yield f"{group}[{number}]", value
    for number, ability in enumerate(persona.abilities):
        yield (
            f"abilities[{number}]",
            f"{ability.ability}; {ability.constraint}" if ability.constraint else ability.ability,
        )
    for number, memory in enumerate(persona.memories):
        yield f"memories[{number}]", memory.text
