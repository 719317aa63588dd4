"""[84] Political ideology of synthetic personas (Bernardelle et al., 2024): a map, and pushes to its corners."""

from personae.papers.political_personas.compass import open_compass, read_compass
from personae.papers.political_personas.paper import PAPER
from personae.papers.political_personas.replay import read_replay
from personae.papers.political_personas.settings import PoliticalSettings
from personae.papers.political_personas.shifts import paired_d, published_z, signed_rank
from personae.papers.political_personas.study import PoliticalPersonas

__all__ = [
    "PAPER",
    "PoliticalPersonas",
    "PoliticalSettings",
    "open_compass",
    "paired_d",
    "published_z",
    "read_compass",
    "read_replay",
    "signed_rank",
]
