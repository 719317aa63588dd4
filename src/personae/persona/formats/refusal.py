"""Files of nothing known: what they are instead, said in words that tell what to do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from personae.errors import InputError
from personae.persona.formats.content import JPEG, Content

_KINDS: tuple[tuple[bytes, str, str], ...] = (
    (JPEG, "is a JPEG picture without a card", "ask for the card as PNG, CHARX or JSON"),
    (b"GIF8", "is a GIF picture, which holds no card", "ask for the card as PNG, CHARX or JSON"),
    (b"\x28\xb5\x2f\xfd", "is packed by zstd", "unpack it first: unzstd"),
    (b"SQLite format 3\x00", "is an SQLite database", "export its table as CSV or Parquet"),
    (b"%PDF-", "is a PDF document", "describe the person in a persona file"),
)
_MOST_NAMED = 6


def refusal_of(content: Content, error: InputError) -> InputError:
    """The error of a file that could not be read as one of ours, in terms of what the file is.

    Args:
        content: The file.
        error: What reading it as a persona file came to.
    """
    for start, what, remedy in _KINDS:
        if content.data.startswith(start):
            return InputError(what, where=content.name, remedy=remedy)
    if content.text is None and content.data:
        if content.encoding or b"\x00" in content.data[:1024]:
            what = f"is no text in {content.encoding}" if content.encoding else "is no text, and of no known format"
            return InputError(what, where=content.name, remedy="check what it is")
        return InputError(
            "is not UTF-8 text", where=content.name, remedy="save it as UTF-8, or name its encoding (--encoding cp1252)"
        )
    if (content.text or "").lstrip()[:15].lower().startswith(("<!doctype", "<html")):
        return InputError("is a web page", where=content.name, remedy="download the file that the page shows")
    rows = content.objects
    if rows and all(_is_lorebook(row) for row in rows):
        return InputError(
            "is a lorebook, not a person", where=content.name, remedy="put it into a card, as its character_book"
        )
    if rows and all("golds" in row and "task" in row for row in rows):
        return InputError(
            "holds the answers of LaMP, no people", where=content.name, remedy="read the file of its questions"
        )
    if rows and all("spec" in row and not isinstance(row.get("data"), Mapping) for row in rows):
        return InputError("is a card without its data", where=content.name, remedy="fetch the card again")
    if _is_table(content, error):
        named = ", ".join(map(repr, content.header[:_MOST_NAMED])) + (", ..." if content.header[_MOST_NAMED:] else "")
        return InputError(
            f"is a table, and none of its columns is a field of a persona ({named})",
            where=content.name,
            remedy='say which is which: --column "Years=demographics.age"',
        )
    return error


def _is_lorebook(row: Mapping[str, Any]) -> bool:
    inner = row.get("data")
    return "entries" in row or (isinstance(inner, Mapping) and "entries" in inner)


def _is_table(content: Content, error: InputError) -> bool:
    """A first line with commas may be prose or YAML: a table is what names columns and could not be read otherwise."""
    is_own = isinstance(content.json, (Mapping, list)) or content.lines
    return len(content.header) > 1 and not is_own and "\n" in (content.text or "") and _looks_unread(error)


def _looks_unread(error: InputError) -> bool:
    return "is not YAML" in error.what or "is a str" in error.what
