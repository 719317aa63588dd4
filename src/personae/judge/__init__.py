"""Judges: models that rate texts, with a status for every rating and a word on their calibration; scorers of texts."""

from personae.judge.knowledge_base import FACETS, Assertion, KnowledgeBase, load_knowledge, names_culture
from personae.judge.rubric import RATING_PROMPT, UNCALIBRATED, Criterion, Rating, Rubric, rate
from personae.judge.text_traits import (
    LexiconScorer,
    RatedScorer,
    TextScore,
    TextScorer,
    score_columns,
    standardised,
    trait_rubric,
)
from personae.judge.trained import (
    ClassifierScorer,
    LabelledTexts,
    calibration_report,
    domain_shift,
    read_labelled,
    train_scorer,
)

__all__ = [
    "FACETS",
    "RATING_PROMPT",
    "UNCALIBRATED",
    "Assertion",
    "ClassifierScorer",
    "Criterion",
    "KnowledgeBase",
    "LabelledTexts",
    "LexiconScorer",
    "RatedScorer",
    "Rating",
    "Rubric",
    "TextScore",
    "TextScorer",
    "calibration_report",
    "domain_shift",
    "load_knowledge",
    "names_culture",
    "rate",
    "read_labelled",
    "score_columns",
    "standardised",
    "train_scorer",
    "trait_rubric",
]
