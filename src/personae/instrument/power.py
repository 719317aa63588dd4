"""Power and sample size: how many people it takes, found by asking simulated ones.

The people are drawn, put into prompts and asked through the whole chain, by a simulated respondent with the noise and
the biases that are expected of the real one; what reaches the scores is therefore less than what was planted.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from personae.errors import InputError
from personae.instrument.administration import Administration, administer
from personae.instrument.questionnaire import Instrument
from personae.instrument.scoring import answer_matrix, score_traits
from personae.model import Model, Sampling
from personae.persona import Persona, render
from personae.stats import Estimate, proportion

Floats = NDArray[np.float64]
Kind = Literal["d", "r"]
"""``d``: two groups whose trait differs by so many SD. ``r``: a measure that correlates so much with the trait."""
SIZES = (10, 15, 20, 30, 40, 50, 75, 100, 150, 200, 300, 400, 500, 750, 1000, 1500, 2000, 3000, 5000)
MOST_POOL = 2000


@dataclass(frozen=True, slots=True)
class Pool:
    """Simulated people: their traits and the scores that came back."""

    traits: Floats
    scores: Floats
    """Mean over repeats; NaN where nothing could be scored."""
    reliability: float
    """Squared correlation of trait and score: what of a trait reaches a score."""


@dataclass(frozen=True, slots=True)
class PowerPlan:
    """How likely an effect is to be found, by number of people."""

    kind: Kind
    effect: float
    alpha: float
    """Of a single test, after the correction for all that are planned."""
    wanted: float
    powers: tuple[tuple[int, Estimate], ...]
    """By n: of each group for ``d``, in all for ``r``. Intervals are Monte Carlo."""
    needed: int | None
    """Least n of those tried whose power is the wanted one; none if no n reaches it."""
    false_alarms: Estimate
    """Share of rejections with no effect, at the largest n: close to alpha if the test holds its level."""
    reliability: float
    observed_effect: float
    """What the planted effect comes to in scores: smaller, as scores are noisy."""


async def ask_pool(
    model: Model,
    instrument: Instrument,
    trait: str,
    count: int,
    *,
    rng: np.random.Generator,
    repeats: int = 1,
    shift: float = 0.0,
    renderer: str = "second-person",
    how: Administration = Administration(),  # noqa: B008  # frozen
    temperature: float = 0.7,
) -> Pool:
    """Draw people whose trait is normal around ``shift`` and ask each of them.

    Args:
        model: Who plays them, as a rule ``sim`` with its noise and biases set.
        instrument: What is asked.
        trait: Trait that varies and is scored.
        count: How many people.
        rng: Source of the traits.
        repeats: Times each is asked; scores are averaged.
        shift: Mean of the trait, in SD.
        renderer: How a trait is put into words.
        how: The administration.
        temperature: Of sampling.

    Raises:
        InputError: If the instrument does not measure the trait.
    """
    import polars as pl
    from scipy.special import ndtri

    # Evenly spaced quantiles: a pool whose own mean and spread are off would be off in every study drawn from it.
    traits = shift + rng.permutation(ndtri((np.arange(count) + 0.5) / count))
    rows: list[list[int | None]] = []
    for number, z in enumerate(traits):
        system = render(Persona(id=f"pool-{number}", traits={trait: float(np.clip(z, -3, 3))}), renderer).text
        for repeat in range(repeats):
            sampling = Sampling(temperature=temperature, seed=1 + number * repeats + repeat)
            given = await administer(instrument, model, how, system=system, sampling=sampling, rng=rng)
            rows.append(given.values)
    matrix = answer_matrix(pl.DataFrame({"answers": rows}), instrument)
    try:
        each = score_traits(matrix, instrument, [trait])[trait].reshape(count, repeats)
    except KeyError as error:
        raise InputError(
            f"does not measure {trait}", where=instrument.key, remedy="name a trait of its scales"
        ) from error
    known = np.isfinite(each).sum(axis=1)
    scores = np.divide(np.nansum(each, axis=1), known, out=np.full(count, np.nan), where=known > 0)
    both = np.isfinite(scores)
    spread = both.sum() > 2 and scores[both].std() > 0
    r = float(np.corrcoef(traits[both], scores[both])[0, 1]) if spread else math.nan
    return Pool(traits, scores, r**2)


def plan_power(
    kind: Kind,
    effect: float,
    first: Pool,
    second: Pool | None = None,
    *,
    rng: np.random.Generator,
    alpha: float = 0.05,
    tests: int = 1,
    wanted: float = 0.8,
    simulations: int = 2000,
    sizes: Sequence[int] = SIZES,
) -> PowerPlan:
    """Power of a two-sided test by number of people, by drawing studies from pools of simulated people.

    ``d``: Welch's test of two groups of n. ``r``: the t test of a Pearson correlation over n people of score and a
    measure that correlates ``effect`` with the trait. ``alpha / tests`` is the level of each test (Bonferroni, the
    first step of Holm). Studies are drawn with replacement: power at an n that is not small beside the pool is that of
    a population which the pool stands for, and shares its error.

    Args:
        kind: What kind of effect.
        effect: Its size in the trait.
        first: People without the shift.
        second: People whose trait is shifted by ``effect``; for ``d``.
        rng: Source of the studies.
        alpha: Level of all tests together.
        tests: How many tests are planned in the family.
        wanted: Power that is asked for.
        simulations: Studies for each n.
        sizes: Numbers of people that are tried, rising.

    Raises:
        InputError: If a number is out of range, or ``d`` has no second pool.
    """
    _check(kind, effect, second, alpha, tests, wanted, simulations)
    level = alpha / tests
    powers: list[tuple[int, Estimate]] = []
    needed = None
    for n in sizes:
        power = _share(_reject(kind, effect, first, second, n, level, simulations, rng), simulations)
        powers.append((n, power))
        if power.estimate >= wanted:
            needed = n
            break
    largest = powers[-1][0]
    nothing = _reject(kind, 0.0, first, first if kind == "d" else None, largest, level, simulations, rng)
    return PowerPlan(
        kind,
        effect,
        level,
        wanted,
        tuple(powers),
        needed,
        _share(nothing, simulations),
        first.reliability,
        _observed(kind, effect, first, second),
    )


def _check(
    kind: Kind, effect: float, second: Pool | None, alpha: float, tests: int, wanted: float, simulations: int
) -> None:
    if kind == "r" and not 0 < abs(effect) < 1:
        raise InputError(f"r={effect} is no correlation to look for", remedy="give a number between 0 and 1")
    if kind == "d" and (effect == 0 or second is None):
        raise InputError("a difference needs two groups that differ", remedy="give an effect and both pools")
    if not (0 < alpha < 1 and 0 < wanted < 1 and tests >= 1 and simulations >= 100):
        raise InputError(
            "alpha, power, tests or simulations are out of range", remedy="as alpha .05, power .8, tests 1"
        )


def _reject(
    kind: Kind,
    effect: float,
    first: Pool,
    second: Pool | None,
    n: int,
    level: float,
    simulations: int,
    rng: np.random.Generator,
) -> int:
    """How many of the simulated studies reject."""
    from scipy.special import stdtr

    rejected = 0
    for start in range(0, simulations, 500):
        count = min(500, simulations - start)
        if kind == "d" and second is not None:
            a, b = (
                _known(pool.scores)[rng.integers(len(_known(pool.scores)), size=(count, n))] for pool in (first, second)
            )
            va, vb = a.var(axis=1, ddof=1) / n, b.var(axis=1, ddof=1) / n
            both = va + vb
            t = np.divide(b.mean(axis=1) - a.mean(axis=1), np.sqrt(both), out=np.zeros(count), where=both > 0)
            df = np.divide(both**2, (va**2 + vb**2) / (n - 1), out=np.full(count, n - 1.0), where=both > 0)
        else:
            usable = np.flatnonzero(np.isfinite(first.scores))
            chosen = usable[rng.integers(len(usable), size=(count, n))]
            z = (first.traits - first.traits.mean()) / first.traits.std()
            measure = effect * z[chosen] + math.sqrt(1 - effect**2) * rng.normal(size=(count, n))
            r = _correlations(first.scores[chosen], measure)
            t = r * np.sqrt((n - 2) / np.clip(1 - r**2, 1e-12, None))
            df = np.full(count, n - 2.0)
        rejected += int((2 * stdtr(df, -np.abs(t)) < level).sum())
    return rejected


def _correlations(a: Floats, b: Floats) -> Floats:
    x, y = a - a.mean(axis=1, keepdims=True), b - b.mean(axis=1, keepdims=True)
    size = np.sqrt((x**2).sum(axis=1) * (y**2).sum(axis=1))
    found: Floats = np.divide((x * y).sum(axis=1), size, out=np.zeros(len(a)), where=size > 0)
    return found


def _share(rejected: int, simulations: int) -> Estimate:
    return replace(
        proportion(rejected, simulations), method=f"share of {simulations} simulated studies, Wilson interval"
    )


def _observed(kind: Kind, effect: float, first: Pool, second: Pool | None) -> float:
    if kind == "r" or second is None:
        return effect * math.sqrt(first.reliability)
    a, b = _known(first.scores), _known(second.scores)
    spread = math.sqrt((float(a.var(ddof=1)) + float(b.var(ddof=1))) / 2)
    return float(b.mean() - a.mean()) / spread if spread > 0 else math.nan


def _known(scores: Floats) -> Floats:
    known: Floats = scores[np.isfinite(scores)]
    return known
