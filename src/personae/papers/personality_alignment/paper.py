"""Personality alignment as a paper that runs."""

from __future__ import annotations

from collections.abc import Mapping

from personae.papers.paper import Paper
from personae.papers.personality_alignment.claims import personality_alignment_claims
from personae.papers.personality_alignment.replay import read_replay
from personae.papers.personality_alignment.report import PLAN
from personae.papers.personality_alignment.settings import FULL, PersonalityAlignmentSettings
from personae.papers.personality_alignment.study import PersonalityAlignment


def make_study(parameters: Mapping[str, str]) -> PersonalityAlignment:
    """Make the study from parameters as the command line gives them."""
    return PersonalityAlignment(PersonalityAlignmentSettings.read(parameters))


PAPER = Paper(
    key="personality_alignment",
    claims=personality_alignment_claims(),
    plan=PLAN,
    make_study=make_study,
    parameters=PersonalityAlignmentSettings.describe(),
    read_replay=read_replay,
    roles={"subject": "the model that answers as the person", "writer": "the model that describes the person"},
    full=FULL,
)
