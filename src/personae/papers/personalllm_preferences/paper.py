"""PersonalLLM as a paper that runs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from personae.papers.paper import Paper
from personae.papers.personalllm_preferences.claims import preference_claims
from personae.papers.personalllm_preferences.replay import read_replay
from personae.papers.personalllm_preferences.report import PLAN
from personae.papers.personalllm_preferences.settings import FULL, PreferenceSettings
from personae.papers.personalllm_preferences.study import Preferences

if TYPE_CHECKING:
    import polars as pl


def make_study(parameters: Mapping[str, str]) -> Preferences:
    """Make the study from parameters as the command line gives them."""
    return Preferences(PreferenceSettings.read(parameters))


def to_score(table: pl.DataFrame) -> pl.DataFrame:
    """Answers that reward models have to score elsewhere: each once, with its hash and its question."""
    if "answer" not in table.columns:
        return table.head(0).select([])
    rows = table.filter(table["answer"].is_not_null())
    return rows.select("answer.hash", "question", "answer").rename({"answer.hash": "hash"}).unique(maintain_order=True)


PAPER = Paper(
    key="personalllm_preferences",
    claims=preference_claims(),
    plan=PLAN,
    make_study=make_study,
    parameters=PreferenceSettings.describe(),
    read_replay=read_replay,
    roles={"subject": "the model that writes answers, and plays people who choose"},
    full=FULL,
    tables={"to_score": to_score},
)
