"""[30] CloChat (Ha et al., 2024): what changes when people design the one they chat with?"""

from personae.papers.clochat.form import DIMENSIONS, persona_of_form
from personae.papers.clochat.paper import PAPER
from personae.papers.clochat.people import read_study
from personae.papers.clochat.settings import CloChatSettings
from personae.papers.clochat.study import CloChat

__all__ = ["DIMENSIONS", "PAPER", "CloChat", "CloChatSettings", "persona_of_form", "read_study"]
