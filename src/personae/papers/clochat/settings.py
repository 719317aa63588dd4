"""The parameters of the study."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field, FilePath

from personae.papers.clochat import prompts
from personae.papers.settings import FileText, PaperSettings


class CloChatSettings(PaperSettings):
    """What can be varied; ``-P name=value`` on the command line."""

    paper: ClassVar[str] = "clochat"

    participants: int = Field(default=12, ge=2, le=10_000, description="people who take part, each in all conditions")
    contexts: FileText = Field(default=prompts.CONTEXTS, description="file of what is talked about, a line a talk")
    least_turns: int = Field(default=2, ge=1, description="messages of a participant before a talk may end")
    most_turns: int = Field(default=4, ge=1, le=100, description="messages of a participant at most")
    control: bool = Field(
        default=True, description="whether everybody also talks with a persona that somebody else wrote"
    )
    personas: Literal["one", "each"] = Field(
        default="one", description="whether a participant designs one persona, or another for each talk"
    )
    edits: bool = Field(default=True, description="whether the persona may be changed between talks")
    remembers: bool = Field(default=True, description="whether a participant remembers earlier talks")
    renderer: Literal["second-person", "third-person", "json"] = Field(
        default="second-person", description="how the form is put into words: second-person, third-person or json"
    )
    temperature: float = Field(default=0.8, ge=0, le=2, description="temperature of everybody")
    questionnaire: FilePath | None = Field(
        default=None, description="TOML of another questionnaire; else our twelve items"
    )
    participant_prompt: FileText = Field(default=prompts.PARTICIPANT, description="file of another prompt")
    partner_prompt: FileText = Field(default=prompts.PARTNER, description="file of another prompt for the persona")

    @property
    def talks(self) -> tuple[str, ...]:
        """What is talked about."""
        return tuple(line.strip() for line in self.contexts.splitlines() if line.strip())


FULL = {"participants": "30", "least_turns": "3", "most_turns": "10"}
"""Thirty took part."""
