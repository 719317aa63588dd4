"""Parts of a recipe beside its fields: columns that come together, from a design, a file, quotas, or a distribution."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from personae.errors import InputError
from personae.population.conditions import Condition, Scalar
from personae.population.covering import Axis, CoverSource
from personae.population.design import FactorialSource
from personae.population.dirichlet import PREFERENCE, TASTE, DirichletSource, Taste
from personae.population.fields import check_column
from personae.population.samplers import Sampler
from personae.population.segments import SEGMENT, QuotaSource, Segment, SegmentSource

if TYPE_CHECKING:
    import numpy as np


class Joint(BaseModel):
    """Numbers that go together: a multivariate normal of these columns."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    columns: Annotated[tuple[str, ...], Field(min_length=2)]
    correlation: tuple[tuple[float, ...], ...]
    mean: tuple[float, ...] = ()
    sd: tuple[float, ...] = ()

    @model_validator(mode="after")
    def _is_a_correlation(self) -> Self:
        import numpy as np

        size = len(self.columns)
        if len(self.correlation) != size or any(len(row) != size for row in self.correlation):
            raise ValueError(f"the correlation matrix is not {size} x {size}")
        matrix = np.array(self.correlation)
        if not np.allclose(matrix, matrix.T) or not np.allclose(np.diag(matrix), 1.0):
            raise ValueError("a correlation matrix is symmetric, with ones on its diagonal")
        if float(np.linalg.eigvalsh(matrix)[0]) < -1e-9:
            raise ValueError("these correlations cannot hold together (the matrix has a negative eigenvalue)")
        for name in ("mean", "sd"):
            if getattr(self, name) and len(getattr(self, name)) != size:
                raise ValueError(f"{name} has not one number a column")
        return self

    def draw(self, n: int, rng: np.random.Generator) -> dict[str, np.ndarray[Any, np.dtype[np.float64]]]:
        """Draw them for n people."""
        import numpy as np

        values, vectors = np.linalg.eigh(np.array(self.correlation))
        root = vectors * np.sqrt(np.clip(values, 0.0, None))
        z = rng.standard_normal((n, len(self.columns))) @ root.T
        z = z * np.array(self.sd or [1.0] * len(self.columns)) + np.array(self.mean or [0.0] * len(self.columns))
        return {column: z[:, index] for index, column in enumerate(self.columns)}


class Cell(BaseModel):
    """One combination of values, and how many people have it."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    set: Annotated[Mapping[str, Scalar], Field(min_length=1)]
    share: Annotated[float, Field(gt=0)]


class Rows(BaseModel):
    """Columns that come together from a file of real or synthetic people: their rows, or new ones like them."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    file: str
    columns: Annotated[Mapping[str, str], Field(min_length=1)]
    """Column of the population by column of the file."""
    weight: str = ""
    """Column of the file that says how many people a row stands for."""
    how: Literal["rows", "copula", "tree"] = "rows"
    """Whole rows as they are, or new people by a Gaussian copula or a tree of dependence that is fitted to them."""
    order: Mapping[str, tuple[Scalar, ...]] = Field(default_factory=dict)
    """Categories in order, by column of the population, for the copula."""
    margins: Mapping[str, Annotated[Mapping[str, float], Field(min_length=1)]] = Field(default_factory=dict)
    """Shares that the people shall have, by column of the population: the rows are raked to them first."""
    cells: tuple[Cell, ...] = ()
    """Shares of combinations of columns, likewise."""
    licence: str = ""
    consent: str = ""

    @model_validator(mode="after")
    def _orders_what_is_there(self) -> Self:
        if strange := [name for name in self.order if name not in self.columns.values()]:
            raise ValueError(f"order names {strange[0]}, which is not among the columns")
        if self.order and self.how != "copula":
            raise ValueError("an order is for the copula alone")
        wanted = (*self.margins, *(name for cell in self.cells for name in cell.set))
        if strange := [name for name in wanted if name not in self.columns.values()]:
            raise ValueError(f"shares are wanted of {strange[0]}, which is not among the columns")
        return self


class Cross(BaseModel):
    """A design: every combination of levels, less those that cannot be, plus exceptions."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    levels: Annotated[Mapping[str, Annotated[tuple[Scalar, ...], Field(min_length=1)]], Field(min_length=1)]
    exclude: tuple[Condition, ...] = ()
    add: tuple[Mapping[str, Scalar], ...] = ()
    """People beside all combinations; a field that one does not name is empty."""
    replicates: Annotated[int, Field(ge=1)] = 1

    def source(self) -> FactorialSource:
        """The design as a source."""
        return FactorialSource(self.levels, excluded=self.exclude, exceptions=self.add, replicates=self.replicates)


class Kind(BaseModel):
    """One segment: its share, what all of its people have, and what is drawn for them alone."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    name: Annotated[str, Field(min_length=1)]
    share: Annotated[float, Field(gt=0)]
    set: Mapping[str, Scalar | tuple[str, ...]] = Field(default_factory=dict)
    joint: tuple[Joint, ...] = ()
    fields: Mapping[str, Sampler] = Field(default_factory=dict)

    @property
    def columns(self) -> tuple[str, ...]:
        """What it gives its people."""
        return (*self.set, *(name for one in self.joint for name in one.columns), *self.fields)

    @model_validator(mode="after")
    def _gives_each_once(self) -> Self:
        for column in self.columns:
            _check(column)
            if self.columns.count(column) > 1:
                raise ValueError(f"{self.name} gives {column} twice")
        return self


class Segments(BaseModel):
    """Kinds of people with shares, as surveys publish them."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kinds: Annotated[tuple[Kind, ...], Field(min_length=1)]
    exact: bool = True
    """Whether the counts are exactly those of the shares, or each person falls into a segment by chance."""
    column: str = SEGMENT
    """Column with the name of a person's segment."""

    @model_validator(mode="after")
    def _are_different(self) -> Self:
        names = [kind.name for kind in self.kinds]
        if twice := [name for name in names if names.count(name) > 1]:
            raise ValueError(f"there are two segments called {twice[0]!r}")
        _check(self.column)
        if any(self.column in kind.columns for kind in self.kinds):
            raise ValueError(f"{self.column} holds the name of the segment; nothing else is drawn for it")
        return self

    @property
    def columns(self) -> tuple[str, ...]:
        """All that some segment gives."""
        return tuple(dict.fromkeys((self.column, *(name for kind in self.kinds for name in kind.columns))))

    def source(self) -> SegmentSource:
        """Who is of which segment; what a segment gives is drawn by the recipe."""
        return SegmentSource([Segment(kind.name, kind.share) for kind in self.kinds], self.exact, self.column)


class Quotas(BaseModel):
    """Exact counts: of combinations of fields (``cells``), or of each field by itself (``margins``)."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    cells: tuple[Cell, ...] = ()
    margins: Mapping[str, Annotated[Mapping[str, Annotated[float, Field(gt=0)]], Field(min_length=1)]] = Field(
        default_factory=dict
    )

    @model_validator(mode="after")
    def _are_quotas(self) -> Self:
        if not self.cells and not self.margins:
            raise ValueError("quotas need cells or margins")
        wanted = tuple(self.cells[0].set) if self.cells else ()
        for cell in self.cells:
            if set(cell.set) != set(wanted):
                raise ValueError(f"all cells set the same fields, {', '.join(wanted)}; one sets {', '.join(cell.set)}")
            for column, value in cell.set.items():
                if isinstance(value, str) is not isinstance(self.cells[0].set[column], str):
                    raise ValueError(f"{column} is a text in one cell and none in another")
        rows = [tuple(cell.set[name] for name in wanted) for cell in self.cells]
        if twice := [row for row in rows if rows.count(row) > 1][:1]:
            raise ValueError(f"the cell {' / '.join(map(str, twice[0]))} is there twice")
        for column in (*wanted, *self.margins):
            _check(column)
        if both := [column for column in self.margins if column in wanted]:
            raise ValueError(f"{both[0]} has quotas by itself and in cells")
        return self

    @property
    def columns(self) -> tuple[str, ...]:
        """The fields that have quotas."""
        return (*(self.cells[0].set if self.cells else ()), *self.margins)

    def sources(self) -> tuple[QuotaSource, ...]:
        """One for all cells, and one for each margin."""
        found = []
        if self.cells:
            columns = tuple(self.cells[0].set)
            found.append(
                QuotaSource(columns, {tuple(cell.set[name] for name in columns): cell.share for cell in self.cells})
            )
        for stream, (column, shares) in enumerate(self.margins.items(), start=1):
            found.append(QuotaSource((column,), {(value,): share for value, share in shares.items()}, stream))
        return tuple(found)


class AxisOf(BaseModel):
    """A number to cover: by default z-scores from -2 to 2."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    low: float = -2.0
    high: float = 2.0
    shape: Literal["uniform", "normal"] = "uniform"
    whole: bool = False


class Cover(BaseModel):
    """People who cover a space of fields evenly, by Sobol points or as far apart as can be."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    how: Literal["sobol", "maximin"] = "sobol"
    axes: Annotated[Mapping[str, AxisOf | tuple[Scalar, ...]], Field(min_length=1)]

    @model_validator(mode="after")
    def _can_be_covered(self) -> Self:
        try:
            self.source()
        except InputError as error:
            raise ValueError(f"{error.where}: {error.what}; {error.remedy}") from error
        return self

    def source(self) -> CoverSource:
        """The design as a source."""
        axes = {
            name: Axis(axis.low, axis.high, axis.shape, axis.whole) if isinstance(axis, AxisOf) else axis
            for name, axis in self.axes.items()
        }
        return CoverSource(axes, self.how)


class TasteOf(BaseModel):
    """One kind of people in a Dirichlet mixture; one alpha is for all scorers."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    name: str = ""
    share: Annotated[float, Field(gt=0)] = 1.0
    alpha: float | tuple[float, ...]


class Dirichlet(BaseModel):
    """How much people care for each of several things: weights that sum to 1, of one kind of people or of several."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    scorers: Annotated[tuple[str, ...], Field(min_length=2)]
    tastes: Annotated[tuple[TasteOf, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _fits(self) -> Self:
        for column in self.columns:
            _check(column)
        try:
            self.source()
        except InputError as error:
            raise ValueError(f"{error.what}; {error.remedy}") from error
        if 0 < sum(bool(taste.name) for taste in self.tastes) < len(self.tastes):
            raise ValueError("all tastes have names, or none")
        return self

    @property
    def columns(self) -> tuple[str, ...]:
        """Weights, and the kind of person."""
        return (*(f"{PREFERENCE}{name}" for name in self.scorers), TASTE)

    def source(self) -> DirichletSource:
        """The mixture as a source."""
        return DirichletSource(
            self.scorers,
            [
                Taste(
                    taste.share,
                    taste.alpha if isinstance(taste.alpha, tuple) else (taste.alpha,) * len(self.scorers),
                    taste.name,
                )
                for taste in self.tastes
            ],
        )


def _check(column: str) -> None:
    """Refuse what is no field, in the way that pydantic reports."""
    try:
        check_column(column)
    except InputError as error:
        raise ValueError(f"{error.what}; {error.remedy}") from error
