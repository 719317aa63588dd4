"""The personality illusion as a paper that runs."""

from __future__ import annotations

from collections.abc import Mapping

from personae.papers.paper import Paper
from personae.papers.personality_illusion.claims import illusion_claims
from personae.papers.personality_illusion.replay import read_replay
from personae.papers.personality_illusion.report import PLAN
from personae.papers.personality_illusion.settings import FULL, IllusionSettings
from personae.papers.personality_illusion.study import PersonalityIllusion


def make_study(parameters: Mapping[str, str]) -> PersonalityIllusion:
    """Make the study from parameters as the command line gives them."""
    study = PersonalityIllusion(IllusionSettings.read(parameters))
    _ = study.forms, study.tasks  # files that cannot be used are found before anything is asked
    return study


PAPER = Paper(
    key="personality_illusion",
    claims=illusion_claims(),
    plan=PLAN,
    make_study=make_study,
    parameters=IllusionSettings.describe(),
    read_replay=read_replay,
    roles={"subject": "the model that is studied", "base": "the base model that it was aligned from"},
    full=FULL,
)
