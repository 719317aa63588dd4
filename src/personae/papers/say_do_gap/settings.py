"""The parameters of the study."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field, FilePath

from personae.instrument.tasks.twins import SCENARIO_PROMPT, STATEMENT_PROMPT
from personae.papers.settings import FileText, PaperSettings


class SayDoSettings(PaperSettings):
    """What can be varied; ``-P name=value`` on the command line."""

    paper: ClassVar[str] = "say_do_gap"

    twins: FilePath | None = Field(
        default=None, description="TOML of statements and scenes, such as the published 180; else our 35"
    )
    people: int = Field(default=10, ge=0, description="personas of random Big Five traits; 0 asks the model as it is")
    repeats: int = Field(default=2, ge=1, description="times that everybody answers everything")
    steady: float = Field(
        default=0.5, ge=-1, le=1, description="least correlation of repeats from which a respondent is kept"
    )
    temperature: float = Field(default=0.7, ge=0, description="temperature of the respondent")
    humans: FilePath | None = Field(
        default=None, description="CSV of people's answers: person, and said.KEY and done.KEY for every pair"
    )
    statement_prompt: FileText = Field(default=STATEMENT_PROMPT, description="file of another prompt for a statement")
    scenario_prompt: FileText = Field(default=SCENARIO_PROMPT, description="file of another prompt for a scene")


FULL = {"people": "30", "repeats": "3"}
"""Three repeats for the filter of steady respondents; the number of pairs is that of the file of twins."""
