"""``personae persona``: showing, checking and rendering persona files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from personae.cli.output import Grid, JsonFlag, Result, reporting
from personae.cli.persona_convert import convert_file, list_formats
from personae.cli.persona_life import (
    File,
    diff_files,
    edit_persona,
    lint_personas,
    merge_files,
    new_persona,
    people_of,
    print_schema,
    show_history,
)

if TYPE_CHECKING:
    from rich.console import Console

persona_app = typer.Typer(
    name="persona", help="Personas: made, checked, compared, merged, converted, rendered.", no_args_is_help=True
)
persona_app.command("new")(new_persona)
persona_app.command("edit")(edit_persona)
persona_app.command("lint")(lint_personas)
persona_app.command("diff")(diff_files)
persona_app.command("merge")(merge_files)
persona_app.command("convert")(convert_file)
persona_app.command("formats")(list_formats)
persona_app.command("history")(show_history)
persona_app.command("schema")(print_schema)


@persona_app.command("show")
@reporting
def show_persona(file: File, as_json: JsonFlag = False) -> Result:
    """Show the personas of a file, with their traits in words and their hashes."""
    from personae.persona import persona_to_json, unknown_fields, word_trait

    found = people_of(file)
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
    from personae.persona import unknown_fields

    found = [(file, one) for file in files for one in people_of(file)]
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
    budget: Annotated[
        int, typer.Option("--budget", min=0, help="Tokens (about four letters each) that a text may have; 0: any.")
    ] = 0,
    as_json: JsonFlag = False,
) -> Result:
    """Print the words that a model is given for each persona of a file."""
    from personae.persona import RENDERERS, estimate_tokens, fit_to_budget, render, unknown_fields

    found = people_of(file)
    prompts, left_out = [], []
    for one in found:
        for key in [renderer] if renderer else RENDERERS:
            render(one.persona, key)  # an unknown renderer is refused before anything is fitted
            fitted = fit_to_budget(one.persona, key, budget) if budget else None
            prompts.append((one.persona, fitted.prompt if fitted else render(one.persona, key)))
            left_out.append(list(fitted.left_out) if fitted else [])
    data = {
        "prompts": [
            {
                "persona": persona.id,
                "renderer": prompt.renderer,
                "hash": prompt.hash,
                "tokens": estimate_tokens(prompt.text),
                "left_out": gone,
                "text": prompt.text,
            }
            for (persona, prompt), gone in zip(prompts, left_out, strict=True)
        ]
    }
    gone = [
        f"{persona.name or persona.id}, {prompt.renderer}: left out {', '.join(facets)}"
        for (persona, prompt), facets in zip(prompts, left_out, strict=True)
        if facets
    ]

    def show(console: Console) -> None:
        for persona, prompt in prompts:
            if len(prompts) > 1:
                console.print(f"# {persona.name or persona.id}, {prompt.renderer}", style="bold", markup=False)
            console.out(prompt.text)

    return Result(data, show, [*unknown_fields(found), *gone])
