"""[117] Personalized stochastic parrots (Wan et al., 2023): harm that depends on the persona a model plays."""

from personae.papers.stochastic_parrots.paper import PAPER
from personae.papers.stochastic_parrots.replay import read_replay
from personae.papers.stochastic_parrots.settings import ParrotSettings
from personae.papers.stochastic_parrots.study import StochasticParrots

__all__ = ["PAPER", "ParrotSettings", "StochasticParrots", "read_replay"]
