"""[76] PsyCoT (Yang et al., 2023): a questionnaire about an author as a chain of thought that ends in a choice."""

from personae.papers.psycot.paper import PAPER
from personae.papers.psycot.settings import PsyCoTSettings
from personae.papers.psycot.study import PsyCoT

__all__ = ["PAPER", "PsyCoT", "PsyCoTSettings"]
