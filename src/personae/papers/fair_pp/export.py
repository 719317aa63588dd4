"""Preference rows for training by segment: chosen, rejected, tier and weight, split by group and topic."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING, Any

import orjson

from personae.papers.fair_pp.answers import answers_of, column_of
from personae.papers.fair_pp.questions import COLUMNS
from personae.papers.fair_pp.segments import KEYS, SEGMENTS
from personae.papers.fair_pp.settings import FairSettings
from personae.papers.fair_pp.weights import NO_ANSWER, tier_weights, tiers_of

if TYPE_CHECKING:
    import polars as pl


def preference_rows(table: pl.DataFrame, settings: FairSettings) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Segment, part (train, test or dropped) and row; in TRL's conversational form.

    A row is dropped where the segment gave no answer or one that hangs on the order. ``weight`` has a mean of 1 over
    the training rows of a segment; ``weight_as_published`` sums to 1 over tiers.
    """
    if "text" not in table.columns:
        return
    answers = answers_of(table)
    if not answers.questions:
        return
    tests = answers.tests(settings.test_share)
    codes = answers.sides[: len(KEYS)]
    for place, segment in enumerate(SEGMENTS):
        tiers = tiers_of(codes, place)
        used = tiers[~tests]
        ways = {"weight": False, "weight_as_published": True}
        weights = {
            name: tier_weights(used, alpha=settings.alpha, beta=settings.beta, as_published=way) if used.any() else {}
            for name, way in ways.items()
        }
        for number, one in enumerate(answers.questions):
            words = {"question": one.text, "a": one.a, "b": one.b, "c": ""}
            row: dict[str, Any] = {
                "prompt": [{"role": "user", "content": Template(settings.prompt).safe_substitute(words)}],
                "segment": segment.key,
                "share": segment.share,
                "group": one.place.group,
                "problem": one.place.problem,
                "perspective": one.place.perspective,
                "question": one.hash,
            }
            code = int(codes[place, number])
            if code == NO_ANSWER:
                missing = NO_ANSWER in (answers.first[place, number], answers.swapped[place, number])
                yield segment.key, "dropped", {**row, "reason": "no_answer" if missing else "hangs_on_order"}
                continue
            chosen, rejected = (("A", "B"), ("B", "A"))[code]
            tier = int(tiers[number])
            row |= {
                "chosen": [{"role": "assistant", "content": chosen}],
                "rejected": [{"role": "assistant", "content": rejected}],
                "tier": tier,
            }
            part = "test" if tests[number] else "train"
            if part == "train":
                row |= {name: weights[name][tier] for name in ways}
            yield segment.key, part, row


def write_preferences(table: pl.DataFrame, settings: FairSettings, folder: Path) -> dict[str, int]:
    """Write ``SEGMENT-train.jsonl``, ``SEGMENT-test.jsonl`` and ``dropped.jsonl``; returns their rows."""
    files: dict[str, list[dict[str, Any]]] = {}
    is_simulated = "model" in table.columns and any(str(name).startswith("sim") for name in table["model"].unique())
    for segment, part, row in preference_rows(table, settings):
        name = "dropped.jsonl" if part == "dropped" else f"{segment}-{part}.jsonl"
        files.setdefault(name, []).append({**row, "origin": "SIMULATED" if is_simulated else "model"})
    folder.mkdir(parents=True, exist_ok=True)
    write_published(table, folder / "Fair-PP.csv")
    for name, rows in files.items():
        (folder / name).write_bytes(b"".join(orjson.dumps(row) + b"\n" for row in rows))
    return {name: len(rows) for name, rows in files.items()}


def write_published(table: pl.DataFrame, path: Path) -> int:
    """Write questions and answers in the published layout, a column for each of the seven; returns its rows.

    Positioned models have the column ``MODEL_answer``. What is read again by the replay gives the same figures as
    published, as far as they hang on the first answer alone.
    """
    import polars as pl

    parts = []
    for (model,), mine in table.group_by(["model"], maintain_order=True) if "text" in table.columns else ():
        answers = answers_of(mine)
        columns: dict[str, list[Any]] = {
            name: [getattr(one.place, column_of(name)) for one in answers.questions] for name in COLUMNS[:6]
        }
        columns["Question"] = [one.whole for one in answers.questions]
        for number, who in enumerate(answers.who):
            name = f"{model}_role_{number + 1}_answer" if who in KEYS else f"{who}_answer"
            columns[name] = answers.published[number].tolist()
        parts.append(pl.DataFrame(columns))
    whole = pl.concat(parts, how="diagonal") if parts else pl.DataFrame()
    if whole.height:
        whole.write_csv(path)
    return whole.height
