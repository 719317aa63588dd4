"""The parameters of the study."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar, Literal

from pydantic import Field

from personae.papers.psycot.prompts import CONCLUSION, INTRODUCTION
from personae.papers.settings import FileText, PaperSettings


class PsyCoTSettings(PaperSettings):
    """What can be varied; ``-P name=value`` on the command line."""

    paper: ClassVar[str] = "psycot"

    dataset: Literal["essays", "kaggle"] = Field(
        default="essays", description="essays (five traits, BFI-44) or kaggle (four dichotomies, OEJTS)"
    )
    data: Path | None = Field(
        default=None, description="CSV or JSONL file of texts with labels; none: texts that sim writes, traits planted"
    )
    authors: int = Field(default=10, ge=2, description="authors at most")
    methods: str = Field(default="psycot,standard,cot,task_cot,true_t", description="methods separated by commas")
    robustness: bool = Field(default=True, description="whether labels are swapped, statements shuffled and halved too")
    introduction: Literal["corrected", "as_published"] = Field(
        default="corrected",
        description="as_published repeats the published slip about extraversion",
    )
    tokens: int = Field(default=3200, ge=10, description="tokens that a text is cut to, four characters each")
    temperature: float = Field(default=0.0, ge=0, description="temperature of the model")
    attempts: int = Field(default=1, ge=1, description="calls made at most until a statement is rated")
    introduction_prompt: FileText = Field(default=INTRODUCTION, description="file of another introduction")
    conclusion_prompt: FileText = Field(default=CONCLUSION, description="file of another last question")


FULL = {"authors": "247"}
"""Texts of the published Essays test set; the Kaggle one has 200 authors."""
