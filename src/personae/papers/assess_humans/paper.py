"""Assessing groups as a paper that runs."""

from __future__ import annotations

from collections.abc import Mapping

from personae.papers.assess_humans.claims import assess_claims
from personae.papers.assess_humans.replay import read_replay
from personae.papers.assess_humans.report import PLAN
from personae.papers.assess_humans.settings import FULL, AssessSettings
from personae.papers.assess_humans.study import AssessHumans
from personae.papers.paper import Paper


def make_study(parameters: Mapping[str, str]) -> AssessHumans:
    """Make the study from parameters as the command line gives them."""
    return AssessHumans(AssessSettings.read(parameters))


PAPER = Paper(
    key="assess_humans",
    claims=assess_claims(),
    plan=PLAN,
    make_study=make_study,
    parameters=AssessSettings.describe(),
    read_replay=read_replay,
    roles={"subject": "the model that assesses groups"},
    full=FULL,
)
