"""Replay of published data: JSONL of ``input persona``, ``synthesized text`` and ``description``."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from personae.canonical import content_hash
from personae.errors import InputError
from personae.papers.paper import Replay
from personae.papers.persona_hub.kinds import KINDS
from personae.papers.persona_hub.settings import HubSettings
from personae.papers.persona_hub.study import PersonaHub

PUBLISHED = "GPT-4, as released"
LICENCE = "CC-BY-NC-SA-4.0"
_LABELS = {one.label: one.key for one in KINDS.values()}


def read_replay(folder: Path, given: Mapping[str, str]) -> Replay:
    """Read the published pieces, one row each.

    Raises:
        InputError: If no file has such rows.
    """
    import polars as pl

    study = PersonaHub(HubSettings.read(given))
    warnings: list[str] = []
    rows: list[dict[str, Any]] = []
    for path in sorted(folder.rglob("*.jsonl")):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if not line.strip():
                continue
            row = _row(line)
            if row is None:
                warnings.append(f"{path}, line {number}: has no input persona and synthesized text; left out")
                continue
            kind = _LABELS.get(str(row.get("description")), path.stem)
            if kind not in KINDS:
                warnings.append(f"{path}, line {number}: is of no known kind; left out")
                continue
            rows.append(_observed(row, kind, len(rows)))
    if not rows:
        raise InputError("holds no published data", where=str(folder), remedy="give tool.jsonl or others of data/")
    table = pl.DataFrame(rows, infer_schema_length=None)
    return Replay(table, study, {"rows": str(table.height), "licence": LICENCE}, tuple(warnings))


def tool_of(text: str) -> dict[str, Any] | None:
    """The interface in a published text: a JSON object, in most rows inside a JSON string; none if there is none."""
    for _ in range(2):
        try:
            value = json.loads(text)
        except ValueError:
            return None
        if isinstance(value, dict):
            return value
        if not isinstance(value, str):
            return None
        text = value
    return None


def _row(line: str) -> dict[str, Any] | None:
    try:
        row = json.loads(line)
    except ValueError:
        return None
    is_row = isinstance(row, dict) and all(
        isinstance(row.get(key), str) for key in ("input persona", "synthesized text")
    )
    return row if is_row else None


def _observed(row: Mapping[str, Any], kind: str, number: int) -> dict[str, Any]:
    persona, text = str(row["input persona"]), str(row["synthesized text"])
    status, reason = "ok", ""
    if kind == "tool":
        value = tool_of(text)
        status = "ok" if value is not None else "unparsed"
        reason = status if value is None else KINDS["tool"].fault(value, "zero_shot")
    elif not text.strip():
        status = reason = "empty"
    return {
        "model": PUBLISHED,
        "status": "ok",
        "part": "given",
        "source": content_hash(persona),
        "attitude": "",
        "number": number,
        "made.statuses": [],
        "persona.texts": [persona],
        "persona.ids": [f"row-{number + 1}"],
        "persona.hops": [0],
        "persona.made_from": [""],
        "persona.relations": [""],
        "persona.licences": [LICENCE],
        "piece.person": [0],
        "piece.kind": [kind],
        "piece.form": ["zero_shot"],
        "piece.statuses": [status],
        "piece.text": [text],
        "piece.reason": [reason],
        "piece.more": [""],
        "piece.agreed": [None],
    }
