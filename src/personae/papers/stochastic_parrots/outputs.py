"""The authors' layout of outputs: verdicts reply by reply, rates by persona, and their table of rates.

``ASPECT/MODEL[_SET]_outputs/PERSONA/MODEL_persona_samples.tsv`` holds a reply a row (verdict, persona, prompt, reply),
``MODEL_persona.txt`` beside it the percentage that passed, and ``MODEL_organized_results.csv`` all percentages. Files
of no persona are called ``nopersona``; what was generated or evaluated again says so in its name and comes before the
first evaluation.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from personae.canonical import content_hash
from personae.errors import InputError
from personae.papers.published import LeftOut, published_files
from personae.papers.stochastic_parrots.study import NOBODY
from personae.population import universal_personas

ASPECTS_OF_FOLDERS = {
    "offensiveness": "offensiveness",
    "regard": "regard",
    "toxicity": "toxic_continuation",
    "stereotype_agreement": "stereotype_agreement",
    "toxicity_agreement": "toxic_agreement",
    "toxic_agreement": "toxic_agreement",
}
_FOLDER = re.compile(r"(?P<model>.+?)(?:_(?P<set>bst|rtp))?_outputs")
_FILE = re.compile(r"(?P<model>.+)_(?:no)?persona(?P<again>_regenerated|_reevaluated)?(?P<samples>_samples)?")
_ORGANIZED = re.compile(r"(?P<model>.+)_organized_results")
_SETS = {"bst": "bst", "rtp": "rtp"}
_RATE = re.compile(r"PERCENT PASSED:\s*(?P<rate>\d+(?:\.\d+)?)\s*%")
_REPLY = 4
"""Cells of a reply: verdict, persona, prompt, reply; evaluated again it has the first verdict as well."""
_LONGEST_CELL = 1_000_000

Key = tuple[str, str, str, str]
"""Model, persona, aspect, data set."""


@dataclass(slots=True)
class _Found:
    verdicts: dict[Key, list[tuple[str, bool | None]]] = field(default_factory=dict)
    rates: dict[Key, float] = field(default_factory=dict)


def read_outputs(folder: Path, warnings: list[str]) -> list[dict[str, Any]]:
    """Rows of a model, a persona and an aspect each, as a fresh run has them; none if there are no such files.

    Raises:
        InputError: If a rate or a verdict is none.
    """
    found = _Found()
    paths = published_files(folder, ".tsv", ".txt", ".csv", warnings=warnings)
    # First evaluations first, so that later ones take their place.
    for path in sorted(paths, key=lambda one: ("_re" in one.stem, str(one))):
        if organized := _ORGANIZED.fullmatch(path.stem):
            _read_organized(path, organized["model"], found)
        elif (key := _key(path)) is not None:
            if path.suffix == ".tsv":
                found.verdicts[key] = list(_read_samples(path, warnings))
            elif (rate := _read_rate(path, warnings)) is not None:
                found.rates[key] = rate
    _exchange_items(found, warnings)
    return list(_rows(found))


def _key(path: Path) -> Key | None:
    """What a file is about, by its path; nothing if it is none of the layout."""
    if len(path.parts) < _REPLY:
        return None
    aspect, run, persona = path.parts[-4:-1]
    named, called = _FOLDER.fullmatch(run), _FILE.fullmatch(path.stem)
    if aspect not in ASPECTS_OF_FOLDERS or named is None or called is None:
        return None
    if (called["samples"] is not None) != (path.suffix == ".tsv"):
        return None
    return named["model"], persona, ASPECTS_OF_FOLDERS[aspect], named["set"] or "all"


def _read_samples(path: Path, warnings: list[str]) -> Iterator[tuple[str, bool | None]]:
    left = LeftOut(path, warnings)
    before = csv.field_size_limit(_LONGEST_CELL)
    try:
        with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
            rows = list(csv.reader(file, delimiter="\t"))
    except (OSError, csv.Error) as error:
        raise InputError(f"cannot be read ({error})", where=str(path), remedy="give the file as published") from error
    finally:
        csv.field_size_limit(before)
    for number, row in enumerate(rows, start=1):
        if not row:
            continue
        if len(row) < _REPLY or row[0].strip() not in ("0", "1"):
            left.add("no verdict, persona, prompt and reply", number)
            continue
        yield content_hash(row[-2])[:12], row[0].strip() == "1"
    left.tell()


def _read_rate(path: Path, warnings: list[str]) -> float | None:
    match = _RATE.search(path.read_text(encoding="utf-8", errors="replace"))
    if match is None:
        warnings.append(f"{path}: has no line PERCENT PASSED; left out")
        return None
    return _percent(match["rate"], str(path))


def _percent(text: str, where: str) -> float:
    try:
        value = float(text.strip().strip("%"))
    except ValueError:
        value = -1.0
    if not 0 <= value <= 100:
        raise InputError(f"{text!r} is no percentage", where=where, remedy="give the file as published")
    return value / 100


def _read_organized(path: Path, model: str, found: _Found) -> None:
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    for number, row in enumerate(rows, start=2):
        persona = (row.get("personas") or "").strip()
        for column, value in row.items():
            if column is None or column == "personas" or not (value or "").strip():
                continue
            aspect, _, dataset = column.rpartition("_")
            if dataset not in _SETS:
                aspect, dataset = column, "all"
            if persona and aspect in ASPECTS_OF_FOLDERS:
                key = (model, persona, ASPECTS_OF_FOLDERS[aspect], dataset)
                found.rates.setdefault(key, _percent(value, f"{path}, line {number}, {column}"))


def _exchange_items(found: _Found, warnings: list[str]) -> None:
    """Where each persona was asked other texts, drawn at random, replies of all texts may be exchanged.

    The authors draw statements anew for each persona. To shuffle the replies to one text among personas then leaves
    everything where it is, and the noise of the draw would pass for an effect of the persona.
    """
    places: dict[tuple[str, str, str], list[Key]] = {}
    for key in found.verdicts:
        places.setdefault((key[0], key[2], key[3]), []).append(key)
    for (model, aspect, dataset), keys in places.items():
        seen = Counter(item for key in keys for item in {item for item, _ in found.verdicts[key]})
        if len(keys) > 1 and sum(count > 1 for count in seen.values()) < len(seen) / 2:
            for key in keys:
                found.verdicts[key] = [(f"draw {n}", passed) for n, (_, passed) in enumerate(found.verdicts[key])]
            warnings.append(
                f"{model}, {aspect}, {dataset}: each persona was asked texts of its own; for the noise floor the "
                "replies to all texts are exchanged"
            )


def _rows(found: _Found) -> Iterator[dict[str, Any]]:
    categories = {one.word: one.category for one in universal_personas()}
    keys = {one.word: one.key for one in universal_personas()}
    cells: dict[tuple[str, str, str], dict[str, Any]] = {}
    for key in dict.fromkeys([*found.verdicts, *found.rates]):
        model, persona, aspect, dataset = key
        cell = cells.setdefault(
            (model, persona, aspect),
            {
                "model": model,
                "persona": keys.get(persona, persona),
                "aspect": aspect,
                "category": categories.get(persona, NOBODY),
                "condition": "none" if persona == NOBODY else "persona",
                **{name: [] for name in ("items", "sets", "passed", "published", "rate.sets", "rate.values")},
            },
        )
        if key in found.verdicts:
            for item, passed in found.verdicts[key]:
                cell["items"].append(item)
                cell["sets"].append(dataset)
                cell["passed"].append(passed)
                cell["published"].append(passed is not False)
        else:
            cell["rate.sets"].append(dataset)
            cell["rate.values"].append(found.rates[key])
    for cell in cells.values():
        _without_totals(cell)
        yield cell


def _without_totals(cell: dict[str, Any]) -> None:
    """The rate over all sets says nothing new beside those of the sets."""
    sets = {*cell["sets"], *cell["rate.sets"]}
    if len(sets) > 1 and "all" in cell["rate.sets"]:
        place = cell["rate.sets"].index("all")
        del cell["rate.sets"][place], cell["rate.values"][place]


def read_constants(path: Path) -> list[dict[str, str]]:
    """The personas of ``constants.py``: kind, category, word, and who it is as published; nothing of it is run.

    Raises:
        InputError: If it is no such file.
    """
    import ast

    try:
        tree = ast.parse(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, SyntaxError, RecursionError) as error:
        raise InputError(f"is no Python ({error})", where=str(path), remedy="give constants.py as published") from error
    categories = {one.word: one.category for one in universal_personas()}
    rows: list[dict[str, str]] = []
    for statement in tree.body:
        if not isinstance(statement, ast.Assign) or not isinstance(statement.targets[0], ast.Name):
            continue
        kind = _DICTS.get(statement.targets[0].id)
        if kind is None:
            continue
        for word, texts in _literal(statement.value, path).items():
            rows += [
                {"kind": kind, "category": categories.get(str(word), "other"), "listed": str(word), "text": str(text)}
                for text in texts
            ]
    return rows


_DICTS = {"PERSONAS_DICT": "generic", "EXPLICIT_PERSONAS_DICT": "specific"}


def _literal(node: Any, path: Path) -> Mapping[Any, Any]:
    import ast

    try:
        value = ast.literal_eval(node)
    except (ValueError, TypeError, MemoryError, RecursionError) as error:
        raise InputError(
            "holds more than words", where=f"{path}, line {node.lineno}", remedy="give it as published"
        ) from error
    if not isinstance(value, dict) or not all(isinstance(texts, list) for texts in value.values()):
        raise InputError(
            "is no dictionary of lists", where=f"{path}, line {node.lineno}", remedy="give it as published"
        )
    return value
