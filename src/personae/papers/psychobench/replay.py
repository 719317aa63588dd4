"""Replay of what the authors published: means of models, or raw answers.

Layouts: ``{form: {"dims": [...], model: [...]}}``; the leaderboard's ``{form: {model: {category: mean}}}``, with a
model called Crowd; and CSV files ``MODEL-FORM.csv`` with columns ``Prompt: ...``, ``order-1``, ``shuffle0-test0``, and
so on, a row an item. A mean of 0 stands for a model that did not answer, where 0 is no possible mean.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import orjson

from personae.errors import InputError
from personae.instrument import Instrument, load_instrument, score_range
from personae.papers.paper import Replay
from personae.papers.psychobench.forms import PUBLISHED, find_scale
from personae.papers.psychobench.settings import PsychoBenchSettings
from personae.papers.psychobench.study import PsychoBench

_CROWD = "crowd"


def read_replay(folder: Path, given: Mapping[str, str]) -> Replay:
    """Read published means and raw answers.

    Raises:
        InputError: If the folder holds neither, or both, which have no common table.
    """
    import polars as pl

    study = PsychoBench(PsychoBenchSettings.read(given))
    warnings: list[str] = []
    means = [row for path in sorted(folder.glob("*.json")) for row in _means(path, warnings)]
    answers = [row for path in sorted(folder.rglob("*.csv")) for row in _answers(path, warnings)]
    if bool(means) == bool(answers):
        what = "holds both means and raw answers" if means else "holds neither means nor raw answers of PsychoBench"
        raise InputError(what, where=str(folder), remedy="name a folder of JSON files of means, or one of CSV files")
    table = pl.DataFrame(means or answers, infer_schema_length=None).with_columns(pl.lit("ok").alias("status"))
    source = folder / "SOURCE.txt"
    note = source.read_text(encoding="utf-8", errors="replace").strip() if source.is_file() else ""
    return Replay(table, study, {"rows": str(table.height), "source": note}, tuple(dict.fromkeys(warnings)))


def _means(path: Path, warnings: list[str]) -> Iterator[dict[str, Any]]:
    try:
        data = orjson.loads(path.read_bytes())
    except ValueError as error:
        warnings.append(f"{path}: is no JSON ({error}); left out")
        return
    forms = data if isinstance(data, dict) else {}
    known = {name: body for name, body in forms.items() if name in PUBLISHED and isinstance(body, dict)}
    if not known:
        warnings.append(f"{path}: has no form of PsychoBench; left out")
    for name, body in known.items():
        form = load_instrument(PUBLISHED[name])
        dims = body.get("dims")
        for model, values in body.items():
            if model == "dims" or model.casefold() == _CROWD:
                continue
            pairs = zip(dims, values, strict=False) if isinstance(dims, list) else dict(values).items()
            for category, value in pairs:
                scale = find_scale(form, str(category))
                if scale is None or not isinstance(value, (int, float)):
                    warnings.append(f"{path}: {name}.{model}.{category} is no scale or no number; left out")
                    continue
                low, _ = score_range(form, scale)
                mean = None if value == 0 and low > 0 else float(value)
                yield {"model": model, "form": form.key, "scale": scale.key, "mean": mean}


def _answers(path: Path, warnings: list[str]) -> Iterator[dict[str, Any]]:
    """Raw answers: columns of an order hold item numbers, the columns behind it the answers of each run."""
    model, _, name = path.stem.rpartition("-")
    found = next((key for key in PUBLISHED if path.stem.endswith(f"-{key}")), name)
    if found not in PUBLISHED:
        warnings.append(f"{path}: its name ends in no form of PsychoBench; left out")
        return
    form, model = load_instrument(PUBLISHED[found]), path.stem.removesuffix(f"-{found}")
    lines = list(csv.reader(io.StringIO(path.read_text(encoding="utf-8-sig", errors="replace"))))
    head, rows = (lines[0], lines[1:]) if lines else ([], [])
    order: list[str] = []
    repeats: dict[int, int] = {}
    number = -1
    for column, title in enumerate(head):
        cells = [row[column].strip() if column < len(row) else "" for row in rows]
        if title.startswith("order"):
            order, number = cells, number + 1
        elif title.startswith("shuffle") and order:
            repeats[number] = repeats.get(number, 0) + 1
            answers = _by_item(form, order, cells)
            status = ["ok" if answer is not None else "unparsed" for answer in answers]
            yield {"model": model, "form": form.key, "role": "neutral", "order": number, "repeat": repeats[number],
                   "answers": answers, "answers.statuses": status}  # fmt: skip
    if not repeats:
        warnings.append(f"{path}: has no column of answers (order-1, shuffle0-test0); left out")


def _by_item(form: Instrument, order: list[str], cells: list[str]) -> list[int | None]:
    given = dict(zip(order, cells, strict=True))
    found: list[int | None] = []
    for item in form.item_ids:
        text = given.get(item, "").removesuffix(".0")
        value = int(text) if text.removeprefix("-").isdecimal() else None
        low, high = form.bounds(item)
        found.append(value if value is not None and low <= value <= high else None)
    return found
