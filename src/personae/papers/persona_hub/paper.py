"""Persona Hub as a paper that runs."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from personae.errors import MissingExtraError
from personae.papers.paper import Paper
from personae.papers.persona_hub.checking import read_verdicts
from personae.papers.persona_hub.claims import CLAIMS
from personae.papers.persona_hub.export import write_hub
from personae.papers.persona_hub.replay import read_replay
from personae.papers.persona_hub.report import PLAN
from personae.papers.persona_hub.settings import FULL, HubSettings
from personae.papers.persona_hub.study import PersonaHub
from personae.papers.persona_hub.vectors import encoder_of
from personae.study import Study

if TYPE_CHECKING:
    import polars as pl


def make_study(parameters: Mapping[str, str]) -> PersonaHub:
    """Make the study from parameters as the command line gives them.

    Raises:
        InputError: If a parameter or a file cannot be used.
        MissingExtraError: If what tells people apart is not installed.
    """
    study = PersonaHub(HubSettings.read(parameters))
    # Files that cannot be used, and libraries that are not there, are found before anything is asked.
    _ = study.parameters
    encoder_of(study.settings.vectors)
    if find_spec("rensa") is None:
        raise MissingExtraError("MinHash", "dedup")
    if study.settings.vectors is None and find_spec("sklearn") is None:
        raise MissingExtraError("embedding texts offline", "text")
    if study.settings.checked is not None:
        read_verdicts(study.settings.checked)
    return study


def write_more(study: Study, table: pl.DataFrame, folder: Path) -> None:
    """Write people and data into the folder ``hub`` of the run."""
    if isinstance(study, PersonaHub):
        write_hub(table, study.settings, folder / "hub")


PAPER = Paper(
    key="persona_hub",
    claims=CLAIMS,
    plan=PLAN,
    make_study=make_study,
    parameters=HubSettings.describe(),
    read_replay=read_replay,
    roles={"subject": "the model that makes people and writes for them", "solver": "the model that solves problems"},
    full=FULL,
    write_more=write_more,
)
