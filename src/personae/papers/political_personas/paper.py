"""The political map as a paper that runs."""

from __future__ import annotations

from collections.abc import Mapping

from personae.papers.paper import Paper
from personae.papers.political_personas.claims import political_claims
from personae.papers.political_personas.replay import read_replay
from personae.papers.political_personas.report import PLAN
from personae.papers.political_personas.settings import FULL, PoliticalSettings
from personae.papers.political_personas.study import PoliticalPersonas


def make_study(parameters: Mapping[str, str]) -> PoliticalPersonas:
    """Make the study from parameters as the command line gives them."""
    return PoliticalPersonas(PoliticalSettings.read(parameters))


PAPER = Paper(
    key="political_personas",
    claims=political_claims(),
    plan=PLAN,
    make_study=make_study,
    parameters=PoliticalSettings.describe(),
    read_replay=read_replay,
    roles={"subject": "the model that plays the personas"},
    full=FULL,
)
