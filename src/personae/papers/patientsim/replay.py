"""Replay of what the authors published: the axes of the patients, and, for who has access, dialogues and verdicts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from personae.errors import InputError
from personae.papers.paper import Replay
from personae.papers.patientsim.axes import AXES, FILES, read_axes
from personae.papers.patientsim.findings import CASES
from personae.papers.patientsim.published import PublishedRuns, read_published
from personae.papers.patientsim.settings import PatientSimSettings
from personae.papers.patientsim.study import PatientSim


def read_replay(folder: Path, given: Mapping[str, str]) -> Replay:
    """Read the authors' JSON files of the axes (``-P axes=FOLDER`` runs with them), or their experiments.

    Raises:
        InputError: If there is neither, a file cannot be used, or a level has no text.
    """
    import polars as pl

    settings = PatientSimSettings.read(given)
    note = folder / "README.txt"
    source = note.read_text(encoding="utf-8", errors="replace").strip() if note.is_file() else ""
    if any((folder / name).is_file() for name in FILES.values()):
        texts = read_axes(folder)
        rows = [
            {"axis": axis, "level": level, "characters": len(text), "model": "the axes", "status": "ok"}
            for axis in AXES
            for level, text in texts.texts[axis].items()
        ]
        warnings = [f"{one} has a sentence limit and no description; no patient is made of it" for one in texts.unused]
        told = {"levels": str(len(rows)), "source": source}
        return Replay(pl.DataFrame(rows), PatientSim(settings), told, tuple(warnings))
    found = read_published(folder)
    if not (found.rows or found.people or found.plausible or found.cases):
        raise InputError(
            "holds nothing of PatientSim",
            where=str(folder),
            remedy=f"give the folder of {next(iter(FILES.values()))}, or of dialogue.jsonl or expert_dialogue.jsonl",
        )
    rated: Sequence[Mapping[str, Any]] = [
        {"model": who, "status": "ok", "arm": "plausibility", "profile": name, "plausibility": score}
        for who, scores in found.plausible.items()
        for name, score in scores
    ]
    cases: list[dict[str, Any]] = [
        {
            "model": CASES,
            "status": "ok",
            "arm": "cases",
            "profile": one.record,
            "part": one.levels.get("split", "other"),
        }
        for one in found.cases
    ]
    rows = [*found.rows, *map(dict, rated), *cases] or [{"model": "people", "status": "ok", "arm": "rated by people"}]
    table = pl.DataFrame(rows, infer_schema_length=None)
    return Replay(
        table, PatientSim(settings, people=tuple(found.people)), _counts(found, source), tuple(found.warnings)
    )


def _counts(found: PublishedRuns, source: str) -> dict[str, str]:
    counts = {
        "cases": len(found.cases),
        "consultations": len(found.rows),
        "ratings by people": len(found.people),
        "ratings of plausibility": sum(map(len, found.plausible.values())),
    }
    return {**{name: str(count) for name, count in counts.items() if count}, "source": source}
