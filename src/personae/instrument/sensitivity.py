"""How often an answer depends on how it was asked: the three rates of TRAIT (Lee et al., 2025), with intervals.

An answer that changes with the template or with the order of its options says nothing about the respondent. Asking the
same again changes answers too where sampling is warm: read the rates beside :func:`repeat_sensitivity`.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from personae.errors import InputError
from personae.stats import Estimate, cluster_mean, proportion

Floats = NDArray[np.float64]
Counted = Literal["any", "pairs"]
"""``any``: an item is sensitive if its decisions are not all the same, as published. ``pairs``: the share of pairs of
askings that disagree, which does not grow with the number of askings."""

REFUSED = frozenset({"refused", "unparsed", "empty"})
"""Statuses without a decision, of a reply that did come. TRAIT counts each of them as a refusal."""


def refusal_rate(statuses: Iterable[str], *, strict: bool = False) -> Estimate:
    """Share of askings that gave no decision.

    Args:
        statuses: One status an asking. Failed calls are missing: the model did not decline.
        strict: Whether only what was read as a refusal counts; else everything without a usable option does, as
            published.

    Example:
        >>> refusal_rate(["ok", "refused", "unparsed", "ok", "failed"]).estimate
        0.5
        >>> refusal_rate(["ok", "refused", "unparsed", "ok"], strict=True).estimate
        0.25
    """
    every = list(statuses)
    came = [status for status in every if status != "failed"]
    counted = frozenset({"refused"}) if strict else REFUSED
    return proportion(sum(status in counted for status in came), len(came), missing=len(every) - len(came))


def prompt_sensitivity(
    decisions: ArrayLike, *, counted: Counted = "any", clusters: Sequence[object] | None = None
) -> Estimate:
    """Share of items whose decision changes between templates.

    Args:
        decisions: Items by templates: a code of what was decided (high or low, or the option), NaN where nothing was.
            An item with fewer than two decisions is missing.
        counted: What makes an item sensitive.
        clusters: Whose item each row is, where several respondents' items are stacked. The interval then takes whole
            respondents; else it is Wilson's over items.

    Raises:
        InputError: If it is no matrix, or there is not one cluster a row.

    Example:
        >>> prompt_sensitivity([[1, 1, 1], [1, 0, 1], [0, 0, 0], [1, 1, np.nan]]).estimate
        0.25
        >>> round(prompt_sensitivity([[1, 1, 1], [1, 0, 1]], counted="pairs").estimate, 3)
        0.333
    """
    shares = _disagreement(decisions, counted)
    return _rate(shares, counted, clusters, "decision differs between templates")


def order_sensitivity(usual: ArrayLike, swapped: ArrayLike, *, clusters: Sequence[object] | None = None) -> Estimate:
    """Share of items whose decision changes when their options change places.

    Decisions are what the option means and not its letter: an answer that follows the content stays the same.

    Args:
        usual: One decision an item; NaN where there is none.
        swapped: The decisions with the options in the other order.
        clusters: Whose item each is.

    Raises:
        InputError: If the two differ in length.

    Example:
        >>> order_sensitivity([1, 1, 0, 0], [1, 0, 0, 0]).estimate
        0.25
    """
    pair = _pair(usual, swapped)
    return _rate(_disagreement(pair, "any"), "any", clusters, "decision differs with the order of options")


def repeat_sensitivity(first: ArrayLike, again: ArrayLike, *, clusters: Sequence[object] | None = None) -> Estimate:
    """Share of items whose decision changes when nothing does: what the other rates have to exceed.

    Raises:
        InputError: If the two differ in length.
    """
    return _rate(_disagreement(_pair(first, again), "any"), "any", clusters, "decision differs when asked again")


def order_symmetry(positions: ArrayLike, options: int, *, missing: int = 0) -> Estimate:
    """How far the places of chosen options are from even, when every option was shown at every place equally often.

    The total variation distance ``½ Σ |share of place - 1/k|``: 0 if places are chosen evenly, ``1 - 1/k`` if one place
    always is. p by the chi-squared test of even places; delta-method interval. Few choices are never quite even, so
    that some distance is chance: p says whether a place is preferred.

    When to use: over fully rotated orders. Where one order was shown, content and place cannot be told apart.

    Args:
        positions: Place of each chosen option, from 0.
        options: How many places there are.
        missing: Askings without a choice.

    Raises:
        InputError: If a place does not exist.

    Example:
        >>> order_symmetry([0] * 30 + [1] * 10, 2).estimate
        0.25
    """
    from scipy.stats import chisquare, norm

    places = np.asarray(positions, dtype=np.int64)
    if options < 2 or (len(places) and (places.min() < 0 or places.max() >= options)):
        raise InputError("a place lies outside of the options", remedy=f"places run from 0 to {options - 1}")
    method = "total variation distance from even places, delta-method interval; chi-squared test"
    n = len(places)
    if n == 0:
        return Estimate(math.nan, math.nan, math.nan, 0, missing, method=method, note="nothing was chosen")
    shares = np.bincount(places, minlength=options) / n
    signs = np.sign(shares - 1 / options)
    distance = float(np.abs(shares - 1 / options).sum() / 2)
    spread = float(signs @ (np.diag(shares) - np.outer(shares, shares)) @ signs) / 4
    half = float(norm.ppf(0.975)) * math.sqrt(max(spread, 0.0) / n)
    p = float(chisquare(shares * n).pvalue)
    bounds = max(0.0, distance - half), min(1 - 1 / options, distance + half)
    return Estimate(distance, *bounds, n, missing, method=method, p_value=p)


def _pair(first: ArrayLike, second: ArrayLike) -> Floats:
    a, b = np.asarray(first, dtype=np.float64).ravel(), np.asarray(second, dtype=np.float64).ravel()
    if len(a) != len(b):
        raise InputError(f"{len(a)} decisions are paired with {len(b)}", remedy="give one an item; NaN is none")
    return np.column_stack([a, b])


def _disagreement(decisions: ArrayLike, counted: Counted) -> Floats:
    """For each item, whether or how much its decisions disagree; NaN below two decisions."""
    given = np.asarray(decisions, dtype=np.float64)
    if given.ndim != 2:
        raise InputError(f"{given.ndim} dimensions are no matrix", remedy="give a row an item, a column a template")
    found = np.full(len(given), np.nan)
    for row, values in enumerate(given):
        known = values[np.isfinite(values)]
        if len(known) < 2:
            continue
        _, counts = np.unique(known, return_counts=True)
        pairs = len(known) * (len(known) - 1) / 2
        same = float((counts * (counts - 1) / 2).sum())
        found[row] = float(len(counts) > 1) if counted == "any" else 1.0 - same / pairs
    return found


def _rate(shares: Floats, counted: Counted, clusters: Sequence[object] | None, what: str) -> Estimate:
    known = shares[np.isfinite(shares)]
    conventions = (f"counted={counted}",)
    if clusters is None and counted == "any":
        found = proportion(int(known.sum()), len(known), missing=len(shares) - len(known))
        return replace(found, method=f"share of items whose {what}, Wilson interval", conventions=conventions)
    units = clusters if clusters is not None else list(range(len(shares)))
    found = cluster_mean(shares, units)
    unit = "items" if clusters is None else "respondents"
    return replace(
        found,
        low=max(found.low, 0.0) if np.isfinite(found.low) else found.low,
        high=min(found.high, 1.0) if np.isfinite(found.high) else found.high,
        p_value=None,
        method=f"share of items whose {what}, t interval over {unit}",
        conventions=conventions,
    )
