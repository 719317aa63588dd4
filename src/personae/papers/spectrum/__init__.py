"""[4] SPeCtrum (Lee et al., 2025): social identity, personal identity and life context, and which of them matter."""

from personae.papers.spectrum.answers import rating_sheet, read_answers
from personae.papers.spectrum.paper import PAPER
from personae.papers.spectrum.people import draw_people, read_people
from personae.papers.spectrum.profiles import read_profiles
from personae.papers.spectrum.replay import read_replay
from personae.papers.spectrum.scores import describe_personality, describe_values, facet_scores, value_scores
from personae.papers.spectrum.settings import SpectrumSettings
from personae.papers.spectrum.study import Spectrum

__all__ = [
    "PAPER",
    "Spectrum",
    "SpectrumSettings",
    "describe_personality",
    "describe_values",
    "draw_people",
    "facet_scores",
    "rating_sheet",
    "read_answers",
    "read_people",
    "read_profiles",
    "read_replay",
    "value_scores",
]
