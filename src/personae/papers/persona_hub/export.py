"""What comes of a run: people with lineage, pieces for training and tests, what was thrown away; with licences."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from personae.papers.persona_hub.checking import sheet_of
from personae.papers.persona_hub.kinds import KINDS
from personae.papers.persona_hub.rows import is_test, people_of, pieces_of
from personae.papers.persona_hub.settings import HubSettings

if TYPE_CHECKING:
    import polars as pl


def write_hub(table: pl.DataFrame, settings: HubSettings, folder: Path) -> dict[str, int]:
    """Write ``personas.jsonl``, ``KIND-train.jsonl``, ``KIND-test.jsonl``, ``rejected.jsonl``, a sheet and a card.

    ``math-sheet.csv`` is for people who judge problems, ``texts.jsonl`` has every text, for an encoder.

    Pieces have the published columns ``input persona``, ``synthesized text`` and ``description``. Every row has the
    licence of the text or the person that it comes from, and where that is unknown it says so.
    """
    if "part" not in table.columns:
        return {}
    people = people_of(table, settings.minhash, settings.cosine)
    pieces = pieces_of(table, people, settings.minhash)
    files: dict[str, list[dict[str, Any]]] = {"personas.jsonl": [], "rejected.jsonl": []}
    for one in people:
        lineage = {"made_from": one.made_from, "relation": one.relation, "hop": one.hop, "source": one.source}
        row = {"id": one.id, "persona": one.text, "licence": one.licence or "unknown", "lineage": lineage}
        if one.reason:
            files["rejected.jsonl"].append({"what": "persona", "reason": one.reason, **row})
        else:
            files["personas.jsonl"].append(row)
    for piece in pieces:
        if piece.person < 0:
            continue
        person = people[piece.person]
        told: dict[str, Any] = {
            "input persona": person.text,
            "synthesized text": piece.text,
            "description": KINDS[piece.kind].label,
            "form": piece.form,
            "licence": person.licence or "unknown",
            "persona_id": person.id,
            "source": person.source,
        }
        if piece.more:
            told["code" if piece.kind == "tool" else "solution"] = piece.more
        if piece.reason:
            files["rejected.jsonl"].append({"what": piece.kind, "reason": piece.reason, **told})
        else:
            part = "test" if is_test(person.source, settings.test_share) else "train"
            files.setdefault(f"{piece.kind}-{part}.jsonl", []).append(told)
    folder.mkdir(parents=True, exist_ok=True)
    for name, rows in files.items():
        (folder / name).write_bytes(b"".join(orjson.dumps(row) + b"\n" for row in rows))
    licences = Counter(str(row["licence"]) for name, rows in files.items() for row in rows)
    counts = {name: len(rows) for name, rows in files.items()}
    if sheet := sheet_of(pieces):
        (folder / "math-sheet.csv").write_text(sheet, encoding="utf-8")
    texts = dict.fromkeys([*(one.text for one in people), *(piece.text for piece in pieces if piece.text)])
    (folder / "texts.jsonl").write_bytes(b"".join(orjson.dumps({"text": text}) + b"\n" for text in texts))
    (folder / "README.md").write_text(_card(counts, licences, _models(table)), encoding="utf-8")
    return counts


def _models(table: pl.DataFrame) -> list[str]:
    return sorted({str(name) for name in table["model"].unique()})


def _card(counts: Mapping[str, int], licences: Mapping[str, int], models: Iterable[str]) -> str:
    names = list(models)
    simulated = " SIMULATED: no language model wrote this." if any(name.startswith("sim") for name in names) else ""
    rows = "\n".join(f"| {name} | {n} |" for name, n in counts.items())
    terms = "\n".join(f"- {name}: {n} rows" for name, n in licences.items())
    return (
        f"# People and data\n\nWritten by {', '.join(names)}.{simulated}\n\n| file | rows |\n|---|---|\n{rows}\n\n"
        f"## Licences\n\nEvery row has its own.\n\n{terms}\n"
    )
