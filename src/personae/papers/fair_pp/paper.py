"""Fair-PP as a paper that runs."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from personae.papers.fair_pp.claims import CLAIMS
from personae.papers.fair_pp.export import write_preferences
from personae.papers.fair_pp.replay import read_replay
from personae.papers.fair_pp.report import PLAN
from personae.papers.fair_pp.segments import REGIONS
from personae.papers.fair_pp.settings import FULL, FairSettings
from personae.papers.fair_pp.study import FairPP
from personae.papers.paper import Paper
from personae.study import Study

if TYPE_CHECKING:
    import polars as pl


def make_study(parameters: Mapping[str, str]) -> FairPP:
    """Make the study from parameters as the command line gives them."""
    study = FairPP(FairSettings.read(parameters))
    _ = study.questions, study.portraits  # a file that cannot be used is found before anything is asked
    return study


def write_more(study: Study, table: pl.DataFrame, folder: Path) -> None:
    """Write preference rows into the folder ``preferences`` of the run."""
    if isinstance(study, FairPP):
        write_preferences(table, study.settings, folder / "preferences")


PAPER = Paper(
    key="fair_pp",
    claims=CLAIMS,
    plan=PLAN,
    make_study=make_study,
    parameters=FairSettings.describe(),
    read_replay=read_replay,
    roles={
        "subject": "the model that plays people of seven segments",
        "positioned": "the model whose own answers are placed among theirs",
        **{role: f"where regions is true: a model of that region, such as {name}" for role, name in REGIONS.items()},
        "writer": "the model that words questions, where wording is reworded or scenes",
    },
    full=FULL,
    write_more=write_more,
)
