"""PsychoBench as a paper that runs."""

from __future__ import annotations

from collections.abc import Mapping

from personae.papers.paper import Paper
from personae.papers.psychobench.claims import psychobench_claims
from personae.papers.psychobench.replay import read_replay
from personae.papers.psychobench.report import PLAN
from personae.papers.psychobench.settings import FULL, PsychoBenchSettings
from personae.papers.psychobench.study import PsychoBench


def make_study(parameters: Mapping[str, str]) -> PsychoBench:
    """Make the study from parameters as the command line gives them."""
    return PsychoBench(PsychoBenchSettings.read(parameters))


PAPER = Paper(
    key="psychobench",
    claims=psychobench_claims(),
    plan=PLAN,
    make_study=make_study,
    parameters=PsychoBenchSettings.describe(),
    read_replay=read_replay,
    roles={"subject": "the model that answers the forms"},
    full=FULL,
)
