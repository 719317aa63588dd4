"""People drawn from microdata: whole rows by their weights, so that whatever goes together in the data still does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from personae.errors import InputError
from personae.persona import Provenance
from personae.population.fields import check_column, holds_text
from personae.population.source import Block, table_hash

if TYPE_CHECKING:
    import numpy as np
    import polars as pl
    from numpy.typing import ArrayLike, NDArray

_LFS = b"version https://git-lfs"
SOURCE_ROW = "extensions.source_row"
"""Column that says which row of the microdata a person is."""


@dataclass(frozen=True)
class MicrodataSource:
    """Draws rows of a table with replacement, each in proportion to its weight.

    When to use: when a survey or census sample (PUMS, for one) holds the fields, so that age, occupation and income
    belong together. The people drawn *are* rows of the data: nobody new is made, and what may be done with them is what
    may be done with the data (see :mod:`personae.population.privacy`).

    Args:
        table: One row a person; columns are named as fields.
        weights: How many people a row stands for; all alike if not given.
        name: What the table is, for the source of each field.
        consent: What the people agreed to.
        licence: Terms of the data.
        keeps_row: Whether each person carries the number of the row it came from.

    Raises:
        InputError: If a column is no field, or a weight is none.

    Example:
        >>> import polars as pl
        >>> census = pl.DataFrame({"demographics.age": [20, 70], "demographics.occupation": ["student", "retired"]})
        >>> source = MicrodataSource(census, [0.0, 3.0])
        >>> source.draw(Block(0, 2, 2, seed=1))["demographics.age"].to_list()
        [70, 70]
    """

    table: pl.DataFrame
    weights: ArrayLike | None = None
    name: str = "microdata"
    consent: str = ""
    licence: str = ""
    keeps_row: bool = False
    size: int | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        if self.table.is_empty():
            raise InputError("has no rows", where=self.name, remedy="give at least one person")
        for column in self.table.columns:
            check_column(column, where=self.name)
        _ = self.shares

    @cached_property
    def shares(self) -> NDArray[np.float64]:
        """Share of each row in the draw."""
        given = checked_weights(self.weights, self.table.height, where=self.name)
        scaled = given / given.max()  # the sum of the largest numbers is none
        shares: NDArray[np.float64] = scaled / scaled.sum()
        return shares

    @cached_property
    def _edges(self) -> NDArray[np.float64]:
        import numpy as np

        edges: NDArray[np.float64] = np.cumsum(self.shares)
        edges[int(np.flatnonzero(self.shares)[-1]) :] = np.inf
        return edges

    @property
    def provenance(self) -> Mapping[str, Provenance]:
        """Sampled, from the data and under its terms."""
        return {"*": Provenance(origin="sampled", by=self.name, consent=self.consent, licence=self.licence)}

    def draw(self, block: Block) -> pl.DataFrame:
        """Draw rows by their weights."""
        import numpy as np
        import polars as pl

        rows = np.searchsorted(self._edges, block.rng().random(block.count), side="right")
        drawn = self.table[rows]
        return drawn.with_columns(pl.Series(SOURCE_ROW, rows)) if self.keeps_row else drawn

    def describe(self) -> Mapping[str, Any]:
        """Hashes of the table and of the shares."""
        import hashlib

        shares = hashlib.sha256(self.shares.tobytes()).hexdigest()
        return {"kind": "microdata", "table": table_hash(self.table), "shares": shares, "rows": self.keeps_row}


def checked_weights(weights: ArrayLike | None, n: int, *, where: str = "weights") -> NDArray[np.float64]:
    """Weights as numbers: one a row, none negative, not all of them zero; ones if none are given.

    Raises:
        InputError: If they are not.
    """
    import numpy as np

    if weights is None:
        return np.ones(n)
    given = np.asarray(weights, dtype=np.float64)
    if given.shape != (n,):
        raise InputError(f"{given.size} weights are given for {n} rows", where=where, remedy="give one a row")
    if not np.isfinite(given).all() or (given < 0).any():
        place = int(np.flatnonzero(~(np.isfinite(given) & (given >= 0)))[0])
        raise InputError(
            f"row {place + 1} has the weight {given[place]:g}", where=where, remedy="weights are 0 or more"
        )
    if not (given > 0).any():
        raise InputError("all weights are zero", where=where, remedy="give some row a weight")
    return given


def weights_of(people: pl.DataFrame) -> NDArray[np.float64]:
    """The column ``weight`` of a table; ones if there is none.

    Raises:
        InputError: If a weight is none.
    """
    return checked_weights(people["weight"].to_numpy() if "weight" in people.columns else None, people.height)


def read_table(path: Path) -> pl.DataFrame:
    """Read a table of people: CSV, Parquet or JSONL, by its ending.

    Raises:
        InputError: If it cannot be read.
    """
    import polars as pl

    suffix = path.suffix.lower()
    readers: Mapping[str, Any] = {
        ".csv": lambda: _read_csv(path),
        ".parquet": lambda: pl.read_parquet(path),
        ".jsonl": lambda: pl.read_ndjson(path, infer_schema_length=None),
        ".ndjson": lambda: pl.read_ndjson(path, infer_schema_length=None),
    }
    if suffix not in readers:
        raise InputError(f"{suffix or 'no ending'} is no table", where=str(path), remedy="give CSV, Parquet or JSONL")
    if path.is_dir():
        raise InputError("is a folder, not a table", where=str(path), remedy="give one CSV, Parquet or JSONL file")
    try:
        table: pl.DataFrame = readers[suffix]()
    except FileNotFoundError as error:
        raise InputError("there is no such file", where=str(path), remedy="check the path") from error
    except (pl.exceptions.PolarsError, OSError) as error:
        _refuse_pointer(path)
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise InputError(f"cannot be read ({reason})", where=str(path), remedy="check the file") from error
    if table.width == 1:
        _refuse_pointer(path)
    return table


def _refuse_pointer(path: Path) -> None:
    """Say so where a repository was copied without its large files: what stands for one may pass for a table."""
    try:
        with path.open("rb") as file:
            is_pointer = file.read(len(_LFS)) == _LFS
    except OSError:
        return
    if is_pointer:
        raise InputError("is a git-LFS pointer, not the data", where=str(path), remedy="fetch it with git lfs pull")


def _read_csv(path: Path) -> pl.DataFrame:
    """Columns whose fields are texts stay texts: the name 007 is no number, nor is an id."""
    import polars as pl

    names = pl.read_csv(path, n_rows=0, infer_schema=False).columns
    texts = {name: pl.String() for name in names if holds_text(name)}
    return pl.read_csv(path, infer_schema_length=None, schema_overrides=texts)
