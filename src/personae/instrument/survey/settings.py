"""What can be chosen about a survey that is put to people."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, field_validator

from personae.persona import RENDERERS
from personae.study.settings import StudySettings, read_paths


class SurveySettings(StudySettings):
    """Survey, people, and how they are asked."""

    survey: Path = Field(description="TOML file of the survey")
    people: Annotated[tuple[Path, ...], BeforeValidator(read_paths)] = Field(
        default=(), description="files of personas: YAML, JSON, JSONL or CSV; none asks the model as itself"
    )
    repeats: int = Field(default=1, ge=1, le=1000, description="times each is asked")
    mode: Literal["conversation", "one_by_one"] = Field(
        default="conversation", description="conversation (each question sees what was said) or one_by_one"
    )
    renderer: str = Field(default="second-person", description=f"how personas are put: {', '.join(RENDERERS)}")
    temperature: float = Field(default=0.7, ge=0, le=2, description="sampling temperature")

    @field_validator("renderer")
    @classmethod
    def _is_known(cls, value: str) -> str:
        if value not in RENDERERS:
            raise ValueError(f"no renderer is called {value!r}; known are {', '.join(RENDERERS)}")
        return value

    @classmethod
    def whose(cls) -> str:
        """Of what study these are, for messages."""
        return "survey"
