"""Self-assessment tests under equivalent prompts as a paper that runs."""

from __future__ import annotations

from collections.abc import Mapping

from personae.papers.paper import Paper
from personae.papers.self_assessment_unreliable.replay import read_replay
from personae.papers.self_assessment_unreliable.report import PLAN
from personae.papers.self_assessment_unreliable.settings import FULL, SelfAssessmentSettings
from personae.papers.self_assessment_unreliable.study import SelfAssessment
from personae.study import CORRECTED, Claim

CLAIMS = (
    Claim(
        "order.all.neuroticism",
        "gpt-3.5-turbo-1106",
        -0.11,
        where="answers published with [61], save.json, recomputed; the study itself published no figures that we have",
        confidence="verified",
        formula="mean difference of settings that differ in the order alone",
        conventions=(CORRECTED,),
        note="The headline (differences significant for all traits in most pairs) comes without a figure.",
    ),
)


def make_study(parameters: Mapping[str, str]) -> SelfAssessment:
    """Make the study from parameters as the command line gives them."""
    return SelfAssessment(SelfAssessmentSettings.read(parameters))


PAPER = Paper(
    key="self_assessment_unreliable",
    claims=CLAIMS,
    plan=PLAN,
    make_study=make_study,
    parameters=SelfAssessmentSettings.describe(),
    read_replay=read_replay,
    roles={"subject": "the model that assesses itself"},
    full=FULL,
)
