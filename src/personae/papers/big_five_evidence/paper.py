"""Big Five by header, temperature and run as a paper that runs."""

from __future__ import annotations

from collections.abc import Mapping

from personae.papers.big_five_evidence.report import PLAN
from personae.papers.big_five_evidence.settings import FULL, BigFiveEvidenceSettings
from personae.papers.big_five_evidence.study import BigFiveEvidence
from personae.papers.paper import Paper


def make_study(parameters: Mapping[str, str]) -> BigFiveEvidence:
    """Make the study from parameters as the command line gives them."""
    return BigFiveEvidence(BigFiveEvidenceSettings.read(parameters))


PAPER = Paper(
    key="big_five_evidence",
    claims=(),  # the published profiles are not in our hands, and none is invented
    plan=PLAN,
    make_study=make_study,
    parameters=BigFiveEvidenceSettings.describe(),
    roles={"subject": "the model that answers"},
    full=FULL,
)
