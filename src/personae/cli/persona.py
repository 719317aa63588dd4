"""``personae persona``: showing, checking and rendering persona files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from personae.cli.output import Grid, JsonFlag, Result, reporting

if TYPE_CHECKING:
    from rich.console import Console

persona_app = typer.Typer(name="persona", help="Personas: show, validate, render.", no_args_is_help=True)

File = Annotated[Path, typer.Argument(metavar="FILE", help="Persona file: YAML, JSON or JSONL.")]


@persona_app.command("show")
@reporting
def show_persona(file: File, as_json: JsonFlag = False) -> Result:
    """Show the personas of a file, with their traits in words and their hashes."""
    from personae.persona import persona_to_json, read_personas, unknown_fields, word_trait

    found = read_personas(file)
    data = {"personas": [{**persona_to_json(one.persona), "hash": one.persona.hash} for one in found]}

    def show(console: Console) -> None:
        for one in found:
            persona = one.persona
            console.print(persona.name or persona.id, style="bold", markup=False)
            rows = [["id", persona.id], ["hash", persona.hash]]
            rows += [[key, f"{z:+.2f} SD ({word_trait(key, z)})"] for key, z in persona.traits.items()]
            rows += [[key, str(value)] for key, value in persona.content().items() if key not in ("traits", "name")]
            Grid("", ["field", "value"], rows).show(console)

    return Result(data, show, unknown_fields(found))


@persona_app.command("validate")
@reporting
def validate_persona(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Persona files.")], as_json: JsonFlag = False
) -> Result:
    """Check persona files; exit code 3 and a place if one cannot be used."""
    from personae.persona import read_personas, unknown_fields

    found = [(file, one) for file in files for one in read_personas(file)]
    data = {
        "valid": [
            {"file": str(file), "id": one.persona.id, "hash": one.persona.hash, "unknown_fields": list(one.unknown)}
            for file, one in found
        ]
    }
    rows = [[str(file), one.persona.id, one.persona.hash[:12]] for file, one in found]
    return Result(data, Grid("", ["file", "id", "hash"], rows).show, unknown_fields(one for _, one in found))


@persona_app.command("render")
@reporting
def render_persona(
    file: File,
    renderer: Annotated[str, typer.Option("--renderer", "-r", help="Renderer; all of them if none is named.")] = "",
    as_json: JsonFlag = False,
) -> Result:
    """Print the words that a model is given for each persona of a file."""
    from personae.persona import RENDERERS, read_personas, render, unknown_fields

    found = read_personas(file)
    prompts = [
        (one.persona, render(one.persona, key)) for one in found for key in ([renderer] if renderer else RENDERERS)
    ]
    data = {
        "prompts": [
            {"persona": persona.id, "renderer": prompt.renderer, "hash": prompt.hash, "text": prompt.text}
            for persona, prompt in prompts
        ]
    }

    def show(console: Console) -> None:
        for persona, prompt in prompts:
            if len(prompts) > 1:
                console.print(f"# {persona.name or persona.id}, {prompt.renderer}", style="bold", markup=False)
            console.out(prompt.text)

    return Result(data, show, unknown_fields(found))
