"""A Gaussian copula: new people with the margins of the data and its dependence, numbers and categories alike.

Every column is seen as a standard normal that was bent (numbers) or cut (categories). The correlations of these normals
are estimated pair by pair (normal scores, polyserial, polychoric), new ones are drawn, and bent or cut back.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from personae.canonical import content_hash
from personae.errors import InputError
from personae.persona import Provenance
from personae.population.fields import RESERVED, WEIGHT, check_column
from personae.population.microdata import checked_weights
from personae.population.source import Block
from personae.stats.latent_correlation import (
    nearest_correlation,
    normal_cdf,
    normal_scores,
    polychoric,
    polyserial,
    thresholds_of,
    weighted_correlation,
)

if TYPE_CHECKING:
    import polars as pl
    from numpy.typing import NDArray

_TAIL = 10.0 ** np.linspace(-3, -6, 61)[1:]
LEVELS = np.unique(np.concatenate([np.linspace(0.0, 1.0, 1001), _TAIL, 1.0 - _TAIL]))
"""Where quantiles of numbers are kept: thousandths, and twenty a power of ten in the tails, where incomes are long."""
_MOST_CATEGORIES = 200
_FEW_VALUES = 20
"""A number of so few values is a rating or a count, each value as frequent as it is."""
_HEAP = 0.05
"""A share of people at one value from which ranks say too little: incomes of 0."""


@dataclass(frozen=True, slots=True)
class Margin:
    """How one column is distributed by itself: quantiles of numbers, or categories in order with their shares."""

    column: str
    quantiles: tuple[float, ...] = ()
    is_whole: bool = False
    values: tuple[str | bool | int | float, ...] = ()
    shares: tuple[float, ...] = ()

    @property
    def is_number(self) -> bool:
        """Whether it is bent rather than cut."""
        return bool(self.quantiles)

    def of_normal(self, z: NDArray[np.float64]) -> pl.Series:
        """Values of this column for standard normal scores."""
        import polars as pl

        if not self.is_number:
            codes = np.searchsorted(thresholds_of(self.shares), z, side="right")
            return pl.Series(self.column, list(self.values)).gather(codes)
        found = self.at(normal_cdf(z))
        return pl.Series(self.column, np.rint(found).astype(np.int64) if self.is_whole else found)

    def at(self, share: NDArray[np.float64]) -> NDArray[np.float64]:
        """The number that so large a share of people are below."""
        levels = LEVELS if len(self.quantiles) == len(LEVELS) else np.linspace(0.0, 1.0, len(self.quantiles))
        return np.asarray(np.interp(share, levels, np.array(self.quantiles)), dtype=np.float64)


@dataclass(frozen=True)
class CopulaSource:
    """Draws new people from margins and a correlation matrix of the normals behind them.

    When to use: when the data are few or may not be copied row by row, and pairwise dependence is what matters. What it
    does not have: dependence beyond pairs (use :class:`MicrodataSource`), and combinations that cannot be are not
    forbidden (a child may be retired: use a recipe with ``reject``).

    Args:
        margins: One a column.
        correlation: Of the normals, in the order of the margins.
        name: What it was fitted to, for the source of each field.
        licence: Terms of the data.

    Raises:
        InputError: If the matrix is no correlation matrix of these columns.
    """

    margins: Sequence[Margin]
    correlation: NDArray[np.float64]
    name: str = "copula"
    licence: str = ""
    size: int | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        matrix = np.asarray(self.correlation, dtype=np.float64)
        if matrix.shape != (len(self.margins), len(self.margins)):
            raise InputError(f"a {matrix.shape} matrix does not fit {len(self.margins)} columns", where=self.name)
        if not np.allclose(matrix, matrix.T, atol=1e-9) or not np.allclose(np.diag(matrix), 1.0):
            raise InputError("is no correlation matrix", where=self.name, remedy="symmetric, with ones on its diagonal")
        if float(np.linalg.eigvalsh(matrix)[0]) < -1e-9:
            raise InputError("these correlations cannot hold together", where=self.name, remedy="nearest_correlation()")

    @property
    def provenance(self) -> Mapping[str, Provenance]:
        """Sampled, from the copula."""
        return {"*": Provenance(origin="sampled", by=f"Gaussian copula of {self.name}", licence=self.licence)}

    def draw(self, block: Block) -> pl.DataFrame:
        """Draw correlated normals and turn them into values."""
        import polars as pl

        values, vectors = np.linalg.eigh(self.correlation)
        root = vectors * np.sqrt(np.clip(values, 0.0, None))
        z = block.rng().standard_normal((block.count, len(self.margins))) @ root.T
        return pl.DataFrame([margin.of_normal(z[:, index]) for index, margin in enumerate(self.margins)])

    def describe(self) -> Mapping[str, Any]:
        """Margins and correlations."""
        rounded = [[round(float(value), 9) for value in row] for row in self.correlation]
        margins = content_hash([[m.column, m.quantiles, m.is_whole, m.values, m.shares] for m in self.margins])
        return {"kind": "copula", "margins": margins, "correlation": rounded}


def fit_copula(
    table: pl.DataFrame,
    *,
    ordered: Mapping[str, Sequence[Any]] | None = None,
    name: str = "microdata",
    licence: str = "",
) -> CopulaSource:
    """Fit margins and latent correlations to data of mixed types.

    Numbers keep their distribution as 1,121 quantiles, which are dense in the tails. Numbers of at most twenty values
    (ratings, counts of children) are ordered categories; a number that heaps (incomes of 0) is seen in twentieths, as
    the ranks of people who are tied would make every correlation too small. Categories need an order: the one given,
    else the order of truth values, else the one in which their neighbours in the other columns are most alike (first
    axis of a correspondence analysis), which keeps as much of the dependence of an unordered column as one dimension
    can.

    Args:
        table: One row a person; rows with empty cells are set aside pair by pair. The column ``weight`` weights them;
            ``id``, ``text`` and ``rest`` are left out.
        ordered: Categories in order, by column.
        name: What the data are.
        licence: Their terms.

    Raises:
        InputError: If a column is no field, is constant, or has too many categories to have shares.

    Example:
        >>> import polars as pl
        >>> rng = np.random.default_rng(0)
        >>> age = rng.normal(50, 10, 5000)
        >>> data = pl.DataFrame({"demographics.age": age, "extensions.retired": age + rng.normal(0, 5, 5000) > 60})
        >>> bool(fit_copula(data).correlation[0, 1] > 0.8)
        True
    """
    weights = checked_weights(table[WEIGHT].to_numpy(), table.height) if WEIGHT in table.columns else None
    table = closed_columns(table, where=name)
    margins = [margin_of(table, column, (ordered or {}).get(column), weights) for column in table.columns]
    latent = [_latent(table, margin, weights) for margin in margins]
    size = len(margins)
    matrix = np.eye(size)
    for i in range(size):
        for j in range(i):
            matrix[i, j] = matrix[j, i] = _pair(table.columns[i], latent[i], table.columns[j], latent[j], weights)
    return CopulaSource(tuple(margins), nearest_correlation(matrix), name, licence)


def closed_columns(table: pl.DataFrame, *, where: str) -> pl.DataFrame:
    """The columns that can be fitted: fields, not who it is; what is no number is an empty cell.

    Raises:
        InputError: If a column is no field.
    """
    import polars as pl
    import polars.selectors as cs

    table = table.drop([name for name in RESERVED if name in table.columns])
    if not table.columns or table.is_empty():
        raise InputError("has nothing to fit", where=where, remedy="give columns of fields and rows of people")
    for column in table.columns:
        check_column(column, where=where)
        if table.schema[column].is_nested():
            raise InputError("holds lists, which have no margin", where=column, remedy="leave it out")
    return table.with_columns(cs.float().fill_nan(None), cs.by_dtype(pl.Categorical, pl.Enum).cast(pl.String))


def margin_of(
    table: pl.DataFrame,
    column: str,
    order: Sequence[Any] | None = None,
    weights: NDArray[np.float64] | None = None,
) -> Margin:
    """How a column of data is distributed by itself.

    Args:
        table: The data.
        column: Which of its columns.
        order: Categories in order, if they have one.
        weights: How many people each row stands for.

    Raises:
        InputError: If it says the same of everybody, has too many categories, or one that the order lacks.
    """
    known = table[column].is_not_null().to_numpy()
    own = np.ones(int(known.sum())) if weights is None else weights[known]
    values = table[column].drop_nulls().filter(own > 0)
    own = own[own > 0]
    levels = values.n_unique()
    if levels < 2:
        raise InputError("says the same of everybody", where=column, remedy="leave it out, or draw it as a constant")
    is_rating = levels <= _FEW_VALUES and len(values) >= 5 * levels
    if order is None and values.dtype.is_numeric() and not is_rating:
        numbers = values.to_numpy().astype(np.float64)
        if not np.isfinite(numbers).all():
            raise InputError("holds an infinite number", where=column, remedy="make it an empty cell")
        quantiles = _quantiles(numbers, LEVELS, None if weights is None else own)
        return Margin(column, tuple(map(float, quantiles)), values.dtype.is_integer())
    found: dict[Any, float] = {}
    for value, weight in zip(values.to_list(), own.tolist(), strict=True):
        found[value] = found.get(value, 0.0) + weight
    if len(found) > _MOST_CATEGORIES:
        raise InputError(
            f"has {len(found)} categories", where=column, remedy="a free text cannot be drawn; leave it out"
        )
    if order is not None and (strange := [value for value in found if value not in order]):
        raise InputError(f"holds {strange[0]!r}, which the order lacks", where=column, remedy="list every category")
    if order is None:
        order = (
            sorted(found)
            if len(found) == 2 or values.dtype.is_numeric()
            else _found_order(table, column, sorted(found, key=str))
        )
    kept = [value for value in order if value in found]
    total = sum(found.values())
    return Margin(column, values=tuple(kept), shares=tuple(found[value] / total for value in kept))


def _found_order(table: pl.DataFrame, column: str, categories: Sequence[Any]) -> list[Any]:
    """Categories along the first axis of a correspondence analysis with all other columns."""
    import polars as pl

    pieces = []
    for other in table.columns:
        if other == column:
            continue
        values = table[other]
        if values.dtype.is_numeric() and values.n_unique() > 10:
            edges = np.unique(np.nanquantile(values.cast(float).to_numpy(), np.linspace(0.1, 0.9, 9)))
            tenths = pl.Series(np.searchsorted(edges, values.cast(float).fill_null(0.0).to_numpy(), side="right"))
            values = pl.DataFrame({"tenth": tenths, "known": values.is_not_null()}).select(
                pl.when(pl.col("known")).then(pl.col("tenth")).alias("tenth")
            )["tenth"]
        pair = pl.DataFrame({"own": table[column].cast(pl.String), "other": values.cast(pl.String)}).drop_nulls()
        counted = (
            pair.group_by("own", "other", maintain_order=True)
            .len()
            .pivot("other", index="own", values="len")
            .fill_null(0)
        )
        place = {name: index for index, name in enumerate(counted["own"])}
        rows = counted.drop("own").to_numpy().astype(np.float64)
        pieces.append(rows[[place[str(value)] for value in categories]])
    if not pieces:
        return list(categories)
    counts = np.hstack(pieces)
    p = counts / counts.sum()
    row, col = p.sum(axis=1), p.sum(axis=0)
    residual = (p - np.outer(row, col)) / np.sqrt(np.outer(row, np.where(col > 0, col, 1.0)))
    axis = np.linalg.svd(residual, full_matrices=False)[0][:, 0] / np.sqrt(row)
    axis = axis * np.sign(axis[np.argmax(np.abs(axis))])  # a sign that does not depend on the library
    return [categories[index] for index in np.argsort(axis, kind="stable")]


@dataclass(frozen=True, slots=True)
class _Latent:
    """What is known of the normal behind a column: its scores, or in which of its pieces each one is."""

    values: NDArray[np.float64]
    """NaN where the cell is empty."""
    is_cut: bool


def _latent(table: pl.DataFrame, margin: Margin, weights: NDArray[np.float64] | None) -> _Latent:
    """Normal scores of a number, numbers of categories."""
    values = table[margin.column]
    known = values.is_not_null().to_numpy()
    if weights is not None:
        known &= weights > 0
    latent = np.full(table.height, np.nan)
    if not margin.is_number:
        place = {value: index for index, value in enumerate(margin.values)}
        latent[known] = [place[value] for value in values.filter(known).to_list()]
        return _Latent(latent, True)
    numbers = values.filter(known).to_numpy().astype(np.float64)
    own = None if weights is None else weights[known]
    counts = np.bincount(np.unique(numbers, return_inverse=True)[1], own)
    if counts.max() <= _HEAP * counts.sum():
        latent[known] = normal_scores(numbers, weights=own)
        return _Latent(latent, False)
    edges = np.unique(_quantiles(numbers, np.linspace(0.05, 0.95, 19), own))
    latent[known] = np.unique(np.searchsorted(edges, numbers, side="left"), return_inverse=True)[1]
    return _Latent(latent, True)


def _quantiles(
    numbers: NDArray[np.float64], at: NDArray[np.float64], weights: NDArray[np.float64] | None
) -> NDArray[np.float64]:
    """Quantiles; with weights, between the middles of what each number stands for."""
    if weights is None:
        return np.asarray(np.quantile(numbers, at), dtype=np.float64)
    order = np.argsort(numbers, kind="stable")
    mass = weights[order]
    return np.asarray(np.interp(at, (np.cumsum(mass) - mass / 2) / mass.sum(), numbers[order]), dtype=np.float64)


def _pair(first: str, x: _Latent, second: str, y: _Latent, weights: NDArray[np.float64] | None) -> float:
    both = ~(np.isnan(x.values) | np.isnan(y.values))
    if int(both.sum()) < 3:
        raise InputError(
            "are never told of the same person", where=f"{first}, {second}", remedy="leave one of them out"
        )
    own = None if weights is None else weights[both]
    (one, other) = (x, y) if x.is_cut <= y.is_cut else (y, x)
    scores, codes = one.values[both], other.values[both]
    if not other.is_cut:
        return weighted_correlation(scores, codes, weights=own)
    pieces = np.unique(codes, return_inverse=True)[1]
    if pieces.max() == 0:
        return 0.0  # among those of whom both are told, this one does not vary
    if not one.is_cut:
        return polyserial(scores, pieces, weights=own)
    others = np.unique(scores, return_inverse=True)[1]
    return polychoric(others, pieces, weights=own) if others.max() > 0 else 0.0
