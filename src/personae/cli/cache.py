"""``personae cache``: what the response cache holds, why it had no answer, taking it elsewhere, making it smaller."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from personae.cli import options
from personae.cli.output import Grid, JsonFlag, Result, reporting
from personae.errors import InputError

if TYPE_CHECKING:
    from rich.console import Console

    from personae.model import Explanation, Miss

cache_app = typer.Typer(
    name="cache", help="The response cache: stats, explain, export, import, prune.", no_args_is_help=True
)


@cache_app.command("stats")
@reporting
def show_stats(as_json: JsonFlag = False) -> Result:
    """Show how many replies the cache holds, of whom, and what they cost."""
    from personae.model import CACHE_FILE, read_stats
    from personae.settings import cache_dir

    stats = read_stats(cache_dir() / CACHE_FILE)
    data = stats.to_json()
    rows = [
        [
            one.identity,
            *(str(count) for count in (one.replies, one.input_tokens, one.output_tokens)),
            _dollars(one.cost, one.unpriced),
            _day(one.oldest),
            _day(one.newest),
        ]
        for one in stats.holdings
    ]
    columns = ["identity", "replies", "input tokens", "output tokens", "US dollars", "oldest", "newest"]
    grid = Grid("", columns, rows, frozenset((1, 2, 3, 4)))

    def show(console: Console) -> None:
        spent = _dollars(data["cost"], data["unpriced"])
        console.print(f"{stats.path}: {stats.replies} replies, {options.show_size(stats.bytes)}", markup=False)
        if rows:
            console.print(f"paid for them: {spent} US dollars", markup=False)
            grid.show(console)

    return Result(data, show)


@cache_app.command("explain")
@reporting
def explain(
    folder: Annotated[Path | None, typer.Argument(metavar="[FOLDER]", help="Run folder.")] = None,
    request: Annotated[
        Path | None, typer.Option("--request", metavar="FILE", help="Request in JSON, as a ledger has it.")
    ] = None,
    model: Annotated[str, typer.Option("--model", help="Model that the request is for.")] = "",
    model_setting: options.ModelSettings = [],  # noqa: B006  # typer copies it
    model_base_url: options.BaseUrl = "",
    limit: Annotated[int, typer.Option("--limit", min=1, max=100, help="Calls of the run that are explained.")] = 10,
    as_json: JsonFlag = False,
) -> Result:
    """Say why calls of a run, or one request, have no answer in the cache: what differs from the nearest that has."""
    from personae.model import CACHE_FILE, explain_misses
    from personae.settings import cache_dir

    if (folder is None) == (request is None):
        raise InputError(
            "say what to explain", where="cache explain", remedy="name a run folder, or --request FILE --model NAME"
        )
    if folder is not None:
        misses, total, places = _misses_of(folder, limit)
    else:
        assert request is not None
        misses, total, places = [_miss_of(request, model, model_setting, model_base_url)], 1, [str(request)]
    explained = explain_misses(cache_dir() / CACHE_FILE, misses) if misses else []
    return _explained(explained, places, total)


def _misses_of(folder: Path, limit: int) -> tuple[list[Miss], int, list[str]]:
    from personae.model import Miss, is_endpoint
    from personae.study import Ledger, RunFolder, read_record

    record = read_record(folder)
    held = RunFolder(folder)
    if not held.ledger_file.is_file():
        raise InputError("holds no calls", where=str(folder), remedy="a replay asks no model")
    models = record["models"]
    roles = [role for role, one in models.items() if is_endpoint(one["name"])]
    if not roles:
        raise InputError(
            "no model of this run is behind an endpoint",
            where=str(folder),
            remedy="only replies of endpoints are cached",
        )
    ledger = Ledger(held.ledger_file)
    try:
        found, total = ledger.uncached_calls(roles, limit)
    finally:
        ledger.close()
    misses = [
        Miss(models[one.call.role]["identity"], one.call.request, one.call.reply, one.before, one.finished)
        for one in found
    ]
    return misses, total, [f"cell {one.call.cell[:16]}, {one.call.role}" for one in found]


def _miss_of(file: Path, model: str, settings: list[str], base_url: str) -> Miss:
    import orjson

    from personae.model import Miss, is_endpoint, open_client, request_from_json

    if not model:
        raise InputError("the model is not named", where="--model", remedy="add --model NAME, and -M as in the run")
    if not is_endpoint(model):
        raise InputError("its replies are never cached", where=model, remedy="only replies of endpoints are cached")
    try:
        request = request_from_json(orjson.loads(file.read_bytes()))
    except OSError as error:
        raise InputError(f"cannot be read ({error.strerror})", where=str(file), remedy="name a file in JSON") from error
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise InputError(
            f"holds no request ({error})", where=str(file), remedy='write {"messages": [{"role", "content"}], ...}'
        ) from error
    client = open_client(model, options.read_pairs(settings, "-M"), base_url=base_url)
    return Miss(client.identity, request)


def _explained(explained: list[Explanation], places: list[str], total: int) -> Result:
    reasons = Counter(_fields(one) for one in explained)
    data: dict[str, Any] = {
        "calls": total,
        "explained": [
            {
                "call": place,
                "reason": one.reason,
                "detail": str(one),
                "not_kept": one.not_kept,
                "differences": [
                    {"field": part.field, "wanted": part.wanted, "cached": part.kept} for part in one.differences
                ],
            }
            for place, one in zip(places, explained, strict=True)
        ],
        "summary": [{"reason": reason, "calls": count} for reason, count in reasons.most_common()],
    }

    def show(console: Console) -> None:
        if not total:
            console.print("Every call was answered from the cache.")
            return
        for place, one in zip(places, explained, strict=True):
            fate = f"; its own reply was not kept: {one.not_kept}" if one.not_kept else ""
            console.print(f"{place}: {one}{fate}", markup=False)
        if len(explained) > 1:
            console.print()
            for reason, count in reasons.most_common():
                console.print(f"{count} of {len(explained)}: {reason}", markup=False)
        if total > len(explained):
            console.print(f"{total - len(explained)} more calls were not answered from the cache.", markup=False)

    return Result(data, show)


def _fields(one: Explanation) -> str:
    if one.reason == "differs":
        return "differs in " + ", ".join(part.field for part in one.differences)
    return str(one)


@cache_app.command("export")
@reporting
def export_cache(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="File to write: .jsonl, or .jsonl.zst.")],
    as_json: JsonFlag = False,
) -> Result:
    """Write all replies to a file, for another machine to import."""
    from personae.model import export_replies
    from personae.settings import cache_dir

    count = export_replies(cache_dir(), file)
    size = file.stat().st_size
    data = {"replies": count, "file": str(file), "bytes": size}
    return Result(
        data, lambda console: console.print(f"{count} replies, {options.show_size(size)}: {file}", markup=False)
    )


@cache_app.command("import")
@reporting
def import_cache(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="File that personae cache export has written.")],
    as_json: JsonFlag = False,
) -> Result:
    """Keep the replies of a file; those that are there already stay, and one bad line keeps all of them out."""
    from personae.model import import_replies
    from personae.settings import cache_dir

    found = import_replies(cache_dir(), file)
    data = {"replies": found.lines, "added": found.added, "already_there": found.lines - found.added}
    return Result(
        data,
        lambda console: console.print(
            f"{found.added} replies added; {found.lines - found.added} were there already", markup=False
        ),
    )


@cache_app.command("prune")
@reporting
def prune_cache(
    older_than: Annotated[
        float | None, typer.Option("--older-than", metavar="DAYS", min=0, help="Remove replies older than this.")
    ] = None,
    identity: Annotated[
        str | None, typer.Option("--identity", metavar="TEXT", help="Remove replies whose identity has this in it.")
    ] = None,
    keep_bytes: Annotated[
        str | None, typer.Option("--keep-bytes", metavar="SIZE", help="Keep the newest, as many as fit into this.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Remove nothing; say what would be.")] = False,
    as_json: JsonFlag = False,
) -> Result:
    """Remove replies, and make the file smaller; a run that uses the cache meanwhile goes on."""
    from personae.model import CACHE_FILE, prune
    from personae.settings import cache_dir

    size = None if keep_bytes is None else options.read_size(keep_bytes, "--keep-bytes")
    pruned = prune(cache_dir() / CACHE_FILE, older_than=older_than, identity=identity, keep_bytes=size, is_dry=dry_run)
    data = {
        "dry_run": dry_run,
        "removed": pruned.removed,
        "kept": pruned.kept,
        "bytes_before": pruned.bytes_before,
        "bytes_after": pruned.bytes_after,
    }
    sizes = f"{options.show_size(pruned.bytes_before)} -> {options.show_size(pruned.bytes_after)}"
    line = (
        f"would remove {pruned.removed} replies and keep {pruned.kept}; {sizes} at most"
        if dry_run
        else f"removed {pruned.removed} replies, kept {pruned.kept}; {sizes}"
    )
    return Result(data, lambda console: console.print(line, markup=False), [pruned.note] if pruned.note else [])


def _dollars(cost: float, unpriced: int) -> str:
    return f"{cost:.4f}" if not unpriced else f"over {cost:.4f}" if cost else "unknown"


def _day(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d")
