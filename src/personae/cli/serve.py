"""``personae serve``: the gateway and the studio; ``personae serve key``: who may use them."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from personae.cli import options
from personae.cli.output import Grid, JsonFlag, Result, reporting
from personae.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager

    from personae.serve.keys import KeyRing

serve_app = typer.Typer(
    name="serve",
    help="The OpenAI-compatible gateway and the studio.",
    invoke_without_command=True,
    no_args_is_help=False,
)
key_app = typer.Typer(name="key", help="API keys: new, list, revoke.", no_args_is_help=True)
serve_app.add_typer(key_app)

Data = Annotated[
    Path | None,
    typer.Option(
        "--data", help="Folder of personas, conversations and keys. [default: $PERSONAE_STUDIO_DIR or personae-studio]"
    ),
]


def _unless_a_command_follows(command: Callable[..., None]) -> Callable[..., None]:
    """Leave the word to ``personae serve key``, for which this function is called too."""

    @functools.wraps(command)
    def run(context: typer.Context, **options: object) -> None:
        if context.invoked_subcommand is None:
            command(context, **options)

    return run


@serve_app.callback()
@_unless_a_command_follows
@reporting
def serve(
    context: typer.Context,
    host: Annotated[
        str, typer.Option("--host", help="Address to listen on; any but loopback needs keys.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="Port; 0 takes a free one.")] = 8420,
    model: Annotated[
        list[str],
        typer.Option("--model", help="Model that may be asked, the default first. [default: $PERSONAE_MODEL or sim]"),
    ] = [],  # noqa: B006  # typer copies it
    model_option: Annotated[
        list[str], typer.Option("-M", metavar="[MODEL:]KEY=VALUE", help="Option of one model, or of all endpoints.")
    ] = [],  # noqa: B006
    persona: Annotated[
        list[Path], typer.Option("--persona", help="File of personas that are put on the shelf, once; may be repeated.")
    ] = [],  # noqa: B006
    data: Data = None,
    runs: Annotated[
        Path | None, typer.Option("--runs", help="Folder of runs. [default: $PERSONAE_LOG_DIR or runs]")
    ] = None,
    require_key: Annotated[bool, typer.Option("--require-key", help="Ask for keys on loopback too.")] = False,
    allow_host: Annotated[list[str], typer.Option("--allow-host", help="Further name of this server.")] = [],  # noqa: B006
    allow_origin: Annotated[
        list[str], typer.Option("--allow-origin", help="Web page that may use the gateway: https://chat.example.org")
    ] = [],  # noqa: B006
    keep: Annotated[
        str, typer.Option("--keep", help="What requests may not change about a persona: model, sampling or both.")
    ] = "",
    confirm_above: Annotated[
        float, typer.Option("--confirm-above", min=0, help="US dollars from which on a run has to be confirmed.")
    ] = 1.0,
    embedder: Annotated[
        str, typer.Option("--embedder", help="Model of an endpoint that finds what personas remember. [default: words]")
    ] = "",
    recall_tokens: Annotated[
        int,
        typer.Option(
            "--recall-tokens",
            min=0,
            help="Tokens of memories and knowledge in a prompt; what is more is found for each reply. 0: no bound.",
        ),
    ] = 800,
    engine: Annotated[str, typer.Option("--engine", help="auto, granian or uvicorn.")] = "auto",
    as_json: JsonFlag = False,
) -> Result:
    """Serve personas as models at /v1, and the studio at /, until interrupted."""
    import sys

    from personae.serve.server import serve as listen
    from personae.serve.settings import LEAST_RECALL_TOKENS, ServeSettings
    from personae.settings import default_model, runs_dir, studio_dir

    if engine not in ("auto", "granian", "uvicorn"):
        raise InputError(f"{engine!r} is no server", where="--engine", remedy="write auto, granian or uvicorn")
    if 0 < recall_tokens < LEAST_RECALL_TOKENS:
        raise InputError(
            f"{recall_tokens} tokens hold no memory",
            where="--recall-tokens",
            remedy=f"allow at least {LEAST_RECALL_TOKENS}, or write 0 for no bound",
        )
    kept = {"model", "sampling"} if keep == "both" else {keep} if keep else set()
    if kept - {"model", "sampling"}:
        raise InputError(f"{keep!r} is not known", where="--keep", remedy="write model, sampling or both")
    names = tuple(dict.fromkeys(model or [default_model()]))
    settings = ServeSettings(
        folder=data or studio_dir(),
        runs=runs or runs_dir(),
        models=names,
        host=host,
        port=port,
        needs_key=require_key,
        hosts=tuple(allow_host),
        origins=tuple(allow_origin),
        overrides=frozenset({"model", "sampling"} - kept),
        confirm_above=confirm_above,
        embedder=embedder,
        recall_tokens=recall_tokens,
        model_options=read_model_options(
            tuple(dict.fromkeys([*names, *([embedder] if embedder else [])])), model_option
        ),
    )
    shelved = put_on_shelf(settings, persona)
    if shelved:
        print(f"{shelved} personas were put on the shelf", file=sys.stderr)  # noqa: T201

    def announce(url: str) -> None:
        print(f"studio {url} gateway {url}v1 models {', '.join(names)}", file=sys.stderr, flush=True)  # noqa: T201

    listen(settings, announce, engine)  # type: ignore[arg-type]  # checked above
    return Result({}, lambda console: None)


@key_app.command("new")
@reporting
def new_key(
    name: Annotated[str, typer.Argument(help="Whose it is: keys of one name belong to one user.")],
    budget: Annotated[float | None, typer.Option("--budget", help="US dollars that it may spend.")] = None,
    rpm: Annotated[int | None, typer.Option("--rpm", min=1, help="Requests a minute.")] = None,
    admin: Annotated[bool, typer.Option("--admin", help="May make keys and read the audit log.")] = False,
    data: Data = None,
    as_json: JsonFlag = False,
) -> Result:
    """Make a key and show it; it cannot be shown again."""
    with _ring(data) as ring:
        key, secret = ring.new(name, budget=budget, rpm=rpm, is_admin=admin)
    return Result({**key.to_json(), "key": secret}, lambda console: console.print(secret, markup=False))


@key_app.command("list")
@reporting
def list_keys(data: Data = None, as_json: JsonFlag = False) -> Result:
    """List keys: whose, what they may do, what they spent."""
    with _ring(data) as ring:
        keys = [key.to_json() for key in ring.all()]
    columns = ["id", "name", "prefix", "budget", "spent", "rpm", "is_admin", "is_revoked"]
    rows = [["" if key[column] is None else str(key[column]) for column in columns] for key in keys]
    return Result({"keys": keys}, Grid("", columns, rows).show)


@key_app.command("revoke")
@reporting
def revoke_key(
    key: Annotated[str, typer.Argument(help="Its id or its first letters, as list shows them.")],
    data: Data = None,
    as_json: JsonFlag = False,
) -> Result:
    """End a key; a running server refuses it within a second."""
    with _ring(data) as ring:
        ended = ring.revoke(key)
    return Result({"revoked": ended.id}, lambda console: console.print(f"revoked {ended.id}", markup=False))


def _ring(data: Path | None) -> AbstractContextManager[KeyRing]:
    from contextlib import contextmanager

    from personae.serve.keys import SCHEMA, KeyRing
    from personae.serve.settings import ServeSettings
    from personae.serve.store import Store
    from personae.settings import studio_dir

    @contextmanager
    def opened() -> Iterator[KeyRing]:
        folder = data or studio_dir()
        store = Store(ServeSettings(folder=folder, runs=folder).store_file, (SCHEMA,))
        try:
            yield KeyRing(store)
        finally:
            store.close()

    return opened()


def read_model_options(names: tuple[str, ...], given: list[str]) -> tuple[tuple[str, tuple[tuple[str, str], ...]], ...]:
    """Read options of models: ``MODEL:KEY=VALUE`` is one model's, ``KEY=VALUE`` that of all endpoints.

    Raises:
        InputError: If one is malformed.
    """
    from personae.model import is_endpoint

    found: dict[str, dict[str, str]] = {name: {} for name in names}
    for pair in given:
        name = next((one for one in names if pair.startswith(f"{one}:")), None)
        if name is not None:
            found[name] |= options.read_pairs([pair.removeprefix(f"{name}:")], "-M")
            continue
        wanted = options.read_pairs([pair], "-M")
        for one in names if len(names) == 1 else [name for name in names if is_endpoint(name)]:
            found[one] |= wanted
    return tuple((name, tuple(pairs.items())) for name, pairs in found.items() if pairs)


def put_on_shelf(settings: object, files: list[Path]) -> int:
    """Put personas of files on the shelf, except those that are there already."""
    from personae.persona import read_personas
    from personae.serve import shelf
    from personae.serve.settings import ServeSettings
    from personae.serve.store import Store

    assert isinstance(settings, ServeSettings)
    if not files:
        return 0
    people = [one.persona for path in files for one in read_personas(path)]
    store = Store(settings.store_file, (shelf.SCHEMA,))
    try:
        return shelf.PersonaShelf(store).put_all(people, "command line")
    finally:
        store.close()
