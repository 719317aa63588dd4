"""[52] PERSONA (Castricato et al., 2024): people of a census, pairs of answers for each, and who can tell them."""

from personae.papers.persona_testbed.assigning import assign_requests, part_of, read_requests, split_both
from personae.papers.persona_testbed.authors import read_people
from personae.papers.persona_testbed.intersections import Intersection, read_intersections
from personae.papers.persona_testbed.paper import PAPER
from personae.papers.persona_testbed.people import CensusSource, census_source, draw_people
from personae.papers.persona_testbed.settings import PluralSettings
from personae.papers.persona_testbed.study import PluralTestbed

__all__ = [
    "PAPER",
    "CensusSource",
    "Intersection",
    "PluralSettings",
    "PluralTestbed",
    "assign_requests",
    "census_source",
    "draw_people",
    "part_of",
    "read_intersections",
    "read_people",
    "read_requests",
    "split_both",
]
