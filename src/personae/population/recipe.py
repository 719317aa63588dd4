"""Recipes: a population written down as YAML, TOML or JSON, field by field, with conditions, and drawn with a seed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from personae.errors import InputError
from personae.persona import Provenance
from personae.population.conditions import Scalar, Test, columns_of_condition, matches
from personae.population.copula import fit_copula
from personae.population.design import FactorialSource
from personae.population.fields import AGE, ID, TEXT, WEIGHT, check_column
from personae.population.microdata import MicrodataSource, checked_weights, read_table
from personae.population.samplers import Sampler
from personae.population.source import Block, Population, Source
from personae.population.tree import fit_tree
from personae.validation import parse_toml, validated

if TYPE_CHECKING:
    import numpy as np
    import polars as pl

FORMAT = "personae.recipe/1"
_ROUNDS = 200
_SPARE = 64
_MOST_BYTES = 5_000_000


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
    licence: str = ""
    consent: str = ""

    @model_validator(mode="after")
    def _orders_what_is_there(self) -> Self:
        if strange := [name for name in self.order if name not in self.columns.values()]:
            raise ValueError(f"order names {strange[0]}, which is not among the columns")
        if self.order and self.how != "copula":
            raise ValueError("an order is for the copula alone")
        return self


class Cross(BaseModel):
    """A design: every combination of levels, less those that cannot be, plus exceptions."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    levels: Annotated[Mapping[str, Annotated[tuple[Scalar, ...], Field(min_length=1)]], Field(min_length=1)]
    exclude: tuple[Mapping[str, Test], ...] = ()
    add: tuple[Mapping[str, Scalar], ...] = ()
    """People beside all combinations; a field that one does not name is empty."""
    replicates: Annotated[int, Field(ge=1)] = 1

    def source(self) -> FactorialSource:
        """The design as a source."""
        return FactorialSource(self.levels, excluded=self.exclude, exceptions=self.add, replicates=self.replicates)


class Recipe(BaseModel):
    """A population as it is written down.

    Fields are drawn in their order; a field may depend on those above it. ``reject`` lists people who cannot be: they
    are drawn again, and counted.

    Example:
        >>> town = Recipe.model_validate({
        ...     "size": 3,
        ...     "fields": {
        ...         "demographics.age": {"draw": "normal", "mean": 45, "sd": 18, "low": 18, "high": 90, "whole": True},
        ...         "demographics.occupation": {"draw": "cases", "cases": [
        ...             {"when": {"demographics.age": {"min": 67}}, "use": {"draw": "constant", "value": "retired"}}],
        ...             "otherwise": {"draw": "choice", "shares": {"nurse": 1, "teacher": 2}}},
        ...     },
        ... })
        >>> [person.demographics.occupation for person in town.population().personas()]
        ['teacher', 'teacher', 'teacher']
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    format: Literal["personae.recipe/1"] = "personae.recipe/1"
    name: str = ""
    about: str = ""
    """What it is to stand for, and where the shares are from."""
    licence: str = ""
    size: Annotated[int, Field(ge=1)] = 100
    seed: Annotated[int, Field(ge=0)] = 0
    cross: Cross | None = None
    rows: Rows | None = None
    joint: tuple[Joint, ...] = ()
    fields: Mapping[str, Sampler] = Field(default_factory=dict)
    reject: tuple[Mapping[str, Test], ...] = ()

    @field_validator("fields")
    @classmethod
    def _are_fields(cls, fields: Mapping[str, Sampler]) -> Mapping[str, Sampler]:
        for column in fields:
            if column in (ID, TEXT, WEIGHT):
                raise ValueError(f"{column!r} is not drawn")
            try:
                check_column(column)
            except InputError as error:
                raise ValueError(f"{error.what}; {error.remedy}") from error
        return fields

    @model_validator(mode="after")
    def _has_an_order(self) -> Self:
        if self.cross and self.reject:
            raise ValueError("a design rejects nobody; name combinations that cannot be under cross: exclude")
        drawn = [
            *(self.cross.levels if self.cross else ()),
            *(self.rows.columns.values() if self.rows else ()),
            *(name for one in self.joint for name in one.columns),
        ]
        for column in drawn:
            check_column(column)
        for column, sampler in self.fields.items():
            for needed in sampler.needs():
                if needed not in drawn:
                    raise ValueError(f"{column} depends on {needed}, which is not drawn above it")
            drawn.append(column)
        for condition in self.reject:
            for needed in columns_of_condition(condition):
                if needed not in drawn:
                    raise ValueError(f"reject tests {needed}, which is not drawn")
        if not drawn:
            raise ValueError("draws nothing; give fields, joint, rows or cross")
        if len(set(drawn)) < len(drawn):
            raise ValueError(f"{next(one for one in drawn if drawn.count(one) > 1)} is drawn twice")
        return self

    def source(self, folder: Path = Path()) -> RecipeSource:
        """The source that draws it; files are looked for beside the recipe."""
        table = None if self.rows is None else _rows_of(self.rows, folder)
        return RecipeSource(self, table, self.cross.source() if self.cross else None)

    def population(self, folder: Path = Path(), *, size: int | None = None, seed: int | None = None) -> Population:
        """The population of the size and seed that it names, or of others; a design has its own size."""
        source = self.source(folder)
        own = None if self.cross and "size" not in self.model_fields_set else self.size
        return Population(source, size or own, self.seed if seed is None else seed, self.name)


@dataclass(frozen=True)
class RecipeSource:
    """Draws what a recipe says."""

    recipe: Recipe
    table: Source | None = None
    """Where the columns of ``rows`` come from."""
    design: FactorialSource | None = None
    """Where the columns of ``cross`` come from."""

    @property
    def size(self) -> int | None:
        """That of the design, if there is one."""
        return None if self.design is None else self.design.size

    @property
    def provenance(self) -> Mapping[str, Provenance]:
        """Sampled, from the recipe; given, what is crossed; columns of a file are from the file, under its terms."""
        by = f"recipe {self.recipe.name}".strip()
        found = {"*": Provenance(origin="sampled", by=by, licence=self.recipe.licence)}
        if self.recipe.cross and self.design is not None:
            found |= dict.fromkeys(self.recipe.cross.levels, self.design.provenance["*"])
        if self.recipe.rows and self.table is not None:
            own = self.table.provenance["*"].model_copy(update={"consent": self.recipe.rows.consent})
            found |= dict.fromkeys(self.recipe.rows.columns.values(), own)
        return found

    def describe(self) -> Mapping[str, Any]:
        """The recipe without size and seed, and the table if there is one."""
        left_out = {"size", "seed", "name", "about", "licence", "format"} | (
            {"cross"} if not self.recipe.cross else set()
        )
        plain = self.recipe.model_dump(mode="json", exclude=left_out)
        return {"kind": "recipe", "recipe": plain, "rows": None if self.table is None else self.table.describe()}

    def draw(self, block: Block) -> pl.DataFrame:
        """Draw a block; whoever is rejected is drawn again.

        Raises:
            InputError: If the recipe rejects nearly everybody.
        """
        import polars as pl

        pieces: list[pl.DataFrame] = []
        have = 0
        for attempt in range(_ROUNDS):
            count = block.count if attempt == 0 else min(block.count, 2 * (block.count - have) + _SPARE)
            drawn = self._once(Block(block.start, count, block.size, block.seed, block.salt, block.counts), attempt)
            kept = drawn
            block.counts["drawn"] += drawn.height
            for index, condition in enumerate(self.recipe.reject):
                before = kept.height
                kept = kept.filter(~matches(kept, condition, where=f"reject {index + 1}"))
                block.counts[f"rejected by condition {index + 1}"] += before - kept.height
            pieces.append(kept)
            have += kept.height
            if have >= block.count:
                return pl.concat(pieces).head(block.count)
        raise InputError(
            f"only {have} of {block.count} people are left after {_ROUNDS} rounds",
            where="reject",
            remedy="draw so that fewer people are rejected",
        )

    def _once(self, block: Block, attempt: int) -> pl.DataFrame:
        import polars as pl

        frame = pl.DataFrame({"_": pl.int_range(block.count, eager=True)})
        if self.design is not None:
            frame = frame.hstack(self.design.draw(block))
        if self.table is not None:
            frame = frame.hstack(self.table.draw(block.salted(attempt, 3)))
        for place, joint in enumerate(self.recipe.joint):
            columns = joint.draw(block.count, block.rng(attempt, 1, place))
            frame = frame.with_columns(pl.Series(name, values) for name, values in columns.items())
        for place, (column, sampler) in enumerate(self.recipe.fields.items()):
            values = sampler.column(frame, block.rng(attempt, 2, place)).alias(column)
            if column == AGE and values.dtype.is_float():
                values = values.floor().cast(pl.Int64)  # years completed, in conditions too
            frame = frame.with_columns(values)
        return frame.drop("_")


def load_recipe(path: Path | str) -> Recipe:
    """Read a recipe from YAML, TOML or JSON.

    Raises:
        InputError: If the file cannot be read or is no recipe; the message names the place.
    """
    path = Path(path)
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise InputError(f"has more than {_MOST_BYTES} bytes", where=str(path), remedy="a recipe is a page")
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(
            f"cannot be read ({type(error).__name__})", where=str(path), remedy="check the path"
        ) from error
    data: Any
    if path.suffix.lower() == ".toml":
        data = parse_toml(text, str(path))
    else:
        from personae.persona.spelling import parse_rows

        rows = parse_rows(text, path)
        data = rows[0] if len(rows) == 1 else rows
    return read_recipe(data, where=str(path))


def read_recipe(data: Any, *, where: str = "recipe") -> Recipe:
    """Read a recipe from its JSON form.

    Raises:
        InputError: If it is none; the message names the place.
    """
    try:
        return validated(Recipe, data, where)
    except InputError as error:
        if isinstance(error.__cause__, ValidationError):
            raise
        raise InputError(error.what, where=f"{where}: {error.where}", remedy=error.remedy) from error


def _rows_of(rows: Rows, folder: Path) -> Source:
    import polars as pl

    path = folder / rows.file
    table = read_table(path)
    wanted = [*rows.columns, *([rows.weight] if rows.weight else [])]
    if lacking := [name for name in wanted if name not in table.columns]:
        raise InputError(
            f"lacks the column {lacking[0]!r}", where=str(path), remedy=f"it has {', '.join(table.columns)}"
        )
    weights = checked_weights(table[rows.weight].to_numpy(), table.height, where=path.name) if rows.weight else None
    table = table.select(list(rows.columns)).rename(dict(rows.columns))
    if rows.how == "rows":
        return MicrodataSource(table, weights, name=path.name, licence=rows.licence)
    if weights is not None:
        table = table.with_columns(pl.Series(WEIGHT, weights))
    if rows.how == "tree":
        return fit_tree(table, name=path.name, licence=rows.licence)
    return fit_copula(table, ordered=rows.order, name=path.name, licence=rows.licence)
