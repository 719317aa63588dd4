"""The parameters of the study."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field, FilePath

from personae.papers.settings import FileText, PaperSettings

TEXT_PROMPT = "Write about the past week in about $words words, in the first person."


class TextToBehaviorSettings(PaperSettings):
    """What can be varied; ``-P name=value`` on the command line."""

    paper: ClassVar[str] = "text_to_behavior"

    texts: int = Field(default=8, ge=2, description="texts for each trait, and without one")
    words: int = Field(default=120, ge=20, description="about how many words a text has")
    temperature: float = Field(default=1.0, ge=0, description="temperature of the writer")
    classifier: FilePath | None = Field(default=None, description="JSON of a classifier that scores the texts too")
    figures: bool = Field(default=True, description="whether historical figures are played")
    prompt: FileText = Field(default=TEXT_PROMPT, description="file of another prompt, with $words")


FULL = {"texts": "30"}
"""A dispersion over thirty texts a trait; the published number is not at hand."""
