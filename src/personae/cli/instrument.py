"""``personae instrument``: the questionnaires there are, and putting them to somebody."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from personae.cli.administer import administer_instrument, score_answers
from personae.cli.importing import export_instrument, import_instrument
from personae.cli.output import Grid, JsonFlag, Result, reporting
from personae.cli.power import plan_instrument

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rich.console import Console

    from personae.instrument import Option

instrument_app = typer.Typer(
    name="instrument", help="Instruments: list, show, import, administer.", no_args_is_help=True
)
instrument_app.command("administer")(administer_instrument)
instrument_app.command("plan")(plan_instrument)
instrument_app.command("score")(score_answers)
instrument_app.command("import")(import_instrument)
instrument_app.command("export")(export_instrument)


@instrument_app.command("list")
@reporting
def list_library(as_json: JsonFlag = False) -> Result:
    """List the instruments of the library."""
    from personae.instrument import list_instruments, load_instrument

    found = [load_instrument(key) for key in list_instruments()]
    data = {
        "instruments": [
            {
                "key": one.key,
                "version": one.version,
                "title": one.title,
                "items": len(one.items),
                "scales": [scale.key for scale in one.scales],
                "licence": one.licence.name,
                "is_commercial_use_free": one.licence.is_commercial_use_free,
            }
            for one in found
        ]
    }
    rows = [[one.key, one.title, str(len(one.items)), str(len(one.scales)), one.licence.name] for one in found]
    return Result(data, Grid("", ["key", "title", "items", "scales", "licence"], rows, frozenset((2, 3))).show)


@instrument_app.command("show")
@reporting
def show_instrument(
    key: Annotated[str, typer.Argument(metavar="INSTRUMENT", help="Key of the library, or a TOML file.")],
    as_json: JsonFlag = False,
) -> Result:
    """Show an instrument: items with their scales and keys, options, citation, licence."""
    from personae.instrument import load_instrument

    one = load_instrument(key)
    signs = {item: [] for item in one.items}  # type: dict[str, list[str]]
    for scale in one.scales:
        for item, sign in one.keying(scale).items():
            signs[item].append(f"{scale.key}{'' if sign > 0 else ' (reversed)'}")

    def show(console: Console) -> None:
        console.print(f"{one.title} ({one.key}, version {one.version})", style="bold", markup=False)
        console.print(one.citation, markup=False)
        terms = "free for any use" if one.licence.is_commercial_use_free else "not free for commercial use"
        console.print(f"licence: {one.licence.name}, {terms}. {one.licence.note}", markup=False)
        if one.is_structure_only:
            console.print(f"structure only, the texts are not shipped. {one.obtain}", markup=False)
        if one.options:
            console.print(f"options: {_listed(one.options)}", markup=False)
        for each in one.formats:
            console.print(f"options of {', '.join(each.items)}: {_listed(each.options)}", markup=False)
        rows = [[item, f"{one.stem} {text}".strip(), ", ".join(signs[item])] for item, text in one.items.items()]
        Grid("", ["item", "text", "scale"], rows, frozenset((0,))).show(console)

    return Result({**one.model_dump(mode="json"), "hash": one.hash}, show)


def _listed(options: Iterable[Option]) -> str:
    keyed = (f"{one.value} = {one.label}{f' ({one.keyed})' if one.keyed else ''}" for one in options)
    return ", ".join(keyed)
