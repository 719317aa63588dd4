"""[87] Personality traits in LLMs (Serapio-García et al., 2025): reliability, validity, shaping."""

from personae.papers.personality_traits.paper import PAPER
from personae.papers.personality_traits.replay import read_replay
from personae.papers.personality_traits.session import Session, read_session
from personae.papers.personality_traits.settings import PersonalityTraitsSettings
from personae.papers.personality_traits.study import PersonalityTraits

__all__ = ["PAPER", "PersonalityTraits", "PersonalityTraitsSettings", "Session", "read_replay", "read_session"]
