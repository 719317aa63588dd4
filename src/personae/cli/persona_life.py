"""``personae persona``: the life of a persona: made, edited, checked, compared, merged, converted."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from personae.cli.output import Grid, JsonFlag, Result, reporting
from personae.errors import ConflictError, InputError

if TYPE_CHECKING:
    from rich.console import Console

    from personae.persona import Persona, ReadPersona

MOST_GIVEN = 256_000_000
"""Bytes that are taken from standard input; what is longer is refused as a file would be."""

FAULTS = 9
"""Exit code of a command that did its work and found faults."""

File = Annotated[Path, typer.Argument(metavar="FILE", help="Persona file of any known format; - for standard input.")]
Set = Annotated[
    list[str], typer.Option("--set", "-s", metavar="FIELD=VALUE", help="A field by its path: demographics.age=36.")
]
Out = Annotated[Path, typer.Option("--out", "-o", help="File to write.")]
Note = Annotated[str, typer.Option("--note", help="Why; kept in the history.")]


def given_bytes(file: Path) -> Path | bytes:
    """The bytes of standard input for ``-``, else the path."""
    return sys.stdin.buffer.read(MOST_GIVEN + 1) if str(file) == "-" else file


def people_of(file: Path) -> list[ReadPersona]:
    """The personas of a file, or of standard input for ``-``."""
    from personae.persona import read_personas

    return read_personas(given_bytes(file), name="standard input" if str(file) == "-" else str(file))


def _plain(console: Console, text: str) -> None:
    console.print(text, markup=False, soft_wrap=True)


def _only(file: Path, warnings: list[str] | None = None) -> Persona:
    """The one persona of a file; lines about what it does not understand are added to the warnings."""
    from personae.persona import unknown_fields

    found = people_of(file)
    if len(found) != 1:
        raise InputError(f"holds {len(found)} personas where one is wanted", where=str(file))
    if warnings is not None:
        warnings += unknown_fields(found)
    return found[0].persona


def _own_ending(file: Path) -> None:
    """Refuse to write a persona file under the ending of something else."""
    if file.suffix.lower() not in (".yaml", ".yml", ".json", ".jsonl", ".ndjson"):
        raise InputError(
            "is not the name of a persona file",
            where=str(file),
            remedy="end it in .yaml or .json; personae persona convert writes other formats",
        )


def _keep_older(file: Path) -> None:
    """Note what a file holds before it is written over; what is no persona is not written over."""
    from personae.persona import note_version

    if not file.exists():
        return
    try:
        older = _only(file)
    except InputError as error:
        raise ConflictError("is there already", where=str(file), remedy="name another file") from error
    note_version(file, older, "found")


def _own_format(file: Path) -> None:
    from personae.persona import detect_format

    if (key := detect_format(file)) != "personae":
        raise InputError(
            f"is of the format {key}", where=str(file), remedy=f"personae persona convert {file} ada.yaml first"
        )


@reporting
def new_persona(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="File to write: .yaml or .json.")],
    changes: Set = [],  # noqa: B006
    note: Note = "made",
    as_json: JsonFlag = False,
) -> Result:
    """Make a persona of fields given by --set; a file that is there already is left alone."""
    from personae.persona import note_version, persona_to_json, save_persona
    from personae.persona.setting import set_fields

    _own_ending(file)
    if file.exists():
        raise ConflictError("is there already", where=str(file), remedy="personae persona edit changes it")
    persona = set_fields(None, changes)
    save_persona(persona, file)
    note_version(file, persona, note)
    return Result({"persona": persona_to_json(persona)}, lambda console: _plain(console, f"{file}: {persona.id}"))


@reporting
def edit_persona(
    file: File,
    changes: Set = [],  # noqa: B006
    unset: Annotated[list[str], typer.Option("--unset", "-u", metavar="FIELD", help="A field to empty.")] = [],  # noqa: B006
    note: Note = "",
    as_json: JsonFlag = False,
) -> Result:
    """Change fields of a persona file; the version before and the one after are in its history."""
    from personae.persona import diff_personas, note_version, save_persona
    from personae.persona.setting import set_fields

    if not changes and not unset:
        raise InputError("nothing is to be changed", where=str(file), remedy="name fields by --set and --unset")
    _own_format(file)
    warnings: list[str] = []
    before = _only(file, warnings)
    after = set_fields(before, changes, unset)
    note_version(file, before, "found")
    save_persona(after, file)
    version = note_version(file, after, note or "edited")
    found = diff_personas(before, after)
    rows = [[one.path, _short(one.before), _short(one.after)] for one in found]
    data = {"version": version.hash if version else "", "changes": [one.to_json() for one in found]}
    return Result(data, Grid("", ["field", "before", "after"], rows).show, warnings)


@reporting
def lint_personas(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Persona files of any known format.")],
    fix: Annotated[bool, typer.Option("--fix", help="Mend what can be mended without a question of taste.")] = False,
    ignore: Annotated[list[str], typer.Option("--ignore", help="Code that is not looked for.")] = [],  # noqa: B006
    as_json: JsonFlag = False,
) -> Result:
    """Look personas over: gaps, contradictions, leaked scores, clichés, stereotypes; exit code 9 if one is an error."""
    from personae.persona import fix_persona, lint_persona, note_version, write_personas

    found, fixed = [], []
    for file in files:
        people = [one.persona for one in people_of(file)]
        if fix:
            _own_format(file)
            mended = [fix_persona(persona) for persona in people]
            for before, after in zip(people, mended, strict=True):
                if before != after:
                    note_version(file, before, "found")
                    note_version(file, after, "lint --fix")
                    fixed.append(after.id)
            if mended != people:
                write_personas(mended, file)
            people = mended
        found += [(file, one) for persona in people for one in lint_persona(persona, ignore=ignore)]
    data = {"findings": [{"file": str(file), **one.to_json()} for file, one in found], "fixed": fixed}
    rows = [
        [one.code, one.severity, f"{file}: {one.persona}{one.path}", one.message, one.remedy] for file, one in found
    ]

    def show(console: Console) -> None:
        if rows:
            Grid("", ["code", "severity", "place", "what", "remedy"], rows).show(console)
        mended = f", {len(fixed)} {'persona' if len(fixed) == 1 else 'personas'} mended" if fix else ""
        _plain(console, f"{len(found)} {'finding' if len(found) == 1 else 'findings'}{mended}")

    return Result(data, show, exit_code=FAULTS if any(one.severity == "error" for _, one in found) else 0)


@reporting
def diff_files(
    before: Annotated[Path, typer.Argument(help="Persona file, or FILE@VERSION of its history.")],
    after: Annotated[Path, typer.Argument(help="The same.")],
    check: Annotated[bool, typer.Option("--exit-code", help="Exit with 9 if they differ.")] = False,
    as_json: JsonFlag = False,
) -> Result:
    """Show what differs between two personas, field by field."""
    from personae.persona import diff_personas

    found = diff_personas(_version_of(before), _version_of(after))
    rows = [[one.path, one.kind, _short(one.before), _short(one.after)] for one in found]
    data = {"changes": [one.to_json() for one in found]}

    def show(console: Console) -> None:
        if rows:
            Grid("", ["field", "what", "before", "after"], rows).show(console)
        else:
            _plain(console, "no difference")

    return Result(data, show, exit_code=FAULTS if found and check else 0)


def _version_of(name: Path) -> Persona:
    from personae.persona import find_version, read_history

    file, at, version = str(name).rpartition("@")
    if at and not name.exists():
        return find_version(read_history(file), version).persona
    return _only(name)


@reporting
def merge_files(
    files: Annotated[
        list[Path], typer.Argument(metavar="BASE FRAGMENT...", help="Persona files; fragments may be parts.")
    ],
    out: Out,
    rule: Annotated[
        Literal["refuse", "keep", "replace", "surest"], typer.Option(help="Who wins where parts disagree.")
    ] = "refuse",
    rules: Annotated[
        list[str], typer.Option("--at", metavar="FIELD=RULE", help="Another rule for a field: demographics=keep.")
    ] = [],  # noqa: B006
    as_json: JsonFlag = False,
) -> Result:
    """Put a persona together from a base and fragments."""
    from personae.persona import merge_personas, note_version, persona_to_json, save_persona

    _own_ending(out)
    warnings: list[str] = []
    merged = merge_personas([_only(file, warnings) for file in files], rule=rule, rules=_rules(rules))
    _keep_older(out)
    save_persona(merged.persona, out)
    note_version(out, merged.persona, "merged from " + ", ".join(map(str, files)))
    rows = [[one.path, _short(one.first), _short(one.second), one.won] for one in merged.conflicts]
    data = {"persona": persona_to_json(merged.persona), "conflicts": [one.to_json() for one in merged.conflicts]}

    def show(console: Console) -> None:
        if rows:
            Grid("", ["field", "first", "second", "taken"], rows).show(console)
        _plain(console, f"{out}: {merged.persona.id}")

    return Result(data, show, warnings)


def _rules(given: list[str]) -> dict[str, Any]:
    from personae.persona.setting import pointer_of

    found: dict[str, Any] = {}
    for one in given:
        field, _, rule = one.partition("=")
        if rule not in ("refuse", "keep", "replace", "surest"):
            raise InputError(f"{rule!r} is no rule", where=one, remedy="write FIELD=keep, replace, surest or refuse")
        found[pointer_of(field)] = rule
    return found


@reporting
def show_history(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Persona file.")],
    show_version: Annotated[str, typer.Option("--show", metavar="VERSION", help="Print a version.")] = "",
    restore: Annotated[str, typer.Option("--restore", metavar="VERSION", help="Make a version the current one.")] = "",
    as_json: JsonFlag = False,
) -> Result:
    """List the versions of a persona file, show one, or go back to one (which is a new version)."""
    from personae.persona import dump_yaml, find_version, note_version, persona_to_json, read_history, save_persona

    versions = read_history(file)
    if not versions and not file.exists():
        raise InputError("is not there, and has no history", where=str(file), remedy="check the path")
    if restore:
        version = find_version(versions, restore)
        if file.exists():
            note_version(file, _only(file), "found")
        save_persona(version.persona, file)
        note_version(file, version.persona, f"restored {version.hash[:12]}")
        return Result(
            {"persona": persona_to_json(version.persona)}, lambda console: _plain(console, f"{file}: restored")
        )
    if show_version:
        chosen = find_version(versions, show_version).persona
        return Result({"persona": persona_to_json(chosen)}, lambda console: console.out(dump_yaml(chosen)))
    rows = [[one.hash[:12], one.at, one.persona.id, one.note] for one in versions]
    return Result(
        {"versions": [one.to_json() for one in versions]}, Grid("", ["version", "at", "persona", "note"], rows).show
    )


@reporting
def print_schema(as_json: JsonFlag = False) -> Result:
    """Print the JSON Schema of persona files."""
    import orjson

    from personae.persona import persona_schema

    data = persona_schema()
    return Result(data, lambda console: console.out(orjson.dumps(data, option=orjson.OPT_INDENT_2).decode()))


def _short(value: Any) -> str:
    text = "" if value is None else str(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
