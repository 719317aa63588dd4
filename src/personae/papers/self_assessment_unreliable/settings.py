"""The parameters of the study."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from personae.papers.self_assessment_unreliable.prompts import DESCRIBE, PEOPLE, SCORE
from personae.papers.settings import FileText, KeyOrFile, PaperSettings


class SelfAssessmentSettings(PaperSettings):
    """What can be varied; ``-P name=value`` on the command line."""

    paper: ClassVar[str] = "self_assessment_unreliable"

    instrument: KeyOrFile = Field(default="ipip-neo-120", description="key of the library, or a TOML file")
    repeats: int = Field(default=2, ge=1, description="times that each condition is asked; the noise floor needs two")
    answering: Literal["text", "first_token", "continuation"] = Field(
        default="text", description="text, or the most probable option by first_token or continuation"
    )
    temperature: float = Field(default=0.0, ge=0, description="temperature of the model")
    describe_prompt: FileText = Field(default=DESCRIBE, description="file of another first template")
    people_prompt: FileText = Field(default=PEOPLE, description="file of another second template")
    score_prompt: FileText = Field(default=SCORE, description="file of another third template")


FULL = {"instrument": "ipip-neo-300"}
"""60 items a trait."""
