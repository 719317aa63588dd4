"""Role-play at scale as a paper that runs."""

from __future__ import annotations

from collections.abc import Mapping

from personae.papers.paper import Paper
from personae.papers.stable_values.claims import stable_values_claims
from personae.papers.stable_values.replay import read_replay
from personae.papers.stable_values.report import PLAN
from personae.papers.stable_values.settings import FULL, StableValuesSettings
from personae.papers.stable_values.study import StableValues


def make_study(parameters: Mapping[str, str]) -> StableValues:
    """Make the study from parameters as the command line gives them."""
    return StableValues(StableValuesSettings.read(parameters))


PAPER = Paper(
    key="stable_values",
    claims=stable_values_claims(),
    plan=PLAN,
    make_study=make_study,
    parameters=StableValuesSettings.describe(),
    read_replay=read_replay,
    roles={"subject": "the model that plays people", "judge": "the model that maps replies to options"},
    full=FULL,
)
