"""[31] Fair-PP (2025): seven segments of a population prefer, and a model is aligned with one of them."""

from personae.papers.fair_pp.paper import PAPER
from personae.papers.fair_pp.replay import read_replay
from personae.papers.fair_pp.segments import SEGMENTS, british_segments
from personae.papers.fair_pp.settings import FairSettings
from personae.papers.fair_pp.study import FairPP
from personae.papers.fair_pp.weights import tier_weights, tiers_of

__all__ = [
    "PAPER",
    "SEGMENTS",
    "FairPP",
    "FairSettings",
    "british_segments",
    "read_replay",
    "tier_weights",
    "tiers_of",
]
