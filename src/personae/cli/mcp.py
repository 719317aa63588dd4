"""``personae mcp``: personas, interviews, instruments and audits for coding agents, on standard input and output."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from personae.cli.output import JsonFlag, Result, reporting
from personae.cli.serve import Data, put_on_shelf, read_model_options


@reporting
def mcp(
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
    confirm_above: Annotated[
        float, typer.Option("--confirm-above", min=0, help="US dollars from which on a run has to be confirmed.")
    ] = 1.0,
    as_json: JsonFlag = False,
) -> Result:
    """Serve personas to a coding agent over MCP, until it closes the standard input."""
    from personae.serve.mcp.stdio import serve_stdio
    from personae.serve.settings import ServeSettings
    from personae.settings import default_model, runs_dir, studio_dir

    names = tuple(dict.fromkeys(model or [default_model()]))
    settings = ServeSettings(
        folder=data or studio_dir(),
        runs=runs or runs_dir(),
        models=names,
        confirm_above=confirm_above,
        model_options=read_model_options(names, model_option),
    )
    put_on_shelf(settings, persona)
    serve_stdio(settings)
    return Result({}, lambda console: None)
