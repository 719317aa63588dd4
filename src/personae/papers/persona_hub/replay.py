"""Replay of published data: pieces that were written for people, and people alone.

Layouts: JSON lines (or Parquet, CSV) of ``input persona``, ``synthesized text`` and ``description``, as in
``math.jsonl``, ``reasoning.jsonl``, ``instruction.jsonl``, ``knowledge.jsonl``, ``npc.jsonl`` and ``tool.jsonl``; what
the authors' scripts write, without ``description``; ``persona.jsonl`` and the elite personas, with ``persona``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from personae.canonical import content_hash
from personae.errors import InputError
from personae.papers.paper import Replay
from personae.papers.persona_hub.kinds import KINDS
from personae.papers.persona_hub.settings import HubSettings
from personae.papers.persona_hub.study import PersonaHub
from personae.papers.published import LeftOut, published_files, read_published_rows, read_published_table

PUBLISHED = "GPT-4, as released"
LICENCE = "CC-BY-NC-SA-4.0"
_KINDS_BY_WORD = {
    "math": "math",
    "maths": "math",
    "reasoning": "logic",
    "logic": "logic",
    "logical": "logic",
    "instruction": "instruction",
    "instructions": "instruction",
    "knowledge": "knowledge",
    "npc": "npc",
    "npcs": "npc",
    "tool": "tool",
    "tools": "tool",
}
"""Words in a description or the name of a file, by kind."""
_PERSONA, _TEXT, _ALONE = "input persona", "synthesized text", "persona"


def read_replay(folder: Path, given: Mapping[str, str]) -> Replay:
    """Read the published pieces and people, one row each.

    Raises:
        InputError: If no file has such rows.
    """
    import polars as pl

    study = PersonaHub(HubSettings.read(given))
    warnings: list[str] = []
    rows: list[dict[str, Any]] = []
    for path in published_files(folder, ".jsonl", ".json", ".parquet", ".csv", warnings=warnings):
        left = LeftOut(path, warnings)
        try:
            for number, row in _rows(path, warnings):
                persona = row.get(_PERSONA, row.get(_ALONE))
                if not isinstance(persona, str) or not persona.strip():
                    left.add("no persona", number)
                elif _TEXT not in row:
                    rows.append(_person(persona, len(rows)))
                elif not isinstance(row[_TEXT], str):
                    left.add("no synthesized text", number)
                elif (kind := kind_of(str(row.get("description") or ""), path)) is None:
                    left.add(f"of no known kind ({row.get('description')!r})", number)
                else:
                    rows.append(_observed(persona, row[_TEXT], kind, len(rows)))
        except InputError as error:
            warnings.append(f"{path}: {error.what}; left out")
        left.tell()
    if not rows:
        raise InputError(
            "holds no published data",
            where=str(folder),
            remedy="give tool.jsonl or others of data/, with the keys input persona and synthesized text, or persona",
        )
    table = pl.DataFrame(rows, infer_schema_length=None)
    return Replay(table, study, {"rows": str(table.height), "licence": LICENCE}, tuple(warnings))


def kind_of(description: str, path: Path) -> str | None:
    """The kind of a piece by its description, or else by the name of its file.

    Example:
        >>> kind_of("logical reasoning problem", Path("a.jsonl")), kind_of("", Path("gpt4o_npc.jsonl"))
        ('logic', 'npc')
    """
    for words in (description, path.stem):
        for word in re.findall(r"[a-z]+", words.casefold()):
            if word in _KINDS_BY_WORD:
                return _KINDS_BY_WORD[word]
    return None


def _rows(path: Path, warnings: list[str]) -> Iterator[tuple[int, Mapping[str, Any]]]:
    if path.suffix.lower() in (".parquet", ".csv"):
        yield from enumerate(read_published_table(path, is_text=True).iter_rows(named=True), start=1)
    else:
        yield from read_published_rows(path, warnings)


def tool_of(text: str) -> dict[str, Any] | None:
    """The interface in a published text: a JSON object, in most rows inside a JSON string; none if there is none."""
    for _ in range(2):
        try:
            value = json.loads(text)
        except (ValueError, RecursionError):
            return None
        if isinstance(value, dict):
            return value
        if not isinstance(value, str):
            return None
        text = value
    return None


def _person(persona: str, number: int) -> dict[str, Any]:
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
        **{f"piece.{name}": [] for name in _PIECE},
    }


_PIECE = ("person", "kind", "form", "statuses", "text", "reason", "more", "agreed")


def _observed(persona: str, text: str, kind: str, number: int) -> dict[str, Any]:
    status, reason = "ok", ""
    if kind == "tool":
        value = tool_of(text)
        status = "ok" if value is not None else "unparsed"
        reason = status if value is None else KINDS["tool"].fault(value, "zero_shot")
    elif not text.strip():
        status = reason = "empty"
    piece = (0, kind, "zero_shot", status, text, reason, "", None)
    return {**_person(persona, number), **{f"piece.{name}": [value] for name, value in zip(_PIECE, piece, strict=True)}}
