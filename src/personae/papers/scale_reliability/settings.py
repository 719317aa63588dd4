"""The parameters of the study."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from personae.papers.settings import KeyOrFile, PaperSettings


class ScaleReliabilitySettings(PaperSettings):
    """What can be varied; ``-P name=value`` on the command line."""

    paper: ClassVar[str] = "scale_reliability"

    instrument: KeyOrFile = Field(
        default="", description="TOML file with more wordings and languages; empty: BFI-44 and a paraphrase of ours"
    )
    templates: int = Field(default=5, ge=1, le=5, description="prompt templates")
    languages: str = Field(default="", description="languages separated by commas; empty: all that the instrument has")
    wordings: int = Field(default=5, ge=1, description="wordings of each language at most")
    repeats: int = Field(default=1, ge=1, description="times that each setting is asked; from 2 on, retest reliability")
    cases: int = Field(default=1, ge=0, description="texts of each emotion and description; 0: no representation study")
    runs: int = Field(default=2, ge=1, description="times that each representation is asked")
    default_runs: int = Field(default=10, ge=2, description="times that the default is asked beside them")
    attempts: int = Field(default=3, ge=1, description="calls made at most until a block has all answers")
    temperature: float = Field(default=1.0, ge=0, description="temperature of the model")


FULL = {"cases": "10", "runs": "16", "default_runs": "160"}
"""As published where the cases and runs of each representation are concerned: 10 scenes x 16; personalities have 4
texts x 10 runs and characters 5 x 16. With 5 wordings in 10 languages (``-P instrument=FILE``) the factorial has 2,500
settings."""
