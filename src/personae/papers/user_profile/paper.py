"""User profiles as a paper that runs."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from personae.papers.paper import Paper
from personae.papers.user_profile.claims import CLAIMS
from personae.papers.user_profile.replay import read_predictions
from personae.papers.user_profile.report import PLAN
from personae.papers.user_profile.settings import FULL, UserProfileSettings
from personae.papers.user_profile.study import UserProfile, training_rows
from personae.papers.user_profile.training import write_training
from personae.study import Study

if TYPE_CHECKING:
    import polars as pl


def write_more(study: Study, table: pl.DataFrame, folder: Path) -> None:
    """Write rows for training beside the report, where they were asked for."""
    if isinstance(study, UserProfile) and study.settings.training and "seed" in table.columns:
        users = study.users(int(table["seed"][0]))
        write_training(training_rows(study, users), folder / "training")


def make_study(parameters: Mapping[str, str]) -> UserProfile:
    """Make the study from parameters as the command line gives them."""
    return UserProfile(UserProfileSettings.read(parameters))


PAPER = Paper(
    key="user_profile",
    claims=CLAIMS,
    plan=PLAN,
    make_study=make_study,
    parameters=UserProfileSettings.describe(),
    read_replay=read_predictions,
    roles={
        "subject": "the model that writes and updates profiles",
        "labeller": "the model that labels biographies, as those of the published sets were",
    },
    full=FULL,
    write_more=write_more,
)
