"""[118] Can ChatGPT assess human personalities? (Rao et al., 2023): statements about groups, judged for correctness."""

from personae.papers.assess_humans.judging import read_correctness
from personae.papers.assess_humans.metrics import similarity
from personae.papers.assess_humans.paper import PAPER
from personae.papers.assess_humans.replay import read_replay
from personae.papers.assess_humans.settings import AssessSettings
from personae.papers.assess_humans.statements import about, read_statements, sixty_key
from personae.papers.assess_humans.study import AssessHumans

__all__ = [
    "PAPER",
    "AssessHumans",
    "AssessSettings",
    "about",
    "read_correctness",
    "read_replay",
    "read_statements",
    "similarity",
    "sixty_key",
]
