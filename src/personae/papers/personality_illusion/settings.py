"""The parameters of the study."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field, FilePath

from personae.papers.personality_illusion.prompts import SELF_REPORT_PROMPT
from personae.papers.settings import FileText, PaperSettings


class IllusionSettings(PaperSettings):
    """What can be varied; ``-P name=value`` on the command line."""

    paper: ClassVar[str] = "personality_illusion"

    runs: int = Field(default=1, ge=1, description="runs of each system prompt at each temperature")
    phrasings: int = Field(default=2, ge=1, le=3, description="phrasings of each persona, of three")
    base: bool = Field(default=True, description="whether the role base answers the questionnaires too (RQ1)")
    injection: bool = Field(default=True, description="whether personas are injected (RQ3)")
    people: int = Field(
        default=12, ge=0, description="people of random Big Five traits who do everything (ours, not published)"
    )
    orders: int = Field(default=1, ge=1, description="orders in which each list of the association task is put")
    srq: FilePath | None = Field(
        default=None, description="TOML file of the SRQ-63 with its texts; else an IPIP stand-in is asked"
    )
    dilemmas: FilePath | None = Field(default=None, description="TOML file of other dilemmas")
    questions: FilePath | None = Field(default=None, description="TOML file of other questions")
    associations: FilePath | None = Field(default=None, description="TOML file of other association tests")
    prompt: FileText = Field(default=SELF_REPORT_PROMPT, description="file of another prompt for an item")


FULL = {"runs": "3", "phrasings": "3", "orders": "3"}
"""3 system prompts x 3 temperatures x 3 runs, and 3 phrasings of each persona."""
