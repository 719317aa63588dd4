"""Recipes: a population written down as YAML, TOML or JSON, field by field, with conditions, and drawn with a seed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from personae.errors import InputError
from personae.persona import Provenance
from personae.population.conditions import Condition, columns_of_condition, matches
from personae.population.copula import fit_copula
from personae.population.covering import MOST_APART
from personae.population.draw import kind_of
from personae.population.fields import AGE, ID, TEXT, WEIGHT, check_column, column_type, holds_text
from personae.population.microdata import MicrodataSource, checked_weights, read_table
from personae.population.recipe_parts import Cover, Cross, Dirichlet, Joint, Kind, Quotas, Rows, Segments
from personae.population.samplers import Sampler
from personae.population.source import BLOCK, Block, Population, Source
from personae.population.tree import fit_tree
from personae.population.wanted import wanted_of
from personae.population.weighting import rake
from personae.validation import parse_toml, validated

if TYPE_CHECKING:
    import numpy as np
    import polars as pl
    from numpy.typing import NDArray

FORMAT = "personae.recipe/1"
_ROUNDS = 200
_MOST_BYTES = 5_000_000


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
    segments: Segments | None = None
    quotas: Quotas | None = None
    cover: Cover | None = None
    rows: Rows | None = None
    dirichlet: Dirichlet | None = None
    joint: tuple[Joint, ...] = ()
    fields: Mapping[str, Sampler] = Field(default_factory=dict)
    reject: tuple[Condition, ...] = ()

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

    @property
    def held(self) -> tuple[str, ...]:
        """Columns of a design or of quotas: who they are for, whatever is drawn beside and rejected, stays."""
        return (
            *(self.cross.levels if self.cross else ()),
            *((self.segments.column,) if self.segments else ()),
            *(self.quotas.columns if self.quotas else ()),
            *(self.cover.axes if self.cover else ()),
        )

    @model_validator(mode="after")
    def _has_an_order(self) -> Self:
        drawn = [
            *self.held,
            *(self.rows.columns.values() if self.rows else ()),
            *(self.dirichlet.columns if self.dirichlet else ()),
            *(name for one in self.joint for name in one.columns),
        ]
        for column in drawn:
            check_column(column)
        for kind in self.segments.kinds if self.segments else ():
            _check_order(kind.fields, [*drawn, *kind.set, *(name for one in kind.joint for name in one.columns)])
        drawn += self.segments.columns[1:] if self.segments else ()
        drawn = _check_order(self.fields, drawn)
        for condition in self.reject:
            tested = columns_of_condition(condition)
            for needed in tested:
                if needed not in drawn:
                    raise ValueError(f"reject tests {needed}, which is not drawn")
            if tested and set(tested) <= set(self.held):
                raise ValueError(
                    f"reject tests {', '.join(tested)} alone, which the design gives; take these people out of it"
                    " (cross: exclude)"
                )
        if not drawn:
            raise ValueError("draws nothing; give fields, joint, rows, cross, segments, quotas, cover or dirichlet")
        if len(set(drawn)) < len(drawn):
            raise ValueError(f"{next(one for one in drawn if drawn.count(one) > 1)} is drawn twice")
        if self.cover and self.cover.how == "maximin" and self.size > MOST_APART:
            raise ValueError(f"a maximin design has {MOST_APART} people at most; use how: sobol")
        return self

    def source(self, folder: Path = Path()) -> RecipeSource:
        """The source that draws it; files are looked for beside the recipe."""
        return RecipeSource(self, None if self.rows is None else _rows_of(self.rows, folder))

    def population(self, folder: Path = Path(), *, size: int | None = None, seed: int | None = None) -> Population:
        """The population of the size and seed that it names, or of others; a factorial design has its own size."""
        source = self.source(folder)
        own = None if self.cross and "size" not in self.model_fields_set else self.size
        return Population(source, size or own, self.seed if seed is None else seed, self.name)


def _check_order(fields: Mapping[str, Sampler], drawn: list[str]) -> list[str]:
    """All columns, after each field was seen to depend on those above it alone."""
    for column, sampler in fields.items():
        for needed in sampler.needs():
            if needed not in drawn:
                raise ValueError(f"{column} depends on {needed}, which is not drawn above it")
        drawn.append(column)
    return drawn


@dataclass(frozen=True)
class RecipeSource:
    """Draws what a recipe says."""

    recipe: Recipe
    table: Source | None = None
    """Where the columns of ``rows`` come from."""

    @cached_property
    def held(self) -> Mapping[str, Source]:
        """The design of a recipe: what everybody's place in it says of them."""
        told = self.recipe
        found: dict[str, Source] = {}
        if told.cross:
            found["cross"] = told.cross.source()
        if told.segments:
            found["segments"] = told.segments.source()
        for number, quota in enumerate(told.quotas.sources() if told.quotas else ()):
            found[f"quotas {number + 1}"] = quota
        if told.cover:
            found["cover"] = told.cover.source()
        return found

    @property
    def size(self) -> int | None:
        """That of the factorial design, if there is one."""
        return self.held["cross"].size if "cross" in self.held else None

    @property
    def provenance(self) -> Mapping[str, Provenance]:
        """Sampled, from the recipe; given, what a design says; columns of a file are from the file, under its terms."""
        by = f"recipe {self.recipe.name}".strip()
        found = {"*": Provenance(origin="sampled", by=by, licence=self.recipe.licence)}
        for part, source in self.held.items():
            own = source.provenance
            named = {path: one for path, one in own.items() if path != "*"}
            if part == "cross" and self.recipe.cross:
                named = dict.fromkeys(self.recipe.cross.levels, own["*"])
            if part == "segments" and self.recipe.segments:
                named = dict.fromkeys(self.recipe.segments.columns, own["*"])
            found |= {path: one.model_copy(update={"licence": self.recipe.licence}) for path, one in named.items()}
        if self.recipe.dirichlet:
            weights = self.recipe.dirichlet.source().provenance["*"].model_copy(update={"licence": self.recipe.licence})
            found |= dict.fromkeys(self.recipe.dirichlet.columns, weights)
        if self.recipe.rows and self.table is not None:
            own_terms = self.table.provenance["*"].model_copy(update={"consent": self.recipe.rows.consent})
            found |= dict.fromkeys(self.recipe.rows.columns.values(), own_terms)
        return found

    def describe(self) -> Mapping[str, Any]:
        """The recipe without size and seed, and the table if there is one."""
        left_out = {"size", "seed", "name", "about", "licence", "format"}
        left_out |= {
            part for part in ("cross", "segments", "quotas", "cover", "dirichlet") if not getattr(self.recipe, part)
        }
        plain = self.recipe.model_dump(mode="json", exclude=left_out)
        return {"kind": "recipe", "recipe": plain, "rows": None if self.table is None else self.table.describe()}

    def draw(self, block: Block) -> pl.DataFrame:
        """Draw a block. Whoever is rejected is drawn again in their place, so that a design and its quotas stay.

        Raises:
            InputError: If the recipe rejects nearly everybody, or everybody of a place.
        """
        import numpy as np
        import polars as pl

        held = pl.DataFrame({_PLACE: np.arange(block.count)})
        for source in self.held.values():
            held = held.hstack([_as_field(values, values.name) for values in source.draw(block)])
        waiting = np.arange(block.count)
        pieces: list[pl.DataFrame] = []
        for attempt in range(_ROUNDS):
            tries = max(1, min(1 << attempt, BLOCK // len(waiting)))
            drawn = self._once(held[np.repeat(waiting, tries)], block, attempt)
            kept = self._kept(drawn, block).unique(_PLACE, keep="first", maintain_order=True)
            pieces.append(kept)
            waiting = np.setdiff1d(waiting, kept[_PLACE].to_numpy(), assume_unique=True)
            if not len(waiting):
                whole = pieces[0] if len(pieces) == 1 else pl.concat(pieces).sort(_PLACE)
                return whole.drop(_PLACE)
        lost = held[waiting[:1]].drop(_PLACE).to_dicts()
        who = f", such as {lost[0]}" if lost and lost[0] else ""
        raise InputError(
            f"{len(waiting)} of {block.count} people are still rejected after {_ROUNDS} rounds{who}",
            where="reject",
            remedy="draw so that fewer people are rejected",
        )

    def _kept(self, drawn: pl.DataFrame, block: Block) -> pl.DataFrame:
        """Those whom no condition rejects; who is rejected by which is counted."""
        block.counts["drawn"] += drawn.height
        for index, condition in enumerate(self.recipe.reject):
            before = drawn.height
            drawn = drawn.filter(~matches(drawn, condition, where=f"reject {index + 1}"))
            block.counts[f"rejected by condition {index + 1}"] += before - drawn.height
        return drawn

    def _once(self, frame: pl.DataFrame, block: Block, attempt: int) -> pl.DataFrame:
        place = Block(block.start, frame.height, block.size, block.seed, block.salt, block.counts)
        if self.table is not None:
            frame = frame.hstack(self.table.draw(place.salted(attempt, 3)))
        if self.recipe.dirichlet is not None:
            frame = frame.hstack(self.recipe.dirichlet.source().draw(place.salted(attempt, 4)))
        frame = _drawn(frame, self.recipe.joint, {}, place.salted(attempt))
        if self.recipe.segments is not None:
            frame = _by_segment(frame, self.recipe.segments, place.salted(attempt, 5))
        return _drawn(frame, (), self.recipe.fields, place.salted(attempt))


_PLACE = "place in the block"


def _drawn(frame: pl.DataFrame, joints: tuple[Joint, ...], fields: Mapping[str, Sampler], block: Block) -> pl.DataFrame:
    """People with the columns of joint distributions and of fields beside those that they have."""
    import polars as pl

    for place, joint in enumerate(joints):
        columns = joint.draw(frame.height, block.rng(1, place))
        frame = frame.with_columns(pl.Series(name, values) for name, values in columns.items())
    for place, (column, sampler) in enumerate(fields.items()):
        try:
            values = sampler.column(frame, block.rng(2, place)).alias(column)
        except InputError as error:
            raise InputError(error.what, where=f"{column}: {error.where}", remedy=error.remedy) from error
        frame = frame.with_columns(_as_field(values, column))
    return frame


def _as_field(values: pl.Series, column: str) -> pl.Series:
    """Values as the field has them: years completed, dates spelled where a text is due, nothing of the right kind."""
    import polars as pl

    kind = column_type(column)
    if values.dtype == pl.Null:
        return values.cast(kind)
    if values.dtype == pl.String and kind.is_numeric():  # shares are by words, whatever they mean
        numbers = values.cast(kind, strict=False)
        if (wrong := values.filter(numbers.is_null() & values.is_not_null())).len():
            raise InputError(f"{wrong[0]!r} is no number", where=column, remedy="give numbers for this field")
        return numbers
    if column == AGE and values.dtype.is_float():
        return values.floor().cast(pl.Int64)  # years completed, in conditions too
    if values.dtype.is_temporal() and holds_text(column):
        return values.dt.to_string("iso")
    return values


def _by_segment(frame: pl.DataFrame, segments: Segments, block: Block) -> pl.DataFrame:
    """People with what their segments give them; nothing where a segment gives nothing."""
    import polars as pl

    pieces = []
    for number, kind in enumerate(segments.kinds):
        mine = frame.filter(pl.col(segments.column) == kind.name)
        own = Block(block.start, mine.height, block.size, block.seed, (*block.salt, number), block.counts)
        try:
            mine = mine.with_columns(
                _as_field(_repeated(name, value, mine.height), name) for name, value in kind.set.items()
            )
            pieces.append(_drawn(mine, kind.joint, kind.fields, own))
        except InputError as error:
            raise InputError(error.what, where=f"segment {kind.name}: {error.where}", remedy=error.remedy) from error
    _check_alike(pieces, segments.kinds)
    return pl.concat(pieces, how="diagonal_relaxed").sort(_PLACE, maintain_order=True)


def _repeated(name: str, value: Any, n: int) -> pl.Series:
    import polars as pl

    if isinstance(value, tuple):
        return pl.Series(name, [list(value)] * n, dtype=pl.List(pl.String))
    kind = pl.Series([value]).dtype
    return pl.Series(name, [value] * n, dtype=kind)


def _check_alike(pieces: list[pl.DataFrame], kinds: tuple[Kind, ...]) -> None:
    """Refuse a column that is numbers in one segment and texts in another: texts would be made of the numbers."""
    known: dict[str, tuple[str, str]] = {}
    for piece, kind in zip(pieces, kinds, strict=True):
        for column in piece.columns:
            holds = kind_of(piece[column])
            first, by = known.setdefault(column, (holds, kind.name))
            if holds and first and holds != first:
                raise InputError(
                    f"is {first} in the segment {by} and {holds} in {kind.name}", where=column, remedy="make it alike"
                )


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
    name = path.name
    if rows.margins or rows.cells:
        weights = _raked(table, weights, rows, str(path))
        columns = dict.fromkeys((*rows.margins, *(column for cell in rows.cells for column in cell.set)))
        name = f"{name}, raked to {', '.join(columns)}"
    if rows.how == "rows":
        return MicrodataSource(table, weights, name=name, licence=rows.licence)
    if weights is not None:
        table = table.with_columns(pl.Series(WEIGHT, weights))
    if rows.how == "tree":
        return fit_tree(table, name=name, licence=rows.licence)
    return fit_copula(table, ordered=rows.order, name=name, licence=rows.licence)


def _raked(table: pl.DataFrame, weights: NDArray[np.float64] | None, rows: Rows, where: str) -> NDArray[np.float64]:
    """Weights of the rows that have the shares wanted."""
    import polars as pl

    base = table if weights is None else table.with_columns(pl.Series(WEIGHT, weights))
    wanted = wanted_of(base, rows.margins, [(cell.set, cell.share) for cell in rows.cells], where=where)
    found = rake(base, wanted)
    if not found.is_converged:
        raise InputError(
            f"no weights of these rows reach the margins; they are missed by {found.largest_error:.3g}",
            where=where,
            remedy="margins contradict each other here: merge values, or take a larger file",
        )
    return found.people[WEIGHT].to_numpy()
