"""Zip archives of strangers: characters, and folders that were packed; nothing is ever unpacked to disk.

Names that would leave a folder, bombs, links and encrypted archives are refused.
"""

from __future__ import annotations

import io
import re
import stat
import zipfile
import zlib
from collections.abc import Mapping

from personae.errors import InputError
from personae.persona.formats.limits import (
    LEAST_SUSPECT,
    MOST_ENTRIES,
    MOST_ENTRY_BYTES,
    MOST_RATIO,
    MOST_UNPACKED,
)

_UNSAFE = re.compile(r"^(?:[/\\]|[A-Za-z]:)|\\|(?:^|/)\.\.?(?:/|$)|[\x00-\x1f]")


def is_safe_name(name: str) -> bool:
    r"""Whether a name stays inside the folder it would be unpacked to, on every system.

    Example:
        >>> is_safe_name("assets/icon/images/main.png"), is_safe_name("../../.bashrc"), is_safe_name("C:\\x")
        (True, False, False)
    """
    return bool(name) and not _UNSAFE.search(name)


def unpack_archive(data: bytes, where: str) -> dict[str, bytes]:
    """The files of an archive by name.

    Args:
        data: The archive.
        where: What to call it in messages.

    Raises:
        InputError: If it is damaged or hostile.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return _read_all(archive, where)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, OSError, ValueError) as error:
        raise InputError(f"is a damaged archive: {error}", where=where, remedy="fetch the file again") from error


def names_in(data: bytes) -> list[str]:
    """Names of the files of an archive, without unpacking any; none if it is damaged."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return archive.namelist()
    except (zipfile.BadZipFile, NotImplementedError, OSError, ValueError):
        return []


def _read_all(archive: zipfile.ZipFile, where: str) -> dict[str, bytes]:
    entries = archive.infolist()
    if len(entries) > MOST_ENTRIES:
        raise InputError(f"holds more than {MOST_ENTRIES} files", where=where, remedy="this is no character")
    files: dict[str, bytes] = {}
    total = 0
    for entry in entries:
        if entry.is_dir():
            continue
        _refuse(entry, files, where)
        with archive.open(entry) as file:
            data = file.read(MOST_ENTRY_BYTES + 1)  # the size in the header may be a lie
        total += len(data)
        if len(data) > MOST_ENTRY_BYTES or total > MOST_UNPACKED:
            raise _bomb(entry.filename, where)
        files[entry.filename] = data
    return files


def _refuse(entry: zipfile.ZipInfo, files: Mapping[str, bytes], where: str) -> None:
    name = entry.filename
    if not is_safe_name(entry.orig_filename) or not is_safe_name(name):
        raise InputError(f"holds a file that would leave its folder: {entry.orig_filename!r}", where=where)
    if stat.S_ISLNK(entry.external_attr >> 16):
        raise InputError(f"holds a link: {name!r}", where=where, remedy="archives of characters hold files only")
    if entry.flag_bits & 1:
        raise InputError("is encrypted", where=where, remedy="ask for the archive without a password")
    if name in files:
        raise InputError(f"holds {name!r} twice", where=where)
    grown = entry.file_size > LEAST_SUSPECT and entry.file_size > MOST_RATIO * max(1, entry.compress_size)
    if grown or entry.file_size > MOST_ENTRY_BYTES:
        raise _bomb(name, where)


def _bomb(name: str, where: str) -> InputError:
    return InputError(f"unpacks to more than any character needs at {name!r}", where=where, remedy="do not use it")
