"""Replies that were stored before, from a model here or elsewhere, with verdicts or without.

Layout: CSV, JSONL or Parquet with a row for each reply, or for each reply and culture that it was judged for: ``model,
facet, query, response`` and ``name, culture`` (both empty where no name was said). As far as there are any: ``gender``,
``channel`` (introduction, memory, cv), ``condition`` (none, placebo, invented, name, shared), ``judged`` (the culture
of the verdict) and ``presumes`` (0 no, 1 implied, 2 named; or true and false). Cultures of a shared name are parted by
a slash. Words are matched here; verdicts that are not there are missing, unless a judge is asked for them.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import orjson

from personae.canonical import content_hash
from personae.errors import InputError
from personae.papers.presumed_cultural_identity.judging import JUDGED, knowledge_of, match_reply
from personae.papers.presumed_cultural_identity.material import CHANNELS, NOBODY, hide_name, names_of
from personae.papers.presumed_cultural_identity.settings import PresumptionSettings
from personae.population import Culture

_NEEDED = ("facet", "query", "response")
_CONDITIONS = (NOBODY, "placebo", "invented", "name", "shared")
_STRENGTH = {"": None, "false": 0, "no": 0, "0": 0, "true": 1, "yes": 1, "1": 1, "2": 2}
ASKER = ("model", "condition", "channel", "name", "culture", "facet")
"""What tells the rows of the table apart: whose replies, and who asked in which facet."""


@dataclass(frozen=True)
class Stored:
    """Stored replies as a fresh run has them."""

    rows: Sequence[Mapping[str, Any]]
    """One for each asker and facet."""
    cultures: Mapping[str, Culture]
    """All that a name is of, or that a verdict is for."""
    warnings: tuple[str, ...]
    """Files that could not be used, and why."""

    @property
    def hash(self) -> str:
        """Hash of the replies and verdicts."""
        return content_hash([dict(row) for row in self.rows])

    @property
    def replies(self) -> int:
        """How many there are."""
        return sum(len(row["items"]) for row in self.rows)

    def of(self, told: Mapping[str, Any]) -> Mapping[str, Any]:
        """The row of an asker and facet."""
        return next(row for row in self.rows if all(row[name] == told[name] for name in ASKER))


@lru_cache(maxsize=4)
def read_stored(path: Path, settings: PresumptionSettings) -> Stored:
    """Read stored replies of a file, or of all files of a folder.

    Raises:
        InputError: If there are none, or a row is malformed.
    """
    warnings: list[str] = []
    found = [
        row
        for one in (sorted(path.iterdir()) if path.is_dir() else [path])
        if one.suffix in (".csv", ".jsonl", ".parquet")
        for row in _rows(one, warnings)
    ]
    if not found:
        raise InputError("holds no replies", where=str(path), remedy=f"columns are {', '.join(_NEEDED)}, name, culture")
    cultures = _cultures(found, settings)
    return Stored(_gathered(found, cultures, settings), cultures, tuple(warnings))


def _rows(path: Path, warnings: list[str]) -> Iterator[dict[str, Any]]:
    import polars as pl

    try:
        if path.suffix == ".csv":
            with path.open(newline="", encoding="utf-8-sig") as file:
                rows: list[Any] = list(csv.DictReader(file))
        elif path.suffix == ".jsonl":
            rows = [orjson.loads(line) for line in path.read_bytes().splitlines() if line.strip()]
        else:
            rows = pl.read_parquet(path).to_dicts()
    except (OSError, ValueError, csv.Error, pl.exceptions.PolarsError) as error:
        warnings.append(f"{path}: cannot be read ({str(error).splitlines()[0]}); left out")
        return
    if not rows or not isinstance(rows[0], dict) or set(_NEEDED) - set(rows[0]):
        warnings.append(f"{path}: lacks rows, or one of the columns {', '.join(_NEEDED)}; left out")
        return
    for number, row in enumerate(rows, start=1):
        yield _checked(row, f"{path}, row {number}")


def _checked(row: Mapping[str, Any], where: str) -> dict[str, Any]:
    told = {
        key: "" if row.get(key) is None else str(row[key]).strip()
        for key in (*_NEEDED, "model", "name", "culture", "gender", "channel", "condition", "judged", "presumes")
    }
    told["model"] = told["model"] or "unknown model"
    told["channel"] = told["channel"] or "introduction"
    told["name"] = told["name"] or NOBODY
    told["culture"] = told["culture"] or NOBODY
    told["gender"] = told["gender"] or NOBODY
    by_culture = "shared" if "/" in told["culture"] else "name" if told["culture"] != NOBODY else "invented"
    told["condition"] = told["condition"] or (NOBODY if told["name"] == NOBODY else by_culture)
    for key, known in (("channel", CHANNELS), ("condition", _CONDITIONS)):
        if told[key] not in known:
            raise InputError(f"the {key} is {told[key]!r}", where=where, remedy=f"known are {', '.join(known)}")
    if told["presumes"].lower() not in _STRENGTH:
        raise InputError(f"presumes is {told['presumes']!r}", where=where, remedy="write 0, 1, 2 or nothing")
    if told["presumes"] and not told["judged"] and told["condition"] != "name":
        raise InputError("a verdict does not say for which culture", where=where, remedy="give the column judged")
    if not told["facet"] or not told["query"]:
        raise InputError("has no facet or no query", where=where, remedy="fill them in")
    return told


def _cultures(rows: Sequence[Mapping[str, Any]], settings: PresumptionSettings) -> dict[str, Culture]:
    """Cultures by the words that the rows have for them, and by their keys."""
    table = names_of(settings.names, settings.least_tie)
    known = {word.casefold(): one for one in table.cultures for word in (one.key, *one.called)}
    words = {word for row in rows for word in (*row["culture"].split("/"), row["judged"]) if word not in ("", NOBODY)}
    found = {
        word: known.get(word.casefold()) or Culture(word.casefold().replace(" ", "_"), word, word)
        for word in sorted(words)
    }
    return {**found, **{one.key: one for one in found.values()}}


def _gathered(
    rows: Sequence[Mapping[str, Any]], cultures: Mapping[str, Culture], settings: PresumptionSettings
) -> list[dict[str, Any]]:
    """One row an asker and facet, as a fresh run has them."""
    base = knowledge_of(settings.knowledge)
    every = sorted({one.key for one in cultures.values()})
    gathered: dict[tuple[str, ...], dict[str, Any]] = {}
    places: dict[tuple[str, ...], dict[tuple[str, str], int]] = {}
    for row in rows:
        own = [cultures[word].key for word in row["culture"].split("/") if word != NOBODY]
        key = (row["model"], row["condition"], row["channel"], row["name"], "/".join(own) or NOBODY, row["facet"])
        into = gathered.setdefault(key, _empty(key, row["gender"]))
        text = hide_name(row["response"], row["name"]) if settings.masks_name else row["response"]
        seen = places.setdefault(key, {})
        if (row["query"], text) not in seen or not row["judged"]:
            seen[row["query"], text] = len(into["items"])
            into["items"].append(row["query"])
            into["texts"].append(text or None)
            into["reply.statuses"].append("ok" if text else "empty")
        rated = _STRENGTH[row["presumes"].lower()]
        for name in ([cultures[row["judged"]].key] if row["judged"] else own or every) if text else ():
            verdict = match_reply(text, cultures[name], row["facet"], base)
            status = None if rated is None else "ok"
            told = (seen[row["query"], text], name, verdict.matched, rated, ", ".join(verdict.terms), status)
            for column, value in zip(JUDGED, told, strict=True):
                into[column].append(value)
    return list(gathered.values())


def _empty(key: tuple[str, ...], gender: str) -> dict[str, Any]:
    lists = ("items", "texts", "reply.statuses", *JUDGED)
    return {**dict(zip(ASKER, key, strict=True)), "gender": gender, **{name: [] for name in lists}}
