"""Draws of numbers. Most are made by inversion, one uniform number a person, so that bounds are kept exactly."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from personae.errors import InputError
from personae.population.draw import Amount, Draw, amounts, numbers_of
from personae.population.formula import read_formula

if TYPE_CHECKING:
    import numpy as np
    import polars as pl
    from numpy.typing import NDArray

_TINY = 1e-300
Decimals = Annotated[int, Field(ge=0, le=12)] | None


class Normal(Draw):
    """A normal number, within bounds if there are any; ``log`` draws its logarithm so, ``whole`` rounds it."""

    draw: Literal["normal"] = "normal"
    mean: Amount = 0.0
    sd: Amount = 1.0
    low: Amount | None = None
    high: Amount | None = None
    log: bool = False
    whole: bool = False
    decimals: Decimals = None

    @model_validator(mode="after")
    def _has_room(self) -> Self:
        _check_bounds(self.low, self.high)
        if isinstance(self.sd, float | int) and self.sd < 0:
            raise ValueError(f"sd {self.sd:g} is below 0")
        if self.log and isinstance(self.high, float | int) and self.high <= 0:
            raise ValueError(f"high {self.high:g} leaves nothing: what has a logarithm is above 0")
        return self

    def column(self, drawn: pl.DataFrame, rng: np.random.Generator) -> pl.Series:
        """Drawn by inversion within the bounds, so that nobody is drawn twice or heaped on a bound.

        Whole numbers stand for the unit around them: the bounds then reach half a unit further.
        """
        import numpy as np

        mean, sd = amounts(self.mean, drawn, "mean"), amounts(self.sd, drawn, "sd", least=0)
        low, high = _bounds(self.low, self.high, drawn)
        margin = 0.5 if self.whole else 0.0
        least, most = low - margin, high + margin
        if self.log:
            with np.errstate(divide="ignore", invalid="ignore"):
                least, most = np.log(np.maximum(least, 0)), np.log(most)
        values = _truncated(mean, sd, least, most, rng.random(drawn.height))
        return numbers_of(
            np.clip(_rounded(np.exp(values) if self.log else values, self.whole), low, high),
            whole=self.whole,
            decimals=self.decimals,
        )


class Uniform(Draw):
    """A number between two others; whole numbers include both ends."""

    draw: Literal["uniform"] = "uniform"
    low: Amount = 0.0
    high: Amount = 1.0
    whole: bool = False
    decimals: Decimals = None

    @model_validator(mode="after")
    def _has_room(self) -> Self:
        import math

        if isinstance(self.low, float | int) and isinstance(self.high, float | int):
            if self.low > self.high:
                raise ValueError(f"low {self.low:g} is above high {self.high:g}")
            if self.whole and math.ceil(self.low) > math.floor(self.high):
                raise ValueError(f"there is no whole number from {self.low:g} to {self.high:g}")
        return self

    def column(self, drawn: pl.DataFrame, rng: np.random.Generator) -> pl.Series:
        """Evenly drawn."""
        import numpy as np

        low, high = amounts(self.low, drawn, "low"), amounts(self.high, drawn, "high")
        if self.whole:
            low, high = np.ceil(low), np.floor(high) + 1.0
        if (low > high - self.whole).any():
            at = int(np.flatnonzero(low > high - self.whole)[0])
            raise InputError(
                f"nothing lies between {low[at]:g} and {high[at] - self.whole:g}", where="uniform", remedy="mend bounds"
            )
        values = low + (high - low) * rng.random(drawn.height)
        return numbers_of(np.minimum(np.floor(values), high - 1.0) if self.whole else values,
                          whole=self.whole, decimals=self.decimals)  # fmt: skip


class Poisson(Draw):
    """A count of events that come independently."""

    draw: Literal["poisson"] = "poisson"
    mean: Amount

    @model_validator(mode="after")
    def _is_a_mean(self) -> Self:
        if isinstance(self.mean, float | int) and not 0 <= self.mean <= _MOST_MEAN:
            raise ValueError(f"the mean {self.mean:g} is not 0 to {_MOST_MEAN:g}")
        return self

    def column(self, drawn: pl.DataFrame, rng: np.random.Generator) -> pl.Series:
        """Poisson numbers."""
        mean = amounts(self.mean, drawn, "mean", least=0, most=_MOST_MEAN)
        return _known(lambda given: rng.poisson(given), mean)


_MOST_MEAN = 1e6


class Bernoulli(Draw):
    """True with a probability, which may depend on others: ``p: "logistic(0.1 * {demographics.age} - 4)"``."""

    draw: Literal["bernoulli"] = "bernoulli"
    p: Amount

    @model_validator(mode="after")
    def _is_a_probability(self) -> Self:
        _check_probability(self.p)
        return self

    def column(self, drawn: pl.DataFrame, rng: np.random.Generator) -> pl.Series:
        """Truth values."""
        import numpy as np
        import polars as pl

        p = amounts(self.p, drawn, "p", least=0, most=1)
        found = pl.Series(rng.random(drawn.height) < p)
        return found.zip_with(pl.Series(~np.isnan(p)), pl.Series([None], dtype=pl.Boolean))


class Binomial(Draw):
    """How many of n tries succeed."""

    draw: Literal["binomial"] = "binomial"
    n: Amount
    p: Amount

    @model_validator(mode="after")
    def _counts(self) -> Self:
        if isinstance(self.n, float | int) and not (0 <= self.n <= _MOST_TRIES and self.n == int(self.n)):
            raise ValueError(f"n = {self.n:g} is no whole number of 0 to {_MOST_TRIES}")
        _check_probability(self.p)
        return self

    def column(self, drawn: pl.DataFrame, rng: np.random.Generator) -> pl.Series:
        """Binomial counts."""
        import numpy as np

        n = np.floor(amounts(self.n, drawn, "n", least=0, most=_MOST_TRIES))
        p = amounts(self.p, drawn, "p", least=0, most=1)
        return _known(lambda tries, chance: rng.binomial(tries.astype(np.int64), chance), n, p)


_MOST_TRIES = 1_000_000_000

DISTRIBUTIONS = (
    "arcsine", "beta", "binom", "burr12", "cauchy", "chi2", "expon", "f", "fisk", "gamma", "gengamma", "genextreme",
    "genpareto", "geom", "gompertz", "gumbel_l", "gumbel_r", "halfcauchy", "halfnorm", "hypergeom", "invgamma",
    "invgauss", "johnsonsb", "johnsonsu", "laplace", "logistic", "lognorm", "loguniform", "lomax", "maxwell",
    "nakagami", "nbinom", "norm", "pareto", "poisson", "powerlaw", "randint", "rayleigh", "skewnorm", "t", "trapezoid",
    "triang", "truncexpon", "uniform", "weibull_max", "weibull_min",
)  # fmt: skip
"""Distributions of scipy.stats whose quantiles are found fast enough for a million people."""


class Distribution(Draw):
    """A number from a distribution of ``scipy.stats``, by its name and parameters, within bounds if there are any."""

    draw: Literal["scipy"] = "scipy"
    distribution: str
    parameters: Mapping[str, float] = Field(default_factory=dict)
    low: float | None = None
    high: float | None = None
    whole: bool = False
    decimals: Decimals = None

    @model_validator(mode="after")
    def _is_a_distribution(self) -> Self:
        import difflib

        import numpy as np

        if self.distribution not in DISTRIBUTIONS:
            close = difflib.get_close_matches(self.distribution, DISTRIBUTIONS, n=1)
            known = f"did you mean {close[0]!r}?" if close else f"use one of {', '.join(DISTRIBUTIONS)}"
            raise ValueError(f"{self.distribution!r} is no distribution that is drawn; {known}")
        _check_bounds(self.low, self.high)
        shapes = self._shapes()
        if lacking := [name for name in shapes if name not in self.parameters]:
            raise ValueError(f"{self.distribution} needs {', '.join(lacking)}")
        with np.errstate(all="ignore"):
            middle, (least, most) = self._frozen().ppf(0.5), self._frozen().support()
        if not np.isfinite(middle) or np.isnan(least) or np.isnan(most):
            raise ValueError(f"{self.distribution} cannot have the parameters {dict(self.parameters)}")
        if (self.low is not None and self.low > most) or (self.high is not None and self.high < least):
            raise ValueError(f"nothing of {self.distribution} lies within the bounds: it is {least:g} to {most:g}")
        return self

    def _shapes(self) -> tuple[str, ...]:
        from scipy import stats

        told = getattr(stats, self.distribution).shapes
        return tuple(name.strip() for name in told.split(",")) if told else ()

    def _frozen(self) -> Any:
        from scipy import stats

        kind = getattr(stats, self.distribution)
        known = (*self._shapes(), "loc", *(("scale",) if isinstance(kind, stats.rv_continuous) else ()))
        if strange := [name for name in self.parameters if name not in known]:
            raise ValueError(f"{self.distribution} has no {strange[0]!r}; it has {', '.join(known)}")
        return kind(**self.parameters)

    def column(self, drawn: pl.DataFrame, rng: np.random.Generator) -> pl.Series:
        """Quantiles of uniform numbers between the probabilities of the bounds."""
        import numpy as np
        from scipy import stats

        frozen = self._frozen()
        is_count = not isinstance(getattr(stats, self.distribution), stats.rv_continuous)
        least = 0.0 if self.low is None else float(frozen.cdf(np.ceil(self.low) - 1 if is_count else self.low))
        most = 1.0 if self.high is None else float(frozen.cdf(self.high))
        if not most > least:
            raise InputError(f"nothing of {self.distribution} lies within the bounds", where="scipy", remedy="widen")
        u = np.clip(least + (most - least) * rng.random(drawn.height), _TINY, 1 - 1e-16)
        with np.errstate(all="ignore"):
            values = np.asarray(frozen.ppf(u), dtype=np.float64)
        if self.low is not None or self.high is not None:
            values = np.clip(values, self.low, self.high)
        return numbers_of(values, whole=self.whole or is_count, decimals=self.decimals)


class Linear(Draw):
    """A number that depends on others: ``intercept + sum of slope x column + normal noise of sd``."""

    draw: Literal["linear"] = "linear"
    intercept: float = 0.0
    slopes: Annotated[Mapping[str, float], Field(min_length=1)]
    sd: Annotated[float, Field(ge=0)] = 0.0
    low: float | None = None
    high: float | None = None
    whole: bool = False
    decimals: Decimals = None

    def needs(self) -> tuple[str, ...]:
        """The columns it depends on."""
        return tuple(self.slopes)

    def column(self, drawn: pl.DataFrame, rng: np.random.Generator) -> pl.Series:
        """The sum; bounds are hard, and values beyond them are set on them. Empty where a column is."""
        import numpy as np

        values = np.full(drawn.height, self.intercept)
        for column, slope in self.slopes.items():
            if not drawn.schema[column].is_numeric():
                raise InputError("is no number", where=column, remedy="a linear field depends on numbers; use cases")
            values = values + slope * drawn[column].cast(float).to_numpy()
        values = values + self.sd * rng.standard_normal(drawn.height)
        if self.low is not None or self.high is not None:
            values = np.clip(values, self.low, self.high)
        return numbers_of(values, whole=self.whole, decimals=self.decimals)


class Worked(Draw):
    """What follows from other fields without chance, such as ``{extensions.income} / {extensions.household}``.

    The grammar is that of :mod:`personae.population.formula`.
    """

    draw: Literal["formula"] = "formula"
    formula: str
    whole: bool = False
    decimals: Decimals = None

    @model_validator(mode="after")
    def _is_a_formula(self) -> Self:
        read_formula(self.formula)
        return self

    def needs(self) -> tuple[str, ...]:
        """The fields in its braces."""
        return read_formula(self.formula).columns

    def column(self, drawn: pl.DataFrame, rng: np.random.Generator) -> pl.Series:
        """Worked out for everybody."""
        found = read_formula(self.formula).of(drawn)
        if (self.whole or self.decimals is not None) and not found.dtype.is_numeric():
            raise InputError(f"{self.formula!r} gives no numbers to round", where="formula", remedy="leave it as it is")
        if self.whole or self.decimals is not None:
            return numbers_of(found.cast(float).to_numpy(), whole=self.whole, decimals=self.decimals)
        return found


def _check_bounds(low: float | str | None, high: float | str | None) -> None:
    if isinstance(low, float | int) and isinstance(high, float | int) and low >= high:
        raise ValueError(f"low {low:g} is not below high {high:g}")


def _check_probability(p: float | str) -> None:
    if isinstance(p, float | int) and not 0 <= p <= 1:
        raise ValueError(f"p = {p:g} is no probability")


def _bounds(
    low: float | str | None, high: float | str | None, drawn: pl.DataFrame
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    import numpy as np

    found = (
        amounts(-np.inf if low is None else low, drawn, "low"),
        amounts(np.inf if high is None else high, drawn, "high"),
    )
    if (found[0] > found[1]).any():
        at = int(np.flatnonzero(found[0] > found[1])[0])
        raise InputError(f"low {found[0][at]:g} is above high {found[1][at]:g}", where="bounds", remedy="mend them")
    return found


def _truncated(
    mean: NDArray[np.float64],
    sd: NDArray[np.float64],
    low: NDArray[np.float64],
    high: NDArray[np.float64],
    u: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Normal numbers between bounds; in the far upper tail by its mirror image, as 1 - 1e-20 is 1."""
    import numpy as np
    from scipy.special import ndtr, ndtri

    scale = np.where(sd > 0, sd, 1.0)
    below, above = (low - mean) / scale, (high - mean) / scale
    is_upper = below > 0
    first, last = np.where(is_upper, -above, below), np.where(is_upper, -below, above)
    least, most = ndtr(first), ndtr(last)
    lost = (most <= least) & (sd > 0)
    if lost.any():
        at = int(np.flatnonzero(lost)[0])
        raise InputError(
            f"nothing of a normal of mean {mean[at]:g} and SD {sd[at]:g} lies between {low[at]:g} and {high[at]:g}",
            where="bounds",
            remedy="move the bounds or the mean",
        )
    share = np.where(is_upper, 1.0 - u, u)
    z = ndtri(np.clip(least + (most - least) * share, _TINY, 1 - 1e-16))
    values: NDArray[np.float64] = mean + sd * np.where(is_upper, -z, z)
    return np.clip(values, low, high)


def _rounded(values: NDArray[np.float64], whole: bool) -> NDArray[np.float64]:
    import numpy as np

    return np.rint(values) if whole else values


def _known(draw: Any, *given: NDArray[np.float64]) -> pl.Series:
    """Counts where all parameters are known, nothing where one is empty."""
    import numpy as np

    is_known = ~np.isnan(np.sum(given, axis=0))
    counts = draw(*(np.where(is_known, one, 0.0) for one in given))
    return numbers_of(np.where(is_known, counts, np.nan), whole=True)
