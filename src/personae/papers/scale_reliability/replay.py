"""Replay of the answers that the authors published: ``save.json`` and the files of representations beside it.

A file is an object with ``meta`` and ``data``; a row has ``info`` (the levels, and for representations ``append_label``
and ``case``), ``raw`` (answers by item, the order of options undone) and ``data`` (the trait scores that were stored).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import orjson

from personae.errors import InputError
from personae.papers.paper import Replay
from personae.papers.scale_reliability.findings import TRAITS
from personae.papers.scale_reliability.settings import ScaleReliabilitySettings
from personae.papers.scale_reliability.study import ScaleReliability
from personae.papers.scale_reliability.targets import pole_of_label

MODEL = "gpt-3.5-turbo-1106"
_LAYOUT = 'a JSON object with "meta" and "data", as Analysis/save/save.json of CUHK-ARISE/LLMPersonality'
_SPELLINGS = {"Winson Churchill": "Winston Churchill", "Hannibal Lector": "Hannibal Lecter"}
_NAMES = tuple(trait.rpartition(".")[2].capitalize() for trait in TRAITS)


def read_replay(folder: Path, given: Mapping[str, str]) -> Replay:
    """Read all files of the folder that have this layout, and name those that do not.

    Raises:
        InputError: If there is none.
    """
    import polars as pl

    study = ScaleReliability(ScaleReliabilitySettings.read(given))
    items = study.instrument.item_ids
    rows: list[dict[str, Any]] = []
    warnings = []
    sources = {}
    for path in sorted(folder.glob("*.json")):
        try:
            found = list(_rows(path, items))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            warnings.append(f"{path}: has another layout ({type(error).__name__}: {error}); left out")
            continue
        sources[path.name] = f"{len(found)} settings"
        rows += found
    if not rows:
        raise InputError("holds no stored answers", where=str(folder), remedy=f"the layout is {_LAYOUT}")
    incomplete = sum(None in row["answers"] for row in rows)
    if incomplete:
        warnings.append(f"{incomplete} settings lack answers; their scores are missing")
    return Replay(pl.DataFrame(rows, infer_schema_length=None), study, sources, tuple(warnings))


def _rows(path: Path, items: tuple[str, ...]) -> Iterator[dict[str, Any]]:
    data = orjson.loads(path.read_bytes())
    if not isinstance(data, dict) or not isinstance(data.get("data"), list):
        raise ValueError("no object with rows under 'data'")
    name = str(data["meta"]["name_exp"])
    for number, row in enumerate(data["data"]):
        info, raw = row["info"], row["raw"]
        answers = [_answer(raw.get(item)) for item in items]
        if "append_label" not in info:
            about = {"part": "factorial", "method": "", "target": "", "cot": False, "case": 0}
        else:
            about = _representation(name, info)
        yield {
            "cell": f"{path.stem}-{number:05}",
            "status": "ok" if None not in answers else "unparsed",
            "model": MODEL,
            **about,
            **{factor: str(info[factor]) for factor in ("template", "version", "language", "label", "order")},
            "answers": answers,
            "stored": [float(row["data"][trait]) for trait in _NAMES],
        }


def _representation(name: str, info: Mapping[str, Any]) -> dict[str, Any]:
    label = str(info["append_label"])
    part = name.removesuffix("_cot").partition("_")[0]
    if part not in ("environment", "personality", "character"):
        raise ValueError(f"{name!r} names no representation")
    return {
        "part": part,
        "method": name.removesuffix("_cot").partition("_")[2],
        "target": pole_of_label(label) if part == "personality" else _SPELLINGS.get(label, label),
        "cot": name.endswith("_cot"),
        "case": int(info["case"]),
    }


def _answer(value: Any) -> int | None:
    return int(value) if isinstance(value, int) and 1 <= value <= 5 else None
