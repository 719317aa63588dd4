"""What a foreign file holds, looked at once: bytes, JSON, rows, or the files of a folder."""

from __future__ import annotations

import codecs
import csv
import io
import json
import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from personae.errors import InputError
from personae.persona import files
from personae.persona.formats.archive import names_in, unpack_archive
from personae.persona.formats.limits import MOST_FILE_BYTES, MOST_JSON_BYTES, MOST_RECORDS

PNG = b"\x89PNG\r\n\x1a\n"
PARQUET = b"PAR1"
ZIP = b"PK\x03\x04"
JPEG = b"\xff\xd8\xff"
GZIP = b"\x1f\x8b"
MAGIC = (PNG, PARQUET, ZIP, JPEG, b"RIFF")
"""First bytes of the files that are no text."""

DELIMITERS = ",;\t|"
"""What stands between the fields of a table; of two that fit, the one that gives more columns, else the first."""

CARD = "card.json"
"""File at the root of an archive that makes it a character."""

LONE_COLUMNS = ("persona", "input persona", "description")
"""Names that make a table of a single column one of people."""

_HEAD = 65_536
_NAMED_DELIMITER = re.compile(r"\A[Ss][Ee][Pp]=.\r?\n")
_LONE = [[name] for name in LONE_COLUMNS]
_WIDE = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True)
class Content:
    """A file or folder as bytes, with the looks at it that formats need; each is made once, and only if asked for."""

    data: bytes
    name: str = "personas"
    """Path of the file, for messages."""
    files: Mapping[str, bytes] = field(default_factory=dict)
    """Files of a folder by their relative path; ``data`` is empty then."""
    is_folder: bool = False
    encoding: str = ""
    """How the text is encoded; UTF-8, or UTF-16 where the file says so, unless it is given."""

    @cached_property
    def folder(self) -> Mapping[str, bytes]:
        """The files of a folder, also of one that was packed as a zip archive; none if it is no folder.

        Raises:
            InputError: If the archive is hostile.
        """
        if not self.data.startswith(ZIP) or CARD in (names := names_in(self.data)):
            return self.files
        if not any(name.endswith(".json") for name in names):
            return self.files
        packed = unpack_archive(self.data, self.name)
        return {name: data for name, data in packed.items() if name.endswith(".json")}

    @cached_property
    def text(self) -> str | None:
        """The text, ``None`` if it is none."""
        if not self.data or self.data.startswith(MAGIC):
            return None
        try:
            return self.data.decode(self.encoding or ("utf-16" if self.data.startswith(_WIDE) else "utf-8-sig"))
        except (UnicodeDecodeError, LookupError):
            return None

    @cached_property
    def json(self) -> Any:
        """The JSON value, ``None`` if it is none."""
        if self.text is None or self.text.lstrip()[:1] not in ("{", "[") or len(self.data) > MOST_JSON_BYTES:
            return None
        try:
            return read_json(self.text, self.name)
        except InputError:
            return None

    @cached_property
    def lines(self) -> list[dict[str, Any]]:
        """The objects of JSONL, none if any line is something else."""
        if self.text is None or not self.text.lstrip().startswith("{"):
            return []
        rows: list[dict[str, Any]] = []
        for number, line in enumerate(self.text.split("\n"), 1):
            if not line.strip():
                continue
            try:
                row = read_json(line, f"{self.name}:{number}")
            except InputError:
                return []
            if not isinstance(row, dict) or len(rows) >= MOST_RECORDS:
                return []
            rows.append(row)
        return rows

    @cached_property
    def objects(self) -> list[dict[str, Any]]:
        """The records of a file: a JSON object, a list of objects, or JSONL; none if it is something else."""
        if isinstance(self.json, dict):
            return [self.json]
        if isinstance(self.json, list) and self.json and all(isinstance(row, dict) for row in self.json):
            return self.json
        return self.lines

    @cached_property
    def header(self) -> tuple[str, ...]:
        """The columns, if this is a table: CSV with a header of several names, or Parquet."""
        if self.data.startswith(PARQUET):
            import polars as pl

            try:
                return tuple(pl.read_parquet_schema(io.BytesIO(self.data)))
            except (pl.exceptions.PolarsError, OSError):
                return ()
        if self.text is None or self.json is not None or self.lines:
            return ()
        return self._table[1]

    @cached_property
    def _table_text(self) -> str:
        """The text of a table, without the line by which spreadsheets name what stands between its fields."""
        text = self.text or ""
        return _NAMED_DELIMITER.sub("", text, count=1)

    @cached_property
    def _table(self) -> tuple[str, tuple[str, ...]]:
        """What stands between the fields of a table, and its columns, none if it has no header."""
        found: tuple[str, tuple[str, ...]] = (",", ())
        head = self._table_text[:_HEAD]
        for delimiter in DELIMITERS:
            try:
                first = next(csv.reader(io.StringIO(head, newline=""), delimiter=delimiter), [])
            except csv.Error:
                continue
            is_header = all(map(str.strip, first[1:])) and len(set(first)) == len(first)  # an index has no name
            if is_header and (len(first) > max(1, len(found[1])) or (not found[1] and first[:1] in _LONE)):
                found = (delimiter, tuple(first))
        return found

    @cached_property
    def rows(self) -> list[dict[str, Any]]:
        """The rows of a table.

        Raises:
            InputError: If a row does not fit the header, or there are too many.
        """
        if self.data.startswith(PARQUET):
            return self._parquet_rows()
        if self.text is None:
            return []
        rows: list[dict[str, Any]] = []
        usual = csv.field_size_limit(MOST_JSON_BYTES)  # a lorebook may be one field
        try:
            for row in csv.reader(io.StringIO(self._table_text, newline=""), delimiter=self._table[0]):
                if row and len(row) != len(self.header):
                    raise InputError(
                        f"has {len(row)} fields where the header has {len(self.header)}",
                        where=f"{self.name}, row {len(rows) + 1}",
                        remedy="quote fields that hold commas",
                    )
                if row:
                    rows.append(dict(zip(self.header, row, strict=True)))
                if len(rows) > MOST_RECORDS + 1:
                    raise _too_many(self.name)
        except csv.Error as error:
            raise InputError(f"is no CSV: {error}", where=f"{self.name}, row {len(rows) + 1}") from error
        finally:
            csv.field_size_limit(usual)
        return rows[1:]

    def _parquet_rows(self) -> list[dict[str, Any]]:
        import polars as pl

        try:
            frame = pl.read_parquet(io.BytesIO(self.data))
        except (pl.exceptions.PolarsError, OSError) as error:
            raise InputError(f"is no Parquet: {error}", where=self.name, remedy="write the file again") from error
        if frame.height > MOST_RECORDS:
            raise _too_many(self.name)
        return [{key: _plain(value) for key, value in row.items()} for row in frame.iter_rows(named=True)]


def read_json(text: str | bytes, where: str) -> Any:
    """Read JSON as foreign tools write it: of a field that comes twice the last counts; no NaN, bounded depth.

    Raises:
        InputError: If it is malformed.
    """
    try:
        return json.loads(text, parse_constant=_no_constant)
    except UnicodeDecodeError as error:
        raise InputError("is not UTF-8 text", where=where, remedy="save it as UTF-8") from error
    except ValueError as error:
        what = "a number has too many digits" if "integer string conversion" in str(error) else error
        raise InputError(f"is not JSON: {what}", where=where, remedy="mend the file at that place") from error
    except RecursionError as error:
        raise InputError("is nested too deeply", where=where, remedy="write it flatter") from error


def load_content(source: Path | str | bytes, name: str = "", encoding: str = "") -> Content:
    """Read a file, a folder or bytes, up to a limit.

    Raises:
        InputError: If it cannot be read or is too large, or no encoding is called so.
    """
    try:
        codecs.lookup(encoding or "utf-8")
    except LookupError as error:
        raise InputError(f"no encoding is called {encoding!r}", remedy="name one such as cp1252 or utf-16") from error
    if isinstance(source, bytes):
        if len(source) > MOST_FILE_BYTES:
            raise InputError(f"has more than {MOST_FILE_BYTES} bytes", where=name or "personas", remedy="split it")
        return Content(_unzipped(source, name or "personas"), name or "personas", encoding=encoding)
    path = Path(source)
    try:
        if path.is_dir():
            return Content(b"", str(path), _folder(path), is_folder=True)
        with path.open("rb") as file:
            data = file.read(files.MOST_BYTES + 1)  # a pipe or a device does not tell its size
            if len(data) > files.MOST_BYTES and (data.startswith((*MAGIC, GZIP)) or b"\x00" not in data[:_HEAD]):
                data += file.read(MOST_FILE_BYTES + 1 - len(data))
    except (OSError, ValueError) as error:  # a path may hold what no path can hold
        reason = getattr(error, "strerror", None) or error
        raise InputError(f"cannot be read ({reason})", where=str(path), remedy="check the path") from error
    if len(data) > MOST_FILE_BYTES:
        raise InputError(f"has more than {MOST_FILE_BYTES} bytes", where=str(path), remedy="split it")
    return Content(_unzipped(data, str(path)), str(path), encoding=encoding)


def _unzipped(data: bytes, where: str) -> bytes:
    """A text that was packed by gzip; anything else as it is.

    Raises:
        InputError: If it is damaged, or would be larger than a file may be.
    """
    if not data.startswith(GZIP):
        return data
    unpacked, rest = bytearray(), data
    try:
        while rest.startswith(GZIP):  # a file may be several packed ones in a row
            unpacker = zlib.decompressobj(wbits=31)
            unpacked += unpacker.decompress(rest, MOST_FILE_BYTES + 1 - len(unpacked))
            if len(unpacked) > MOST_FILE_BYTES:
                raise InputError(f"unpacks to more than {MOST_FILE_BYTES} bytes", where=where, remedy="split it")
            if not unpacker.eof:
                raise InputError("is cut off", where=where, remedy="fetch the file again")
            rest = unpacker.unused_data
    except zlib.error as error:
        raise InputError(f"cannot be unpacked: {error}", where=where, remedy="fetch the file again") from error
    return bytes(unpacked)


def _folder(path: Path) -> dict[str, bytes]:
    """The JSON files of a folder and of two floors of folders in it; links are not followed."""
    found: dict[str, bytes] = {}
    total = 0
    for place in sorted((*path.glob("*.json"), *path.glob("*/*.json"), *path.glob("*/*/*.json"))):
        around = [one for one in place.parents if one != path and path in one.parents]
        if place.is_symlink() or any(one.is_symlink() for one in around) or not place.is_file():
            continue
        total += place.stat().st_size
        if total > MOST_FILE_BYTES:
            raise InputError(f"holds more than {MOST_FILE_BYTES} bytes", where=str(path), remedy="split it")
        found[place.relative_to(path).as_posix()] = place.read_bytes()
    return found


def _no_constant(word: str) -> Any:
    raise ValueError(f"{word} is no JSON value, write null")


def _too_many(name: str) -> InputError:
    return InputError(f"holds more than {MOST_RECORDS} personas", where=name, remedy="split it")


def _plain(value: Any) -> Any:
    """A cell as JSON says it: dates as text, lists and structs walked."""
    if value is None or isinstance(value, (str, int, bool)):
        return value
    if isinstance(value, float):
        return value if value == value and abs(value) != float("inf") else None
    if isinstance(value, Mapping):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(inner) for inner in value]
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
