"""Who and what is kept, how different it is from what is written for nobody, and whether like people get like data.

As published: thresholds on signatures that nobody verifies, a test set drawn at random. Corrected: every pair is
compared word by word, and what is made from one text is on one side of the split.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from personae.canonical import derive_seed
from personae.papers.persona_hub.checking import measure_verdicts, read_verdicts
from personae.papers.persona_hub.planted import measure_planted
from personae.papers.persona_hub.rows import Person, Written, is_test, people_of, pieces_of
from personae.papers.persona_hub.settings import HubSettings
from personae.papers.persona_hub.twins import vectors_of
from personae.papers.persona_hub.vectors import encoder_of
from personae.population.dedup import Encoder
from personae.stats import Estimate, cluster_mean, proportion, spearman
from personae.stats.bootstrap import interval_of_draws
from personae.stats.samples import undefined
from personae.study import AS_PUBLISHED, CORRECTED, Finding

if TYPE_CHECKING:
    import polars as pl

Floats = NDArray[np.float64]
LEVELS = (0.2, 0.4, 0.6, 0.8)
"""Similarities of two people at which the similarity of their data is read; .4, .6 and .8 in the paper."""
_NEAR, _LEAK = 0.05, 0.9
_MOST, _DRAWS = 400, 400
_SHARED_FORMS = ("zero_shot", "few_shot")


def measure_table(table: pl.DataFrame, settings: HubSettings) -> list[Finding]:
    """Measure a fresh run, or published rows."""
    if "part" not in table.columns:
        return []
    found: list[Finding] = []
    encoder = encoder_of(settings.vectors)
    known = "hashed letters" if encoder is None else "vectors of a file"
    verdicts = read_verdicts(settings.checked) if settings.checked else {}
    for (model,), mine in table.group_by(["model"], maintain_order=True):
        subject = str(model)
        found += _solved(mine, subject)
        people = people_of(mine, settings.minhash, settings.cosine, encoder=encoder)
        loosely = people_of(mine, settings.minhash, settings.cosine, verified=False, encoder=encoder)
        pieces = pieces_of(mine, people, settings.minhash)
        kept = [one.text for one in people if not one.reason]
        found += [
            *_made(mine, subject),
            *_alone(mine, subject),
            *_kept(people, CORRECTED, subject, known),
            *_kept(loosely, AS_PUBLISHED, subject, known),
            # Edits are in no file of vectors, so that the control of both steps is that of letters.
            *measure_planted(kept, subject, jaccard=settings.minhash, cosine=settings.cosine),
            *_accepted(pieces, subject),
            *measure_verdicts(pieces, verdicts, subject),
            *_diversity(pieces, subject, encoder),
            *_likeness(pieces, subject, encoder, known),
            *_leak(pieces, people, settings.test_share, subject, encoder),
        ]
    return found


def count(n: int, missing: int = 0) -> Estimate:
    """A number of things that are all there."""
    return Estimate(float(n), float(n), float(n), n, missing, method="count")


def _made(table: pl.DataFrame, subject: str) -> Iterator[Finding]:
    """How every request for a person ended."""
    outcomes = Counter(
        str(status)
        for row in table.iter_rows(named=True)
        if row["part"] == "curate"
        for status in row.get("made.statuses") or ()
    )
    total = sum(outcomes.values())
    for status in ("ok", "repaired", "refused", "unparsed", "empty", "failed"):
        if total and (outcomes[status] or status == "ok"):
            yield Finding.of(
                f"made.{status}", subject, proportion(outcomes[status], total), unit="share", conventions=(CORRECTED,)
            )


def _alone(table: pl.DataFrame, subject: str) -> Iterator[Finding]:
    """Published people for whom nothing was written."""
    if "piece.kind" in table.columns:
        alone = sum(row["part"] == "given" and not row["piece.kind"] for row in table.iter_rows(named=True))
        if alone and (table["part"] == "given").all():
            yield Finding.of("rows.persona", subject, count(alone), unit="people", conventions=(AS_PUBLISHED,))


def _solved(table: pl.DataFrame, subject: str) -> Iterator[Finding]:
    """Problems that are solved, by the set they are of."""
    rows = [row for row in table.iter_rows(named=True) if row["part"] == "solve"]
    for of in dict.fromkeys(str(row["kind"]) for row in rows):
        told = [row["solved"] for row in rows if row["kind"] == of]
        known = [one for one in told if one is not None]
        share = proportion(sum(known), len(known), missing=len(told) - len(known))
        conventions = (AS_PUBLISHED, "compared=numbers or words")
        yield Finding.of(f"solved.{of}", subject, share, unit="share of problems", conventions=conventions)


def _kept(people: Sequence[Person], way: str, subject: str, encoder: str) -> Iterator[Finding]:
    if not people:
        return
    n = len(people)
    reasons = Counter(one.reason for one in people)
    ways = (way, f"encoder={encoder}")
    yield Finding.of("personas", subject, count(reasons[""]), unit="people", conventions=ways)
    yield Finding.of("kept.all", subject, proportion(reasons[""], n), unit="share of people", conventions=ways)
    for reason in ("short", "long", "about_text", "refusal", "same_words", "same_meaning"):
        share = proportion(reasons[reason], n)
        yield Finding.of(f"dropped.{reason}", subject, share, unit="share of people", conventions=ways)
    hops = sorted({one.hop for one in people})
    for hop in hops if len(hops) > 1 else ():
        mine = [one for one in people if one.hop == hop]
        share = proportion(sum(one.reason == "" for one in mine), len(mine))
        yield Finding.of(f"kept.hop_{hop}", subject, share, unit="share of people", conventions=ways)
    if way == AS_PUBLISHED:
        different = len({one.text for one in people})
        yield Finding.of("distinct.personas", subject, count(different), unit="texts", conventions=(way,))
    licences = Counter(one.licence or "unknown" for one in people)
    if way == CORRECTED:
        share = proportion(n - licences["unknown"], n)
        yield Finding.of("licensed", subject, share, unit="share of people", conventions=(way,))


def _accepted(pieces: Sequence[Written], subject: str) -> Iterator[Finding]:
    """As published, what parses; corrected, what is of use, by kind; and why the rest is not."""
    for kind in dict.fromkeys(one.kind for one in pieces):
        for who, mine in (
            ("persona", [one for one in pieces if one.kind == kind and one.person >= 0]),
            ("control", [one for one in pieces if one.kind == kind and one.person < 0]),
        ):
            if not mine:
                continue
            n, name = len(mine), f"{kind}.{who}"
            parsed = proportion(sum(bool(one.text) and one.status in ("ok", "repaired") for one in mine), n)
            yield Finding.of(f"parsed.{name}", subject, parsed, unit="share of pieces", conventions=(AS_PUBLISHED,))
            kept = proportion(sum(one.reason == "" for one in mine), n)
            yield Finding.of(f"accepted.{name}", subject, kept, unit="share of pieces", conventions=(CORRECTED,))
            if who == "persona":
                rows = len({one.text for one in mine if one.text})
                yield Finding.of(f"rows.{kind}", subject, count(n), unit="pieces", conventions=(AS_PUBLISHED,))
                yield Finding.of(f"distinct.{kind}", subject, count(rows), unit="texts", conventions=(AS_PUBLISHED,))
            for reason, number in sorted(Counter(one.reason for one in mine if one.reason).items()):
                share = proportion(number, n)
                yield Finding.of(
                    f"rejected.{reason}.{name}", subject, share, unit="share of pieces", conventions=(CORRECTED,)
                )
            solved = [one.agreed for one in mine if one.agreed is not None]
            if solved:
                agreed = proportion(sum(solved), len(solved), missing=n - len(solved))
                yield Finding.of(f"agreed.{name}", subject, agreed, unit="share", conventions=(CORRECTED,))
        for form in dict.fromkeys(one.form for one in pieces):
            formed = [one for one in pieces if one.kind == kind and one.form == form and one.person >= 0]
            if formed and form in (*_SHARED_FORMS, "persona_few_shot"):
                share = proportion(sum(one.reason == "" for one in formed), len(formed))
                yield Finding.of(
                    f"accepted_by_form.{kind}.{form}", subject, share, unit="share", conventions=(CORRECTED,)
                )


def _diversity(pieces: Sequence[Written], subject: str, encoder: Encoder | None) -> Iterator[Finding]:
    """Data for people beside data for nobody: the same kind, the same forms, as many pieces of each form."""
    for kind in dict.fromkeys(one.kind for one in pieces):
        rng = np.random.default_rng(derive_seed(0, "diversity", kind))
        ours: list[str] = []
        theirs: list[str] = []
        for form in _SHARED_FORMS:
            mine, control = (
                [
                    one.text
                    for one in pieces
                    if one.kind == kind and one.form == form and one.text and (one.person < 0) == is_control
                ]
                for is_control in (False, True)
            )
            n = min(len(mine), len(control), _MOST // 2)
            ours += [mine[place] for place in rng.choice(len(mine), n, replace=False)] if n else []
            theirs += [control[place] for place in rng.choice(len(control), n, replace=False)] if n else []
        if len(ours) < 3:
            continue
        matrices = [vectors @ vectors.T for vectors in (vectors_of(ours, encoder), vectors_of(theirs, encoder))]
        for who, matrix in zip(("persona", "control"), matrices, strict=True):
            pairs = _resampled(matrix, rng)
            yield Finding.of(
                f"similarity.{kind}.{who}", subject, _told(_mean(matrix), pairs, len(ours)),
                unit="cosine", conventions=(CORRECTED,),
            )  # fmt: skip
            yield Finding.of(
                f"effective.{kind}.{who}", subject, _effective(matrix, rng),
                unit="effective number a piece", conventions=(CORRECTED,),
            )  # fmt: skip
        gains = _resampled(matrices[1], rng) - _resampled(matrices[0], rng)
        gain = _told(_mean(matrices[1]) - _mean(matrices[0]), gains, 2 * len(ours))
        yield Finding.of(f"gain.{kind}", subject, gain, unit="cosine less", conventions=(CORRECTED,))


def effective_number(similarity: Floats) -> float:
    """How many different texts: exp of the entropy of the eigenvalues (Vendi score; Friedman & Dieng, 2023)."""
    values = np.clip(np.linalg.eigvalsh(similarity / len(similarity)), 0.0, None)
    kept = values[values > 1e-12] / values.sum()
    return float(np.exp(-(kept * np.log(kept)).sum()))


def _effective(matrix: Floats, rng: np.random.Generator) -> Estimate:
    """Effective number by the number of texts; the error is that of random four fifths, scaled as by a jackknife."""
    n = len(matrix)
    kept = max(2, round(0.8 * n))
    draws = []
    for _ in range(60):
        rows = rng.choice(n, kept, replace=False)
        draws.append(effective_number(matrix[np.ix_(rows, rows)]) / kept)
    error = float(np.std(draws, ddof=1) * np.sqrt(kept / max(1, n - kept)))
    value = effective_number(matrix) / n
    method = "Vendi score over n, delete-a-fifth jackknife"
    return Estimate(value, value - 1.96 * error, value + 1.96 * error, n, method=method)


def _mean(matrix: Floats) -> float:
    return float(matrix[np.triu_indices(len(matrix), 1)].mean())


def _resampled(matrix: Floats, rng: np.random.Generator) -> Floats:
    """Mean similarity of pairs when texts are drawn with replacement; a text is no pair with itself."""
    draws = []
    n = len(matrix)
    for _ in range(_DRAWS):
        weights = np.bincount(rng.integers(n, size=n), minlength=n).astype(float)
        total = weights @ matrix @ weights - (weights**2) @ np.diag(matrix)
        pairs = weights.sum() ** 2 - (weights**2).sum()
        draws.append(total / pairs if pairs else float("nan"))
    return np.array(draws)


def _told(estimate: float, draws: Floats, n: int) -> Estimate:
    low, high = interval_of_draws(estimate, draws, 0.95)
    return Estimate(estimate, low, high, n, method=f"percentile interval of {len(draws)} resamples of texts")


def _likeness(pieces: Sequence[Written], subject: str, encoder: Encoder | None, known: str) -> Iterator[Finding]:
    """How like the data of two people are, by how like the people are."""
    for kind in dict.fromkeys(one.kind for one in pieces):
        by_person: dict[int, Written] = {}
        for one in pieces:
            if one.kind == kind and one.person >= 0 and one.text and one.form != "persona_few_shot":
                by_person.setdefault(one.person, one)
        if len(by_person) < 5:
            continue
        rng = np.random.default_rng(derive_seed(0, "likeness", kind))
        chosen = rng.permutation(list(by_person))[:_MOST].tolist()
        people, texts = (
            vectors_of([getattr(by_person[place], name) for place in chosen], encoder) for name in ("persona", "text")
        )
        first, second = np.triu_indices(len(chosen), 1)
        of_people, of_texts = (people @ people.T)[first, second], (texts @ texts.T)[first, second]
        for level in LEVELS:
            near = np.abs(of_people - level) <= _NEAR
            yield Finding.of(
                f"likeness.{kind}.at_{level:g}",
                subject,
                replace(cluster_mean(of_texts[near], first[near]), p_value=None)
                if near.sum() > 1
                else undefined(
                    "fewer than two pairs of people are so alike", n=int(near.sum()), missing=0, method="mean"
                ),
                unit="cosine",
                conventions=(AS_PUBLISHED, f"encoder={known}"),
            )
        slope = spearman(of_people, of_texts).estimate
        draws = []
        for _ in range(199):  # people change places, so that pairs stay pairs (Mantel, 1967)
            order = rng.permutation(len(chosen))
            shuffled = (people @ people.T)[np.ix_(order, order)][first, second]
            draws.append(_rank_correlation(shuffled, of_texts))
        p = (1 + sum(abs(one) >= abs(slope) for one in draws)) / 200
        nan = float("nan")
        yield Finding.of(
            f"slope.{kind}",
            subject,
            Estimate(slope, nan, nan, len(chosen), method="Spearman over pairs, Mantel test of 199", p_value=p),
            unit="rank correlation",
            conventions=(CORRECTED, "unit=person"),
            family="likeness",
        )


def _rank_correlation(first: Floats, second: Floats) -> float:
    ranks = [np.argsort(np.argsort(one)) for one in (first, second)]
    return float(np.corrcoef(ranks[0], ranks[1])[0, 1])


def _leak(
    pieces: Sequence[Written], people: Sequence[Person], share: float, subject: str, encoder: Encoder | None
) -> Iterator[Finding]:
    """Share of test pieces with a near twin in training: split at random, and by what they were made from."""
    for kind in dict.fromkeys(one.kind for one in pieces):
        mine = [one for one in pieces if one.kind == kind and one.person >= 0 and one.reason == ""][:2000]
        if len(mine) < 10:
            continue
        vectors = vectors_of([one.text for one in mine], encoder)
        for way, names in (
            (AS_PUBLISHED, [f"{place} {one.text}" for place, one in enumerate(mine)]),
            (CORRECTED, [people[one.person].source for one in mine]),
        ):
            tests = np.array([is_test(name, share) for name in names])
            name = f"leak.{kind}.{'random' if way == AS_PUBLISHED else 'by_source'}"
            if tests.all() or not tests.any():
                found = undefined("one part of the split is empty", n=len(mine), missing=0, method="share")
            else:
                near = (vectors[tests] @ vectors[~tests].T).max(axis=1) >= _LEAK
                found = proportion(int(near.sum()), len(near))
            yield Finding.of(name, subject, found, unit="share of test pieces", conventions=(way,))
