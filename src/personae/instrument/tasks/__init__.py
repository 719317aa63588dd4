"""Behavioural tasks: risk, self-control, associations, honesty, sycophancy, twins; prompts that elicit texts."""

from personae.instrument.tasks.association import AssociationTask, association_stimuli, bias_of
from personae.instrument.tasks.cards import ROUNDS, CardTask, Round, best_cards, expected_points
from personae.instrument.tasks.elicitation import ElicitationPrompt, elicitation_stimuli
from personae.instrument.tasks.knowledge import (
    KnowledgeTask,
    is_right,
    knowledge_stimuli,
)
from personae.instrument.tasks.opinion import OpinionTask, dilemma_stimuli
from personae.instrument.tasks.patience import DELAYS, EFFORTS, DelayTask, EffortTask, discount_rate, rate_of
from personae.instrument.tasks.situations import Situation, SituationStimuli, read_trait_json, situation_stimuli
from personae.instrument.tasks.stimuli import Stimuli, list_stimuli, load_stimuli
from personae.instrument.tasks.task import BehaviouralTask, Heard, Performed, Way, hear, read_number, read_word
from personae.instrument.tasks.twins import Twin, TwinStimuli, TwinTask, congruence, twin_stimuli

__all__ = [
    "DELAYS",
    "EFFORTS",
    "ROUNDS",
    "AssociationTask",
    "BehaviouralTask",
    "CardTask",
    "DelayTask",
    "EffortTask",
    "ElicitationPrompt",
    "Heard",
    "KnowledgeTask",
    "OpinionTask",
    "Performed",
    "Round",
    "Situation",
    "SituationStimuli",
    "Stimuli",
    "Twin",
    "TwinStimuli",
    "TwinTask",
    "Way",
    "association_stimuli",
    "best_cards",
    "bias_of",
    "congruence",
    "dilemma_stimuli",
    "discount_rate",
    "elicitation_stimuli",
    "expected_points",
    "hear",
    "is_right",
    "knowledge_stimuli",
    "list_stimuli",
    "load_stimuli",
    "rate_of",
    "read_number",
    "read_trait_json",
    "read_word",
    "situation_stimuli",
    "twin_stimuli",
]
