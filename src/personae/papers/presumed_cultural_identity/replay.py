"""Replay: stored replies are measured as they are, without asking anybody; see :mod:`.stored` for the layout."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from personae.papers.paper import Replay
from personae.papers.presumed_cultural_identity.settings import PresumptionSettings
from personae.papers.presumed_cultural_identity.stored import read_stored
from personae.papers.presumed_cultural_identity.study import PresumedIdentity


def read_replay(folder: Path, given: Mapping[str, str]) -> Replay:
    """Read stored replies.

    Raises:
        InputError: If the folder holds none, or a row is malformed.
    """
    import polars as pl

    settings = PresumptionSettings.read(given)
    found = read_stored(folder, settings)
    table = pl.DataFrame([dict(row) for row in found.rows], infer_schema_length=None)
    sources = {"replies": str(found.replies)}
    return Replay(table.with_columns(pl.lit("ok").alias("status")), PresumedIdentity(settings), sources, found.warnings)
