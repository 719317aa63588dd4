"""``personae instrument import`` and ``export``: files of others in, TOML out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from personae.cli.output import Grid, JsonFlag, Result, reporting

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rich.console import Console

    from personae.instrument import Instrument
    from personae.instrument.importing import Framing, Imported

File = Annotated[Path, typer.Argument(metavar="FILE", help="PsychoBench JSON, administration session, QSF, CSV, TOML.")]
Into = Annotated[Path, typer.Option("--into", metavar="FOLDER", help="Where the TOML files are written.")]
Overwrite = Annotated[bool, typer.Option("--overwrite", help="Replace files that are there.")]


@reporting
def import_instrument(
    file: File,
    fill: Annotated[
        str, typer.Option("--fill", metavar="KEY", help="Fill in the texts of this form of the library.")
    ] = "",
    only: Annotated[str, typer.Option("--only", metavar="NAME", help="Only this form of the file.")] = "",
    into: Into = Path(),
    options: Annotated[
        str, typer.Option("--options", metavar="A|B|C", help="Options of a CSV file, from the lowest value 1 up.")
    ] = "",
    title: Annotated[str, typer.Option("--title", help="Title of the questionnaire of a CSV file.")] = "",
    key: Annotated[str, typer.Option("--key", help="Key of the questionnaire of a CSV file.")] = "",
    overwrite: Overwrite = False,
    as_json: JsonFlag = False,
) -> Result:
    """Read a questionnaire or survey in a layout of others, and write it as TOML."""
    from personae.errors import InputError
    from personae.instrument.importing import import_file
    from personae.instrument.importing.imported import instrument_key
    from personae.instrument.survey import write_survey
    from personae.instrument.writing import write_instrument

    if fill:
        filled, warnings = _filled(fill, file, only)
        texts = {f"{filled.key}.toml": write_instrument(filled)}
        return _written(texts, into, [(filled.key, len(filled.items), "texts filled in")], warnings, overwrite)
    imported = import_file(file, options=options, title=title, key=key)
    chosen = [one for one in imported.instruments if not only or one.key == instrument_key(only)]
    surveys = [one for one in imported.surveys if not only or one.key == instrument_key(only)]
    if not chosen and not surveys:
        known = ", ".join([one.key for one in imported.instruments] + [one.key for one in imported.surveys])
        raise InputError(f"has no form {only!r}", where=str(file), remedy=f"it has {known}")
    texts = {f"{one.key}.toml": write_instrument(one) for one in chosen}
    texts |= {f"{one.key}.survey.toml": write_survey(one) for one in surveys}
    for one in chosen:
        if framing := imported.framings.get(one.key):
            texts[f"{one.key}.framings.json"] = _spelled(framing)
    rows = [(one.key, len(one.items), f"{len(one.scales)} scales") for one in chosen]
    rows += [(one.key, len(one.questions), f"survey of {len(one.blocks)} blocks") for one in surveys]
    return _written(texts, into, rows, list(imported.warnings), overwrite, imported)


@reporting
def export_instrument(
    key: Annotated[str, typer.Argument(metavar="INSTRUMENT", help="Key of the library, or a TOML file.")],
    file: Annotated[Path, typer.Argument(metavar="FILE", help="TOML file to write.")],
    overwrite: Overwrite = False,
    as_json: JsonFlag = False,
) -> Result:
    """Write an instrument as TOML, to read, change and use under its path."""
    from personae.instrument import load_instrument
    from personae.instrument.writing import write_instrument

    one = load_instrument(key)
    return _written({file.name: write_instrument(one)}, file.parent, [(one.key, len(one.items), "")], [], overwrite)


def _filled(key: str, file: Path, only: str) -> tuple[Instrument, list[str]]:
    from personae.instrument import load_instrument
    from personae.instrument.importing.detect import import_file, is_table, read_text
    from personae.instrument.importing.fill import compare_keys, fill_instrument, pick_texts
    from personae.instrument.importing.imported import instrument_key
    from personae.instrument.importing.table import read_texts

    structure, text = load_instrument(key), read_text(file)
    if is_table(text):
        return fill_instrument(structure, read_texts(file, text), str(file)), []
    imported = import_file(file)
    given = pick_texts(structure, imported, instrument_key(only) if only else "", str(file))
    warnings = [*imported.warnings, *compare_keys(structure, given)]
    return fill_instrument(structure, given.items, str(file), given), warnings


def _spelled(framing: Mapping[str, Framing]) -> str:
    plain = {
        scale: {
            "preambles": dict(one.preambles),
            "postambles": dict(one.postambles),
            "choice_postambles": dict(one.choice_postambles),
        }
        for scale, one in framing.items()
    }
    return json.dumps(plain, ensure_ascii=False, indent=1) + "\n"


def _written(
    texts: Mapping[str, str],
    into: Path,
    rows: list[tuple[str, int, str]],
    warnings: list[str],
    overwrite: bool,
    imported: Imported | None = None,
) -> Result:
    """Write all files or none, and say what to do with them."""
    from personae.errors import ConflictError, StorageError

    paths = {into / name: text for name, text in texts.items()}
    if not overwrite and (there := next((path for path in paths if path.exists()), None)):
        raise ConflictError("is there already", where=str(there), remedy="add --overwrite, or --into another folder")
    try:
        into.mkdir(parents=True, exist_ok=True)
        for path, text in paths.items():
            path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise StorageError(f"cannot be written ({error.strerror})", where=str(into), remedy="check the path") from error
    data = {
        "layout": imported.layout if imported else "instrument",
        "files": [str(path) for path in paths],
        "forms": [{"key": key, "questions": count, "holds": what} for key, count, what in rows],
    }
    cells = [[key, str(count), what] for key, count, what in rows]
    files = ", ".join(map(str, paths))

    def show(console: Console) -> None:
        Grid("", ["key", "questions", "holds"], cells, frozenset((1,))).show(console)
        console.print(f"written: {files}", markup=False, soft_wrap=True)

    return Result(data, show, warnings)
