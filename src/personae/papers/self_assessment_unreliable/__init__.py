"""[68] Self-assessment tests are unreliable (Gupta et al., 2023): equivalent prompts change the score."""

from personae.papers.self_assessment_unreliable.paper import PAPER
from personae.papers.self_assessment_unreliable.replay import read_replay
from personae.papers.self_assessment_unreliable.settings import SelfAssessmentSettings
from personae.papers.self_assessment_unreliable.study import SelfAssessment

__all__ = ["PAPER", "SelfAssessment", "SelfAssessmentSettings", "read_replay"]
