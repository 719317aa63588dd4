"""[103] Stable value orientations (Lee et al., 2025): what stays a model's own whoever it plays?"""

from personae.papers.stable_values.paper import PAPER
from personae.papers.stable_values.people import draw_people
from personae.papers.stable_values.replay import read_replay
from personae.papers.stable_values.settings import StableValuesSettings
from personae.papers.stable_values.study import StableValues

__all__ = ["PAPER", "StableValues", "StableValuesSettings", "draw_people", "read_replay"]
