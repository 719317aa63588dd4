"""``personae population sample`` and ``sets``: people of a recipe, or of a published study."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from personae.cli import options
from personae.cli.output import Grid, JsonFlag, Result, reporting
from personae.errors import InputError

if TYPE_CHECKING:
    from personae.population import Population

_RECIPES = (".yaml", ".yml", ".toml", ".json")
_FILES = (".jsonl", ".parquet", ".csv")


@reporting
def list_sets(as_json: JsonFlag = False) -> Result:
    """List the persona sets of published studies; each is drawn by its name."""
    from personae.population import persona_sets

    found = persona_sets()
    data = {
        "sets": [
            {
                "name": one.key,
                "paper": one.number,
                "title": one.title,
                "personas": len(one.people),
                "each": one.each,
                "size": one.size,
                "parts": one.parts,
                "source": one.source,
                "licence": one.licence,
                "note": one.note,
            }
            for one in found
        ]
    }
    rows = [[one.key, str(one.number), str(one.size), _parts(one.parts), one.licence] for one in found]
    columns = ["set", "paper", "people", "personas of each part", "licence"]
    return Result(data, Grid("", columns, rows, frozenset((1, 2))).show)


def _parts(parts: Mapping[str, int]) -> str:
    return ", ".join(f"{part} {count}" for part, count in parts.items())


@reporting
def sample_population(
    recipe: Annotated[
        str,
        typer.Argument(metavar="RECIPE", help="Recipe (YAML, TOML, JSON), or the name of a set: SET or SET.PART."),
    ],
    to: Annotated[
        Path, typer.Option("--to", help="Folder; the same command goes on. Or one file: .jsonl, .parquet or .csv.")
    ],
    size: Annotated[int | None, typer.Option("--size", min=1, help="People. [default: as the recipe says]")] = None,
    seed: Annotated[int | None, typer.Option("--seed", min=0, help="Seed. [default: as the recipe says]")] = None,
    each: Annotated[int | None, typer.Option("--each", min=1, help="People of each persona of a set.")] = None,
    statements: Annotated[
        Path | None, typer.Option("--statements", help="Folder of statements that personas of a set believe.")
    ] = None,
    renderer: Annotated[str, typer.Option("--renderer", "-r", help="Write these words into the column text.")] = "",
    on: Annotated[str, typer.Option("--on", metavar="ray", help="Draw on a Ray cluster: $RAY_ADDRESS, or here.")] = "",
    as_json: JsonFlag = False,
) -> Result:
    """Draw a population from a recipe, or take a set of personas, and write it as Parquet with a data card."""
    from personae.population import load_recipe
    from personae.population.on_ray import spread_on_ray
    from personae.population.store import write_population

    if on:
        options.check_on(on, {})
    path = Path(recipe)
    if not path.exists() and path.suffix.lower() not in _RECIPES:
        chosen = _named(recipe, size, seed, each, statements)
    else:
        _refuse({"--each": each, "--statements": statements}, "is for sets")
        read = load_recipe(path)
        chosen = _Chosen(read.population(path.parent, size=size, seed=seed), read.about, read.licence, ())
    if to.suffix.lower() in _FILES:
        _refuse({"--on": on or None}, "is for folders")
        return _one_file(chosen, to, renderer)
    written = write_population(
        chosen.population,
        to,
        renderer=renderer,
        about=chosen.about,
        licence=chosen.licence,
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
    return Result(data, Grid("", ["", ""], rows).show, chosen.warnings)


@dataclass(frozen=True, slots=True)
class _Chosen:
    """The people of a set or a recipe, and what the card says of them."""

    population: Population
    about: str
    licence: str
    warnings: tuple[str, ...]


def _named(name: str, size: int | None, seed: int | None, each: int | None, statements: Path | None) -> _Chosen:
    from personae.population import named, persona_sets, read_statements

    _refuse({"--size": size, "--seed": seed}, "is for recipes; a set is as large as published")
    if statements is not None and not name.startswith("persona_localization"):
        raise InputError("has no statements", where=name, remedy="leave --statements out")
    beliefs = None if statements is None else read_statements(statements)
    population = named(name, each=each, beliefs=beliefs)
    found = next(one for one in persona_sets() if one.key == name.partition(".")[0])
    about = f"{found.title[0].upper()}{found.title[1:]}. Source: {found.source}. Terms: {found.licence}."
    licence = "" if found.licence == "none stated" else found.licence.lower().replace(" ", "-")
    lacking = [one.id for one in population.personas() if beliefs is not None and not one.beliefs]
    warnings = (f"no statements for {', '.join(lacking)}",) if lacking else ()
    return _Chosen(population, about, licence, warnings)


def _refuse(given: Mapping[str, object], why: str) -> None:

    for option, value in given.items():
        if value is not None:
            raise InputError(why, where=option, remedy=f"leave {option} out")


def _one_file(chosen: _Chosen, to: Path, renderer: str) -> Result:
    """All people at once, in memory; a folder streams."""
    from collections import Counter

    import polars as pl

    from personae.population.fields import TEXT
    from personae.population.store import save_people
    from personae.population.wording import render_frame

    counts: Counter[str] = Counter()
    drawn = [chosen.population.draw(block) for block in chosen.population.blocks(counts)]
    frame = pl.concat(drawn, how="diagonal_relaxed")
    if renderer:
        if to.suffix.lower() == ".jsonl":
            raise InputError("has no place for rendered words", where=str(to), remedy="write .parquet, or a folder")
        frame = frame.with_columns(render_frame(frame, renderer).alias(TEXT))
    save_people(frame, to, chosen.population.source.provenance)
    data = {"file": str(to), "people": frame.height, "counts": dict(counts)}
    rows = [["file", str(to)], ["people", str(frame.height)]]
    rows += [[name, str(count)] for name, count in counts.items() if count]
    return Result(data, Grid("", ["", ""], rows).show, chosen.warnings)
