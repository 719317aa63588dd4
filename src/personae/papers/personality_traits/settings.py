"""The parameters of the study."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from personae.papers.personality_traits.constructs import LONG, SHORT
from personae.papers.personality_traits.prompts import TEXT_PROMPT
from personae.papers.settings import FileName, FileText, FolderName, KeyOrFile, PaperSettings


class PersonalityTraitsSettings(PaperSettings):
    """What can be varied; ``-P name=value`` on the command line."""

    paper: ClassVar[str] = "personality_traits"

    biographies: int = Field(default=10, ge=1, le=50, description="biographies of the validity part")
    ways: int = Field(default=2, ge=1, le=5, description="instructions, and postambles, that each is put under")
    shaped: int = Field(default=1, ge=0, le=50, description="biographies of the shaping part, 45 + 32 prompts each")
    levels: int = Field(default=9, ge=2, le=9, description="levels of single-trait shaping, spread over the nine")
    texts: int = Field(default=5, ge=0, le=100, description="status updates that each shaped respondent writes")
    scorer: Literal["rated", "lexicon"] = Field(
        default="rated", description="who reads traits from texts: a judge, a word list"
    )
    answering: Literal["text", "first_token", "continuation"] = Field(
        default="text", description="how an answer comes about; as published, each option as continuation"
    )
    inventory: KeyOrFile = Field(
        default=SHORT, description="inventory beside the BFI: a key of the library, or a TOML file"
    )
    own: FolderName = Field(
        default="", description="TOML files of batteries that may not be shipped, with commas: panas.toml,bpaq.toml"
    )
    session: FileName = Field(default="", description="the authors' session file, whose descriptions are then used")
    temperature: float = Field(default=0.7, ge=0, description="temperature of the respondent")
    text_temperature: float = Field(default=0.7, ge=0, description="temperature of the status updates")
    text_prompt: FileText = Field(
        default=TEXT_PROMPT, description="file of another prompt with $description and $count"
    )


FULL = {"inventory": LONG, "biographies": "50", "ways": "5", "shaped": "50", "texts": "25", "answering": "continuation"}
"""1,250 respondents, 2,250 and 1,600 shaped prompts, 25 status updates each, as published."""
