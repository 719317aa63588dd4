"""The parameters of the study."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from personae.papers.settings import FileName, FileText, FolderName, PaperSettings
from personae.papers.spectrum.prompts import (
    GUESS_PROMPT,
    JUDGE_PROMPT,
    LINEUP_PROMPT,
    PARAPHRASE_PROMPT,
    PERSON_PROMPT,
    SUMMARY_PROMPT,
    TWENTY_PROMPT,
)


class SpectrumSettings(PaperSettings):
    """What can be varied; ``-P name=value`` on the command line."""

    paper: ClassVar[str] = "spectrum"

    people: FileName = Field(default="", description="file of personas; else people are drawn")
    answers: FileName = Field(default="", description="table of answers that people gave to the forms, a row a person")
    profiles: FolderName = Field(default="", description="folder of profiles, a text file a character and part")
    count: int = Field(default=6, ge=4, description="people that are drawn, or the first so many of a file; 4 or more")
    is_written: bool = Field(default=True, description="whether the writer turns scores into prose, as published")
    lineup: int = Field(default=4, ge=2, le=8, description="people in the line-up that the judge chooses from")
    temperature: float = Field(default=0.7, ge=0, description="temperature of the agent")
    summary_prompt: FileText = Field(default=SUMMARY_PROMPT, description="file of another prompt for the summary")
    paraphrase_prompt: FileText = Field(default=PARAPHRASE_PROMPT, description="file of another for the paraphrase")
    person_prompt: FileText = Field(default=PERSON_PROMPT, description="file of another for who the agent is")
    twenty_prompt: FileText = Field(default=TWENTY_PROMPT, description="file of another for twenty statements")
    judge_prompt: FileText = Field(default=JUDGE_PROMPT, description="file of another prompt for the judge")
    lineup_prompt: FileText = Field(default=LINEUP_PROMPT, description="file of another prompt for the line-up")
    guess_prompt: FileText = Field(default=GUESS_PROMPT, description="file of another prompt for the guess")


FULL = {"count": "45"}
"""45 characters of drama series have published profiles."""
