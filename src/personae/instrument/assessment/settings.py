"""What can be chosen about an assessment."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

from pydantic import BeforeValidator, Field, field_validator

from personae.persona import RENDERERS
from personae.study.settings import FileText, StudySettings


def _paths(value: object) -> object:
    """One path, or a JSON list of them, as a run's record keeps them."""
    if not isinstance(value, str):
        return value
    if value.startswith("["):
        return json.loads(value)
    return [value] if value else []


class AssessmentSettings(StudySettings):
    """Instrument, people, and how they are asked; the command line sets these by options of their own or by ``-P``."""

    instrument: str = Field(description="key of the library, or a TOML file")
    people: Annotated[tuple[Path, ...], BeforeValidator(_paths)] = Field(
        default=(), description="files of personas: YAML, JSON, JSONL or CSV; none asks the model as itself"
    )
    drawn: int = Field(
        default=0, ge=0, le=100_000, description="people drawn beside them, their traits standard normal, for recovery"
    )
    dose: str = Field(default="", description="traits put in nine levels each: all, or names separated by commas")
    repeats: int = Field(
        default=0, ge=0, le=1000, description="times each is asked; 0: 10 for a model as itself, else 2"
    )
    checked: int = Field(default=12, ge=0, description="people who are asked in other ways too; 0 leaves it out")
    controls: bool = Field(default=True, description="whether personas are compared with none and with neutral words")
    renderer: str = Field(default="second-person", description=f"how personas are put: {', '.join(RENDERERS)}")
    mode: str = Field(default="all_in_one", pattern="^(all_in_one|item_wise)$", description="all_in_one or item_wise")
    wording: str = Field(default="original", description="wording of the instrument")
    temperature: float = Field(default=0.7, ge=0, le=2, description="sampling temperature")
    attempts: int = Field(default=1, ge=1, le=100, description="calls made at most until every item has an answer")
    prompt: FileText = Field(default="", description="file with a template of the prompt, with words such as $items")

    @field_validator("renderer")
    @classmethod
    def _is_known(cls, value: str) -> str:
        if value not in RENDERERS:
            raise ValueError(f"no renderer is called {value!r}; known are {', '.join(RENDERERS)}")
        return value

    @classmethod
    def whose(cls) -> str:
        """Of what study these are, for messages."""
        return "assessment"
