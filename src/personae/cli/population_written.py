"""``personae population write``, ``expand``, ``imagine`` and ``induce``: people that a model writes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from personae.cli import options
from personae.cli.output import Grid, JsonFlag, Result, reporting
from personae.errors import InputError

if TYPE_CHECKING:
    from personae.model import Model
    from personae.persona import Persona
    from personae.population.writing import WrittenPeople

NOBODY = 5
"""Exit code where not one person came of it."""

Seeds = Annotated[
    Path, typer.Argument(metavar="PEOPLE", help="Folder of a population, Parquet, CSV, JSONL, or a persona file.")
]
To = Annotated[Path, typer.Option("--to", help="File to write: .jsonl keeps every source, or .parquet, .csv.")]


@reporting
def write_people(
    people: Seeds,
    to: To,
    about: Annotated[str, typer.Option("--about", help="What the people are for.")],
    field: Annotated[
        list[str], typer.Option("--field", metavar="FIELD", help="Field that the model writes; may be given again.")
    ] = ["description", "life_context", "goals"],  # noqa: B006  # typer copies it
    each: Annotated[int, typer.Option("--each", min=1, help="People that are written around the same facts.")] = 1,
    prompt: Annotated[
        Path | None, typer.Option("--prompt", help="File of another prompt, with $about, $bound and $wanted.")
    ] = None,
    model: options.ModelOption = "",
    model_option: options.ModelSettings = [],  # noqa: B006
    model_base_url: options.BaseUrl = "",
    max_connections: options.Workers = 16,
    cache: options.CacheFlag = True,
    as_json: JsonFlag = False,
) -> Result:
    """Let a model write people around the fields that they have, which must come back byte for byte."""
    from personae.population.store import open_people
    from personae.population.writing import WRITE_PROMPT, WrittenPerson, write_many, write_person

    words = WRITE_PROMPT if prompt is None else _text(prompt)
    bound = list(open_people(people).personas())

    async def make(asked: Model) -> WrittenPeople:
        def task(one: Persona, replicate: int) -> Callable[[], Awaitable[WrittenPerson]]:
            return lambda: write_person(asked, one, about=about, wanted=field, prompt=words, replicate=replicate)

        tasks = [task(one, replicate) for one in bound for replicate in range(each)]
        return await write_many(tasks, at_once=max_connections)

    return _made(make, (model, model_option, model_base_url, cache), to)


@reporting
def expand_people(
    people: Seeds,
    to: To,
    hops: Annotated[int, typer.Option("--hops", min=1, help="Steps from the people that are there.")] = 6,
    relation: Annotated[
        list[str], typer.Option("--relation", help="Relation that is asked for; may be given again. [default: six]")
    ] = [],  # noqa: B006
    model: options.ModelOption = "",
    model_option: options.ModelSettings = [],  # noqa: B006
    model_base_url: options.BaseUrl = "",
    max_connections: options.Workers = 16,
    cache: options.CacheFlag = True,
    as_json: JsonFlag = False,
) -> Result:
    """Let a model make people from people: each hop, a relative of everybody who is new, with lineage."""
    from personae.population.store import open_people
    from personae.population.writing import RELATIONS, expand

    seeds = list(open_people(people).personas())
    if mute := [one.id for one in seeds if not one.description.strip()]:
        raise InputError(
            f"{len(mute)} of {len(seeds)} people have no description, which relatives are made from",
            where=str(people),
            remedy="personae population write gives them one",
        )

    async def make(asked: Model) -> WrittenPeople:
        return await expand(asked, seeds, hops=hops, relations=relation or RELATIONS, at_once=max_connections)

    return _made(make, (model, model_option, model_base_url, cache), to)


@reporting
def imagine_people(
    texts: Annotated[Path, typer.Argument(metavar="TEXTS", help=".txt with a text a line, or CSV, Parquet, JSONL.")],
    to: To,
    column: Annotated[str, typer.Option("--column", help="Column of the texts in a table.")] = "text",
    attitude: Annotated[str, typer.Option("--attitude", help="Who would read, write, like or dislike them?")] = "read",
    each: Annotated[int, typer.Option("--each", min=1, help="People of each text.")] = 1,
    licence: Annotated[str, typer.Option("--licence", help="Terms of the texts, which people carry on.")] = "",
    model: options.ModelOption = "",
    model_option: options.ModelSettings = [],  # noqa: B006
    model_base_url: options.BaseUrl = "",
    max_connections: options.Workers = 16,
    cache: options.CacheFlag = True,
    as_json: JsonFlag = False,
) -> Result:
    """Let a model imagine who would read, write, like or dislike each text (text-to-persona)."""
    from personae.population.microdata import read_table
    from personae.population.writing import ATTITUDES, WrittenPerson, persona_from_text, write_many

    if attitude not in ATTITUDES:
        raise InputError(f"{attitude!r} is none", where="--attitude", remedy=f"use {', '.join(ATTITUDES)}")
    if texts.suffix.lower() == ".txt":
        read = _text(texts).splitlines()
    else:
        table = read_table(texts)
        if column not in table.columns:
            raise InputError("is not among the columns", where=column, remedy=f"there are {', '.join(table.columns)}")
        read = [str(one) for one in table[column].drop_nulls().to_list()]
    told = [text.strip() for text in read if text.strip()]
    if not told:
        raise InputError("holds no text", where=str(texts), remedy="give a text a line")

    async def make(asked: Model) -> WrittenPeople:
        def task(text: str, replicate: int) -> Callable[[], Awaitable[WrittenPerson]]:
            return lambda: persona_from_text(asked, text, attitude=attitude, replicate=replicate, licence=licence)

        tasks = [task(text, replicate) for text in told for replicate in range(each)]
        return await write_many(tasks, at_once=max_connections)

    return _made(make, (model, model_option, model_base_url, cache), to)


@reporting
def induce_people(
    behaviour: Annotated[
        Path,
        typer.Argument(
            metavar="BEHAVIOUR",
            help="JSONL, JSON, YAML: texts, preferences (chosen, rejected), history of each.",
        ),
    ],
    to: To,
    trait: Annotated[
        list[str], typer.Option("--trait", help="Trait that is rated; may be given again. [default: the Big Five]")
    ] = [],  # noqa: B006
    model: options.ModelOption = "",
    model_option: options.ModelSettings = [],  # noqa: B006
    model_base_url: options.BaseUrl = "",
    max_connections: options.Workers = 16,
    cache: options.CacheFlag = True,
    as_json: JsonFlag = False,
) -> Result:
    """Let a model describe people from what they wrote, preferred or did, with evidence that stands in it."""
    from personae.persona import BIG_FIVE
    from personae.persona.spelling import parse_rows
    from personae.population.behaviour import told_behaviour
    from personae.population.fields import check_column
    from personae.population.writing import WrittenPerson, induce_persona, write_many

    for one in trait:
        check_column(f"traits.{one}", where="--trait")
    people = []
    for number, row in enumerate(parse_rows(_text(behaviour), behaviour), start=1):
        place = f"{behaviour}: person {number}"
        if not isinstance(row, dict):
            raise InputError("is no object", where=place, remedy='write {"texts": ["..."]}')
        people.append((str(row.get("id") or ""), str(row.get("consent") or ""), told_behaviour(row, where=place)))
    if not people:
        raise InputError("tells of nobody", where=str(behaviour), remedy='write {"texts": ["..."]}, one person a line')
    traits = tuple(trait) or BIG_FIVE

    async def make(asked: Model) -> WrittenPeople:
        def task(who: str, consent: str, told: tuple[str, ...]) -> Callable[[], Awaitable[WrittenPerson]]:
            return lambda: induce_persona(asked, told, traits=traits, consent=consent, id=who)

        return await write_many([task(*one) for one in people], at_once=max_connections)

    return _made(make, (model, model_option, model_base_url, cache), to)


def _made(
    make: Callable[[Model], Awaitable[WrittenPeople]], chosen: tuple[str, list[str], str, bool], to: Path
) -> Result:
    """Ask the model, keep who came of it, and tell how every request ended."""
    import asyncio

    from personae.launch import ModelChoice
    from personae.model import ResponseCache
    from personae.settings import cache_dir

    name, settings, base_url, use_cache = chosen
    _check_ending(to)
    choice = ModelChoice.read(name, {}, options.read_pairs(settings, "-M"), base_url)
    is_sim = choice.names["subject"] == "sim"
    store = ResponseCache(cache_dir()) if use_cache and not is_sim else None

    async def ask() -> WrittenPeople:
        model: Any = choice.open(["subject"], store)["subject"]
        try:
            return await make(model)
        finally:
            if hasattr(model, "aclose"):
                await model.aclose()

    try:
        made = asyncio.run(ask())
    finally:
        if store is not None:
            store.close()
    if made.people:
        _save(made.people, to)
    data = {
        "asked": made.asked,
        "written": len(made.people),
        "counts": dict(made.counts),
        "changed": dict(made.changed),
        "to": str(to) if made.people else None,
        "model": choice.names["subject"],
    }
    rows = [["asked for", str(made.asked)], *([str(key), str(count)] for key, count in made.counts.items())]
    rows += [[f"{key} came back changed", str(count)] for key, count in made.changed.items()]
    title = f"SIMULATED people in {to}" if is_sim else f"people in {to}"
    return Result(
        data,
        Grid(title if made.people else "nobody: nothing was written", ["", ""], rows, frozenset((1,))).show,
        ["SIMULATED: these people were written by sim, which knows no people"] if is_sim else [],
        0 if made.people else NOBODY,
    )


def _check_ending(to: Path) -> None:
    if to.suffix.lower() not in (".jsonl", ".parquet", ".csv"):
        raise InputError("no such table is written", where=str(to), remedy="write .jsonl, .parquet or .csv")


def _save(people: Iterable[Persona], to: Path) -> None:
    from personae.persona.files import dump_line
    from personae.population.fields import frame_of
    from personae.population.store import save_people
    from personae.study.folder import whole_file

    if to.suffix.lower() != ".jsonl":
        save_people(frame_of(people), to)
        return
    with whole_file(to) as partial, partial.open("w", encoding="utf-8") as file:
        file.writelines(dump_line(one) for one in people)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError("cannot be read as text", where=str(path), remedy="give a file of UTF-8 text") from error
