"""[116] Eliciting Personality Traits in Large Language Models (Hilliard et al., 2024): traits read from texts."""

from personae.papers.eliciting_traits.paper import PAPER
from personae.papers.eliciting_traits.settings import ElicitingSettings
from personae.papers.eliciting_traits.study import ElicitingTraits

__all__ = ["PAPER", "ElicitingSettings", "ElicitingTraits"]
