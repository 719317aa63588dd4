"""PatientSim as a paper that runs."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from personae.papers.paper import Paper
from personae.papers.patientsim.claims import patientsim_claims
from personae.papers.patientsim.opened import write_patients
from personae.papers.patientsim.replay import read_replay
from personae.papers.patientsim.report import PLAN
from personae.papers.patientsim.settings import FULL, PatientSimSettings
from personae.papers.patientsim.study import PatientSim
from personae.study import Study

if TYPE_CHECKING:
    import polars as pl


def make_study(parameters: Mapping[str, str]) -> PatientSim:
    """Make the study from parameters as the command line gives them."""
    study = PatientSim(PatientSimSettings.read(parameters))
    _ = study.parameters  # files that cannot be used are found before anything is asked
    return study


def write_more(study: Study, table: pl.DataFrame, folder: Path) -> None:
    """Write the patients as personas that the studio opens."""
    if isinstance(study, PatientSim):
        write_patients(study, table, folder)


PAPER = Paper(
    key="patientsim",
    claims=patientsim_claims(),
    plan=PLAN,
    make_study=make_study,
    parameters=PatientSimSettings.describe(),
    read_replay=read_replay,
    roles={
        "subject": "the model that plays patients",
        "doctor": "the model that asks",
        "judge": "the model that rates consultations and checks sentences",
    },
    full=FULL,
    write_more=write_more,
)
