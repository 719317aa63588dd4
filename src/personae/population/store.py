"""A population on disk: a folder of Parquet parts with a record and a data card, written by one process or by many.

The layout is that of a data set on the Hugging Face hub: ``data/people-00000-of-00010.parquet``, ``README.md``. A part
that is there is whole, so that a run that was interrupted goes on with the parts that are missing.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import orjson

from personae.canonical import content_hash
from personae.errors import ConflictError, InputError, StorageError
from personae.persona import Persona, Provenance, read_personas, render
from personae.population.card import write_card
from personae.population.fields import TEXT, frame_of, personas_of
from personae.population.microdata import read_table
from personae.population.named import is_set, named
from personae.population.source import BLOCK, Block, Population
from personae.population.wording import render_frame
from personae.study.folder import whole_file, write_json

if TYPE_CHECKING:
    import polars as pl

RECORD_FILE, CARD_FILE, DATA = "population.json", "README.md", "data"
SCHEMA_VERSION = 1
PART = 5 * BLOCK
"""People of one file."""
_TABLES = (".csv", ".parquet", ".jsonl", ".ndjson")


@dataclass(frozen=True, slots=True)
class Written:
    """What was written."""

    folder: Path
    people: int
    parts: int
    resumed: int
    """Parts that were there already."""
    counts: Mapping[str, int] = field(default_factory=dict)
    """What happened in the draw, such as people rejected by a condition."""


class Spread(Protocol):
    """Does pieces of work, here or on other machines, and gives what they came to in their order."""

    def __call__(self, work: Any, pieces: list[Any]) -> list[Any]:
        """Call ``work`` on every piece."""
        ...


def write_population(
    population: Population,
    folder: Path,
    *,
    renderer: str = "",
    about: str = "",
    licence: str = "",
    spread: Spread | None = None,
) -> Written:
    """Draw a population and write it, part by part; memory is that of one part.

    Args:
        population: Who is drawn.
        folder: Where; a folder with the same population goes on, one with another is refused.
        renderer: Renderer whose words are written beside the fields, in the column ``text``; none if empty.
        about: What the people stand for, for the card.
        licence: Terms of the data set, for the card.
        spread: Does the parts elsewhere (see :mod:`personae.population.on_ray`); here, in turn, if not given.

    Raises:
        InputError: If the renderer is not known, or the source cannot be drawn from.
        ConflictError: If the folder holds another population.
        StorageError: If the folder cannot be written.
    """
    identity = render(Persona(), renderer).renderer if renderer else ""
    size = population.size
    provenance = {path: one.model_dump(exclude_defaults=True) for path, one in population.source.provenance.items()}
    record = {
        "schema_version": SCHEMA_VERSION,
        "name": population.name,
        "size": size,
        "seed": population.seed,
        "source": dict(population.source.describe()),
        "provenance": provenance,
        "renderer": identity,
        "about": about,
        "licence": licence,
        "fingerprint": content_hash([population.source.describe(), size, population.seed, identity, BLOCK]),
    }
    parts = -(-size // PART)
    _claim(folder, record)
    places = [folder / DATA / f"people-{number:05d}-of-{parts:05d}.parquet" for number in range(parts)]
    missing = [number for number, place in enumerate(places) if not place.exists()]
    work = _PartWriter(population, renderer, tuple(places))
    done: list[Mapping[str, int]] = spread(work, missing) if spread else [work(number) for number in missing]
    counts: Counter[str] = Counter()
    for one in done:
        counts.update(one)
    with whole_file(folder / CARD_FILE) as partial:
        partial.write_text(write_card(record, read_parts(folder)), encoding="utf-8")
    return Written(folder, size, parts, parts - len(missing), dict(counts))


@dataclass(frozen=True, slots=True)
class _PartWriter:
    """Draws, renders and writes one part; it travels to other machines as it is."""

    population: Population
    renderer: str
    places: tuple[Path, ...]

    def __call__(self, number: int) -> dict[str, int]:
        import polars as pl

        counts: Counter[str] = Counter()
        pieces = []
        size = self.population.size
        for start in range(number * PART, min(size, (number + 1) * PART), BLOCK):
            block = Block(start, min(BLOCK, size - start), size, self.population.seed, (), counts)
            piece = self.population.draw(block)
            if self.renderer:
                piece = piece.with_columns(render_frame(piece, self.renderer).alias(TEXT))
            pieces.append(piece)
        place = self.places[number]
        with whole_file(place) as partial:
            pl.concat(pieces, how="diagonal_relaxed").write_parquet(partial, compression="zstd", compression_level=1)
        return dict(counts)


def _claim(folder: Path, record: Mapping[str, Any]) -> None:
    known = folder / RECORD_FILE
    if known.exists():
        before = read_record(folder)
        if before["fingerprint"] != record["fingerprint"]:
            differing = [key for key in ("source", "size", "seed", "renderer") if before.get(key) != record[key]]
            raise ConflictError(
                f"the folder holds another population ({', '.join(differing) or 'of another version'} differ)",
                where=str(folder),
                remedy="choose another folder",
            )
    try:
        (folder / DATA).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StorageError(
            f"the folder cannot be made ({error.strerror})", where=str(folder), remedy="choose another"
        ) from error
    write_json(known, record)


def read_record(folder: Path) -> dict[str, Any]:
    """Read what population a folder holds.

    Raises:
        InputError: If it holds none, or one of another version.
    """
    path = folder / RECORD_FILE
    try:
        record = orjson.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise InputError(
            "holds no population", where=str(folder), remedy="personae population sample makes one"
        ) from error
    if not isinstance(record, dict) or record.get("schema_version") != SCHEMA_VERSION or "fingerprint" not in record:
        raise InputError("the record is of another version of personae", where=str(path))
    return record


def read_parts(folder: Path) -> list[Path]:
    """Files of a population, in their order; all of them have to be there.

    Raises:
        InputError: If one is missing.
    """
    found = sorted((folder / DATA).glob("*.parquet"))
    if not found:
        raise InputError("has no data", where=str(folder), remedy="draw it again")
    if match := re.fullmatch(r".*-of-(\d+)\.parquet", found[0].name):
        wanted = int(match[1])
        if len(found) != wanted:
            raise InputError(
                f"has {len(found)} of {wanted} parts", where=str(folder), remedy="run the same command again to go on"
            )
    return found


@dataclass(frozen=True, slots=True)
class People:
    """A population as it is read: its table, and where it is from."""

    path: Path
    record: Mapping[str, Any]
    lazy: pl.LazyFrame

    @property
    def provenance(self) -> dict[str, Provenance]:
        """Sources that all people share."""
        return {path: Provenance.model_validate(one) for path, one in self.record.get("provenance", {}).items()}

    def frame(self) -> pl.DataFrame:
        """The table.

        Raises:
            InputError: If a file of it cannot be read.
        """
        import polars as pl

        try:
            return self.lazy.collect()
        except (pl.exceptions.PolarsError, OSError) as error:
            reason = (str(error).splitlines() or [type(error).__name__])[0][:200]
            raise InputError(f"cannot be read ({reason})", where=str(self.path), remedy="check its files") from error

    def personas(self) -> Iterator[Persona]:
        """The people, one by one."""
        for piece in self.frame().iter_slices(BLOCK):
            yield from personas_of(piece, self.provenance)

    def _repr_html_(self) -> str:
        from html import escape

        head = self.lazy.head(10).collect()
        cells = "".join(f"<th>{escape(name)}</th>" for name in head.columns)
        rows = "".join(
            "<tr>" + "".join(f"<td>{escape('' if one is None else str(one))}</td>" for one in row) + "</tr>"
            for row in head.rows()
        )
        size = self.record.get("size") or self.lazy.select("*").collect().height
        title = escape(f"{self.record.get('name') or self.path.name}: {size} people, the first {head.height}")
        return f"<table><caption>{title}</caption><tr>{cells}</tr>{rows}</table>"


def open_people(path: Path | str) -> People:
    """Open people from a folder of a population, a table (CSV, Parquet, JSONL of columns), persona files, or a set.

    Raises:
        InputError: If there are none, or they cannot be read.
    """
    import polars as pl

    path = Path(path)
    if not path.exists() and is_set(str(path)):
        return People(path, {}, named(str(path)).frame().lazy())
    if path.is_dir():
        if (path / RECORD_FILE).exists():
            return People(path, read_record(path), pl.scan_parquet(read_parts(path)))
        found = sorted([*path.glob("*.parquet"), *(path / DATA).glob("*.parquet")])
        if not found:
            raise InputError("holds no population", where=str(path), remedy="give a folder with Parquet files")
        return People(path, {}, pl.scan_parquet(found))
    if path.suffix.lower() in _TABLES and not _is_personas(path):
        return People(path, {}, read_table(path).lazy())
    return People(path, {}, frame_of(one.persona for one in read_personas(path)).lazy())


def _is_personas(path: Path) -> bool:
    """Whether a JSONL file holds personas rather than a table of columns."""
    if path.suffix.lower() not in (".jsonl", ".ndjson"):
        return False
    try:
        with path.open("rb") as file:
            first = orjson.loads(file.readline())
    except (OSError, ValueError):
        return False
    if not isinstance(first, dict):
        return False
    return (
        "format" in first
        or any(isinstance(value, dict) for value in first.values())
        or set(first) <= set(Persona.model_fields)
    )


def save_people(frame: pl.DataFrame, path: Path, provenance: Mapping[str, Provenance] | None = None) -> None:
    """Write people as one file, by its ending: Parquet, CSV, a JSONL of personas.

    Raises:
        InputError: If the ending is none of these, or a list does not fit into CSV.
    """
    from personae.persona.files import dump_line

    suffix = path.suffix.lower()
    if suffix not in _TABLES:
        raise InputError(
            f"{suffix or 'no ending'} is no table", where=str(path), remedy="write .parquet, .csv or .jsonl"
        )
    if suffix == ".csv" and (lists := [name for name, kind in frame.schema.items() if kind.is_nested()]):
        raise InputError(
            f"{lists[0]} holds lists, which CSV cannot", where=str(path), remedy="write .parquet or .jsonl"
        )
    with whole_file(path) as partial:
        if suffix == ".parquet":
            frame.write_parquet(partial)
        elif suffix == ".csv":
            frame.write_csv(partial)
        else:
            with partial.open("w", encoding="utf-8") as file:
                file.writelines(dump_line(person) for person in personas_of(frame, provenance))


def query_people(people: People, sql: str) -> pl.DataFrame:
    """Ask a population in SQL (DuckDB); its table is ``people``.

    One SELECT is taken. It can open no file, no network and no variable of the program.

    Raises:
        InputError: If the query cannot be answered.
        MissingExtraError: If duckdb or pyarrow is not installed.
    """
    from personae.errors import MissingExtraError

    try:
        import duckdb
        import polars as pl
        import pyarrow  # noqa: F401  # what DuckDB reads a table through
    except ImportError as error:
        raise MissingExtraError("SQL over a population", "data") from error
    settings: dict[str, Any] = {
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
        "python_enable_replacements": "false",
    }
    connection = duckdb.connect(":memory:", config=settings)
    try:
        statements = duckdb.extract_statements(sql)
        if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
            raise InputError("is not one SELECT", where="query", remedy='ask "SELECT count(*) FROM people"')
        if (people.path / DATA).is_dir():
            files = [str(part.resolve()) for part in read_parts(people.path)]
            connection.execute("SET VARIABLE parts = ?", [files])
            connection.execute(f"SET allowed_paths = [{', '.join(_quoted(one) for one in files)}]")
            connection.execute("CREATE VIEW people AS SELECT * FROM read_parquet(getvariable('parts'))")
        else:
            connection.register("people", people.frame().to_arrow())
        connection.execute("SET memory_limit = '1GB'")
        connection.execute("SET enable_external_access = false")
        connection.execute("SET lock_configuration = true")
        answer: pl.DataFrame = connection.sql(sql).pl()
    except (duckdb.Error, pl.exceptions.PolarsError) as error:
        said = " ".join(str(error).split())[:300]
        raise InputError(
            f"cannot be answered ({said})", where="query", remedy='the table is people; "DESCRIBE people" names columns'
        ) from error
    finally:
        connection.close()
    return answer


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
