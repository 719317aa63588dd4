"""What the settings do to the scores, which settings stand out, and what a representation moves.

As published: each level against all others, an F test at .001 chooses Student or Welch, variances divide by n, a
difference is one below .001, uncorrected. Corrected: Welch throughout, variances divide by n - 1, Holm over all levels
and traits.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from personae.canonical import derive_seed
from personae.instrument import Instrument, answer_matrix, score_traits
from personae.papers.scale_reliability.outliers import outlier_share, outlier_share_on_grid
from personae.stats import Estimate, bootstrap, icc, one_sample_t, proportion, student_t, welch_t
from personae.study import AS_PUBLISHED, CORRECTED, Finding, correct_families

if TYPE_CHECKING:
    import polars as pl

Floats = NDArray[np.float64]
FACTORS = ("template", "version", "language", "label", "order")
TRAITS = tuple(f"big_five.{name}" for name in ("openness", "conscientiousness", "extraversion", "agreeableness"))
TRAITS = (*TRAITS, "big_five.neuroticism")
PARTS = ("environment", "personality", "character")
ALPHA = 0.001
_POINTS = "scale points"


def measure_table(table: pl.DataFrame, instrument: Instrument) -> list[Finding]:
    """Measure a fresh run or stored answers, for each model in the table."""
    import polars as pl

    if "answers" not in table.columns:
        return []
    found: list[Finding] = []
    if "wording" in table.columns and "version" not in table.columns:
        parts = pl.col("wording").str.split("/")
        table = table.with_columns(parts.list.first().alias("language"), parts.list.last().alias("version"))
    for key, rows in table.sort("cell").group_by("model", maintain_order=True):
        found += correct_families(list(_of_model(str(key[0]), rows, instrument)))
    return found


def _of_model(subject: str, rows: pl.DataFrame, instrument: Instrument) -> Iterator[Finding]:
    import polars as pl

    settings = rows.filter(pl.col("part") == "factorial")
    if settings.height:
        scores = _scores(settings, instrument)
        yield from _levels(subject, scores)
        yield from _factors(subject, settings, scores)
        yield from _outliers(subject, scores)
        yield from _retest(subject, settings, scores)
    yield from _representations(subject, rows, instrument)
    answers = answer_matrix(rows, instrument)
    read = proportion(int(np.isfinite(answers).sum()), answers.size)
    yield Finding.of("read", subject, read, unit="share of answers", conventions=(CORRECTED,))
    if "stored" in rows.columns:
        yield _stored(subject, rows, instrument)


def _scores(rows: pl.DataFrame, instrument: Instrument) -> dict[str, Floats]:
    scored = score_traits(answer_matrix(rows, instrument), instrument, TRAITS)
    return {trait.rpartition(".")[2]: values for trait, values in scored.items()}


def _levels(subject: str, scores: dict[str, Floats]) -> Iterator[Finding]:
    for trait, values in scores.items():
        mean = replace(one_sample_t(values), p_value=None)
        known = values[np.isfinite(values)]
        conventions = (AS_PUBLISHED, "unit=setting")
        yield Finding.of(f"mean.{trait}", subject, mean, unit=_POINTS, conventions=conventions)
        spread = _sd(known, len(values) - len(known), f"{subject} {trait}")
        yield Finding.of(f"sd.{trait}", subject, spread, unit=_POINTS, conventions=(*conventions, "ddof=1"))


def _sd(values: Floats, missing: int, seed: str) -> Estimate:
    rng = np.random.default_rng(derive_seed("scale_reliability", seed))
    found = bootstrap(lambda x: float(x.std(ddof=1)), values, rng=rng, resamples=400, method="percentile")
    return replace(found, missing=missing)


def _factors(subject: str, rows: pl.DataFrame, scores: dict[str, Floats]) -> Iterator[Finding]:
    for factor in FACTORS:
        column = np.array(rows[factor].to_list(), dtype=object)
        levels = list(dict.fromkeys(sorted(column)))
        if len(levels) < 2:
            continue
        for level in levels:
            for trait, values in scores.items():
                mine, others = values[column == level], values[column != level]
                name = f"factor.{factor}.{level}.{trait}"
                yield Finding.of(
                    name,
                    subject,
                    published_test(mine, others),
                    unit=_POINTS,
                    conventions=(AS_PUBLISHED, "ddof=0", f"alpha={ALPHA:g}"),
                )
                yield Finding.of(
                    name, subject, welch_t(mine, others), unit=_POINTS, conventions=(CORRECTED,), family="factors"
                )


def published_test(first: Floats, second: Floats) -> Estimate:
    """The published test: an F test of the variances at .001 chooses Student or Welch; variances with ddof 0.

    The note has the published symbol: ``=`` unless p is below .001, else ``>`` or ``<``.
    """
    from scipy import stats

    a, b = first[np.isfinite(first)], second[np.isfinite(second)]
    if min(len(a), len(b)) < 2:
        return welch_t(first, second)
    sds = [float(one.std()) + 1e-8 for one in (a, b)]
    large, small = (0, 1) if sds[0] > sds[1] else (1, 0)
    sizes = (len(a), len(b))
    f = (sds[large] / sds[small]) ** 2
    p_of_f = 2 * float(stats.f.sf(f, sizes[large] - 1, sizes[small] - 1))
    is_equal = p_of_f > ALPHA
    chosen = student_t(a, b) if is_equal else welch_t(a, b)
    t = stats.ttest_ind_from_stats(a.mean(), sds[0], len(a), b.mean(), sds[1], len(b), equal_var=is_equal)
    p = float(t.pvalue)
    symbol = "=" if p > ALPHA else ">" if t.statistic > 0 else "<"
    method = f"difference of means, {'Student' if is_equal else 'Welch'} by an F test at {ALPHA:g}"
    missing = len(first) - len(a) + len(second) - len(b)
    return replace(chosen, p_value=p, statistic=float(t.statistic), method=method, note=symbol, missing=missing)


def _outliers(subject: str, scores: dict[str, Floats]) -> Iterator[Finding]:
    matrix = np.column_stack(list(scores.values()))
    yield Finding.of(
        "outliers",
        subject,
        outlier_share(matrix),
        unit="share of settings",
        conventions=(CORRECTED, "reference=data", "eps=0.3", "min_points=20"),
    )
    yield Finding.of(
        "outliers",
        subject,
        outlier_share_on_grid(matrix),
        unit="share of settings",
        conventions=(AS_PUBLISHED, "reference=grid", "eps=0.3", "min_points=20"),
    )


def _retest(subject: str, rows: pl.DataFrame, scores: dict[str, Floats]) -> Iterator[Finding]:
    """Agreement of a setting with itself, where it was asked more than once."""
    if "repeat" not in rows.columns or rows["repeat"].n_unique() < 2:
        return
    keys = [str(row) for row in rows.select(FACTORS).iter_rows()]
    for trait, values in scores.items():
        by_setting: dict[str, list[float]] = {}
        for key, value in zip(keys, values, strict=True):
            by_setting.setdefault(key, []).append(value)
        width = min(map(len, by_setting.values()))
        matrix = np.array([each[:width] for each in by_setting.values()])
        yield Finding.of(f"retest.{trait}", subject, icc(matrix), conventions=(CORRECTED, "unit=setting"))


def _representations(subject: str, rows: pl.DataFrame, instrument: Instrument) -> Iterator[Finding]:
    import polars as pl

    usual = _scores(rows.filter(pl.col("part") == "default"), instrument)
    for part in PARTS:
        mine = rows.filter(pl.col("part") == part)
        if not mine.height:
            continue
        scores = _scores(mine, instrument)
        target = np.array(mine["target"].to_list(), dtype=object)
        names = list(dict.fromkeys(mine["target"].to_list()))
        for trait, values in scores.items():
            means = []
            for name in names:
                level = replace(one_sample_t(values[target == name]), p_value=None)
                means.append(level.estimate)
                word = str(name).replace(" ", "_").replace(".", "")
                yield Finding.of(
                    f"level.{part}.{word}.{trait}",
                    subject,
                    level,
                    unit=_POINTS,
                    conventions=(AS_PUBLISHED, "unit=run"),
                )
                if len(usual[trait]) > 1:
                    shift = welch_t(values[target == name], usual[trait])
                    yield Finding.of(
                        f"shift.{part}.{word}.{trait}",
                        subject,
                        shift,
                        unit=_POINTS,
                        conventions=(CORRECTED, "against=default of the same setting"),
                        family="representations",
                    )
            yield Finding.of(
                f"range.{part}.{trait}", subject, _range(means), unit=_POINTS, conventions=(AS_PUBLISHED, "unit=target")
            )
            if part == "character":
                yield from _kinds(subject, trait, values, target)
        yield from _thoughts(subject, part, mine, scores)


def _range(means: Sequence[float]) -> Estimate:
    known = [mean for mean in means if np.isfinite(mean)]
    width = max(known) - min(known) if known else float("nan")
    nan = float("nan")
    return Estimate(
        width,
        nan,
        nan,
        n=len(known),
        missing=len(means) - len(known),
        method="largest minus smallest mean of a target",
        note="a range grows with the number of targets and has no interval",
    )


def _kinds(subject: str, trait: str, values: Floats, target: NDArray[Any]) -> Iterator[Finding]:
    from personae.papers.scale_reliability.targets import HEROES, VILLAINS

    heroes, villains = (np.isin(target, group) for group in (HEROES, VILLAINS))
    if heroes.any() and villains.any():
        difference = welch_t(values[heroes], values[villains])
        yield Finding.of(
            f"heroes.{trait}", subject, difference, unit=_POINTS, conventions=(CORRECTED,), family="representations"
        )


def _thoughts(subject: str, part: str, rows: pl.DataFrame, scores: dict[str, Floats]) -> Iterator[Finding]:
    """What a description of the target beforehand changes."""
    cot = np.array(rows["cot"].to_list(), dtype=bool)
    if cot.all() or not cot.any():
        return
    for trait, values in scores.items():
        difference = welch_t(values[cot], values[~cot])
        yield Finding.of(
            f"cot.{part}.{trait}", subject, difference, unit=_POINTS, conventions=(CORRECTED,), family="representations"
        )


def _stored(subject: str, rows: pl.DataFrame, instrument: Instrument) -> Finding:
    """How far stored trait scores are from those of the answers."""
    scores = np.column_stack(list(_scores(rows, instrument).values()))
    stored = np.array(rows["stored"].to_list(), dtype=float)
    differences = np.abs(scores - stored)
    known = differences[np.isfinite(differences)]
    wrong = int((known > 1e-9).sum())
    return Finding.of(
        "mismatches",
        subject,
        replace(proportion(wrong, len(known)), missing=int(differences.size - len(known))),
        unit="share of stored trait scores",
        conventions=(AS_PUBLISHED,),
    )
