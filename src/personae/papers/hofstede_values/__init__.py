"""[26] How Well Do LLMs Represent Values Across Cultures (Kharchenko et al., 2024): advice to 36 countries."""

from personae.papers.hofstede_values.countries import COUNTRIES, read_scores
from personae.papers.hofstede_values.paper import PAPER
from personae.papers.hofstede_values.settings import HofstedeSettings
from personae.papers.hofstede_values.study import HofstedeValues

__all__ = ["COUNTRIES", "PAPER", "HofstedeSettings", "HofstedeValues", "read_scores"]
