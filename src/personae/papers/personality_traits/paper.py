"""Personality traits in language models as a paper that runs."""

from __future__ import annotations

from collections.abc import Mapping

from personae.papers.paper import Paper
from personae.papers.personality_traits.claims import personality_traits_claims
from personae.papers.personality_traits.replay import read_replay
from personae.papers.personality_traits.report import PLAN
from personae.papers.personality_traits.settings import FULL, PersonalityTraitsSettings
from personae.papers.personality_traits.study import PersonalityTraits


def make_study(parameters: Mapping[str, str]) -> PersonalityTraits:
    """Make the study from parameters as the command line gives them."""
    return PersonalityTraits(PersonalityTraitsSettings.read(parameters))


PAPER = Paper(
    key="personality_traits",
    claims=personality_traits_claims(),
    plan=PLAN,
    make_study=make_study,
    parameters=PersonalityTraitsSettings.describe(),
    read_replay=read_replay,
    roles={"subject": "the model that answers and writes", "judge": "the model that reads traits from texts"},
    full=FULL,
)
