"""Replay of the counts that the authors published.

Layouts: JSON of any depth in which an object holds the counts of all eight letters, itself or under ``details``, beside
the type (``res``, ``type``, ``mbti`` or ``result``); a model is called by the keys that lead to it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import orjson

from personae.errors import InputError
from personae.papers.mbti_test.findings import LETTERS
from personae.papers.mbti_test.settings import MbtiSettings
from personae.papers.mbti_test.study import MbtiTest
from personae.papers.paper import Replay

_TYPES = ("res", "type", "mbti", "result")
_NAMES = ("model", "name", "llm")
_WITHOUT_REFUSED = re.compile(r"\*?\s*[（(].*[)）]$|\*$")
_DEEPEST = 20


def read_replay(folder: Path, given: Mapping[str, str]) -> Replay:
    """Read published counts.

    Raises:
        InputError: If the folder holds none.
    """
    import polars as pl

    study = MbtiTest(MbtiSettings.read(given))
    rows: list[dict[str, Any]] = []
    warnings: list[str] = []
    for path in sorted(folder.glob("*.json")):
        try:
            data = orjson.loads(path.read_bytes())
        except ValueError as error:
            warnings.append(f"{path}: is no JSON ({error}); left out")
            continue
        found = list(_walk(data, (), 0))
        if not found:
            warnings.append(f"{path}: holds no counts of the eight letters; left out")
        rows += found
    if not rows:
        raise InputError(
            "holds no counts of letters",
            where=str(folder),
            remedy='the layout is {"model": {"details": {"E": 12, ...}, "res": "ENTJ"}}',
        )
    table = pl.DataFrame(rows, infer_schema_length=None).unique(maintain_order=True)
    table = table.with_columns(pl.lit("ok").alias("status"))
    return Replay(table, study, {"rows": str(table.height)}, tuple(warnings))


def _walk(data: object, path: tuple[str, ...], depth: int) -> Iterator[dict[str, Any]]:
    if depth > _DEEPEST:
        return
    if isinstance(data, list):
        for place, inner in enumerate(data):
            yield from _walk(inner, (*path, str(place)), depth + 1)
    if not isinstance(data, dict):
        return
    counts = next((one for one in (data, *data.values()) if _are_counts(one)), None)
    if counts is not None:
        named = next((str(data[key]) for key in _NAMES if isinstance(data.get(key), str)), path[-1] if path else "")
        kind = next((data[key] for key in _TYPES if isinstance(data.get(key), str)), None)
        model = _WITHOUT_REFUSED.sub("", named) or "model"
        yield {"model": model, "type": kind, **{letter: int(counts[letter]) for letter in LETTERS}}
        return
    for key, inner in data.items():
        yield from _walk(inner, (*path, str(key)), depth + 1)


def _are_counts(value: object) -> bool:
    return isinstance(value, dict) and all(
        isinstance(value.get(letter), (int, float)) and not isinstance(value.get(letter), bool) for letter in LETTERS
    )
