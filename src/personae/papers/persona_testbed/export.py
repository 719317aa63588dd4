"""What comes of a run: people for a next one, or pairs for training with the sheet that people fill in."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from personae.papers.persona_testbed.humans import is_revised_first
from personae.papers.persona_testbed.profile import shown
from personae.papers.persona_testbed.study import PluralTestbed, made_people

if TYPE_CHECKING:
    import polars as pl

_PARTS = ("train", "test", "mixed")
_SHEET = ("person", "request", "profile", "question", "a", "b", "choice", "rater")


def write_testbed(study: PluralTestbed, table: pl.DataFrame, folder: Path) -> dict[str, int]:
    """Write ``people.jsonl`` and ``requests.txt``, or ``pairs-PART.jsonl`` and ``sheet.csv``, with what they hold.

    Pairs are in TRL's conversational form of preferences, with the profile as the system message.
    """
    if "arm" not in table.columns:
        return {}
    rows = list(table.sort("person", "request").iter_rows(named=True))
    models = sorted({str(row["model"]) for row in rows})
    files = _people(study, table, rows) if study.settings.stage == "people" else _pairs(study, rows, models)
    folder.mkdir(parents=True, exist_ok=True)
    for name, (text, _) in files.items():
        (folder / name).write_bytes(text)
    counts = {name: n for name, (_, n) in files.items()}
    (folder / "README.md").write_text(_card(counts, models), encoding="utf-8")
    return counts


def _people(
    study: PluralTestbed, table: pl.DataFrame, rows: Sequence[Mapping[str, Any]]
) -> dict[str, tuple[bytes, int]]:
    people = made_people(table)
    spelled = b"".join(orjson.dumps(one.model_dump(mode="json", exclude_defaults=True)) + b"\n" for one in people)
    kept = dict.fromkeys(row["request"] for row in rows if row["arm"] == "request" and row.get("contested"))
    asked = study.requests
    lines = b"".join(orjson.dumps({"prompt": asked[number]}) + b"\n" for number in kept)
    return {"people.jsonl": (spelled, len(people)), "requests.jsonl": (lines, len(kept))}


def _pairs(
    study: PluralTestbed, rows: Sequence[Mapping[str, Any]], models: Sequence[str]
) -> dict[str, tuple[bytes, int]]:
    people, asked = study.drawn.people, study.requests
    out = {row["person"] for row in rows if row["arm"] == "check" and row.get("consistent") is False}
    # Several models choose between the same pairs; those of the first are written.
    pairs = [
        row
        for row in rows
        if row["arm"] == "pair"
        and row["model"] == models[0]
        and row["status"] in ("ok", "repaired")
        and row["person"] not in out
    ]
    parts: dict[str, list[bytes]] = {part: [] for part in _PARTS}
    sheet = io.StringIO()
    writer = csv.writer(sheet)
    writer.writerow(_SHEET)
    for row in pairs:
        person, question = people[row["person"]], asked[row["request"]]
        said = [{"role": "system", "content": shown(person)}, {"role": "user", "content": question}]
        told = {
            "prompt": said,
            "chosen": [{"role": "assistant", "content": row["revised"]}],
            "rejected": [{"role": "assistant", "content": row["base"]}],
            "critique": row["critique"],
            "person": row["person"],
            "persona_id": person.id,
            "request": row["request"],
        }
        parts[row["part"]].append(orjson.dumps(told) + b"\n")
        answers = [row["revised"], row["base"]]
        if not is_revised_first(row["person"], row["request"]):
            answers.reverse()
        writer.writerow([row["person"], row["request"], shown(person), question, *answers, "", ""])
    files = {f"pairs-{part}.jsonl": (b"".join(lines), len(lines)) for part, lines in parts.items()}
    return {**files, "sheet.csv": (sheet.getvalue().encode(), len(pairs))}


def _card(counts: Mapping[str, int], models: Sequence[str]) -> str:
    simulated = " SIMULATED: no language model wrote this." if any(name.startswith("sim") for name in models) else ""
    rows = "\n".join(f"| {name} | {n} |" for name, n in counts.items())
    return (
        f"# People and pairs\n\nMade by {', '.join(models)}.{simulated}\n\n| file | rows |\n|---|---|\n{rows}\n\n"
        "People carry the source and terms of each field. Who was drawn from microdata falls under their terms.\n"
    )
