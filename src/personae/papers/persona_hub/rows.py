"""The observations as people and pieces, with what became of each: kept, or thrown away and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from personae.canonical import content_hash
from personae.papers.persona_hub.twins import find_twins, low_quality
from personae.population.dedup import Encoder, minhash_duplicates

if TYPE_CHECKING:
    import polars as pl

KEPT = ""
_PERSON = {
    "text": "texts",
    "id": "ids",
    "hop": "hops",
    "made_from": "made_from",
    "relation": "relations",
    "licence": "licences",
}
"""Columns of the table by field."""
_PIECE = ("person", "kind", "form", "statuses", "text", "reason", "more", "agreed")


@dataclass(frozen=True, slots=True)
class Person:
    """A person that was made or given."""

    text: str
    id: str
    hop: int
    made_from: str
    relation: str
    licence: str
    source: str
    """Hash of the text or the person that the whole chain began with."""
    cell: str
    reason: str = KEPT
    """Why they are thrown away."""


@dataclass(frozen=True, slots=True)
class Written:
    """A piece of data; ``person`` is the place of its person, -1 for nobody."""

    person: int
    kind: str
    form: str
    status: str
    text: str
    reason: str
    more: str
    agreed: bool | None
    persona: str = ""


def people_of(
    table: pl.DataFrame,
    jaccard: float,
    cosine: float,
    *,
    verified: bool = True,
    encoder: Encoder | None = None,
) -> list[Person]:
    """All people in the order of the table; those who are no use or are there twice say so."""
    found: list[Person] = []
    for row in table.iter_rows(named=True):
        columns = [row.get(f"persona.{name}") or () for name in _PERSON.values()]
        for values in zip(*columns, strict=True):
            own: dict[str, Any] = dict(zip(_PERSON, values, strict=True))
            found.append(Person(**own, source=str(row.get("source") or ""), cell=_cell(row)))
    judged = [replace(one, reason=low_quality(one.text)) for one in found]
    left = [place for place, one in enumerate(judged) if one.reason == KEPT]
    texts = [judged[place].text for place in left]
    twins = find_twins(texts, jaccard=jaccard, cosine=cosine, verified=verified, encoder=encoder)
    for number, place in enumerate(left):
        if not twins.embedding[number]:
            reason = "same_words" if not twins.minhash[number] else "same_meaning"
            judged[place] = replace(judged[place], reason=reason)
    return judged


def pieces_of(table: pl.DataFrame, people: Sequence[Person], jaccard: float) -> list[Written]:
    """All pieces; those of people who were thrown away, and those that are there twice, say so."""
    first: dict[str, int] = {}
    for place, one in enumerate(people):
        first.setdefault(one.cell, place)
    found: list[Written] = []
    for row in table.iter_rows(named=True):
        columns = [row.get(f"piece.{name}") or () for name in _PIECE]
        for values in zip(*columns, strict=True):
            piece = Written(*values)
            if piece.person >= 0:
                place = first[_cell(row)] + piece.person
                reason = piece.reason or ("person" if people[place].reason else KEPT)
                piece = replace(piece, person=place, persona=people[place].text, reason=reason)
            found.append(piece)
    for is_control in (False, True):
        for kind in dict.fromkeys(one.kind for one in found):
            mine = [
                place
                for place, one in enumerate(found)
                if one.kind == kind and (one.person < 0) == is_control and one.reason == KEPT and one.text
            ]
            if len(mine) < 2:
                continue
            twins = minhash_duplicates([found[place].text for place in mine], threshold=jaccard, unit="words")
            for number in np.flatnonzero(twins.group != np.arange(len(mine))).tolist():
                found[mine[number]] = replace(found[mine[number]], reason="twice")
    return found


def is_test(name: str, share: float) -> bool:
    """Whether what has this name is kept for tests: by its hash, the same in every run.

    Example:
        >>> sum(is_test(str(number), 0.2) for number in range(1000)) / 1000
        0.193
    """
    return int(content_hash(["test", name])[:12], 16) / 16**12 < share


def _cell(row: Mapping[str, Any]) -> str:
    return content_hash([row.get("part"), row.get("source"), row.get("attitude"), row.get("number")])
