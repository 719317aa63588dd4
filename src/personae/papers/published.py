"""Files that authors published, as they lie in a folder: JSON, lines of JSON, tables; pointers in place of large files.

Nothing is dropped in silence. What a file as a whole cannot give is an error or a warning with its place; rows that
are left out of a file are told together, once a file and reason, because published files have hundreds of thousands.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from personae.errors import InputError

if TYPE_CHECKING:
    import polars as pl

_POINTER = b"version https://git-lfs"
_NAMED = 3


def published_files(folder: Path, *suffixes: str, warnings: list[str]) -> list[Path]:
    """Files below a folder with one of these endings, sorted; pointers of git LFS are named and left out.

    Raises:
        InputError: If there is no such folder.
    """
    if not folder.is_dir():
        raise InputError("there is no such folder", where=str(folder), remedy="give the folder of the published files")
    found = []
    for path in sorted(path for path in folder.rglob("*") if path.is_file() and path.suffix.lower() in suffixes):
        with path.open("rb") as file:
            is_pointer = file.read(len(_POINTER)) == _POINTER
        if is_pointer:
            warnings.append(f"{path}: is a git-lfs pointer, not the file; fetch it with `git lfs pull`; left out")
        else:
            found.append(path)
    return found


def read_published_json(path: Path) -> Any:
    """The JSON value of a file; a byte order mark and ``NaN`` are let pass.

    Raises:
        InputError: If it is no JSON in UTF-8.
    """
    try:
        return json.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError, RecursionError) as error:
        raise InputError(
            f"is no JSON ({_first_line(error)})", where=str(path), remedy="give the file as it was published"
        ) from error


def read_published_rows(path: Path, warnings: list[str]) -> Iterator[tuple[int, Mapping[str, Any]]]:
    r"""Rows of a file of JSON lines, or of one JSON list, each with its number from 1; others are left out and told.

    Raises:
        InputError: If the file is not UTF-8, or holds no row at all.

    Example:
        >>> from tempfile import TemporaryDirectory
        >>> with TemporaryDirectory() as folder:
        ...     path, told = Path(folder) / "rows.jsonl", []
        ...     _ = path.write_text('{"a": 1}\n\nbroken\n{"a": 2}\n', encoding="utf-8")
        ...     list(read_published_rows(path, told)), told[0].partition(": ")[2]
        ([(1, {'a': 1}), (4, {'a': 2})], '1 row left out (3): no JSON object')
    """
    left = LeftOut(path, warnings)
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(
            f"cannot be read ({_first_line(error)})", where=str(path), remedy="give the file in UTF-8"
        ) from error
    rows = _of_list(text) if text.lstrip().startswith("[") else _of_lines(text)
    found = 0
    for number, row in rows:
        if isinstance(row, dict):
            found += 1
            yield number, row
        else:
            left.add("no JSON object", number)
    left.tell()
    if not found:
        raise InputError("holds no rows", where=str(path), remedy="give JSON lines, or a JSON list of objects")


def _of_list(text: str) -> Iterator[tuple[int, Any]]:
    try:
        rows = json.loads(text)
    except (ValueError, RecursionError):
        return _of_lines(text)
    return iter(enumerate(rows, start=1))


def _of_lines(text: str) -> Iterator[tuple[int, Any]]:
    # Not splitlines(): a text inside JSON may hold the separators of lines that Unicode knows besides \n.
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            try:
                yield number, json.loads(line)
            except (ValueError, RecursionError):
                yield number, None


def read_published_table(path: Path, *, is_text: bool = False) -> pl.DataFrame:
    """A CSV, TSV or Parquet file.

    Args:
        path: The file.
        is_text: Whether columns of a CSV stay texts as they are written.

    Raises:
        InputError: If it cannot be read.
    """
    import polars as pl

    try:
        if path.suffix.lower() == ".parquet":
            return pl.read_parquet(path)
        separator = "\t" if path.suffix.lower() == ".tsv" else ","
        return pl.read_csv(path, separator=separator, infer_schema=not is_text, infer_schema_length=None)
    except (pl.exceptions.PolarsError, OSError) as error:
        raise InputError(
            f"cannot be read ({_first_line(error)})", where=str(path), remedy="give the file as it was published"
        ) from error


class LeftOut:
    """Rows of one file that are left out: counted by reason, the first of them by number."""

    def __init__(self, path: Path, warnings: list[str]) -> None:
        self._path = path
        self._warnings = warnings
        self._numbers: dict[str, list[int]] = {}

    def add(self, reason: str, number: int) -> None:
        """Leave out one row."""
        self._numbers.setdefault(reason, []).append(number)

    def tell(self) -> None:
        """Write a warning for each reason."""
        for reason, numbers in self._numbers.items():
            self._warnings.append(
                f"{self._path}: {len(numbers)} row{'s' * (len(numbers) > 1)} left out ({_some(numbers)}): {reason}"
            )


def _some(numbers: Sequence[int]) -> str:
    named = ", ".join(map(str, numbers[:_NAMED]))
    return f"{named} ..." if len(numbers) > _NAMED else named


def _first_line(error: BaseException) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]
