"""Judges: models that rate texts, with a status for every rating and a word on their calibration."""

from personae.judge.rubric import RATING_PROMPT, UNCALIBRATED, Criterion, Rating, Rubric, rate

__all__ = ["RATING_PROMPT", "UNCALIBRATED", "Criterion", "Rating", "Rubric", "rate"]
