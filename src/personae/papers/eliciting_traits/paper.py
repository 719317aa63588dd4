"""Eliciting traits as a paper that runs.

The published headlines (high openness, low extraversion; openness and conscientiousness rise with size) are directions;
figures that we are sure of are not at hand, and none are listed.
"""

from __future__ import annotations

from collections.abc import Mapping

from personae.papers.eliciting_traits.report import PLAN
from personae.papers.eliciting_traits.scoring import classifier
from personae.papers.eliciting_traits.settings import FULL, ElicitingSettings
from personae.papers.eliciting_traits.study import ElicitingTraits
from personae.papers.paper import Paper


def make_study(parameters: Mapping[str, str]) -> ElicitingTraits:
    """Make the study from parameters as the command line gives them."""
    study = ElicitingTraits(ElicitingSettings.read(parameters))
    _ = study.stimuli, classifier(study.settings)  # what is missing is found before anything is asked
    return study


PAPER = Paper(
    key="eliciting_traits",
    plan=PLAN,
    make_study=make_study,
    parameters=ElicitingSettings.describe(),
    roles={
        "subject": "the first model that writes",
        "model_2": "the second, and so on, where models is 2 or more",
        "tuned": "the subject after fine-tuning, where tuned is true",
        "judge": "the model that rates authors, zero-shot",
    },
    full=FULL,
)
