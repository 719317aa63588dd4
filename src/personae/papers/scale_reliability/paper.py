"""Reliability of psychological scales as a paper that runs."""

from __future__ import annotations

from collections.abc import Mapping

from personae.papers.paper import Paper
from personae.papers.scale_reliability.claims import scale_reliability_claims
from personae.papers.scale_reliability.replay import read_replay
from personae.papers.scale_reliability.report import PLAN
from personae.papers.scale_reliability.settings import FULL, ScaleReliabilitySettings
from personae.papers.scale_reliability.study import ScaleReliability


def make_study(parameters: Mapping[str, str]) -> ScaleReliability:
    """Make the study from parameters as the command line gives them."""
    return ScaleReliability(ScaleReliabilitySettings.read(parameters))


PAPER = Paper(
    key="scale_reliability",
    claims=scale_reliability_claims(),
    plan=PLAN,
    make_study=make_study,
    parameters=ScaleReliabilitySettings.describe(),
    read_replay=read_replay,
    roles={"subject": "the model that answers the questionnaire and is made to represent others"},
    full=FULL,
)
