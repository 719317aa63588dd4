"""Values across cultures as a paper that runs; published values are not at hand, and none are listed."""

from __future__ import annotations

from collections.abc import Mapping

from personae.papers.hofstede_values.report import PLAN
from personae.papers.hofstede_values.settings import FULL, HofstedeSettings
from personae.papers.hofstede_values.study import HofstedeValues
from personae.papers.paper import Paper


def make_study(parameters: Mapping[str, str]) -> HofstedeValues:
    """Make the study from parameters as the command line gives them."""
    study = HofstedeValues(HofstedeSettings.read(parameters))
    _ = study.parameters  # files that cannot be used are found before anything is asked
    return study


PAPER = Paper(
    key="hofstede_values",
    plan=PLAN,
    make_study=make_study,
    parameters=HofstedeSettings.describe(),
    roles={"subject": "the model that advises", "translator": "the model that translates requests"},
    full=FULL,
)
