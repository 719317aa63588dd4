"""Rows for training: the client's own answers as targets, split by client so that nobody is in both parts.

Rows are in TRL's conversational forms: ``messages`` for supervised training, ``prompt``/``chosen``/``rejected`` for
preferences. Training itself is not done here.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from personae.instrument import Administration, make_form
from personae.model import Message
from personae.papers.counselling_big_five import prompts
from personae.papers.counselling_big_five.study import Counselling

if TYPE_CHECKING:
    import polars as pl

_TEST_SHARE = 0.2
Row = dict[str, Any]


def part_of(client: str) -> str:
    """The part that a client is in, whatever their sessions: a fifth of them, by a hash of the name, is for testing."""
    place = int(hashlib.sha256(client.encode()).hexdigest()[:8], 16) / 16**8
    return "test" if place < _TEST_SHARE else "train"


def sft_rows(study: Counselling) -> Iterator[tuple[str, Row]]:
    """The conversation in the client's place, an item, and the client's own answer; with the part it belongs to."""
    for client, prompt, own, _ in _asked(study):
        yield part_of(client), {"messages": [*prompt, {"role": "assistant", "content": own}]}


def dpo_rows(study: Counselling, table: pl.DataFrame) -> Iterator[tuple[str, Row]]:
    """The client's own answer against what the model said instead, wherever the two differ."""
    said: dict[tuple[str, str], tuple[list[Any], list[str]]] = {}
    for row in table.iter_rows(named=True):
        if row["role"] == "client" and row["task"] == "questionnaire" and row.get("answers"):
            said[(f"{row['client']}/{row['session']}", "")] = (row["answers"], row["replies"])
    values = {option.value for option in study.instrument.options}
    for client, prompt, own, (session, place, value) in _asked(study):
        answers, replies = said.get((session, ""), ([], []))
        if place < len(answers) and answers[place] in values and answers[place] != value:
            yield (
                part_of(client),
                {
                    "prompt": prompt,
                    "chosen": [{"role": "assistant", "content": own}],
                    "rejected": [{"role": "assistant", "content": replies[place]}],
                },
            )


def write_training(study: Counselling, table: pl.DataFrame, folder: Path) -> dict[str, int]:
    """Write ``sft-train.jsonl``, ``sft-test.jsonl``, ``dpo-train.jsonl`` and ``dpo-test.jsonl``; returns their rows."""
    folder.mkdir(parents=True, exist_ok=True)
    counts = {}
    for kind, rows in (("sft", list(sft_rows(study))), ("dpo", list(dpo_rows(study, table)))):
        for part in ("train", "test"):
            mine = [row for where, row in rows if where == part]
            path = folder / f"{kind}-{part}.jsonl"
            path.write_bytes(b"".join(orjson.dumps(row) + b"\n" for row in mine))
            counts[path.name] = len(mine)
    return counts


def _asked(study: Counselling) -> Iterator[tuple[str, list[Row], str, tuple[str, int, int]]]:
    """Client, conversation up to each item, the client's own answer in words, and where it belongs."""
    form = make_form(study.instrument, Administration(mode="item_wise"))
    labels = {option.value: option.label for option in study.instrument.options}
    for session in study.sessions:
        who = study.respondent(session, "client")
        for place, item in enumerate(form.item_ids):
            if (value := session.answers.get(item)) is None:
                continue
            messages = who.messages(Message("user", form.prompt(prompts.ITEM, place)))
            prompt = [{"role": one.role, "content": one.content} for one in messages]
            yield session.client, prompt, f"{value} = {labels[value]}", (session.id, place, value)
