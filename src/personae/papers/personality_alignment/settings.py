"""The parameters of the study."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from personae.papers.personality_alignment.inventory import Keying
from personae.papers.personality_alignment.prompts import (
    DESCRIBE_PROMPT,
    DESCRIBED_PROMPT,
    FEW_SHOT_PROMPT,
    ITEM_PROMPT,
)
from personae.papers.settings import FileText, FolderName, PaperSettings


class PersonalityAlignmentSettings(PaperSettings):
    """What can be varied; ``-P name=value`` on the command line."""

    paper: ClassVar[str] = "personality_alignment"

    inventory: Literal["ipip-neo-300", "ipip-neo-120"] = Field(
        default="ipip-neo-300",
        description="inventory that is asked; of the shorter one half is told",
    )
    people: int = Field(default=6, ge=3, description="people to align with, chosen from the records by k-means")
    scored: int = Field(default=30, ge=0, description="predicted items that are asked and scored; 0: all of them")
    held: int = Field(default=10, ge=0, description="described items kept back from the prompt, to choose a prompt by")
    data: FolderName = Field(
        default="", description="folder with records of people in the published layout; none: drawn people"
    )
    keying: Keying = Field(default="stored", description="how the records are stored: turned by their key, or raw")
    pool: int = Field(
        default=20, ge=1, description="people drawn for each one that is chosen, where there are no records"
    )
    temperature: float = Field(default=0.0, ge=0, description="temperature of the respondent")
    few_shot_prompt: FileText = Field(default=FEW_SHOT_PROMPT, description="file of another prompt with $answers")
    describe_prompt: FileText = Field(default=DESCRIBE_PROMPT, description="file of another prompt for the writer")
    described_prompt: FileText = Field(default=DESCRIBED_PROMPT, description="file of another prompt with $description")
    item_prompt: FileText = Field(default=ITEM_PROMPT, description="file of another prompt of an item")


FULL = {"people": "300", "scored": "0", "held": "24"}
"""300 people and all predicted items, as published; a fifth of the described items is kept back to choose by."""
