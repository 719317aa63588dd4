"""The parameters of the study, each with its published value as the default."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field, FilePath, field_validator

from personae.papers.personallm.prompts import QUESTIONNAIRE_PROMPT, STORY_PROMPT
from personae.papers.settings import FileText, PaperSettings
from personae.persona import RENDERERS


class PersonaLLMSettings(PaperSettings):
    """What can be varied; ``-P name=value`` on the command line."""

    paper: ClassVar[str] = "personallm"

    personas_per_type: int = Field(default=10, ge=1, description="respondents of each of the 32 types")
    temperature: float = Field(default=0.7, ge=0, description="temperature of the respondent")
    top_p: float = Field(default=1.0, gt=0, le=1, description="nucleus of the respondent")
    attempts: int = Field(default=16, ge=1, description="calls made at most until all 44 items are answered")
    renderer: str = Field(
        default="adjectives",
        description="how the persona is put into words",
        json_schema_extra={"enum": list(RENDERERS)},
    )
    wording: Literal["simplified", "original"] = Field(
        default="simplified", description="wording of the items: simplified (as published) or original"
    )
    stories: bool = Field(default=True, description="whether a story is asked for after the questionnaire")
    judged_per_type: int = Field(default=1, ge=0, description="stories of each type that are rated")
    raters: int = Field(default=5, ge=1, description="ratings of each story in each condition")
    robustness: bool = Field(default=True, description="whether other orders, wordings and modes are tried")
    controls: bool = Field(default=True, description="whether empty, neutral and exchanged personas are tried")
    dictionary: FilePath | None = Field(
        default=None, description="a LIWC .dic file of yours, instead of the open lexicon"
    )
    essays: FilePath | None = Field(
        default=None, description="CSV of human essays with cEXT, cAGR, cCON, cNEU, cOPN, text"
    )
    questionnaire_prompt: FileText = Field(
        default=QUESTIONNAIRE_PROMPT, description="file of another questionnaire prompt"
    )
    story_prompt: FileText = Field(default=STORY_PROMPT, description="file of another story prompt")

    @field_validator("renderer")
    @classmethod
    def _is_known(cls, renderer: str) -> str:
        if renderer not in RENDERERS:
            raise ValueError(f"no renderer is called {renderer!r}; known are {', '.join(RENDERERS)}")
        return renderer
