"""PERSONA as a paper that runs."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from personae.papers.paper import Paper
from personae.papers.persona_testbed.export import write_testbed
from personae.papers.persona_testbed.humans import read_humans
from personae.papers.persona_testbed.intersections import read_intersections
from personae.papers.persona_testbed.people import ASKED, PEOPLE
from personae.papers.persona_testbed.published import read_replay
from personae.papers.persona_testbed.report import PLAN
from personae.papers.persona_testbed.settings import FULL, PluralSettings
from personae.papers.persona_testbed.study import PluralTestbed
from personae.study import Claim, Study

if TYPE_CHECKING:
    import polars as pl

_WHERE = "abstract"
REQUESTS = 3868
CLAIMS = (
    Claim("people", "the data set", PEOPLE, where=_WHERE, confidence="verified"),
    Claim("requests", "the data set", REQUESTS, where=_WHERE, confidence="verified"),
    Claim("each", "the data set", ASKED, where=_WHERE, confidence="verified", formula="pairs / people"),
    Claim("pairs", "the data set", PEOPLE * ASKED, where=_WHERE, confidence="verified", formula="1,586 x 200"),
)


def make_study(parameters: Mapping[str, str]) -> PluralTestbed:
    """Make the study from parameters as the command line gives them."""
    study = PluralTestbed(PluralSettings.read(parameters))
    # Files that cannot be used are found before anything is asked.
    _ = study.parameters
    read_intersections(study.settings.intersections)
    if study.settings.humans is not None:
        read_humans(study.settings.humans)
    return study


def write_more(study: Study, table: pl.DataFrame, folder: Path) -> None:
    """Write people or pairs into the folder ``testbed`` of the run."""
    if isinstance(study, PluralTestbed):
        write_testbed(study, table, folder / "testbed")


PAPER = Paper(
    key="persona_testbed",
    claims=CLAIMS,
    plan=PLAN,
    make_study=make_study,
    parameters=PluralSettings.describe(),
    roles={
        "subject": "the model that chooses for people and answers them",
        "writer": "the model that writes people and pairs: answers, critiques, revisions",
        "judge": "the model that checks people, chooses in their place and criticises answers",
    },
    full=FULL,
    read_replay=read_replay,
    write_more=write_more,
)
