"""TRAIT as a paper that runs."""

from __future__ import annotations

from collections.abc import Mapping

from personae.papers.paper import Paper
from personae.papers.trait.claims import trait_claims
from personae.papers.trait.findings import built_items
from personae.papers.trait.report import PLAN
from personae.papers.trait.settings import FULL, TraitSettings
from personae.papers.trait.study import Trait


def make_study(parameters: Mapping[str, str]) -> Trait:
    """Make the study from parameters as the command line gives them."""
    study = Trait(TraitSettings.read(parameters))
    _ = study.stimuli  # a file that cannot be used is found before anything is asked
    return study


PAPER = Paper(
    key="trait",
    claims=trait_claims(),
    plan=PLAN,
    make_study=make_study,
    parameters=TraitSettings.describe(),
    roles={
        "subject": "the model that is tested",
        "writer": "the model that writes new items",
        "evaluator": "the model that says which pole an option is of",
    },
    full=FULL,
    tables={"items": built_items},
)
