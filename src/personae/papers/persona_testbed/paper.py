"""PERSONA as a paper that runs."""

from __future__ import annotations

from collections.abc import Mapping

from personae.papers.paper import Paper
from personae.papers.persona_testbed.people import ASKED, PEOPLE
from personae.papers.persona_testbed.report import PLAN
from personae.papers.persona_testbed.settings import FULL, PluralSettings
from personae.papers.persona_testbed.study import PluralTestbed
from personae.study import Claim

_WHERE = "abstract"
CLAIMS = (
    Claim("people", "the data set", PEOPLE, where=_WHERE, confidence="verified"),
    Claim("pairs", "the data set", PEOPLE * ASKED, where=_WHERE, confidence="verified", formula="1,586 x 200"),
)


def make_study(parameters: Mapping[str, str]) -> PluralTestbed:
    """Make the study from parameters as the command line gives them."""
    study = PluralTestbed(PluralSettings.read(parameters))
    _ = study.parameters  # files that cannot be used are found before anything is asked
    return study


PAPER = Paper(
    key="persona_testbed",
    claims=CLAIMS,
    plan=PLAN,
    make_study=make_study,
    parameters=PluralSettings.describe(),
    roles={
        "subject": "the model that chooses for people",
        "writer": "the model that answers, criticises and revises",
        "judge": "the model that checks people and chooses in their place",
    },
    full=FULL,
)
