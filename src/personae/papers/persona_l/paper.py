"""Persona-L as a paper that runs."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from personae.papers.paper import Paper
from personae.papers.persona_l.claims import CLAIMS
from personae.papers.persona_l.page import write_page, write_personas
from personae.papers.persona_l.people import read_study
from personae.papers.persona_l.report import PLAN
from personae.papers.persona_l.settings import FULL, PersonaLSettings
from personae.papers.persona_l.study import PersonaL
from personae.study import Study

if TYPE_CHECKING:
    import polars as pl


def write_more(study: Study, table: pl.DataFrame, folder: Path) -> None:
    """Write the page of sentences and sources, and the personas as a file that the studio opens."""
    if isinstance(study, PersonaL):
        write_page(table, folder)
        write_personas(table, folder)


def make_study(parameters: Mapping[str, str]) -> PersonaL:
    """Make the study from parameters as the command line gives them."""
    study = PersonaL(PersonaLSettings.read(parameters))
    _ = study.instrument, study.corpus, study.profiles  # a file that cannot be used is found before anybody is asked
    return study


PAPER = Paper(
    key="persona_l",
    claims=CLAIMS,
    plan=PLAN,
    make_study=make_study,
    parameters=PersonaLSettings.describe(),
    read_replay=read_study,
    roles={"subject": "derives abilities and speaks as the persona", "user": "plays the designers who rate it"},
    full=FULL,
    write_more=write_more,
)
