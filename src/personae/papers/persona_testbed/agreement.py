"""Does the judge choose as people do who put themselves in the persona's place, and do they agree among themselves?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from personae.papers.persona_testbed.humans import Choices
from personae.papers.persona_testbed.rows import Row, once
from personae.stats import cohen_kappa, krippendorff_alpha, proportion
from personae.study import AS_PUBLISHED, CORRECTED, Finding

_METHODS = {"judge": "judged", "model": "chosen.full"}


def measure_humans(pairs: Sequence[Row], subject: str, humans: Choices) -> Iterator[Finding]:
    """Agreement of judge and model with the majority of raters, and of raters among themselves.

    As published, shares; corrected, kappa, as two who always take the revision agree without looking. What raters agree
    among themselves is what may be asked of a judge.
    """
    if not humans:
        return
    told = [humans.get((row["person"], row["request"]), {}) for row in pairs]
    theirs = [_majority([*one.values()]) for one in told]
    for name, column in _METHODS.items():
        chosen = [once(row.get(column)) for row in pairs]
        both = [(a, b) for a, b in zip(theirs, chosen, strict=True) if a is not None and b is not None]
        agreed = proportion(sum(a == b for a, b in both), len(both), missing=len(pairs) - len(both))
        yield Finding.of(
            f"humans_agree.{name}", subject, agreed, unit="share of pairs", conventions=(AS_PUBLISHED, "order=first")
        )
        yield Finding.of(
            f"humans_kappa.{name}", subject, cohen_kappa(theirs, chosen), conventions=(CORRECTED, "order=first")
        )
    raters = sorted({name for one in told for name in one})
    if len(raters) > 1:
        ratings = np.array([[float(one.get(name, np.nan)) for name in raters] for one in told])
        alpha = krippendorff_alpha(ratings)
        yield Finding.of("humans_alpha", "the raters", alpha, conventions=(CORRECTED, f"raters={len(raters)}"))


def _majority(chosen: Sequence[int]) -> int | None:
    """What most chose; nothing if as many chose the other."""
    if not chosen or 2 * sum(chosen) == len(chosen):
        return None
    return int(2 * sum(chosen) > len(chosen))
