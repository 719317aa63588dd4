"""Dictionaries that a user brings in the layouts of LIWC: ``.dic`` of 2001, 2007 and 2015, ``.dicx`` of LIWC-22.

LIWC's own dictionaries are proprietary and not part of personae; owners of a licence read theirs with
:func:`read_dic`. The layouts are described from dictionaries and readers that are public (the moral foundations
dictionary; the importers of quanteda and liwc-python), since LIWC documents them only in part.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from personae.errors import InputError
from personae.text.lexicon import Category, Lexicon, entry_words

MOST_BYTES = 50_000_000
"""Largest dictionary that is read; LIWC-22's has about a megabyte."""

_COMMENT = ("#", "//")
_BRACKETED = re.compile(r"\(([^()]*)\)")
_NUMBER = re.compile(r"\d{1,9}")
# "(02 134)125/464" and "<of>131/125": the first category in the context in brackets, the second one elsewhere.
_CONDITIONAL = re.compile(r"(?:\([^()<>]*\)|<[^<>]*>)\d{1,9}(?:/(?P<otherwise>\d{1,9}))?")
_ITEM = re.compile(r"(?:\([^()]*\)|<[^<>]*>|[^\s(<])+|\S")


@dataclass
class _Draft:
    """What has been read of a dictionary so far."""

    categories: list[Category] = field(default_factory=list)
    entries: dict[str, tuple[str, ...]] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)

    def add(self, term: str, keys: list[str], number: int) -> None:
        if not entry_words(term):
            self.remarks.append(f"line {number}: {term!r} left out, as no token of a text can match it")
        elif keys:
            self.entries[term] = (*self.entries.get(term, ()), *keys)


def read_dic(path: Path | str, *, skip_unknown: bool = False) -> Lexicon:
    """Read a dictionary in a layout of LIWC; the content decides which, not the ending of the name.

    ``.dic`` (LIWC 2001, 2007, 2015): between two lines with a single ``%`` the categories, one a line, a number and a
    name, possibly with a title in brackets; deeper indentation makes a category the child of the line above. Then the
    entries: a word, a stem ending in ``*`` or a phrase, a tab (or spaces), and category numbers. Zeros before a number
    mean nothing, lines that begin with ``#`` or ``//`` are comments.

    ``.dicx`` (LIWC-22): comma-separated values under the header ``DicTerm,<category>,...`` with an ``X`` in each column
    that the term belongs to.

    Files are UTF-8 or, if they cannot be, Windows-1252. What cannot be counted by looking at words alone is simplified,
    and each case is told in ``Lexicon.remarks``:

    - the conditional categories of LIWC 2001 and 2007, such as ``(02 134)125/464`` (125 after a word of category 02 or
      134, else 464) and ``<of>131/125``, count as their second part, and not at all without one;
    - the conditional entries of LIWC 2015, such as ``(discrep) like``, whose brackets name a category, are left out;
      other brackets and stray ones (``kind)``) are ignored;
    - entries without a letter or digit, such as emoticons, are left out.

    Args:
        path: The file.
        skip_unknown: Leave out category numbers that the header does not declare, instead of refusing the file.

    Raises:
        InputError: If the file cannot be read or is in none of these layouts; the message names the line.
    """
    path = Path(path)
    text = _read_text(path)
    first = next((line.strip() for line in text.splitlines() if line.strip() and not _is_comment(line)), "")
    if first == "%":
        draft = _read_percent(text, str(path), skip_unknown=skip_unknown)
    elif first.lstrip('"').lower().startswith("dicterm"):
        draft = _read_table(text, str(path))
    else:
        raise InputError(
            f"is no LIWC dictionary: it begins with {first[:40]!r}",
            where=str(path),
            remedy="a .dic file begins with a line '%', a .dicx file with 'DicTerm,'",
        )
    if not draft.entries:
        raise InputError("holds no entry", where=str(path), remedy="add words below the categories")
    return Lexicon(path.stem, "", tuple(draft.categories), draft.entries, tuple(draft.remarks))


def _read_text(path: Path) -> str:
    try:
        size = path.stat().st_size
        if size > MOST_BYTES:
            raise InputError(f"has {size} bytes; at most {MOST_BYTES} are read", where=str(path), remedy="split it")
        data = path.read_bytes()
    except OSError as error:
        raise InputError(f"cannot be read ({error.strerror})", where=str(path), remedy="check the path") from error
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise InputError("is neither UTF-8 nor Windows-1252 text", where=str(path), remedy="save it as UTF-8")


def _is_comment(line: str) -> bool:
    return line.lstrip().startswith(_COMMENT)


def _read_percent(text: str, where: str, *, skip_unknown: bool) -> _Draft:
    draft = _Draft()
    lines = ((n, line) for n, line in enumerate(text.splitlines(), 1) if line.strip() and not _is_comment(line))
    next(lines)  # the first %
    keys = _read_header(lines, draft, where)
    names = {str(number) for number in keys} | {key.lower() for key in keys.values()}
    for number, line in lines:
        place = f"{where}:{number}"
        term, items = _split_entry(line, place)
        if {bracketed.strip().lower().lstrip("0") for bracketed in _BRACKETED.findall(term)} & names:
            draft.remarks.append(f"line {number}: {term!r} left out, as it depends on the category of another word")
            continue
        found: list[str] = []
        for item in items:
            category = _category_number(item, f"line {number}: {term!r}", draft, place)
            if category in keys:
                found.append(keys[category])
            elif category is not None and skip_unknown:
                draft.remarks.append(f"line {number}: {term!r} has the category {category}, which is not declared")
            elif category is not None:
                raise InputError(
                    f"{term!r} has the category {category}, which the header does not declare",
                    where=place,
                    remedy="declare it between the two lines '%', or read with skip_unknown=True",
                )
        draft.add(re.sub(r"[()]", " ", term), found, number)
    return draft


def _category_number(item: str, said: str, draft: _Draft, place: str) -> int | None:
    """The number that an item counts as; a condition is simplified with a remark, to nothing if it has no "else"."""
    if _NUMBER.fullmatch(item):
        return int(item)
    condition = _CONDITIONAL.fullmatch(item)
    if condition is None:
        raise InputError(f"{item[:40]!r} is no category number", where=place, remedy="write word<TAB>number")
    otherwise = condition["otherwise"]
    counted = f"counted as {otherwise}" if otherwise else "not counted"
    draft.remarks.append(f"{said} has {item!r}, which depends on the context; {counted}")
    return int(otherwise) if otherwise else None


def _read_header(lines: Iterator[tuple[int, str]], draft: _Draft, where: str) -> dict[int, str]:
    """Read categories up to the second ``%``; return their keys by number."""
    keys: dict[int, str] = {}
    above: list[tuple[int, str]] = []  # indentation and key of the categories that a deeper line belongs to
    for number, line in lines:
        place = f"{where}:{number}"
        stripped = line.strip()
        if stripped == "%":
            if not keys:
                raise InputError("the header declares no category", where=place, remedy="write number<TAB>name")
            return keys
        head, *rest = stripped.split(None, 1)
        if not _NUMBER.fullmatch(head) or not rest:
            raise InputError(
                f"{stripped[:40]!r} is no category",
                where=place,
                remedy="write number<TAB>name, and a line '%' after the last category",
            )
        key, title = _split_title(rest[0])
        if int(head) in keys or key in keys.values():
            raise InputError(f"category {head} {key!r} is declared twice", where=place, remedy="give it another name")
        depth = len(line) - len(line.lstrip())
        while above and above[-1][0] >= depth:
            above.pop()
        draft.categories.append(Category(key, title, (above[-1][1],) if above else ()))
        above.append((depth, key))
        keys[int(head)] = key
    raise InputError("the header has no end", where=where, remedy="write a line '%' after the last category")


def _split_title(name: str) -> tuple[str, str]:
    """Split ``posemo (Positive Emotion)``, as LIWC 2015 names categories, into key and title."""
    key, bracket, title = name.removesuffix(")").partition("(")
    return (key.strip(), title.strip()) if bracket and key.strip() and name.endswith(")") else (name, name)


def _split_entry(line: str, place: str) -> tuple[str, list[str]]:
    """Split a line into its term and what stands for categories."""
    stripped = line.strip()
    term, tab, rest = stripped.partition("\t")
    if tab:
        return term.strip(), _ITEM.findall(rest)
    pieces = stripped.split()
    last = len(pieces)
    while last > 1 and _NUMBER.fullmatch(pieces[last - 1]):
        last -= 1
    if last == len(pieces):
        raise InputError(f"{stripped[:40]!r} has no category", where=place, remedy="write word<TAB>number")
    return " ".join(pieces[:last]), pieces[last:]


def _read_table(text: str, where: str) -> _Draft:
    draft = _Draft()
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    names: list[str] = []
    try:
        for row in reader:
            place = f"{where}:{reader.line_num}"
            cells = [cell.strip() for cell in row]
            if not any(cells) or (not names and _is_comment(cells[0])):
                continue
            if not names:
                names = _check_columns(cells[1:], place)
                draft.categories = [Category(name, name) for name in names]
                continue
            if len(cells) > len(names) + 1:
                raise InputError(
                    f"has {len(cells)} cells where the header has {len(names) + 1}",
                    where=place,
                    remedy="put terms that hold a comma in double quotes",
                )
            draft.add(cells[0], _marked(cells, names, place), reader.line_num)
    except csv.Error as error:
        raise InputError(f"is not CSV: {error}", where=f"{where}:{reader.line_num}", remedy="check quotes") from error
    return draft


def _check_columns(names: list[str], place: str) -> list[str]:
    if not names or not all(names):
        raise InputError("a column has no name", where=place, remedy="name a category over every column")
    if len(set(names)) < len(names):
        raise InputError("two columns share a name", where=place, remedy="rename one")
    return names


def _marked(cells: list[str], names: list[str], place: str) -> list[str]:
    term, marks = cells[0], cells[1:]
    if not term:
        raise InputError("a row has no term", where=place, remedy="write it in the first column")
    for mark in marks:
        if mark not in ("", "X", "x"):
            raise InputError(
                f"{term!r} is marked {mark!r}", where=place, remedy="mark membership with X; weights are not supported"
            )
    found = [name for name, mark in zip(names, marks, strict=False) if mark]
    if not found:
        raise InputError(f"{term!r} has no category", where=place, remedy="mark one with X")
    return found
