"""[39] AI Text-to-Behavior (Noever & Hyams, 2023): how well writing can be steered by traits and by figures."""

from personae.papers.text_to_behavior.paper import PAPER
from personae.papers.text_to_behavior.settings import TextToBehaviorSettings
from personae.papers.text_to_behavior.study import TextToBehavior

__all__ = ["PAPER", "TextToBehavior", "TextToBehaviorSettings"]
