"""[111] Is Cognition and Action Consistent or Not (Ai et al., 2024): statements and the scenes that mirror them."""

from personae.papers.say_do_gap.humans import read_humans
from personae.papers.say_do_gap.paper import PAPER
from personae.papers.say_do_gap.settings import SayDoSettings
from personae.papers.say_do_gap.study import SayDoGap

__all__ = ["PAPER", "SayDoGap", "SayDoSettings", "read_humans"]
