"""Reputed traits and what they depend on as a paper that runs."""

from __future__ import annotations

from collections.abc import Mapping

from personae.papers.paper import Paper
from personae.papers.personax.claims import personax_claims
from personae.papers.personax.replay import read_replay
from personae.papers.personax.report import PLAN
from personae.papers.personax.settings import FULL, PersonaxSettings
from personae.papers.personax.study import ROLES, Personax


def make_study(parameters: Mapping[str, str]) -> Personax:
    """Make the study from parameters as the command line gives them."""
    return Personax(PersonaxSettings.read(parameters))


PAPER = Paper(
    key="personax",
    claims=personax_claims(),
    plan=PLAN,
    make_study=make_study,
    parameters=PersonaxSettings.describe(),
    read_replay=read_replay,
    roles={name: f"a model that describes public figures and scores them ({name})" for name in ROLES},
    full=FULL,
)
