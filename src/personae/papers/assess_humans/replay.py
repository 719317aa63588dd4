"""Replay of the answers that the authors published.

Layout: CSV files with a column of questions and one of answers for each group (header ``people, Answers, , men,
Answers, ...``), a row a statement; the model is the folder that a file lies in, or a word of its name. Files need not
be UTF-8.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from personae.errors import InputError
from personae.papers.assess_humans.findings import PUBLISHED
from personae.papers.assess_humans.judging import read_correctness
from personae.papers.assess_humans.settings import AssessSettings
from personae.papers.assess_humans.statements import sixty_key
from personae.papers.assess_humans.study import AssessHumans
from personae.papers.paper import Replay

_MODELS = {"instructgpt": "InstructGPT", "chatgpt": "ChatGPT", "gpt4": "GPT-4", "gpt-4": "GPT-4", "gpt_4": "GPT-4"}
_NUMBER = re.compile(r"^\s*(\d{1,2})\.")


def read_replay(folder: Path, given: Mapping[str, str]) -> Replay:
    """Read published answers.

    Raises:
        InputError: If the folder holds none.
    """
    import polars as pl

    study = AssessHumans(AssessSettings.read(given))
    warnings: list[str] = []
    rows = [row for path in sorted(folder.rglob("*.csv")) for row in _rows(path, folder, warnings)]
    if not rows:
        raise InputError(
            "holds no answers about groups",
            where=str(folder),
            remedy="the layout is CSV with the header people,Answers,,men,Answers,,women,Answers",
        )
    table = pl.DataFrame(rows, infer_schema_length=None).with_columns(pl.lit("ok").alias("status"))
    repeated = pl.int_range(1, pl.len() + 1).over("model", "subject").alias("repeat")
    return Replay(table.with_columns(repeated), study, {"rows": str(table.height)}, tuple(warnings))


def _rows(path: Path, folder: Path, warnings: list[str]) -> Iterator[dict[str, Any]]:
    lines = list(csv.reader(io.StringIO(_decoded(path))))
    head = [name.strip() for name in lines[0]] if lines else []
    columns = [place for place, name in enumerate(head[1:], start=1) if name.casefold() == "answers"]
    if not columns:
        warnings.append(f"{path}: has no column Answers; left out")
        return
    model = _model(path, folder)
    items = sixty_key().item_ids
    for column in columns:
        answers = dict.fromkeys(items, "")
        for place, line in enumerate(lines[1:], start=1):
            question = line[column - 1] if column - 1 < len(line) else ""
            number = found[1] if (found := _NUMBER.match(question)) else str(place)
            if number in answers and column < len(line):
                answers[number] = line[column]
        read = [read_correctness(text) for text in answers.values()]
        yield {
            "model": model,
            "subject": head[column - 1].casefold(),
            "condition": PUBLISHED,
            "answers": [answer.value for answer in read],
            "answers.statuses": [answer.status for answer in read],
        }


def _decoded(path: Path) -> str:
    data = path.read_bytes()
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")


def _model(path: Path, folder: Path) -> str:
    named = str(path.relative_to(folder)).casefold()
    for word, model in _MODELS.items():
        if word in named:
            return model
    return path.parent.name if path.parent != folder else path.stem
