"""Persona Hub in tests: runs, texts of invented words, and a scripted writer."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping, Sequence

import polars as pl

from personae.model import Model, Request
from personae.papers.persona_hub import HubSettings, PersonaHub
from personae.study import Finding, run_study

WORDS = [a + b for a in ("ba", "ce", "di", "fo", "gu", "ha", "ji", "ko") for b in ("lan", "mer", "nos", "pirt", "quel")]


def run(given: Mapping[str, str], model: Model) -> tuple[list[Finding], pl.DataFrame, PersonaHub]:
    study = PersonaHub(HubSettings.read(given))
    table = run_study(study, dict.fromkeys(study.roles, model)).table
    return study.measure(table), table, study


def sentence(rng: random.Random, words: int = 20) -> str:
    return " ".join(rng.choices(WORDS, k=words))


def fresh(rng: random.Random, words: int) -> str:
    """Words that no other text has."""
    return " ".join("".join(rng.choices("abcdefghijklmnopqrstuvwxyz", k=7)) for _ in range(words))


def scripted(request: Request) -> str:
    """Everybody has a trade of the prompt's own; problems speak of the trade, and nobody's are all alike."""
    text = request.messages[-1].content
    assert request.schema is not None
    keys = request.schema.definition["required"]
    rng = random.Random(text)
    if keys == ["persona"]:
        return json.dumps({"persona": f"Somebody who trades in {sentence(rng)}."})
    if keys == ["solution", "answer"]:
        return json.dumps({"solution": "By counting.", "answer": "42" if "person" not in text else "43"})
    if keys == ["code"]:
        return json.dumps({"code": "def find_it(x):\n    return x"})
    about = sentence(rng) if "this person" in text else "How many are there when one is added to one again and again"
    piece = dict.fromkeys(keys, about)
    if "function_name" in keys:
        piece["function_name"] = "find_it"
    return json.dumps(piece)


def people_table(rows: Sequence[tuple[str, str, str]]) -> pl.DataFrame:
    """One person and one maths problem a row, of a source."""
    return pl.DataFrame(
        [
            {
                "model": "m",
                "part": "given",
                "source": source,
                "attitude": "",
                "number": number,
                "made.statuses": [],
                "persona.texts": [persona],
                "persona.ids": [f"p{number}"],
                "persona.hops": [0],
                "persona.made_from": [source],
                "persona.relations": ["read"],
                "persona.licences": ["CC0"],
                "piece.person": [0],
                "piece.kind": ["math"],
                "piece.form": ["zero_shot"],
                "piece.statuses": ["ok"],
                "piece.text": [text],
                "piece.reason": [""],
                "piece.more": [""],
                "piece.agreed": [None],
            }
            for number, (persona, text, source) in enumerate(rows)
        ],
        infer_schema_length=None,
    )
