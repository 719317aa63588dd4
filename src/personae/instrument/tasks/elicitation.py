"""Prompts that texts are elicited by: interview questions, openings that call up a trait, and texts of a person."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from personae.instrument.tasks.stimuli import Stimuli, load_stimuli


class ElicitationPrompt(BaseModel):
    """One prompt, as a question to a chat model and as the beginning of a text for a base model."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    key: str
    kind: Literal["interview", "activating", "text"]
    trait: str = ""
    """The trait that it is meant to call up; empty for none."""
    question: str
    """For a model that converses."""
    opening: str = ""
    """The beginning of an answer, for a model that continues texts."""


class ElicitationStimuli(Stimuli):
    """A file of prompts."""

    prompts: tuple[ElicitationPrompt, ...] = Field(min_length=1)


def elicitation_stimuli(name: str | Path = "interview") -> ElicitationStimuli:
    """The prompts of the library (``interview``), or of a file."""
    return load_stimuli(name, ElicitationStimuli)
