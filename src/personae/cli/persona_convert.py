"""``personae persona convert`` and ``formats``: personas from one format to another, and what did not fit."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from personae.cli.output import Grid, JsonFlag, Result, reporting
from personae.cli.persona_life import FAULTS, given_bytes
from personae.errors import InputError

if TYPE_CHECKING:
    from rich.console import Console

    from personae.persona import LossReport, ReadPersona
    from personae.persona.terms import Use


@reporting
def convert_file(
    source: Annotated[Path, typer.Argument(help="File or folder in any known format; - for standard input.")],
    target: Annotated[Path, typer.Argument(help="File or folder to write; - for standard output, with --to.")],
    to: Annotated[
        str, typer.Option("--to", help="Format to write; told by the ending of the target if not given.")
    ] = "",
    of: Annotated[str, typer.Option("--from", help="Format to read; found out if not given.")] = "",
    columns: Annotated[
        list[str], typer.Option("--column", metavar="COLUMN=FIELD", help="A table's column: Years=demographics.age.")
    ] = [],  # noqa: B006
    encoding: Annotated[
        str, typer.Option("--encoding", help="How the text is encoded, such as cp1252; UTF-8 if not given.")
    ] = "",
    licence: Annotated[str, typer.Option(help="Licence of the data, where the file does not say it.")] = "",
    commercial: Annotated[bool, typer.Option("--commercial", help="Leave out what allows no commercial use.")] = False,
    needs_consent: Annotated[
        bool, typer.Option("--needs-consent", help="Leave out what nobody consented to; for real people.")
    ] = False,
    strict: Annotated[bool, typer.Option("--strict", help="Exit with 9 if anything did not fit.")] = False,
    as_json: JsonFlag = False,
) -> Result:
    """Convert personas, say what did not fit, and leave out what consent or licence forbids to pass on."""
    from personae.persona import read_personas, respect_terms, unknown_fields
    from personae.persona.formats import Loss
    from personae.persona.formats.content import load_content
    from personae.persona.formats.registry import format_of

    if str(target) == "-" and (as_json or not to):
        raise InputError("standard output is to hold the personas", remedy="say --to FORMAT, and leave out --json")
    mapped = dict(_column(one) for one in columns) or None
    content = load_content(given_bytes(source), name=str(source), encoding=encoding)
    key = of or format_of(content, mapped)
    found = read_personas(content, format=key, columns=mapped, licence=licence)
    uses: list[Use] = ["share", "commercial"] if commercial else ["share"]
    allowed = [respect_terms(one.persona, uses=uses, needs_consent=needs_consent) for one in found]
    kept = [
        one._replace(persona=fit.persona, assets={} if fit.withheld else one.assets)
        for one, fit in zip(found, allowed, strict=True)
        if not fit.withheld or set(fit.persona.content()) - {"model", "extensions"}
    ]
    if not kept:
        raise InputError(
            "holds nothing that may be passed on",
            where=str(source),
            remedy=f"ask for consent or licence ({allowed[0].withheld[0].note})",
        )
    wanted = to or _by_ending(target)
    report = _write(kept, target, wanted)
    losses = [*(loss for fit in allowed for loss in fit.withheld), *report.losses]
    losses += [
        Loss(one.persona.id, "/", "withheld", "nothing of this person may be passed on")
        for one, fit in zip(found, allowed, strict=True)
        if fit.withheld and not set(fit.persona.content()) - {"model", "extensions"}
    ]
    whole = type(report)(report.format, len(found), tuple(losses))
    data = {"source": {"path": str(source), "format": key}, "target": str(target), "report": whole.to_json()}

    lines = whole.lines()
    if str(target) == "-":
        notes = [*unknown_fields(found), *lines]
        return Result(data, lambda _: None, notes, exit_code=FAULTS if strict and not whole.is_complete else 0)

    def show(console: Console) -> None:
        console.print(
            f"{source} ({key}) -> {target} ({wanted}): {len(kept)} {_people(len(kept))}", markup=False, soft_wrap=True
        )
        for line in lines:
            console.print(f"  {line}", markup=False, soft_wrap=True)
        if not lines:
            console.print("  everything fits", markup=False)

    warnings = unknown_fields(found)
    return Result(data, show, warnings, exit_code=FAULTS if strict and not whole.is_complete else 0)


def _people(count: int) -> str:
    return "persona" if count == 1 else "personas"


def _write(people: Sequence[ReadPersona], target: Path, wanted: str) -> LossReport:
    """Write to a file, a folder or standard output."""
    from personae.persona import FORMATS, convert_personas, write_personas
    from personae.persona.formats import OWN, LossReport, goes_together, lost_files, spell_own

    if str(target) != "-":
        ending = FORMATS[wanted].ending if wanted in FORMATS and not FORMATS[wanted].holds_many else ""
        if len(people) > 1 and ending and target.name.lower().endswith(ending) and not goes_together(people, wanted):
            raise InputError(
                f"cannot hold {len(people)} personas: {wanted} keeps one a file",
                where=str(target),
                remedy=f"name a folder, and say --to {wanted}",
            )
        return write_personas(people, target, format=wanted)
    if wanted == OWN:
        data = spell_own([one.persona for one in people], target if len(people) == 1 else Path("-.jsonl"))
        report = LossReport(OWN, len(people), tuple(loss for one in people for loss in lost_files(one)))
    else:
        written = convert_personas(people, wanted)
        if written.files:
            raise InputError(f"{wanted} is a folder", remedy="name a folder to write")
        data, report = written.data, written.report
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()
    return report


def _column(given: str) -> tuple[str, str]:
    column, equals, field = given.partition("=")
    if not equals or not column or not field:
        raise InputError(f"{given!r} maps no column", remedy="write COLUMN=FIELD")
    return column, field


def _by_ending(target: Path) -> str:
    from personae.persona import FORMATS
    from personae.persona.formats import OWN

    name = target.name.lower()
    plain = {".yaml": OWN, ".yml": OWN, ".json": OWN, ".jsonl": OWN, ".ndjson": OWN}
    special = {one.ending: key for key, one in FORMATS.items() if one.ending and one.ending not in plain}
    special |= {".csv": "csv", ".parquet": "parquet"}
    for ending in sorted((*special, *plain), key=len, reverse=True):
        if name.endswith(ending):
            return special.get(ending) or plain[ending]
    raise InputError("its ending names no format", where=str(target), remedy=f"say --to, one of {', '.join(FORMATS)}")


@reporting
def list_formats(as_json: JsonFlag = False) -> Result:
    """List the formats that are read and written."""
    from personae.persona import FORMATS
    from personae.persona.formats import OWN

    rows = [[OWN, "persona file: YAML, JSON, JSONL", ".yaml", "one, or many as JSONL"]]
    rows += [
        [key, one.title, one.ending or "folder", "many" if one.holds_many else "one"] for key, one in FORMATS.items()
    ]
    data = {"formats": [dict(zip(("key", "title", "ending", "holds"), row, strict=True)) for row in rows]}
    return Result(data, Grid("", ["key", "format", "ending", "personas a file"], rows).show)
