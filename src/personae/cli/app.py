"""The tree of commands. Each group is a file; what a command needs is imported when it runs."""

from __future__ import annotations

from typing import Annotated

import typer

from personae import __version__
from personae.cli.cache import cache_app
from personae.cli.doctor import doctor
from personae.cli.instrument import instrument_app
from personae.cli.mcp import mcp
from personae.cli.models import models
from personae.cli.paper import paper_app
from personae.cli.persona import persona_app
from personae.cli.plan import plan_app
from personae.cli.population import population_app
from personae.cli.run import run_app
from personae.cli.serve import serve_app
from personae.cli.sim import sim_app
from personae.cli.survey import survey_app
from personae.errors import EXIT_CODES

_EPILOG = "Exit codes: " + "; ".join(f"{code} {meaning}" for code, meaning in EXIT_CODES.items()) + "."

app = typer.Typer(
    name="personae",
    help="The workbench for personas in language models.",
    epilog=_EPILOG,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.add_typer(paper_app)
app.add_typer(run_app)
app.add_typer(cache_app)
app.add_typer(persona_app)
app.add_typer(population_app)
app.add_typer(instrument_app)
app.add_typer(plan_app)
app.add_typer(survey_app)
app.add_typer(sim_app)
app.add_typer(serve_app)
app.command("mcp")(mcp)
app.command("models")(models)
app.command("doctor")(doctor)


def _print_version(is_wanted: bool) -> None:
    if is_wanted:
        typer.echo(f"personae {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    """The workbench for personas in language models."""


def main() -> None:
    """Run the command line."""
    app()
