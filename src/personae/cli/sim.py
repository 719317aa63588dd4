"""``personae sim``: the simulated respondent as a server, for any tool to be tested on."""

from __future__ import annotations

from typing import Annotated

import typer

from personae.cli import options
from personae.cli.output import JsonFlag, Result, reporting

sim_app = typer.Typer(name="sim", help="The simulated respondent: serve.", no_args_is_help=True)


@sim_app.command("serve")
@reporting
def serve_sim(
    host: Annotated[str, typer.Option("--host", help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[
        int, typer.Option("--port", min=0, max=65535, help="Port to listen on; 0 takes a free one.")
    ] = 8321,
    model_option: options.ModelSettings = [],  # noqa: B006  # typer copies it
    as_json: JsonFlag = False,
) -> Result:
    """Serve the simulated respondent as an OpenAI-compatible endpoint until interrupted."""
    import asyncio
    import sys

    from personae.respondent import SimServer, SimSettings, SimulatedRespondent, serve_forever

    respondent = SimulatedRespondent(SimSettings.read(options.read_pairs(model_option, "-M")))

    def announce(url: str) -> None:
        print(f"{respondent.identity} answers at {url} (model {url}#{respondent.name})", file=sys.stderr, flush=True)  # noqa: T201

    asyncio.run(serve_forever(SimServer(respondent, host=host, port=port), announce))
    return Result({"model": respondent.identity}, lambda console: None)
