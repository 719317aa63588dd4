"""Finding out by its content in what layout a file is."""

from __future__ import annotations

import tomllib
from pathlib import Path

import orjson

from personae.errors import InputError
from personae.instrument.importing.admin_session import is_admin_session, read_admin_session
from personae.instrument.importing.imported import Imported
from personae.instrument.importing.keyed_pairs import is_keyed_pairs, read_keyed_pairs
from personae.instrument.importing.psychobench import is_psychobench, read_psychobench
from personae.instrument.importing.qsf import is_qsf, read_qsf
from personae.instrument.importing.table import read_table
from personae.instrument.shelf import make_instrument
from personae.instrument.survey.reading import make_survey

MOST_BYTES = 64 * 1024 * 1024
LAYOUTS = (
    "PsychoBench questionnaires (JSON)",
    "administration session (JSON)",
    "keyed pairs of the MBTI of language models (JSON)",
    "Qualtrics survey (QSF)",
    "instrument or survey (TOML)",
    "questionnaire (CSV)",
)


def import_file(path: Path, *, options: str = "", title: str = "", key: str = "") -> Imported:
    """Read questionnaires and surveys from a file of any layout that is known.

    When to use: for published batteries, exports of survey software, and questionnaires that were typed as a table.

    Args:
        path: The file; its name says nothing, its content does.
        options: Response options of a CSV file without columns of its own; see :func:`read_table`.
        title: Title of the questionnaire in a CSV file.
        key: Its key.

    Raises:
        InputError: If the file cannot be read, is of no known layout, or is malformed; the message names the place.
    """
    text = read_text(path)
    begin = text.lstrip("\ufeff \t\r\n")
    where = str(path)
    if begin[:1] in ("{", "["):
        return _of_json(begin, where)
    if data := _toml(begin):
        if "blocks" in data:
            return Imported("survey", surveys=(make_survey(data, where),))
        return Imported("instrument", (make_instrument(data, where),))
    if not begin.strip():
        raise InputError("is empty", where=where, remedy=f"known layouts are {'; '.join(LAYOUTS)}")
    return read_table(path, text, options=options, title=title, key=key)


def is_table(text: str) -> bool:
    """Whether a file is none of the layouts that say what they are, so that it is read as a table."""
    begin = text.lstrip("\ufeff \t\r\n")
    return bool(begin) and begin[0] not in "{[" and not _toml(begin)


def read_text(path: Path) -> str:
    """Read a file of bounded size as text.

    Raises:
        InputError: If it cannot be read, is too large or not in UTF-8.
    """
    try:
        if path.stat().st_size > MOST_BYTES:
            raise InputError(
                f"is larger than {MOST_BYTES // 1024**2} MiB", where=str(path), remedy="split it into several files"
            )
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError("is not UTF-8 text", where=str(path), remedy="save it as UTF-8") from error
    except OSError as error:
        raise InputError(f"cannot be read ({error.strerror})", where=str(path), remedy="check the path") from error


def _of_json(text: str, where: str) -> Imported:
    try:
        data = orjson.loads(text)
    except ValueError as error:
        raise InputError(f"is not JSON ({error})", where=where, remedy="mend the file at that place") from error
    if is_psychobench(data):
        return read_psychobench(data, where)
    if is_admin_session(data):
        return read_admin_session(data, where)
    if is_qsf(data):
        return read_qsf(data, where)
    if is_keyed_pairs(data):
        return read_keyed_pairs(data, where)
    raise InputError("is JSON of no known layout", where=where, remedy=f"known layouts are {'; '.join(LAYOUTS)}")


def _toml(text: str) -> dict[str, object]:
    try:
        return tomllib.loads(text) if "=" in text else {}
    except tomllib.TOMLDecodeError:
        return {}
