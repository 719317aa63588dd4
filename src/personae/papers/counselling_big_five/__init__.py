"""[69] Big Five from counselling (Yan et al., 2024): the questionnaire answered in the client's place."""

from personae.papers.counselling_big_five.paper import PAPER
from personae.papers.counselling_big_five.settings import CounsellingSettings
from personae.papers.counselling_big_five.study import Counselling
from personae.papers.counselling_big_five.training import dpo_rows, sft_rows, write_training

__all__ = ["PAPER", "Counselling", "CounsellingSettings", "dpo_rows", "sft_rows", "write_training"]
