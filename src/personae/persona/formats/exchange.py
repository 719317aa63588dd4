"""Reading and writing personas in any format: one way in, one way out, with a report of what did not fit."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import orjson

from personae.errors import InputError, StorageError
from personae.persona.files import ReadPersona, dump_json, dump_line, dump_yaml, parse_personas, persona_to_json
from personae.persona.formats.content import Content, load_content
from personae.persona.formats.format import Format, Record, to_persona, to_record
from personae.persona.formats.links import is_empty
from personae.persona.formats.loss import Loss, LossReport, compare
from personae.persona.formats.pointers import join_pointer, leaves
from personae.persona.formats.refusal import refusal_of
from personae.persona.formats.registry import OWN, find_format, format_of
from personae.persona.formats.table import TABLES, table_format
from personae.persona.persona import Persona
from personae.persona.spelling import LINES, write_yaml

_OWN_ENDINGS = (".yaml", ".yml", ".json", *LINES)
_NO_FILE_NAME = re.compile(r"[^\w.-]+")
_LONGEST_NAME = 80


@dataclass(frozen=True, slots=True)
class Written:
    """Personas in a foreign format: one file, or the files of a folder; and what did not fit."""

    data: bytes
    report: LossReport
    files: Mapping[str, bytes] = field(default_factory=dict)


def read_personas(
    source: Path | str | bytes | Content,
    *,
    format: str = "",
    columns: Mapping[str, str] | None = None,
    licence: str = "",
    name: str = "",
    encoding: str = "",
) -> list[ReadPersona]:
    """Read all personas of a file or folder in any known format, told by its content.

    The original is kept under ``extensions``, so that writing the same format again loses nothing; pictures and other
    files that came along are in ``assets``.

    Args:
        source: A path, or the bytes themselves.
        format: Key of the format if it is not to be found out; see :data:`FORMATS`.
        columns: For tables, fields by the name of their column: ``{"Years": "demographics.age"}``; a file with a header
            is taken for a table then.
        licence: The licence of the data, for files that do not say it; it is noted where no other is.
        name: What to call bytes in messages.
        encoding: How the text of the file is encoded, such as ``cp1252``; UTF-8, or UTF-16 that says so, if not given.

    Raises:
        InputError: If the file cannot be read, is malformed or hostile; the message names the place.

    Example:
        >>> (ada,) = read_personas(b'{"name": "Ada", "description": "An engineer.", "first_mes": "Hello!"}')
        >>> ada.persona.description, sorted(ada.persona.extensions)
        ('An engineer.', ['character_card'])
    """
    content = source if isinstance(source, Content) else load_content(source, name, encoding)
    key = format or format_of(content, columns)
    if key == OWN:
        return _read_own(content)
    chosen = find_format(key)
    if columns is not None:
        chosen = _with_columns(key, columns)
    records = chosen.unpack(content)
    if not records:
        raise InputError(f"holds no persona as {key}", where=content.name, remedy="check the format")
    found = []
    for number, record in enumerate(records, 1):
        where = content.name if len(records) == 1 else f"{content.name}, persona {number}"
        try:
            persona, _ = to_persona(chosen, record.data, where=where)
        except InputError as error:
            if error.where.startswith(where):
                raise
            place = f"{where}, {error.where}" if error.where else where
            raise InputError(error.what, where=place, remedy=error.remedy) from error
        found.append(ReadPersona(_licensed(persona, licence), (), record.assets))
    return found


def _read_own(content: Content) -> list[ReadPersona]:
    if content.is_folder:
        raise InputError("is a directory of no known kind", where=content.name, remedy="name a file")
    try:
        data = content.data if content.text is None else content.text.encode(errors="surrogatepass")
        return parse_personas(data, Path(content.name))
    except InputError as error:
        raise refusal_of(content, error) from error


def _with_columns(key: str, columns: Mapping[str, str]) -> Format:
    if key not in TABLES:
        raise InputError(f"{key} is no table, so that it has no columns to map", remedy="leave the columns out")
    return table_format(key, columns)


def _licensed(persona: Persona, licence: str) -> Persona:
    """The persona with its licence noted, where it names none."""
    if not licence or persona.provenance_of("").licence:
        return persona
    source = persona.provenance_of("").model_copy(update={"licence": licence})
    return persona.model_copy(update={"provenance": {**persona.provenance, "*": source}})


def convert_personas(
    personas: Sequence[Persona | ReadPersona],
    format: str,
    *,
    columns: Mapping[str, str] | None = None,
    check: bool = True,
) -> Written:
    """Put personas into a foreign format.

    Args:
        personas: What to write; a :class:`ReadPersona` brings its pictures along.
        format: Key of the format.
        columns: For tables, fields by the name their column is to have.
        check: Whether to read back what was written and report what did not fit; costs about as much as the writing.

    Raises:
        InputError: If the format cannot hold them at all.
    """
    chosen = find_format(format) if columns is None else _with_columns(format, columns)
    read = [one if isinstance(one, ReadPersona) else ReadPersona(one, ()) for one in personas]
    if not read:
        raise InputError("there is no persona to write", remedy="give at least one")
    records = [Record(to_record(chosen, one.persona, where=one.persona.id), one.assets) for one in read]
    packed = chosen.pack(records)
    losses = [
        loss
        for one, record in zip(read, records, strict=True)
        for loss in (_losses(chosen, one.persona, record) if check else ())
    ]
    report = LossReport(format, len(read), tuple(losses))
    return Written(b"", report, packed) if isinstance(packed, dict) else Written(packed, report)


def write_personas(personas: Sequence[Persona | ReadPersona], path: Path | str, *, format: str = OWN) -> LossReport:
    """Write personas to a file or folder, and say what did not fit.

    A format that holds one persona a file takes a folder for several; each file is named by the persona's id. An older
    file stays until the new one is whole.

    Raises:
        InputError: If the format cannot hold them.
        StorageError: If a file cannot be written.
    """
    path = Path(path)
    if format == OWN:
        _write_file(path, spell_own([_persona_of(one) for one in personas], path))
        return LossReport(OWN, len(personas), tuple(loss for one in personas for loss in lost_files(one)))
    chosen = find_format(format)
    if len(personas) > 1 and not chosen.holds_many and not goes_together(personas, format):
        reports = [
            _write_one(convert_personas([one], format), path / (file_name(one) + chosen.ending)) for one in personas
        ]
        return LossReport(format, len(personas), tuple(loss for report in reports for loss in report.losses))
    return _write_one(convert_personas(personas, format), path)


def goes_together(personas: Sequence[Persona | ReadPersona], format: str) -> bool:
    """Whether personas came from one file and go back into one, in a format that holds one persona a file else."""
    chosen = find_format(format)
    originals = [_persona_of(one).extensions.get(chosen.slot) for one in personas]
    return all(isinstance(one, dict) for one in originals) and chosen.are_together(originals)


def _persona_of(one: Persona | ReadPersona) -> Persona:
    return one.persona if isinstance(one, ReadPersona) else one


def file_name(one: Persona | ReadPersona) -> str:
    """A plain file name made of a persona's id; what an id from elsewhere holds cannot leave the folder.

    Example:
        >>> file_name(Persona(id="../../etc/passwd"))
        'etc-passwd'
    """
    persona = _persona_of(one)
    return _NO_FILE_NAME.sub("-", persona.id).strip(".-")[:_LONGEST_NAME] or f"p-{persona.hash[:12]}"


def _losses(chosen: Format, sent: Persona, record: Record) -> list[Loss]:
    arrived, carried = to_persona(chosen, record.data, where=sent.id)
    losses = compare(sent, arrived, slot=chosen.slot, carried=carried)
    before, after = sent.extensions.get(chosen.slot), arrived.extensions.get(chosen.slot)
    if isinstance(before, dict) and isinstance(after, dict):
        left = {place for place, value in leaves(chosen.shape(after)) if not is_empty(value)}
        losses += [
            Loss(sent.id, f"/extensions/{chosen.slot}{place}", "dropped", "this version has no place for it")
            for place, value in leaves(chosen.shape(before))
            if place not in left and not is_empty(value) and not _is_woven(place, chosen, sent)
        ]
    return losses + lost_files(ReadPersona(sent, (), record.assets), chosen.keeps(record))


def lost_files(one: Persona | ReadPersona, kept: Collection[str] = ()) -> list[Loss]:
    """The pictures and other files of a persona that do not go along."""
    files = one.assets if isinstance(one, ReadPersona) else {}
    return [
        Loss(_persona_of(one).id, f"/assets{join_pointer(name)}", "dropped", "this format keeps no such file")
        for name in files
        if name not in kept
    ]


def _is_woven(place: str, chosen: Format, sent: Persona) -> bool:
    """Whether a place of the original went because the persona's field was cleared, which is no loss."""
    first, _ = to_persona(chosen, chosen.adapt(sent.extensions[chosen.slot]), where=sent.id)
    return not is_empty(dict(leaves(chosen.shape(chosen.write(first)))).get(place))


def _write_one(written: Written, path: Path) -> LossReport:
    if written.files:
        for name, data in written.files.items():
            _write_file(path / name, data)
    else:
        _write_file(path, written.data)
    return written.report


def _write_file(path: Path, data: bytes) -> None:
    partial = path.with_name(path.name + ".partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        partial.write_bytes(data)
        partial.replace(path)  # never half a file
    except OSError as error:
        with contextlib.suppress(OSError):
            partial.unlink(missing_ok=True)
        raise StorageError(
            f"cannot be written ({error.strerror})", where=str(path), remedy="check the folder and its free space"
        ) from error


def spell_own(personas: Sequence[Persona], path: Path) -> bytes:
    """The bytes of a file of ours, as its ending asks for.

    Raises:
        InputError: If there is no persona.
    """
    suffix = path.suffix.lower()
    if not personas:
        raise InputError("there is no persona to write", where=str(path), remedy="give at least one")
    if suffix in LINES:
        return "".join(map(dump_line, personas)).encode()
    spell: Callable[[Persona], str] = dump_json if suffix == ".json" else dump_yaml
    if len(personas) == 1:
        return spell(personas[0]).encode()
    rows = [persona_to_json(one) for one in personas]
    return orjson.dumps(rows, option=orjson.OPT_INDENT_2) + b"\n" if suffix == ".json" else write_yaml(rows).encode()
