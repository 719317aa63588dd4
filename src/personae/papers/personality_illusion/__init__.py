"""[75] The Personality Illusion (Han et al., 2025): self-report against behaviour."""

from personae.papers.personality_illusion.paper import PAPER
from personae.papers.personality_illusion.replay import read_replay
from personae.papers.personality_illusion.settings import IllusionSettings
from personae.papers.personality_illusion.study import PersonalityIllusion

__all__ = ["PAPER", "IllusionSettings", "PersonalityIllusion", "read_replay"]
