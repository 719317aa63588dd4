"""[96] Personality alignment (Zhu et al., 2025): how near does a model come to one person?"""

from personae.papers.personality_alignment.inventory import Inventory
from personae.papers.personality_alignment.paper import PAPER
from personae.papers.personality_alignment.replay import read_people, read_replay
from personae.papers.personality_alignment.selection import select_people
from personae.papers.personality_alignment.settings import PersonalityAlignmentSettings
from personae.papers.personality_alignment.study import PersonalityAlignment

__all__ = [
    "PAPER",
    "Inventory",
    "PersonalityAlignment",
    "PersonalityAlignmentSettings",
    "read_people",
    "read_replay",
    "select_people",
]
