"""Does the story's language follow the persona? Category rates against poles, and the traits that were named outright.

LIWC itself is commercial: by default an open lexicon of our own counts categories of the same kind, and the user's LIWC
dictionary takes its place if one is given. Rates of the two are not comparable figure by figure.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from personae.errors import InputError
from personae.papers.personallm.groups import Group
from personae.papers.personallm.settings import PersonaLLMSettings
from personae.persona import BIG_FIVE, trait_title
from personae.stats import benjamini_hochberg, point_biserial, proportion
from personae.study import AS_PUBLISHED, CORRECTED, Finding
from personae.text import TRAIT_WORDS, Lexicon, find_mentions, open_lexicon, read_dic

if TYPE_CHECKING:
    import polars as pl

_FAMILY = "language"
_ALPHA = 0.05
_LEAST_TEXTS = 8

_ESSAY_COLUMNS = {
    "big_five.extraversion": "cEXT",
    "big_five.agreeableness": "cAGR",
    "big_five.conscientiousness": "cCON",
    "big_five.neuroticism": "cNEU",
    "big_five.openness": "cOPN",
}


@dataclass(frozen=True)
class _Texts:
    """Texts with the pole of their author on each trait (1, -1) and the prompt they came from."""

    texts: Sequence[str]
    poles: Mapping[str, NDArray[np.int64]]


def language_findings(group: Group, settings: PersonaLLMSettings) -> Iterator[Finding]:
    """Category rates, their correlation with the persona, overlap with human essays, traits named outright."""
    table = group.main.table
    if "story" not in table.columns:
        return
    told = table.filter(table["story"].is_not_null())
    missing = table.height - told.height
    if told.height < _LEAST_TEXTS:
        return
    lexicon = read_dic(settings.dictionary) if settings.dictionary is not None else open_lexicon()
    stories = _Texts(told["story"].to_list(), {trait: _poles(told, trait) for trait in BIG_FIVE})
    rates = category_rates(stories.texts, lexicon)
    yield _words(group, stories, missing)
    yield from _mentions(group, stories, missing)
    human = _read_essays(settings.essays) if settings.essays is not None else None
    human_rates = category_rates(human.texts, lexicon) if human is not None else {}
    dictionary = f"lexicon={lexicon.name}"
    for trait in BIG_FIVE:
        correlations = {name: point_biserial(stories.poles[trait] > 0, values) for name, values in rates.items()}
        for name, r in correlations.items():
            yield Finding.of(
                f"r.{trait_title(trait)}.{name}",
                group.subject,
                r,
                unit="r",
                conventions=(CORRECTED, dictionary),
                family=_FAMILY,
            )
        p_values = [r.p_value for r in correlations.values()]
        yield _share(
            group, trait, [_is_below(p) for p in p_values], (AS_PUBLISHED, dictionary, "alpha=.05 uncorrected")
        )
        found = benjamini_hochberg(p_values)
        yield _share(group, trait, [_is_below(p) for p in found], (CORRECTED, dictionary, "Benjamini-Hochberg"))
        if human is not None:
            yield _overlap(group, trait, correlations, human, human_rates, dictionary)


def category_rates(texts: Sequence[str], lexicon: Lexicon) -> dict[str, NDArray[np.float64]]:
    """Percentage of words in each category, one value a text."""
    counts = [lexicon.count(text) for text in texts]
    return {one.key: np.array([count.percent(one.key) for count in counts]) for one in lexicon.categories}


def _poles(table: pl.DataFrame, trait: str) -> NDArray[np.int64]:
    from personae.papers.personallm.types import poles_of

    return np.array([poles_of(str(code))[trait] for code in table["type"].to_list()], dtype=np.int64)


def _words(group: Group, stories: _Texts, missing: int) -> Finding:
    from personae.stats import cluster_mean

    lengths = np.array([len(text.split()) for text in stories.texts], dtype=float)
    codes = [repr([int(stories.poles[trait][row]) for trait in BIG_FIVE]) for row in range(len(lengths))]
    estimate = cluster_mean(lengths, np.array(codes))
    found = Finding.of("story.words", group.subject, estimate, unit="words", conventions=(CORRECTED, "unit=prompt"))
    return _with_missing(found, missing)


def _mentions(group: Group, stories: _Texts, missing: int) -> Iterator[Finding]:
    """How many stories name the trait that they were told not to name."""
    any_named = np.zeros(len(stories.texts), dtype=bool)
    for trait in BIG_FIVE:
        terms = {1: TRAIT_WORDS[f"{trait}+"], -1: TRAIT_WORDS[f"{trait}-"]}
        named = [
            bool(find_mentions(text, terms[int(pole)]))
            for text, pole in zip(stories.texts, stories.poles[trait], strict=True)
        ]
        any_named |= np.array(named)
        yield Finding.of(
            f"named.{trait_title(trait)}",
            group.subject,
            proportion(sum(named), len(named), missing=missing),
            unit="share of stories",
            conventions=(CORRECTED,),
        )
    yield Finding.of(
        "named.any",
        group.subject,
        proportion(int(any_named.sum()), len(any_named), missing=missing),
        unit="share of stories",
        conventions=(CORRECTED,),
    )


def _share(group: Group, trait: str, hits: Sequence[bool], conventions: tuple[str, ...]) -> Finding:
    return Finding.of(
        f"significant.{trait_title(trait)}",
        group.subject,
        proportion(sum(hits), len(hits)),
        unit="share of categories",
        conventions=conventions,
    )


def _overlap(
    group: Group,
    trait: str,
    ours: Mapping[str, object],
    human: _Texts,
    human_rates: Mapping[str, NDArray[np.float64]],
    dictionary: str,
) -> Finding:
    """Of the categories that mark a trait in human essays, the share that mark it in the stories too, alike."""
    from personae.stats import Estimate

    marks = hits = 0
    for name, rates in human_rates.items():
        theirs, mine = point_biserial(human.poles[trait] > 0, rates), ours[name]
        if not isinstance(mine, Estimate) or not _is_below(theirs.p_value):
            continue
        marks += 1
        hits += _is_below(mine.p_value) and theirs.estimate * mine.estimate > 0
    return Finding.of(
        f"overlap.{trait_title(trait)}",
        group.subject,
        proportion(hits, marks),
        unit="share of human categories",
        conventions=(AS_PUBLISHED, dictionary, "alpha=.05 uncorrected", f"essays={len(human.texts)}"),
    )


@lru_cache(maxsize=4)
def _read_essays(path: Path) -> _Texts:
    """Read human essays: a CSV with ``text`` and the binary columns of the essays corpus (1/0 or y/n).

    Raises:
        InputError: If a column is missing or a value is none of these.
    """
    csv.field_size_limit(10_000_000)
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as lines:
        rows = list(csv.DictReader(lines))
    wanted = {"text", *_ESSAY_COLUMNS.values()}
    if not rows or not wanted <= set(rows[0]):
        raise InputError(f"needs the columns {', '.join(sorted(wanted))}", where=str(path), remedy="rename its columns")
    poles = {}
    for trait, column in _ESSAY_COLUMNS.items():
        signs = {"1": 1, "y": 1, "0": -1, "n": -1}
        try:
            poles[trait] = np.array([signs[row[column].strip().lower()] for row in rows], dtype=np.int64)
        except KeyError as error:
            raise InputError(f"{column} holds {error}, which is neither 1/0 nor y/n", where=str(path)) from error
    return _Texts([row["text"] for row in rows], poles)


def _is_below(p: float | None) -> bool:
    return p is not None and p < _ALPHA


def _with_missing(finding: Finding, missing: int) -> Finding:
    from dataclasses import replace

    return replace(finding, missing=finding.missing + missing)
