"""[61] Reliability of psychological scales (Huang et al., 2024): 2,500 ways to put one questionnaire."""

from personae.papers.scale_reliability.paper import PAPER
from personae.papers.scale_reliability.replay import read_replay
from personae.papers.scale_reliability.settings import ScaleReliabilitySettings
from personae.papers.scale_reliability.study import ScaleReliability

__all__ = ["PAPER", "ScaleReliability", "ScaleReliabilitySettings", "read_replay"]
