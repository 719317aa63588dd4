"""The MBTI test as a paper that runs."""

from __future__ import annotations

from collections.abc import Mapping

from personae.papers.mbti_test.claims import mbti_claims
from personae.papers.mbti_test.replay import read_replay
from personae.papers.mbti_test.report import PLAN
from personae.papers.mbti_test.settings import FULL, MbtiSettings
from personae.papers.mbti_test.study import MbtiTest
from personae.papers.paper import Paper


def make_study(parameters: Mapping[str, str]) -> MbtiTest:
    """Make the study from parameters as the command line gives them."""
    return MbtiTest(MbtiSettings.read(parameters))


PAPER = Paper(
    key="mbti_test",
    claims=mbti_claims(),
    plan=PLAN,
    make_study=make_study,
    parameters=MbtiSettings.describe(),
    read_replay=read_replay,
    roles={"subject": "the model that answers"},
    full=FULL,
)
