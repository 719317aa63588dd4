"""Replay of the published data set: pairs of answers, each with the persona that it was revised for.

Its rows hold ``persona`` (an attribute a line, ``age: 29``), ``instruction``, ``original`` (the base answer), ``data``
(the revised one) and, in some versions, ``critique`` and ``question type`` (train or test). No model is asked: what is
measured are sizes, the split, and what a revision gives away.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from personae.errors import InputError
from personae.papers.paper import Replay
from personae.papers.persona_testbed.authors import person_of
from personae.papers.persona_testbed.people import is_contradictory
from personae.papers.persona_testbed.profile import is_quoted
from personae.papers.persona_testbed.released import DATA
from personae.papers.persona_testbed.settings import PluralSettings
from personae.papers.persona_testbed.study import PluralTestbed
from personae.papers.published import LeftOut, published_files, read_published_rows, read_published_table
from personae.persona import Persona

_NAMES = {
    "persona": ("persona",),
    "request": ("instruction", "question", "prompt"),
    "base": ("original", "base", "rejected"),
    "revised": ("data", "revised", "chosen"),
    "part": ("question type", "question_type", "split"),
}
_PARTS = {"train": "train", "test": "test", "validation": "train"}


def read_replay(folder: Path, given: Mapping[str, str]) -> Replay:
    """Read the pairs of all files, a row a pair.

    Raises:
        InputError: If no file has pairs, or a persona has an age that is none.
    """
    import polars as pl

    warnings: list[str] = []
    rows: list[dict[str, Any]] = []
    people: dict[str, int] = {}
    requests: dict[str, int] = {}
    persons: list[Persona] = []
    for path in published_files(folder, ".parquet", ".csv", ".jsonl", ".json", warnings=warnings):
        left = LeftOut(path, warnings)
        for number, row in _rows(path, warnings):
            told = {key: _text(row, names) for key, names in _NAMES.items()}
            persona, request, base, revised = (told[key] for key in ("persona", "request", "base", "revised"))
            if not (persona and request and base and revised):
                left.add("no persona, instruction, original and data", number)
                continue
            if persona not in people:
                people[persona] = len(people)
                persons.append(person_of(persona, len(persons), f"{path}, row {number}"))
            person = people[persona]
            rows.append(
                {
                    "model": DATA,
                    "status": "ok",
                    "arm": "released",
                    "person": person,
                    "request": requests.setdefault(request, len(requests)),
                    "part": _PARTS.get((told["part"] or "").casefold(), ""),
                    "longer": len(revised.split()) > len(base.split()),
                    "same": revised == base,
                    "quoted": is_quoted(persons[person], revised),
                    "age": persons[person].demographics.age,
                    "contradictory": None,
                }
            )
        left.tell()
    if not rows:
        raise InputError(
            "holds no pairs",
            where=str(folder),
            remedy="give the files of the data set PERSONA, with persona, instruction, original and data",
        )
    faults = [is_contradictory(one) for one in persons]
    for row in rows:
        row["contradictory"] = faults[row["person"]]
    table = pl.DataFrame(rows, infer_schema_length=None)
    told_of = {"pairs": str(len(rows)), "people": str(len(people))}
    return Replay(table, PluralTestbed(PluralSettings.read(given)), told_of, tuple(warnings))


def _rows(path: Path, warnings: list[str]) -> Iterator[tuple[int, Mapping[str, Any]]]:
    try:
        if path.suffix.lower() in (".parquet", ".csv"):
            yield from enumerate(read_published_table(path, is_text=True).iter_rows(named=True), start=1)
        else:
            yield from read_published_rows(path, warnings)
    except InputError as error:
        warnings.append(f"{path}: {error.what}; left out")


def _text(row: Mapping[str, Any], names: Sequence[str]) -> str:
    value = next((row[name] for name in names if row.get(name) is not None), "")
    return str(value).strip()
