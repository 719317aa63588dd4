"""The parameters of the study."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field, field_validator

from personae.papers.assess_humans.prompts import QUESTION_PROMPT
from personae.papers.settings import FileText, KeyOrFile, PaperSettings


class AssessSettings(PaperSettings):
    """What can be varied; ``-P name=value`` on the command line."""

    paper: ClassVar[str] = "assess_humans"

    statements: KeyOrFile = Field(
        default="mini-ipip-20", description="instrument, CSV file, or text file of the sixty statements with %s"
    )
    subjects: str = Field(
        default="people,men,women,barbers,accountants,doctors", description="groups, separated by commas"
    )
    pairs: str = Field(
        default="men-women,barbers-accountants,barbers-doctors,accountants-doctors",
        description="groups that are compared for fairness",
    )
    runs: int = Field(default=3, ge=2, description="times each group is assessed under each order of the options")
    alpha: float = Field(default=10.0, gt=0, description="constant of the published scores; not certain")
    temperature: float = Field(default=1.0, ge=0, le=2, description="sampling temperature")
    prompt: FileText = Field(default=QUESTION_PROMPT, description="file of another prompt for a statement")

    @field_validator("pairs")
    @classmethod
    def _are_pairs(cls, value: str) -> str:
        if bad := [pair for pair in split(value) if pair.count("-") != 1]:
            raise ValueError(f"{bad[0]!r} is no pair; write men-women")
        return value


def split(names: str) -> list[str]:
    """Names that are separated by commas."""
    return [name.strip() for name in names.split(",") if name.strip()]


FULL = {"runs": "15"}
"""Fifteen runs, as far as we remember; the published sixty statements are the user's: ``-P statements=sixty.txt``."""
