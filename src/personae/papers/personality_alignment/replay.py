"""Replay of the published test set: what the answers of 300 people are, before any model is aligned to them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from personae.papers.paper import Replay
from personae.papers.personality_alignment.records import demographics, read_people
from personae.papers.personality_alignment.settings import PersonalityAlignmentSettings
from personae.papers.personality_alignment.study import PersonalityAlignment

__all__ = ["read_people", "read_replay"]


def read_replay(folder: Path, given: Mapping[str, str]) -> Replay:
    """Read the records of people as a table; the study measures them.

    Raises:
        InputError: If the folder does not hold them.
    """
    import polars as pl

    records = read_people(folder)
    study = PersonalityAlignment(PersonalityAlignmentSettings.read(given), records)
    rows = [[None if value != value else int(value) for value in row] for row in records.stored.tolist()]
    table = pl.DataFrame(
        {
            "person": [f"person-{number}" for number in range(1, len(rows) + 1)],
            "status": ["ok"] * len(rows),
            "stored": rows,
        }
    )
    source = folder / "SOURCE.txt"
    note = source.read_text(encoding="utf-8", errors="replace").strip() if source.is_file() else ""
    return Replay(table, study, {**demographics(folder), "source": note})
