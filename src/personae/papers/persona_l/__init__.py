"""[8] Persona-L: people with complex needs as personas of abilities with their constraints, and of sources."""

from personae.papers.persona_l.corpus import Corpus, read_corpus
from personae.papers.persona_l.paper import PAPER
from personae.papers.persona_l.people import read_study
from personae.papers.persona_l.settings import PersonaLSettings
from personae.papers.persona_l.study import PersonaL

__all__ = ["PAPER", "Corpus", "PersonaL", "PersonaLSettings", "read_corpus", "read_study"]
