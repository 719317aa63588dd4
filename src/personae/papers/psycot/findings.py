"""How often the pole is right: accuracy and macro-F1 of each target and over all, against standard prompting.

A choice that could not be read is wrong; it is never dropped. Texts are the units of every interval.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from personae.canonical import derive_seed
from personae.stats import Estimate, bootstrap, mcnemar, pearson, proportion
from personae.study import AS_PUBLISHED, CORRECTED, Finding, correct_families

if TYPE_CHECKING:
    import polars as pl

Floats = NDArray[np.float64]
USUAL, PSYCOT, STANDARD = "usual", "psycot", "standard"
_SHARE = "share of texts"


def macro_f1(labels: ArrayLike, choices: ArrayLike) -> float:
    """Mean of the F1 of both classes; a choice that is NaN belongs to neither, and so is wrong.

    ``F1 = 2 TP / (2 TP + FP + FN)``, 0 for a class that neither occurs nor is chosen, as scikit-learn has it.

    Example:
        >>> macro_f1([1, 1, 0, 0], [1, 1, 1, 1]), round(macro_f1([1, 0], [1, float("nan")]), 2)
        (0.3333333333333333, 0.5)
    """
    truth, said = np.asarray(labels, dtype=float), np.asarray(choices, dtype=float)
    scores = []
    for label in (0.0, 1.0):
        hit = float(((truth == label) & (said == label)).sum())
        false = float(((truth != label) & (said == label)).sum())
        missed = float(((truth == label) & (said != label)).sum())
        whole = 2 * hit + false + missed
        scores.append(2 * hit / whole if whole else 0.0)
    return sum(scores) / 2


def measure_table(table: pl.DataFrame) -> list[Finding]:
    """Measure a run, for each model in the table."""
    if "choice" not in table.columns:
        return []
    found: list[Finding] = []
    for key, rows in table.sort("author", "target", "method", "condition").group_by("model", maintain_order=True):
        found += correct_families(list(_of_model(str(key[0]), rows)))
    return found


def _of_model(subject: str, rows: pl.DataFrame) -> Iterator[Finding]:
    import polars as pl

    usual = rows.filter(pl.col("condition") == USUAL)
    targets = list(dict.fromkeys(usual["target"].to_list()))
    methods = sorted(set(usual["method"].to_list()), key=lambda one: (one != PSYCOT, one != STANDARD, one))
    for method in methods:
        mine = usual.filter(pl.col("method") == method)
        for target in targets:
            yield from _quality(subject, method, target, mine.filter(pl.col("target") == target))
        yield _average(subject, method, mine, targets)
        yield Finding.of(f"read.{method}", subject, _read(mine), unit=_SHARE, conventions=(CORRECTED,))
    for target in targets:
        labels = usual.filter((pl.col("target") == target) & (pl.col("method") == methods[0]))["label"].to_list()
        floor = macro_f1(labels, [1.0] * len(labels))
        nan = float("nan")
        estimate = Estimate(floor, nan, nan, n=len(labels), method="macro-F1 of choosing the first pole always")
        yield Finding.of(f"floor.{target}", subject, estimate, conventions=(AS_PUBLISHED,))
    if PSYCOT in methods:
        yield from _gains(subject, usual, methods, targets)
        yield from _ratings(subject, usual.filter(pl.col("method") == PSYCOT), targets)
        yield from _robustness(subject, rows.filter(pl.col("method") == PSYCOT))


def _pairs(rows: pl.DataFrame) -> NDArray[np.float64]:
    """Label and choice of each row; NaN is a choice that could not be read."""
    labels, choices = rows["label"].to_list(), rows["choice"].to_list()
    return np.array([[one, np.nan if other is None else other] for one, other in zip(labels, choices, strict=True)])


def _quality(subject: str, method: str, target: str, rows: pl.DataFrame) -> Iterator[Finding]:
    pairs = _pairs(rows)
    right = int((pairs[:, 0] == pairs[:, 1]).sum())
    conventions = (AS_PUBLISHED, "unread=wrong")
    yield Finding.of(
        f"accuracy.{method}.{target}", subject, proportion(right, len(pairs)), unit=_SHARE, conventions=conventions
    )
    yield Finding.of(f"f1.{method}.{target}", subject, _f1(pairs, f"{method} {target}"), conventions=conventions)


def _f1(pairs: NDArray[np.float64], seed: str) -> Estimate:
    filled = np.where(np.isnan(pairs), -1.0, pairs)  # the bootstrap would set rows with NaN aside, and they are wrong
    rng = np.random.default_rng(derive_seed("psycot", seed))
    found = bootstrap(lambda x: macro_f1(x[:, 0], x[:, 1]), filled, rng=rng, resamples=300, method="percentile")
    return replace(found, method=f"macro-F1, {found.method}")


def _average(subject: str, method: str, rows: pl.DataFrame, targets: Sequence[str]) -> Finding:
    """Mean macro-F1 over the targets; whole authors are resampled."""
    columns = _by_author(rows, targets)
    rng = np.random.default_rng(derive_seed("psycot", method, "average"))
    found = bootstrap(lambda x: _mean_f1(x, len(targets)), columns, rng=rng, resamples=200, method="percentile")
    return Finding.of(
        f"f1.{method}.average", subject, found, conventions=(AS_PUBLISHED, "unread=wrong", "average=mean over targets")
    )


def _mean_f1(columns: Floats, count: int) -> float:
    return float(np.mean([macro_f1(columns[:, place], columns[:, count + place]) for place in range(count)]))


def _by_author(rows: pl.DataFrame, targets: Sequence[str]) -> NDArray[np.float64]:
    """One row an author: labels of all targets, then choices; -1 where there is none."""
    authors = list(dict.fromkeys(rows["author"].to_list()))
    columns = np.full((len(authors), 2 * len(targets)), -1.0)
    for row in rows.iter_rows(named=True):
        place, at = authors.index(row["author"]), targets.index(row["target"])
        columns[place, at] = row["label"]
        columns[place, len(targets) + at] = -1.0 if row["choice"] is None else row["choice"]
    return columns


def _gains(subject: str, usual: pl.DataFrame, methods: Sequence[str], targets: Sequence[str]) -> Iterator[Finding]:
    """PsyCoT against each other method, over the same texts."""
    import polars as pl

    key = ["author", "target"]
    mine = usual.filter(pl.col("method") == PSYCOT).sort(key)
    own = _pairs(mine)
    for other in methods:
        if other == PSYCOT:
            continue
        theirs = _pairs(usual.filter(pl.col("method") == other).sort(key))
        if len(theirs) != len(own):
            continue
        is_right, was_right = own[:, 0] == own[:, 1], theirs[:, 0] == theirs[:, 1]
        gain = mcnemar(int((is_right & ~was_right).sum()), int((~is_right & was_right).sum()), n=len(own))
        yield Finding.of(
            f"gain.accuracy.{other}",
            subject,
            gain,
            unit="share of choices",
            conventions=(CORRECTED, "psycot minus the other", "unit=text and target"),
            family="gain",
        )
        both = np.hstack([_by_author(mine, targets), _by_author(usual.filter(pl.col("method") == other), targets)])
        rng = np.random.default_rng(derive_seed("psycot", other, "gain"))
        f1 = bootstrap(_f1_gain, both, rng=rng, resamples=200, method="percentile")
        yield Finding.of(f"gain.f1.{other}", subject, f1, unit="points of F1", conventions=(AS_PUBLISHED,))


def _f1_gain(columns: Floats) -> float:
    """Points of mean macro-F1 that the first half of the columns has over the second."""
    width = columns.shape[1] // 2
    return 100 * (_mean_f1(columns[:, :width], width // 2) - _mean_f1(columns[:, width:], width // 2))


def _ratings(subject: str, rows: pl.DataFrame, targets: Sequence[str]) -> Iterator[Finding]:
    """Whether the ratings themselves tell the pole, and whether the choice follows them."""
    import polars as pl

    for target in targets:
        mine = rows.filter((pl.col("target") == target) & pl.col("score").is_not_null())
        scores = np.array(mine["score"].to_list(), dtype=float)
        pairs = _pairs(mine) if mine.height else np.zeros((0, 2))
        yield Finding.of(
            f"ratings.{target}",
            subject,
            pearson(pairs[:, 0], scores),
            unit="r with the label",
            conventions=(CORRECTED,),
        )
        follows = (scores > 3) == (pairs[:, 1] == 1)
        decided = scores != 3
        share = proportion(int((follows & decided).sum()), int(decided.sum()), missing=int((~decided).sum()))
        yield Finding.of(f"follows.{target}", subject, share, unit=_SHARE, conventions=(CORRECTED,))


def _robustness(subject: str, rows: pl.DataFrame) -> Iterator[Finding]:
    """Choices that change when nothing should change them."""
    import polars as pl

    key = ["author", "target"]
    usual = rows.filter(pl.col("condition") == USUAL).sort(key)
    base = _pairs(usual)
    for condition in sorted(set(rows["condition"].to_list()) - {USUAL}):
        other = rows.filter(pl.col("condition") == condition).sort(key)
        if other.height != usual.height:
            continue
        pairs = _pairs(other)
        known = np.isfinite(base[:, 1]) & np.isfinite(pairs[:, 1])
        changed = int((base[known, 1] != pairs[known, 1]).sum())
        share = proportion(changed, int(known.sum()), missing=int((~known).sum()))
        yield Finding.of(f"changed.{condition}", subject, share, unit="share of choices", conventions=(CORRECTED,))
        was, now = base[:, 0] == base[:, 1], pairs[:, 0] == pairs[:, 1]
        difference = mcnemar(int((now & ~was).sum()), int((~now & was).sum()), n=len(was))
        yield Finding.of(
            f"robust.{condition}",
            subject,
            difference,
            unit="share of choices",
            conventions=(CORRECTED, "accuracy under the condition minus the usual"),
            family="robust",
        )


def _read(rows: pl.DataFrame) -> Estimate:
    return proportion(rows["choice"].drop_nulls().len(), rows.height)
