"""Text to behaviour as a paper that runs; published values are not at hand, and none are listed."""

from __future__ import annotations

from collections.abc import Mapping

from personae.papers.paper import Paper
from personae.papers.text_to_behavior.report import PLAN
from personae.papers.text_to_behavior.settings import FULL, TextToBehaviorSettings
from personae.papers.text_to_behavior.study import TextToBehavior


def make_study(parameters: Mapping[str, str]) -> TextToBehavior:
    """Make the study from parameters as the command line gives them."""
    study = TextToBehavior(TextToBehaviorSettings.read(parameters))
    _ = study.parameters  # a classifier that cannot be read is found before anything is asked
    return study


PAPER = Paper(
    key="text_to_behavior",
    plan=PLAN,
    make_study=make_study,
    parameters=TextToBehaviorSettings.describe(),
    roles={"subject": "the model that writes", "judge": "the model that reads, zero-shot"},
    full=FULL,
)
