"""[109] PsychoBench (Huang et al., 2024): thirteen scales, shuffled and repeated, beside human norms; roles."""

from personae.papers.psychobench.norms import beside_people
from personae.papers.psychobench.paper import PAPER
from personae.papers.psychobench.replay import read_replay
from personae.papers.psychobench.settings import PsychoBenchSettings
from personae.papers.psychobench.study import PsychoBench

__all__ = ["PAPER", "PsychoBench", "PsychoBenchSettings", "beside_people", "read_replay"]
