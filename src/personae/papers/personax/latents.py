"""Latents that several measurements of a modality share, and which modalities hang together.

The setting of the paper's second level: each of three modalities (traits, face, life) has latents of its own and is
measured several times, by raters or encoders; every measurement mixes the shared latents with private ones, in no
linear way. What two measurements have in common is the shared part, up to an invertible map.

The estimator here is classical: random Fourier features of each measurement, and generalised canonical correlation
(MAXVAR; Kettenring, 1971) of the measurements of a modality. It stands for the paper's neural encoders, which it does
not reproduce, and needs no accelerator. The control takes the principal components of one measurement alone.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass

import numpy as np

from personae.stats.samples import Floats

_SHARED = 2
_PRIVATE = 2
_SEEN = 8
_FEATURES = 120
_RIDGE = 0.05
_EDGE_ALPHA = 0.01


@dataclass(frozen=True, slots=True)
class Measured:
    """Synthetic data whose latents are known."""

    latents: tuple[Floats, ...]
    """By modality: units by shared latents."""
    views: tuple[tuple[Floats, ...], ...]
    """By modality: its measurements."""
    edges: frozenset[tuple[int, int]]
    """Modalities of which one causes the other."""


def synthesise(n: int, rng: np.random.Generator, *, modalities: int = 3, measurements: int = 3) -> Measured:
    """Draw data of a chain of modalities: the first causes the second, the second the third.

    Args:
        n: Units.
        rng: Source of everything.
        modalities: How many.
        measurements: Of each modality.
    """
    latents: list[Floats] = [rng.normal(size=(n, _SHARED))]
    edges = set()
    for number in range(1, modalities):
        turn = np.linalg.qr(rng.normal(size=(_SHARED, _SHARED)))[0]
        latents.append(0.7 * latents[-1] @ turn + math.sqrt(1 - 0.49) * rng.normal(size=(n, _SHARED)))
        edges.add((number - 1, number))
    views = tuple(tuple(_measure(latent, rng) for _ in range(measurements)) for latent in latents)
    return Measured(tuple(latents), views, frozenset(edges))


def _measure(latent: Floats, rng: np.random.Generator) -> Floats:
    """One measurement: a random network with one bend over shared and private latents, and noise."""
    both = np.hstack([latent, rng.normal(size=(len(latent), _PRIVATE))])
    width = both.shape[1]
    turned = both @ rng.normal(size=(width, _SEEN)) / math.sqrt(width)
    bent = np.where(turned > 0, turned, 0.4 * turned) + 0.3 * np.tanh(2 * turned)
    seen: Floats = bent @ rng.normal(size=(_SEEN, _SEEN)) / math.sqrt(_SEEN)
    return seen + 0.05 * rng.normal(size=seen.shape)


def shared_latents(views: tuple[Floats, ...], rng: np.random.Generator, *, count: int = _SHARED) -> Floats:
    """What the measurements of one modality have in common: MAXVAR on linear and random Fourier features.

    Args:
        views: Measurements of the same units.
        rng: Draws the features.
        count: How many latents.
    """
    parts = []
    for view in views:
        features = _features(view, rng)
        gram = features.T @ features / len(view)
        ridge = gram + _RIDGE * float(np.trace(gram)) / len(gram) * np.eye(len(gram))
        parts.append(np.linalg.solve(np.linalg.cholesky(ridge), features.T).T)
    # The leading left singular vectors are those of the sum of all projections.
    vectors = np.linalg.svd(np.hstack(parts), full_matrices=False)[0]
    found: Floats = vectors[:, :count] * math.sqrt(len(vectors))
    return found


def one_view(view: Floats, *, count: int = _SHARED) -> Floats:
    """Principal components of one measurement: the control, in which shared and private latents are mixed."""
    centred = view - view.mean(axis=0)
    left, values, _ = np.linalg.svd(centred, full_matrices=False)
    found: Floats = left[:, :count] * values[:count]
    return found


def _features(view: Floats, rng: np.random.Generator) -> Floats:
    scaled = (view - view.mean(axis=0)) / view.std(axis=0)
    turned = scaled @ (rng.normal(size=(scaled.shape[1], _FEATURES)) / math.sqrt(2.0 * scaled.shape[1]))
    features = np.hstack([scaled, np.cos(turned + rng.uniform(0.0, 2.0 * math.pi, _FEATURES))])
    centred: Floats = features - features.mean(axis=0)
    return centred


def r_squared(true: Floats, found: Floats) -> float:
    """Share of the variance of true latents that a linear map of found ones explains, on the other half of the units.

    Example:
        >>> x = np.random.default_rng(0).normal(size=(100, 2))
        >>> round(r_squared(x, x @ np.array([[1.0, 2.0], [0.0, 1.0]])), 6)
        1.0
    """
    half = len(true) // 2
    design = np.column_stack([found, np.ones(len(found))])
    weights = np.linalg.lstsq(design[:half], true[:half], rcond=None)[0]
    left = true[half:] - design[half:] @ weights
    spread = true[half:] - true[half:].mean(axis=0)
    return float(1.0 - (left**2).sum() / (spread**2).sum())


def mean_correlation(true: Floats, found: Floats) -> float:
    """MCC: mean absolute correlation of latents with those that they are matched with, one to one.

    A rotation lowers it: only methods that identify single components reach 1.
    """
    from scipy.optimize import linear_sum_assignment

    size = true.shape[1]
    table = np.abs(np.corrcoef(true.T, found.T)[:size, size:])
    rows, columns = linear_sum_assignment(-table)
    return float(table[rows, columns].mean())


def find_edges(latents: tuple[Floats, ...], alpha: float = _EDGE_ALPHA) -> frozenset[tuple[int, int]]:
    """Pairs of modalities that hang together given all others: Bartlett's test of partial canonical correlations."""
    from scipy.stats import chi2

    found = set()
    for a, b in itertools.combinations(range(len(latents)), 2):
        others = [latent for number, latent in enumerate(latents) if number not in (a, b)]
        x, y = (_residual(latents[number], others) for number in (a, b))
        qx, qy = np.linalg.qr(x)[0], np.linalg.qr(y)[0]
        canonical = np.clip(np.linalg.svd(qx.T @ qy, compute_uv=False), 0.0, 1.0 - 1e-12)
        n, p, q = len(x), x.shape[1], y.shape[1]
        given = sum(other.shape[1] for other in others)
        statistic = -(n - 1 - given - (p + q + 1) / 2) * float(np.log1p(-(canonical**2)).sum())
        if float(chi2.sf(statistic, p * q)) < alpha and float((canonical**2).max()) > 0.02:
            found.add((a, b))
    return frozenset(found)


def _residual(latent: Floats, others: list[Floats]) -> Floats:
    centred: Floats = latent - latent.mean(axis=0)
    if not others:
        return centred
    design = np.hstack(others) - np.hstack(others).mean(axis=0)
    left: Floats = centred - design @ np.linalg.lstsq(design, centred, rcond=None)[0]
    return left


def try_recovery(n: int, rng: np.random.Generator) -> dict[str, float]:
    """Draw one data set, recover its latents, and say how well: R2 and MCC, the control, and the edges found."""
    data = synthesise(n, rng)
    found = tuple(shared_latents(views, rng) for views in data.views)
    pairs = list(zip(data.latents, found, strict=True))
    edges = find_edges(found)
    hits = len(edges & data.edges)
    return {
        "r2": float(np.mean([r_squared(true, own) for true, own in pairs])),
        "mcc": float(np.mean([mean_correlation(true, own) for true, own in pairs])),
        "r2_one_view": float(
            np.mean([r_squared(true, one_view(views[0])) for true, views in zip(data.latents, data.views, strict=True)])
        ),
        "edge_precision": hits / len(edges) if edges else math.nan,
        "edge_recall": hits / len(data.edges),
    }
