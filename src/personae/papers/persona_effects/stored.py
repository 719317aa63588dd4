"""Single answers as the authors stored them: tables of hits, ratings, extracted answers, hedges and refusals.

Beside ``all_scores.csv`` each folder of a model holds ``truthfulqa_hits.csv``, ``mmlu_hits.csv``, ``bbq_hits.csv``,
``off_scores.csv`` and ``rac_scores.csv`` (ratings of texts), ``attitude_answers.csv``, and for each of these an
``_extracts``, ``_hedges`` and ``_refusals`` table: a row a persona, a column an item, 1 or 0. A cell of attitudes is a
printed array, one number for each of 31 wordings. Tables may also be turned, with a column a persona.

Answers of MMLU and BBQ are not kept one by one: their scores are means of subjects, which the tables do not name, and
are those of ``all_scores.csv``; of their replies, counts are kept.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from personae.errors import InputError

KINDS = ("extracts", "hedges", "refusals")
TASK_OF = {"truthfulqa": "truthful", "mmlu": "mmlu", "bbq": "bbq", "off": "toxicity", "rac": "toxicity",
           "attitude": "attitudes"}  # fmt: skip
"""Task by the beginning of a file's name."""
ANSWERS = {"truthfulqa": "hits", "off": "scores", "rac": "scores", "attitude": "answers"}
"""What holds the answers themselves, of tasks whose answers are kept one by one."""
KNOWN = frozenset(f"{begin}_{kind}.csv" for begin in TASK_OF for kind in (*KINDS, ANSWERS.get(begin, "hits")))
DERIVED = frozenset({"all_hits.csv", "all_extracts.csv", "bbq_biased.csv", "bbq_unknown.csv"})
"""Sums of the other tables; or of BBQ, answers without the category and context that its bias scores need."""
_QUALITY = {"off": "offensive", "rac": "racist", "truthfulqa": "all"}
_NO_PERSONA = frozenset({"subject", "category", "context_condition", "index", "persona_cat"})
_LFS = "version https://git-lfs"
_FLAGS = {"1": 1.0, "0": 0.0, "1.0": 1.0, "0.0": 0.0, "True": 1.0, "False": 0.0}


@dataclass
class Stored:
    """What the tables of one folder say of each persona: rows of a results table by persona and task."""

    rows: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    means: dict[tuple[str, str], float] = field(default_factory=dict)
    """Means of the items of MMLU and BBQ, where ``all_scores.csv`` does not have those of subjects."""

    def of(self, persona: str, task: str) -> dict[str, Any]:
        """The row of a persona and task."""
        return self.rows.setdefault((persona, task), {})


def is_stored(path: Path) -> bool:
    """Whether a file is one of these tables."""
    return path.name in KNOWN or path.name in DERIVED


def read_stored(folder: Path) -> Stored:
    """Read the tables of single answers in the folder of one model.

    Raises:
        InputError: If a table cannot be read, holds what is no answer, or differs in its items from the answers.
    """
    found = Stored()
    for begin, task in TASK_OF.items():
        flags = {kind: folder / f"{begin}_{kind}.csv" for kind in KINDS}
        answers = folder / f"{begin}_{ANSWERS[begin]}.csv" if begin in ANSWERS else None
        if answers is not None and answers.is_file():
            _add_answers(found, task, begin, answers, {kind: path for kind, path in flags.items() if path.is_file()})
            continue
        hits_of = folder / f"{begin}_hits.csv"
        if hits_of.is_file() and not (folder / "all_scores.csv").is_file():
            for persona, hits, of in _counts(hits_of):
                found.of(persona, task)
                found.means[persona, task] = hits / of
        for kind, path in flags.items():
            if path.is_file():
                for persona, hits, of in _counts(path):
                    name = {"extracts": "defaulted", "hedges": "hedged", "refusals": "refused"}[kind]
                    _count(found.of(persona, task), name, of - hits if kind == "extracts" else hits, of)
    return found


def _count(row: dict[str, Any], name: str, hits: int, of: int) -> None:
    """Add to what is counted: the two kinds of ratings are one task."""
    row[f"{name}.count"] = row.get(f"{name}.count", 0) + hits
    row[f"{name}.of"] = row.get(f"{name}.of", 0) + of


def _add_answers(found: Stored, task: str, begin: str, answers: Path, flags: Mapping[str, Path]) -> None:
    told = {kind: dict(_rows(path)) for kind, path in flags.items()}
    for persona, cells in _rows(answers):
        items, sets, values = _spread(begin, cells, answers)
        marks = {kind: _flags(rows[persona], len(items), flags[kind]) for kind, rows in told.items() if persona in rows}
        extracted = marks.get("extracts")
        row = found.of(persona, task)
        columns: dict[str, list[Any]] = {
            "items": items,
            "sets": sets,
            "published": values,
            "score": values
            if extracted is None
            else [v if e else None for v, e in zip(values, extracted, strict=True)],
        }
        if extracted is not None:
            hedged = marks.get("hedges") or [0.0] * len(items)
            refused = marks.get("refusals") or [0.0] * len(items)
            columns["extracted"] = [bool(one) for one in extracted]
            columns["hedged"] = [bool(one) for one in hedged]
            columns["statuses"] = [
                "refused" if r else "ok" if e else "unparsed" for e, r in zip(extracted, refused, strict=True)
            ]
        for name, column in columns.items():
            row[name] = [*row.get(name, ()), *column]


def _spread(begin: str, cells: Mapping[str, str], path: Path) -> tuple[list[str], list[str], list[float]]:
    """Items, what each belongs to, and answers; a cell of attitudes holds those of a whole scale."""
    items: list[str] = []
    sets: list[str] = []
    values: list[float] = []
    for name, cell in cells.items():
        numbers = _numbers(cell, f"{path}, {name}")
        items += [f"{begin}/{name}" + (f"/{place}" if len(numbers) > 1 else "") for place in range(len(numbers))]
        sets += [_QUALITY.get(begin, name)] * len(numbers)
        values += numbers
    return items, sets, values


def _flags(cells: Mapping[str, str], wanted: int, path: Path) -> list[float]:
    flat = [one for name, cell in cells.items() for one in _numbers(cell, f"{path}, {name}")]
    if len(flat) != wanted:
        raise InputError(
            f"has {len(flat)} marks for {wanted} answers", where=str(path), remedy="give tables of the same items"
        )
    return flat


def _numbers(cell: str, where: str) -> list[float]:
    """The number of a cell, or those of an array as NumPy prints it."""
    plain = _FLAGS.get(cell)
    if plain is not None:
        return [plain]
    if "..." in cell:
        raise InputError("an array was cut when it was printed", where=where, remedy="print arrays whole")
    try:
        return [float(part) for part in cell.replace("[", " ").replace("]", " ").replace(",", " ").split()]
    except ValueError as error:
        raise InputError(f"{cell[:40]!r} is no answer", where=where, remedy="give numbers") from error


def _counts(path: Path) -> Iterator[tuple[str, int, int]]:
    """For each persona how many cells are 1, and how many there are; a line is not taken apart if it need not be."""
    with _opened(path) as file:
        header = file.readline().rstrip("\r\n")
        columns = header.count(",")
        is_wide = _is_by_persona(header.split(",")[1:])
        if is_wide:
            for line in file:
                persona, _, rest = line.rstrip("\r\n").partition(",")
                if len(rest) == 2 * columns - 1 and not persona.startswith('"'):
                    yield persona, rest.count("1"), columns
                elif line.strip():
                    (cells,) = csv.reader([line])
                    yield cells[0], *_tally(cells[1:], path)
            return
    for persona, row in _rows(path):
        yield persona, *_tally(list(row.values()), path)


def _tally(cells: Sequence[str], path: Path) -> tuple[int, int]:
    values = [one for cell in cells if cell.strip() for one in _numbers(cell, str(path))]
    return sum(value == 1 for value in values), len(values)


def _rows(path: Path) -> Iterator[tuple[str, dict[str, str]]]:
    """For each persona its cells by item."""
    with _opened(path) as file:
        reader = csv.reader(file)
        try:
            _, *header = next(reader)
            lines = [line for line in reader if line]
        except (StopIteration, ValueError, csv.Error) as error:
            raise InputError(
                f"is no table ({type(error).__name__})", where=str(path), remedy="give CSV with a row a persona"
            ) from error
    for number, line in enumerate(lines, start=2):
        if len(line) != len(header) + 1:
            raise InputError(
                f"has {len(line)} cells, the header {len(header) + 1}",
                where=f"{path}, row {number}",
                remedy="download the file again",
            )
    if _is_by_persona(header) or "freedom of speech" in header or not _is_by_persona([line[0] for line in lines]):
        keep = [place for place, name in enumerate(header) if name not in _NO_PERSONA]
        for line in lines:
            yield line[0], {header[place]: line[place + 1] for place in keep}
        return
    for place, persona in enumerate(header):
        if persona not in _NO_PERSONA:
            yield persona, {line[0]: line[place + 1] for line in lines}


def _is_by_persona(names: Sequence[str]) -> bool:
    """Whether names are numbers of items, so that what is across from them are personas."""
    return bool(names) and all(name.isdigit() for name in names)


def _opened(path: Path) -> Any:
    try:
        file = path.open(newline="", encoding="utf-8-sig")
        begin = file.read(len(_LFS))
        file.seek(0)
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(
            f"cannot be read ({type(error).__name__})", where=str(path), remedy="give the file as it was published"
        ) from error
    if begin == _LFS:
        file.close()
        raise InputError("is a Git LFS pointer, not the file", where=str(path), remedy="git lfs pull")
    return file
