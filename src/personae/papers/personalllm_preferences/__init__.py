"""[53] PersonalLLM (Zollo et al., 2025): users as weightings of reward models, and learning for one from others."""

from personae.papers.personalllm_preferences.bank import Bank, Question, built_in_bank
from personae.papers.personalllm_preferences.opinions import read_opinions, representativeness
from personae.papers.personalllm_preferences.paper import PAPER
from personae.papers.personalllm_preferences.replay import read_replay
from personae.papers.personalllm_preferences.scorers import PLAIN, REWARD_MODELS, plain_scores
from personae.papers.personalllm_preferences.settings import PreferenceSettings
from personae.papers.personalllm_preferences.study import Preferences
from personae.papers.personalllm_preferences.tables import read_bank
from personae.papers.personalllm_preferences.users import Users

__all__ = [
    "PAPER",
    "PLAIN",
    "REWARD_MODELS",
    "Bank",
    "PreferenceSettings",
    "Preferences",
    "Question",
    "Users",
    "built_in_bank",
    "plain_scores",
    "read_bank",
    "read_opinions",
    "read_replay",
    "representativeness",
]
