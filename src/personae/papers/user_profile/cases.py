"""One profile that was given beside the true one, and what of it changed, was said, or was there before."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from personae.papers.user_profile.fields import Pair, Profile, pairs_of
from personae.papers.user_profile.overlap import written
from personae.text import tokenize

Pairs = frozenset[Pair]
Hits = Callable[[Pairs, Pairs], int]


@dataclass(frozen=True, slots=True)
class Case:
    """One profile that was given, with what was there before and what is true."""

    user: str
    truth: Profile
    given: Profile
    old: Profile = field(default_factory=dict)
    text: str = ""
    bait: tuple[tuple[str, str, str], ...] = ()
    sure: tuple[tuple[str, str, float], ...] = ()


def counts_of(given: Pairs, truth: Pairs, hits: Hits) -> tuple[int, int, int]:
    """Hits, and how many pairs were given and are true."""
    return hits(given, truth), len(given), len(truth)


def both_of(cases: Sequence[Case], pairs: Callable[[Profile], Pairs]) -> list[tuple[Pairs, Pairs]]:
    """The given and the true pairs of each case."""
    return [(pairs(one.given), pairs(one.truth)) for one in cases]


def changed_of(case: Case) -> Case:
    """The case on fields alone that the truth or the answer changes; items of lists that neither touches stay out."""
    old, true, given = (pairs_of(one) for one in (case.old, case.truth, case.given))
    untouched = old & true & given
    return Case(case.user, profile_of_pairs(true - untouched), profile_of_pairs(given - untouched))


def profile_of_pairs(pairs: Pairs) -> dict[str, str]:
    """Pairs as a profile again."""
    found: dict[str, list[str]] = {}
    for key, value in sorted(pairs):
        found.setdefault(key, []).append(value)
    return {key: "; ".join(values) for key, values in found.items()}


def is_said(pair: Pair, case: Case) -> bool:
    """Whether the words of a value occur in what was told or known before; of dates, the year."""
    said = _words(f"{case.text} {written(case.old)}".casefold())
    if pair[0] == "birth_date":
        return pair[1][:4] in case.text or any(pair == one for one in pairs_of(case.old))
    if pair in pairs_of(case.old) or pair[0] == "children":
        return True
    return all(word in said for word in tokenize(pair[1]))


def built_cases(row: dict[str, Any], given: str | None) -> list[Case]:
    """The profile that was built of a row's first text; none if it could not be read."""
    if given is None:
        return []
    sure = tuple(map(tuple, json.loads(row.get("built.sure") or "[]")))
    text = (row.get("text") or [""])[0]
    return [Case(row["user"], json.loads(row["truth"][0]), json.loads(given), {}, text, (), sure)]


def updated_cases(row: dict[str, Any], given: Sequence[str | None] | None, form: str) -> list[Case]:
    """The profiles that were updated, each beside the true one before it."""
    truth = [json.loads(one) for one in row["truth"]]
    texts = row.get("text") or [""] * len(truth)
    baits = [json.loads(one) for one in row.get("bait") or ["[]"] * len(truth)]
    sure = [json.loads(one) for one in row.get(f"{form}.sure") or ["[]"] * (len(truth) - 1)]
    return [
        Case(
            row["user"],
            truth[place],
            json.loads(one),
            truth[place - 1],
            texts[place],
            tuple(map(tuple, baits[place])),
            tuple(map(tuple, sure[place - 1])),
        )
        for place, one in enumerate(given or [], start=1)
        if one is not None
    ]


def first_of(row: dict[str, Any]) -> str | None:
    """What the reader of planted wording made of the first text."""
    read = row.get("reader")
    return read[0] if read else None


@lru_cache(maxsize=8)
def _words(text: str) -> frozenset[str]:
    return frozenset(tokenize(text))
