"""Replay of what the authors published: not consultations, which need credentials, but the axes of the patients."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from personae.papers.paper import Replay
from personae.papers.patientsim.axes import AXES, read_axes
from personae.papers.patientsim.settings import PatientSimSettings
from personae.papers.patientsim.study import PatientSim


def read_replay(folder: Path, given: Mapping[str, str]) -> Replay:
    """Read the authors' JSON files; ``-P axes=FOLDER`` runs with the same files.

    Raises:
        InputError: If a file is not there, cannot be used, or a level has no text.
    """
    import polars as pl

    texts = read_axes(folder)
    rows = [
        {"axis": axis, "level": level, "characters": len(text), "model": "the axes", "status": "ok"}
        for axis in AXES
        for level, text in texts.texts[axis].items()
    ]
    warnings = [f"{one} has a sentence limit and no description; no patient is made of it" for one in texts.unused]
    note = folder / "README.txt"
    source = note.read_text(encoding="utf-8", errors="replace").strip() if note.is_file() else ""
    study = PatientSim(PatientSimSettings.read(given))
    return Replay(pl.DataFrame(rows), study, {"levels": str(len(rows)), "source": source}, tuple(warnings))
