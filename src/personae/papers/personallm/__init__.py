"""[1] PersonaLLM (Jiang et al., 2024): do models take on the Big Five traits they are given?"""

from personae.papers.personallm.claims import personallm_claims
from personae.papers.personallm.paper import PAPER
from personae.papers.personallm.replay import read_replay
from personae.papers.personallm.settings import PersonaLLMSettings
from personae.papers.personallm.study import PersonaLLM
from personae.papers.personallm.types import poles_of

__all__ = [
    "PAPER",
    "PersonaLLM",
    "PersonaLLMSettings",
    "personallm_claims",
    "poles_of",
    "read_replay",
]
