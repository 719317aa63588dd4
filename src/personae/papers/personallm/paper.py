"""PersonaLLM as a paper that runs."""

from __future__ import annotations

from collections.abc import Mapping

from personae.papers.paper import Paper
from personae.papers.personallm.claims import personallm_claims
from personae.papers.personallm.replay import read_replay
from personae.papers.personallm.report import PLAN
from personae.papers.personallm.settings import PersonaLLMSettings
from personae.papers.personallm.study import PersonaLLM


def make_study(parameters: Mapping[str, str]) -> PersonaLLM:
    """Make the study from parameters as the command line gives them."""
    return PersonaLLM(PersonaLLMSettings.read(parameters))


PAPER = Paper(
    key="personallm",
    claims=personallm_claims(),
    plan=PLAN,
    make_study=make_study,
    parameters=PersonaLLMSettings.describe(),
    read_replay=read_replay,
    roles={"subject": "the model that is given personas", "judge": "the model that rates stories"},
)
