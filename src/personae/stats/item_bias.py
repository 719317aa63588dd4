"""Differential item functioning: items that respondents of one level answer differently in different groups."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from personae.errors import InputError
from personae.stats.effects import check_level
from personae.stats.estimate import Estimate
from personae.stats.multiplicity import benjamini_hochberg, holm
from personae.stats.ordinal import OrdinalFit, fit_ordinal
from personae.stats.samples import Clusters, Floats, cluster_codes, take_rows, undefined

Size = Literal["negligible", "moderate", "large", "unknown"]
LEAST_PER_GROUP = 100
"""Respondents of each group from which item bias is worth testing; below 200 only large bias is found."""
MODERATE, LARGE = 0.035, 0.07
"""Rise of Nagelkerke's R² from which bias is called so (Jodoin & Gierl, 2001)."""
_ROUNDS = 3


@dataclass(frozen=True, slots=True)
class ItemBias:
    """What one item came to."""

    item: int
    """Its column."""
    effect: Estimate
    """Log odds of a higher answer in the second group against the first, at the same level of the trait; p of any bias,
    constant or changing with the trait. With more than two groups the largest difference, without interval."""
    p_adjusted: float | None
    """Corrected over items."""
    explained: float
    """Rise of Nagelkerke's R² from one regression for all to one for each group."""
    is_uniform: bool
    """Whether the bias is the same at every level of the trait, as far as a test of the slopes tells."""

    @property
    def size(self) -> Size:
        """How much it matters, whatever p says."""
        if not math.isfinite(self.explained):
            return "unknown"
        return "large" if self.explained > LARGE else "moderate" if self.explained > MODERATE else "negligible"

    def is_biased(self, alpha: float = 0.05) -> bool:
        """Whether there is bias that stands after correction and is not negligible."""
        return self.p_adjusted is not None and self.p_adjusted < alpha and self.size in ("moderate", "large")


def item_bias(
    matrix: ArrayLike,
    groups: Sequence[object],
    *,
    clusters: Clusters | None = None,
    correction: Literal["holm", "bh"] = "holm",
    level: float = 0.95,
) -> list[ItemBias]:
    """Test every item by ordinal logistic regression on the trait, the group, and both together (Zumbo, 1999).

    The trait is the mean of all items; items that are found biased are taken out of it and all are tested again, up to
    three times (the tested item always counts). Two tests an item: that the group shifts its answers (likelihood ratio
    of ``trait + group`` to ``trait``), and that its slope on the trait differs between groups that are fitted each with
    thresholds of its own (Wald; one set of thresholds for all would hide it). p is twice the smaller. With
    ``clusters`` both are Wald tests with a covariance that allows for them, as it must be where the same respondents
    are in several groups.

    Args:
        matrix: Respondents by items, reverse-keyed; rows that miss an answer are set aside.
        groups: Which group each row belongs to.
        clusters: What rows share, such as the person who answers under several templates.
        correction: Over items.
        level: Coverage of the intervals.

    Returns:
        One an item, in the order of the columns.

    Raises:
        InputError: If there are fewer than two groups, or not one group a row.

    Example:
        >>> rng = np.random.default_rng(0)
        >>> trait, group = rng.normal(size=600), np.repeat([0, 1], 300)
        >>> rows = np.clip(np.round(3 + trait[:, None] + 0.6 * rng.normal(size=(600, 6))), 1, 5)
        >>> rows[:, 2] = np.clip(rows[:, 2] + group, 1, 5)
        >>> [one.item for one in item_bias(rows, group.tolist()) if one.is_biased()]
        [2]
    """
    check_level(level)
    rows, kept, missing = take_rows(matrix)
    if len(groups) != len(kept):
        raise InputError(f"{len(kept)} rows have {len(groups)} groups", remedy="give one group a row")
    names = list(dict.fromkeys(str(group) for group, there in zip(groups, kept, strict=True) if there))
    if len(names) < 2:
        raise InputError("one group cannot differ from another", remedy="give rows of two groups")
    mine = np.array([names.index(str(group)) for group, there in zip(groups, kept, strict=True) if there])
    codes = None if clusters is None else cluster_codes(len(kept), clusters, kept)
    flagged: set[int] = set()
    for _ in range(_ROUNDS):
        found = _test_all(rows, mine, len(names), codes, flagged, missing, correction, level)
        biased = {one.item for one in found if one.is_biased(1 - level)}
        if biased == flagged or len(biased) > rows.shape[1] - 2:
            break
        flagged = biased
    return found


def _test_all(
    rows: Floats,
    groups: NDArray[np.int64],
    count: int,
    codes: NDArray[np.int64] | None,
    flagged: set[int],
    missing: int,
    correction: Literal["holm", "bh"],
    level: float,
) -> list[ItemBias]:
    tested = []
    for item in range(rows.shape[1]):
        trusted = [column for column in range(rows.shape[1]) if column == item or column not in flagged]
        trait = rows[:, trusted].mean(axis=1)
        tested.append(_test_item(rows[:, item], trait, groups, count, codes, missing, level))
    adjust = holm if correction == "holm" else benjamini_hochberg
    adjusted = adjust([effect.p_value for effect, _, _ in tested])
    return [
        ItemBias(item, effect, p, explained, is_uniform)
        for item, ((effect, explained, is_uniform), p) in enumerate(zip(tested, adjusted, strict=True))
    ]


def _test_item(
    answers: Floats,
    trait: Floats,
    groups: NDArray[np.int64],
    count: int,
    codes: NDArray[np.int64] | None,
    missing: int,
    level: float,
) -> tuple[Estimate, float, bool]:
    from scipy.special import chdtrc, ndtri

    over = "" if codes is None else f", covariance over {int(codes.max()) + 1} clusters"
    method = f"ordinal logistic regression, log odds of the group at the same trait, Wald interval{over}"
    values, places = np.unique(answers, return_inverse=True)
    if len(values) < 2 or np.ptp(trait) == 0:
        note = "the item or the trait is constant"
        return undefined(note, n=len(answers), missing=missing, method=method), math.nan, True
    level_of = (trait - trait.mean()) / trait.std()
    dummies = np.column_stack([(groups == group).astype(float) for group in range(1, count)])
    alone = fit_ordinal(places, level_of[:, None], codes)
    shifted = fit_ordinal(places, np.column_stack([level_of, dummies]), codes)
    apart = [_fit_alone(places[groups == group], level_of[groups == group]) for group in range(count)]
    if not all(fit is not None and fit.is_converged for fit in (alone, shifted, *apart)):
        note = "a group or the trait tells answers apart without error: there is no estimate"
        return undefined(note, n=len(answers), missing=missing, method=method), math.nan, True
    fits = [fit for fit in apart if fit is not None]
    if codes is None:
        p_shift = float(chdtrc(count - 1, max(0.0, 2 * (shifted.log_likelihood - alone.log_likelihood))))
    else:
        p_shift = _wald(shifted.coefficients[1:], shifted.robust_covariance[1:, 1:])
    p_slope = _slopes_differ(fits, groups, codes)
    effects = shifted.coefficients[1:]
    largest = int(np.abs(effects).argmax())
    covariance = shifted.covariance if codes is None else shifted.robust_covariance
    error = math.sqrt(covariance[1 + largest, 1 + largest])
    half = float(ndtri((1 + level) / 2)) * error if count == 2 else math.nan
    value = float(effects[largest])
    free = replace(alone, log_likelihood=sum(fit.log_likelihood for fit in fits))
    explained = free.nagelkerke - alone.nagelkerke
    estimate = Estimate(
        value,
        value - half,
        value + half,
        len(answers),
        missing,
        level,
        method,
        p_value=min(1.0, 2 * min(p_shift, p_slope)),
        details={"p_shift": p_shift, "p_slope": p_slope, "explained": explained, "standard_error": error},
    )
    return estimate, explained, p_slope >= 1 - level


def _fit_alone(places: NDArray[np.int64], trait: Floats) -> OrdinalFit | None:
    """The regression within one group, on the answers that occur in it."""
    values, mine = np.unique(places, return_inverse=True)
    return fit_ordinal(mine, trait[:, None]) if len(values) > 1 and np.ptp(trait) > 0 else None


def _slopes_differ(fits: Sequence[OrdinalFit], groups: NDArray[np.int64], codes: NDArray[np.int64] | None) -> float:
    """Whether slopes of groups fitted apart differ, as a p value; clusters may have rows in several groups."""
    slopes = np.array([fit.coefficients[0] for fit in fits])
    if codes is None:
        covariance = np.diag([fit.covariance[0, 0] for fit in fits])
    else:
        units = int(codes.max()) + 1
        sums = np.zeros((units, len(fits)))
        for group, fit in enumerate(fits):
            np.add.at(sums[:, group], codes[groups == group], fit.influence[:, 0])
        covariance = sums.T @ sums * (units / max(units - 1, 1))
    contrast = np.hstack([-np.ones((len(fits) - 1, 1)), np.eye(len(fits) - 1)])
    return _wald(contrast @ slopes, contrast @ covariance @ contrast.T)


def _wald(values: Floats, covariance: Floats) -> float:
    from scipy.special import chdtrc

    return float(chdtrc(len(values), float(values @ np.linalg.pinv(covariance) @ values)))
