"""Replay: stored replies, with verdicts or without.

Layout: CSV, JSONL or Parquet with a row for each reply, or for each reply and culture that it was judged for: ``model,
facet, query, response`` and ``name, culture`` (both empty where no name was said). As far as there are any: ``gender``,
``channel`` (introduction, memory, cv), ``condition`` (none, placebo, invented, name, shared), ``judged`` (the culture
of the verdict) and ``presumes`` (0 no, 1 implied, 2 named; or true and false). Cultures of a shared name are parted by
a slash. Words are matched here; verdicts that are not there are missing.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import orjson

from personae.errors import InputError
from personae.papers.paper import Replay
from personae.papers.presumed_cultural_identity.judging import knowledge_of, match_reply
from personae.papers.presumed_cultural_identity.material import CHANNELS, NOBODY, hide_name, names_of
from personae.papers.presumed_cultural_identity.settings import PresumptionSettings
from personae.papers.presumed_cultural_identity.study import PresumedIdentity
from personae.population import Culture

_NEEDED = ("facet", "query", "response")
_CONDITIONS = (NOBODY, "placebo", "invented", "name", "shared")
_STRENGTH = {"": None, "false": 0, "no": 0, "0": 0, "true": 1, "yes": 1, "1": 1, "2": 2}


def read_replay(folder: Path, given: Mapping[str, str]) -> Replay:
    """Read stored replies.

    Raises:
        InputError: If the folder holds none, or a row is malformed.
    """
    import polars as pl

    settings = PresumptionSettings.read(given)
    warnings: list[str] = []
    found = [
        row
        for path in sorted(folder.iterdir())
        if path.suffix in (".csv", ".jsonl", ".parquet")
        for row in _rows(path, warnings)
    ]
    if not found:
        raise InputError(
            "holds no replies", where=str(folder), remedy=f"columns are {', '.join(_NEEDED)}, name, culture"
        )
    table = pl.DataFrame(_gathered(found, settings), infer_schema_length=None)
    study = PresumedIdentity(settings)
    replies = sum(len(one) for one in table["items"].to_list())
    return Replay(table.with_columns(pl.lit("ok").alias("status")), study, {"replies": str(replies)}, tuple(warnings))


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


def _gathered(rows: Sequence[Mapping[str, Any]], settings: PresumptionSettings) -> list[dict[str, Any]]:
    """One row an asker and facet, as a fresh run has them."""
    table, base = names_of(settings.names, settings.least_tie), knowledge_of(settings.knowledge)
    known = {word.casefold(): one for one in table.cultures for word in (one.key, *one.called)}

    def culture_of(word: str) -> Culture:
        return known.get(word.casefold()) or Culture(word.casefold().replace(" ", "_"), word, word)

    every = {
        one.key: one
        for row in rows
        for word in (*row["culture"].split("/"), row["judged"])
        if word not in ("", NOBODY)
        for one in (culture_of(word),)
    }
    gathered: dict[tuple[str, ...], dict[str, Any]] = {}
    replies: dict[tuple[str, ...], dict[tuple[str, str], int]] = {}
    for row in rows:
        own = [culture_of(word).key for word in row["culture"].split("/") if word != NOBODY]
        key = (row["model"], row["condition"], row["channel"], row["name"], "/".join(own) or NOBODY, row["facet"])
        into = gathered.setdefault(key, _empty(key, row["gender"]))
        text = hide_name(row["response"], row["name"]) if settings.masks_name else row["response"]
        place = (row["query"], text)
        seen = replies.setdefault(key, {})
        is_new = place not in seen or not row["judged"]
        if is_new:
            seen[place] = len(into["items"])
            into["items"].append(row["query"])
            into["texts"].append(text or None)
            into["reply.statuses"].append("ok" if text else "empty")
        if not text:
            continue
        judged = [culture_of(row["judged"]).key] if row["judged"] else own or list(every)
        for name in judged:
            verdict = match_reply(text, every[name], row["facet"], base)
            into["judged.reply"].append(seen[place])
            into["judged.culture"].append(name)
            into["judged.matched"].append(verdict.matched)
            rated = _STRENGTH[row["presumes"].lower()]
            into["judged.rated"].append(rated)
            into["judged.terms"].append(", ".join(verdict.terms))
            into["judged.statuses"].append(None if rated is None else "ok")
    return list(gathered.values())


def _empty(key: tuple[str, ...], gender: str) -> dict[str, Any]:
    lists = ("items", "texts", "reply.statuses")
    judged = ("reply", "culture", "matched", "rated", "terms", "statuses")
    names = ("model", "condition", "channel", "name", "culture", "facet")
    return {
        **dict(zip(names, key, strict=True)),
        "gender": gender,
        **{name: [] for name in lists},
        **{f"judged.{name}": [] for name in judged},
    }
