"""[114] PersonaX (2025): traits of public figures as models infer them, and what they depend on."""

from personae.papers.personax.paper import PAPER
from personae.papers.personax.replay import read_replay
from personae.papers.personax.settings import PersonaxSettings
from personae.papers.personax.study import Personax

__all__ = ["PAPER", "Personax", "PersonaxSettings", "read_replay"]
