"""Effects of personas as a paper that runs."""

from __future__ import annotations

from collections.abc import Mapping

from personae.papers.paper import Paper
from personae.papers.persona_effects.claims import effect_claims
from personae.papers.persona_effects.replay import read_replay
from personae.papers.persona_effects.report import PLAN
from personae.papers.persona_effects.settings import FULL, EffectSettings
from personae.papers.persona_effects.study import PersonaEffects


def make_study(parameters: Mapping[str, str]) -> PersonaEffects:
    """Make the study from parameters as the command line gives them."""
    return PersonaEffects(EffectSettings.read(parameters))


PAPER = Paper(
    key="persona_effects",
    claims=effect_claims(),
    plan=PLAN,
    make_study=make_study,
    parameters=EffectSettings.describe(),
    read_replay=read_replay,
    roles={"subject": "the model that plays the personas"},
    full=FULL,
)
