"""``personae population``: looking at people; how they are drawn and written stands beside."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from personae.cli import options
from personae.cli.output import Grid, JsonFlag, Result, reporting
from personae.cli.population_fitted import choose_people, tell_margins, weight_people
from personae.cli.population_sampled import list_sets, sample_population
from personae.cli.population_written import expand_people, imagine_people, induce_people, write_people

if TYPE_CHECKING:
    import polars as pl
    from rich.console import Console

    from personae.population.store import People

population_app = typer.Typer(
    name="population",
    help="Populations: drawn, written, weighted, described, compared, asked, reported.",
    no_args_is_help=True,
)

PeopleFile = Annotated[
    Path, typer.Argument(metavar="PEOPLE", help="Folder of a population, Parquet, CSV, JSONL, or a persona file.")
]
Against = Annotated[Path, typer.Argument(metavar="TARGET", help="People that they are held against.")]
Seed = Annotated[int, typer.Option("--seed", min=0, help="Seed of bootstraps and samples.")]
_MOST_SHOWN = 50

population_app.command("sample")(sample_population)
population_app.command("sets")(list_sets)
population_app.command("write")(write_people)
population_app.command("expand")(expand_people)
population_app.command("imagine")(imagine_people)
population_app.command("induce")(induce_people)
population_app.command("weight")(weight_people)
population_app.command("margins")(tell_margins)
population_app.command("choose")(choose_people)


@population_app.command("query")
@reporting
def query_population(
    people: PeopleFile,
    sql: Annotated[
        str, typer.Argument(metavar="SQL", help='SELECT over the table people: "SELECT count(*) FROM people".')
    ],
    to: Annotated[
        Path | None, typer.Option("--to", help="File the answer is written to: .parquet, .csv, or people as .jsonl.")
    ] = None,
    as_json: JsonFlag = False,
) -> Result:
    """Ask people in SQL (DuckDB); what comes of it can be people again."""
    from personae.population.store import open_people, query_people, save_people

    opened = open_people(people)
    answer = query_people(opened, sql)
    if to is not None:
        save_people(answer, to, opened.provenance)
        told = {"columns": answer.columns, "count": answer.height, "to": str(to)}
        return Result(told, Grid("", ["", ""], [["rows", str(answer.height)], ["file", str(to)]]).show)
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


@population_app.command("describe")
@reporting
def describe_population(people: PeopleFile, seed: Seed = 0, as_json: JsonFlag = False) -> Result:
    """Say who is in a population, field by field, and how different they are."""
    import numpy as np

    from personae.errors import InputError, MissingExtraError
    from personae.population.fields import RESERVED, WEIGHT, free_text, number_columns, text_columns
    from personae.population.quality import describe_fields, diversity
    from personae.population.store import open_people
    from personae.population.texts import text_diversity

    whole = open_people(people).frame()
    frame = whole.drop([name for name in RESERVED if name in whole.columns and name != WEIGHT])
    fields = describe_fields(frame)
    data: dict[str, Any] = {"people": frame.height, "fields": [one.to_json() for one in fields]}
    warnings = _repeated(whole)
    rows = [
        [one.column, str(one.missing), str(one.levels), f"{one.entropy:.2f}", f"{one.evenness:.2f}", _middle(one)]
        for one in fields
    ]
    closed, free = _without_words(whole), free_text(whole)
    rng = np.random.default_rng(seed)
    if frame.height > 2 and [*number_columns(closed), *text_columns(closed)]:
        data["diversity"] = diversity(closed, rng=rng).to_json()
    if free:
        texts = [text for text in whole[free].cast(str).drop_nulls().to_list() if text.strip()]
        try:
            measured = text_diversity(texts, rng=rng)
            data["texts"] = {
                name: {"estimate": one.estimate, "low": one.low, "high": one.high, "n": one.n}
                for name, one in measured.items()
            }
        except (InputError, MissingExtraError) as error:
            warnings.append(f"texts are not measured: {error.what}")

    def show(console: Console) -> None:
        title = f"{frame.height} people"
        Grid(
            title,
            ["field", "missing", "levels", "entropy", "evenness", "mean, SD or commonest"],
            rows,
            frozenset((1, 2, 3, 4)),
        ).show(console)
        for title, key in (("How different they are", "diversity"), ("How different their texts are", "texts")):
            lines = [
                [name, f"{one['estimate']:.3f}", f"{one['low']:.3f}", f"{one['high']:.3f}", str(one["n"])]
                for name, one in data.get(key, {}).items()
            ]
            if lines:
                columns = ["measure", "estimate", "low", "high", "n"]
                Grid(title, columns, lines, frozenset((1, 2, 3, 4))).show(console)

    return Result(data, show, warnings)


def _repeated(frame: pl.DataFrame) -> list[str]:
    """A word about ids that several people have."""
    from personae.population.fields import ID

    if ID not in frame.columns:
        return []
    ids = frame[ID].drop_nulls()
    twice = ids.filter(ids.is_duplicated())
    return [f"{twice.len()} people share an id with somebody, first {twice[0]!r}"] if twice.len() else []


@population_app.command("compare")
@reporting
def compare_populations(people: PeopleFile, target: Against, seed: Seed = 0, as_json: JsonFlag = False) -> Result:
    """Say how far people are from a target, column by column and pair by pair, and what of it is noise."""
    import numpy as np

    from personae.population.fields import RESERVED, named_like
    from personae.population.store import open_people
    from personae.population.targets import distances_to_target, homogenisation

    ours, theirs = (_without_words(open_people(path).frame()) for path in (people, target))
    theirs = named_like(theirs, ours)
    rng = np.random.default_rng(seed)
    found = distances_to_target(ours, theirs, rng=rng)
    alike = homogenisation(ours, theirs, rng=rng)
    data = {
        "distances": [
            {
                "columns": list(one.columns),
                "measure": one.measure,
                "estimate": one.value.estimate,
                "low": one.value.low,
                "high": one.value.high,
                "noise_95": one.value.details["noise_95"],
            }
            for one in found
        ],
        "homogenisation": {"estimate": alike.estimate, "low": alike.low, "high": alike.high},
    }
    compared = {column for one in found for column in one.columns}
    notes = [
        f"{path}: not compared, as the other has nothing of this name: {', '.join(lone)}"
        for path, one, other in ((people, ours, theirs), (target, theirs, ours))
        if (lone := [name for name in one.columns if name not in (*other.columns, *RESERVED, *compared)])
    ]
    rows = [
        [
            one.name,
            one.measure,
            f"{one.value.estimate:.3f}",
            f"{one.value.low:.3f}",
            f"{one.value.high:.3f}",
            f"{one.value.details['noise_95']:.3f}",
        ]
        for one in found
    ]
    rows.append(["all", "homogenisation", f"{alike.estimate:.3f}", f"{alike.low:.3f}", f"{alike.high:.3f}", ""])
    columns = ["columns", "measure", "estimate", "low", "high", "noise, 95%"]
    return Result(data, Grid("", columns, rows, frozenset((2, 3, 4, 5))).show, notes)


@population_app.command("dedup")
@reporting
def dedup_population(
    people: PeopleFile,
    to: Annotated[Path | None, typer.Option("--to", help="File that the people who stay are written to.")] = None,
    by: Annotated[str, typer.Option("--by", help="exact, minhash, words (MinHash of words) or embedding.")] = "minhash",
    column: Annotated[
        str, typer.Option("--column", help="Column that is compared. [default: text, else description]")
    ] = "",
    threshold: Annotated[
        float | None, typer.Option("--threshold", help="Similarity from which two are the same.")
    ] = None,
    on: Annotated[
        str, typer.Option("--on", metavar="ray", help="MinHash on a Ray cluster: $RAY_ADDRESS, or here.")
    ] = "",
    as_json: JsonFlag = False,
) -> Result:
    """Find people who are there twice; every pair found is verified."""
    import numpy as np

    from personae.errors import InputError
    from personae.population.dedup import embedding_duplicates, exact_duplicates, minhash_duplicates
    from personae.population.fields import free_text
    from personae.population.on_ray import spread_on_ray
    from personae.population.store import open_people, save_people
    from personae.population.wording import render_frame

    if on:
        options.check_on(on, {})
        if by not in ("minhash", "words"):
            raise InputError(f"{by} runs on one machine only", where="--on", remedy="use --by minhash or --by words")
    if by not in ("exact", "minhash", "words", "embedding"):
        raise InputError(f"{by!r} is no way to compare", where="--by", remedy="use exact, minhash, words or embedding")
    opened = open_people(people)
    frame = opened.frame()
    name = _named(frame, column) if column else free_text(frame)
    spelled = frame[name].cast(str) if name else render_frame(frame, "second-person")
    told = np.flatnonzero((spelled.fill_null("").str.strip_chars() != "").to_numpy())
    texts = spelled[told].to_list()  # who has no text is nobody's duplicate
    if by == "exact":
        found = exact_duplicates(texts)
    elif by == "embedding":
        found = embedding_duplicates(texts, threshold=0.9 if threshold is None else threshold)
    else:
        unit: Any = "letters" if by == "minhash" else "words"
        at = threshold if threshold is not None else 0.8 if by == "minhash" else 0.9
        found = minhash_duplicates(texts, threshold=at, unit=unit, spread=spread_on_ray if on else None)
    found = found.among(told, frame.height)
    if to is not None:
        save_people(frame[found.kept], to, opened.provenance)
    groups = [rows for rows, _ in zip(found.groups(), range(_MOST_SHOWN), strict=False)]
    mute = frame.height - len(told)
    data = {**found.to_json(), "kept": len(found.kept), "to": str(to) if to else None, "groups": groups}
    data["without_text"] = mute
    rows = [["compared", str(len(told))], ["candidates", str(found.candidates)], ["duplicates", str(found.removed)]]
    rows += [["without a text, and kept", str(mute)]] if mute else []
    return Result(data, Grid(found.method, ["", ""], rows, frozenset((1,))).show)


@population_app.command("report")
@reporting
def report_population(
    people: PeopleFile,
    to: Annotated[Path, typer.Option("--to", help="HTML file.")] = Path("population.html"),
    target: Annotated[Path | None, typer.Option("--target", help="People that they are held against.")] = None,
    identifier: Annotated[list[str], typer.Option("--identifier", help="Fact that others may know.")] = [],  # noqa: B006
    group: Annotated[list[str], typer.Option("--group", help="Column of groups, for stereotypes.")] = [],  # noqa: B006
    column: Annotated[
        str, typer.Option("--column", help="Column of free texts. [default: text, else description]")
    ] = "",
    seed: Seed = 0,
    as_json: JsonFlag = False,
) -> Result:
    """Write one HTML page: fields, diversity, distances, copies, duplicates, re-identification, stereotypes."""
    import numpy as np

    from personae.persona.formats.table import place_of
    from personae.population.fields import named_like
    from personae.population.report import report_people
    from personae.population.store import open_people
    from personae.study.folder import whole_file

    opened = open_people(people)
    frame = opened.frame()
    identifier, group = (
        [place if name not in frame.columns and (place := place_of(name)) in frame.columns else name for name in names]
        for names in (identifier, group)
    )
    page = report_people(
        frame,
        title=str(opened.record.get("name") or people.name),
        rng=np.random.default_rng(seed),
        target=None if target is None else named_like(open_people(target).frame(), frame),
        target_name="" if target is None else target.name,
        identifiers=identifier,
        groups=group,
        text=column,
        made=_made_of(opened, people, target, seed),
    )
    with whole_file(to) as partial:
        partial.write_text(page, encoding="utf-8")
    return Result({"report": str(to)}, lambda console: console.print(str(to), markup=False))


def _made_of(opened: People, people: Path, target: Path | None, seed: int) -> list[tuple[str, str]]:
    """What the page says of its own making."""
    from importlib.metadata import version

    record = opened.record
    told = [("people", people.name), ("target", "" if target is None else target.name)]
    told += [(name, str(record.get(name) or "")) for name in ("about", "licence", "size", "seed", "renderer")]
    told += [
        ("source", str(record.get("source", {}).get("kind", ""))),
        ("fingerprint", record.get("fingerprint", "")[:16]),
    ]
    for path, source in record.get("provenance", {}).items():
        told.append((f"source of {'all fields' if path == '*' else path}", ", ".join(map(str, source.values()))))
    told += [("seed of bootstraps and samples", str(seed)), ("personae", version("personae"))]
    return [(name, value) for name, value in told if value]


def _without_words(frame: pl.DataFrame, column: str = "") -> pl.DataFrame:
    """Closed fields and weights: neither who it is nor free texts, of which everybody has another."""
    from personae.population.fields import RESERVED, WEIGHT, free_text

    left_out = {*RESERVED, column or free_text(frame)} - {WEIGHT}
    return frame.drop([name for name in frame.columns if name in left_out])


def _named(frame: pl.DataFrame, column: str) -> str:
    from personae.errors import InputError

    if column not in frame.columns:
        raise InputError("is not among the columns", where=column, remedy=f"there are {', '.join(frame.columns)}")
    return column


def _middle(one: Any) -> str:
    return str(one.commonest)[:40] if one.mean is None else f"{one.mean:.2f}, {one.sd:.2f}"
