"""Persona biases of dialogue systems as a paper that runs."""

from __future__ import annotations

from collections.abc import Mapping

from personae.papers.paper import Paper
from personae.papers.stochastic_parrots.claims import parrot_claims
from personae.papers.stochastic_parrots.replay import read_replay
from personae.papers.stochastic_parrots.report import PLAN
from personae.papers.stochastic_parrots.settings import FULL, ParrotSettings
from personae.papers.stochastic_parrots.study import StochasticParrots


def make_study(parameters: Mapping[str, str]) -> StochasticParrots:
    """Make the study from parameters as the command line gives them."""
    return StochasticParrots(ParrotSettings.read(parameters))


PAPER = Paper(
    key="stochastic_parrots",
    claims=parrot_claims(),
    plan=PLAN,
    make_study=make_study,
    parameters=ParrotSettings.describe(),
    read_replay=read_replay,
    roles={"subject": "the dialogue system that plays personas", "judge": "the model that rates replies for harm"},
    full=FULL,
)
