"""Big Five from counselling as a paper that runs."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from personae.papers.counselling_big_five.report import PLAN
from personae.papers.counselling_big_five.settings import FULL, CounsellingSettings
from personae.papers.counselling_big_five.study import Counselling
from personae.papers.counselling_big_five.training import write_training
from personae.papers.paper import Paper
from personae.study import Claim, Study

if TYPE_CHECKING:
    import polars as pl

_RATIOS = "headline; .582/.252 = +130.95 % and .582/.425 = +36.94 %, as the abstract has them"
CLAIMS = tuple(
    Claim("mean_r.questionnaire.client", model, value, where=_RATIOS, confidence="memory", note="ratios verified")
    for model, value in (
        ("Llama-3-8B-BFI (trained)", 0.582),
        ("Llama3-8B-Instruct", 0.252),
        ("Qwen1.5-110B-Chat", 0.425),
    )
)


def write_more(study: Study, table: pl.DataFrame, folder: Path) -> None:
    """Write rows for training beside the report, where they were asked for."""
    if isinstance(study, Counselling) and study.settings.training:
        write_training(study, table, folder / "training")


def make_study(parameters: Mapping[str, str]) -> Counselling:
    """Make the study from parameters as the command line gives them."""
    return Counselling(CounsellingSettings.read(parameters))


PAPER = Paper(
    key="counselling_big_five",
    claims=CLAIMS,
    plan=PLAN,
    make_study=make_study,
    parameters=CounsellingSettings.describe(),
    roles={"subject": "the model that answers in the client's place"},
    full=FULL,
    write_more=write_more,
)
