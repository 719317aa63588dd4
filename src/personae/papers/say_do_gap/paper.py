"""The gap of saying and doing as a paper that runs.

No published figure is listed: that people agree with themselves and models clearly less is all that is at hand.
"""

from __future__ import annotations

from collections.abc import Mapping

from personae.papers.paper import Paper
from personae.papers.say_do_gap.report import PLAN
from personae.papers.say_do_gap.settings import FULL, SayDoSettings
from personae.papers.say_do_gap.study import SayDoGap


def make_study(parameters: Mapping[str, str]) -> SayDoGap:
    """Make the study from parameters as the command line gives them."""
    study = SayDoGap(SayDoSettings.read(parameters))
    _ = study.humans  # files that cannot be used are found before anything is asked
    return study


PAPER = Paper(
    key="say_do_gap",
    plan=PLAN,
    make_study=make_study,
    parameters=SayDoSettings.describe(),
    roles={"subject": "the model that answers"},
    full=FULL,
)
