"""Presumed cultural identity as a paper that runs."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from personae.papers.paper import Paper
from personae.papers.presumed_cultural_identity.claims import CLAIMS
from personae.papers.presumed_cultural_identity.labels import write_sheet
from personae.papers.presumed_cultural_identity.material import askers_of, read_queries
from personae.papers.presumed_cultural_identity.replay import read_replay
from personae.papers.presumed_cultural_identity.report import PLAN
from personae.papers.presumed_cultural_identity.settings import FULL, PresumptionSettings
from personae.papers.presumed_cultural_identity.study import PresumedIdentity
from personae.study import Study

if TYPE_CHECKING:
    import polars as pl


def make_study(parameters: Mapping[str, str]) -> PresumedIdentity:
    """Make the study from parameters as the command line gives them."""
    study = PresumedIdentity(PresumptionSettings.read(parameters))
    _ = study.parameters, askers_of(study.settings)  # what cannot be used is found before anything is asked
    return study


def write_more(study: Study, table: pl.DataFrame, folder: Path) -> None:
    """Write the sheet that people may label into the folder of the run."""
    if isinstance(study, PresumedIdentity):
        questions = {one.key: one.text for one in read_queries(study.settings.queries).queries}
        write_sheet(table, questions, study.settings.to_label, folder)


PAPER = Paper(
    key="presumed_cultural_identity",
    claims=CLAIMS,
    plan=PLAN,
    make_study=make_study,
    parameters=PresumptionSettings.describe(),
    read_replay=read_replay,
    roles={
        "subject": "the model that is asked for suggestions; of stored replies, the judge",
        "judge": "the model that rates what they presume",
    },
    full=FULL,
    write_more=write_more,
)
