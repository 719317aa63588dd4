"""Runs of a small study, disturbed and not."""

from __future__ import annotations

import polars as pl

from personae.study import run_study
from support.studies import SmallStudy, WatchedModel

LEAN = ("-P", "personas_per_type=1", "-P", "stories=false", "-P", "controls=false", "-P", "robustness=false")


def undisturbed(persons: int) -> pl.DataFrame:
    """The table of a run that nothing happened to."""
    return run_study(SmallStudy(persons=persons), {"subject": WatchedModel()}).table
