"""``personae population``: drawing people, and looking at them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from personae.cli import options
from personae.cli.output import Grid, JsonFlag, Result, reporting

if TYPE_CHECKING:
    import polars as pl

population_app = typer.Typer(
    name="population", help="Populations: sample, describe, dedup, compare, query, report.", no_args_is_help=True
)

PeopleFile = Annotated[
    Path, typer.Argument(metavar="PEOPLE", help="Folder of a population, Parquet, CSV, JSONL, or a persona file.")
]
_MOST_SHOWN = 50


@population_app.command("sample")
@reporting
def sample_population(
    recipe: Annotated[Path, typer.Argument(metavar="RECIPE", help="Recipe: YAML, TOML or JSON.")],
    to: Annotated[Path, typer.Option("--to", help="Folder that it is written to; the same command goes on.")],
    size: Annotated[int | None, typer.Option("--size", min=1, help="People. [default: as the recipe says]")] = None,
    seed: Annotated[int | None, typer.Option("--seed", min=0, help="Seed. [default: as the recipe says]")] = None,
    renderer: Annotated[str, typer.Option("--renderer", "-r", help="Write these words into the column text.")] = "",
    on: Annotated[str, typer.Option("--on", metavar="ray", help="Draw on a Ray cluster: $RAY_ADDRESS, or here.")] = "",
    as_json: JsonFlag = False,
) -> Result:
    """Draw a population from a recipe, and write it as Parquet with a data card."""
    from personae.population import load_recipe
    from personae.population.on_ray import spread_on_ray
    from personae.population.store import write_population

    if on:
        options.check_on(on, {})
    read = load_recipe(recipe)
    written = write_population(
        read.population(recipe.parent, size=size, seed=seed),
        to,
        renderer=renderer,
        about=read.about,
        licence=read.licence,
        spread=spread_on_ray if on else None,
    )
    data = {
        "folder": str(written.folder),
        "people": written.people,
        "parts": written.parts,
        "resumed": written.resumed,
        "counts": dict(written.counts),
    }
    rows = [["folder", str(written.folder)], ["people", str(written.people)], ["files", str(written.parts)]]
    rows += [["files that were there", str(written.resumed)]] if written.resumed else []
    rows += [[name, str(count)] for name, count in written.counts.items() if count]
    return Result(data, Grid("", ["", ""], rows).show)


@population_app.command("query")
@reporting
def query_population(
    people: PeopleFile,
    sql: Annotated[
        str, typer.Argument(metavar="SQL", help='SELECT over the table people: "SELECT count(*) FROM people".')
    ],
    as_json: JsonFlag = False,
) -> Result:
    """Ask people in SQL (DuckDB)."""
    from personae.population.store import open_people, query_people

    answer = query_people(open_people(people), sql)
    return Result({"columns": answer.columns, "rows": _plain(answer)}, _grid(answer).show)


def _plain(frame: pl.DataFrame) -> list[list[Any]]:
    import orjson

    rows: list[list[Any]] = orjson.loads(orjson.dumps([list(row) for row in frame.rows()], default=str))
    return rows


def _grid(frame: pl.DataFrame) -> Grid:
    right = frozenset(index for index, kind in enumerate(frame.dtypes) if kind.is_numeric())
    rows = [["" if value is None else str(value) for value in row] for row in frame.head(_MOST_SHOWN).rows()]
    title = "" if frame.height <= _MOST_SHOWN else f"the first {_MOST_SHOWN} of {frame.height} rows"
    return Grid(title, frame.columns, rows, right)
