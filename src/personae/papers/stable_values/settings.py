"""The parameters of the study."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from personae.papers.settings import FileText, PaperSettings
from personae.papers.stable_values.prompts import BASE_PROMPT, JUDGE_PROMPT, ROLE_PROMPT


class StableValuesSettings(PaperSettings):
    """What can be varied; ``-P name=value`` on the command line."""

    paper: ClassVar[str] = "stable_values"

    people: int = Field(default=20, ge=4, description="personas of each set")
    sets: int = Field(default=3, ge=2, description="sets of personas, each drawn with a seed of its own")
    base_runs: int = Field(default=5, ge=1, description="times that the questionnaires are put without a persona")
    repeats: int = Field(default=1, ge=1, description="times that each persona is asked every item")
    step: int = Field(default=10, ge=1, description="personas by which the sets of RQ2 grow")
    temperature: float = Field(default=1.0, ge=0, description="temperature of the respondent")
    judge: Literal["unread", "all", "none"] = Field(
        default="unread",
        description="which replies a judge maps to an option: those that no rule reads, all (as published), or none",
    )
    role_prompt: FileText = Field(default=ROLE_PROMPT, description="file of another prompt with a persona")
    base_prompt: FileText = Field(default=BASE_PROMPT, description="file of another prompt without one")
    judge_prompt: FileText = Field(default=JUDGE_PROMPT, description="file of another prompt for the judge")


FULL = {"people": "200"}
"""200 personas a set were asked of most models, 500 of some."""
