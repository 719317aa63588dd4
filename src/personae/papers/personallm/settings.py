"""The parameters of the study, each with its published value as the default."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from personae.errors import InputError
from personae.papers.personallm.prompts import QUESTIONNAIRE_PROMPT, STORY_PROMPT
from personae.persona import RENDERERS


class PersonaLLMSettings(BaseModel):
    """What can be varied; ``-P name=value`` on the command line."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    personas_per_type: int = Field(default=10, ge=1, description="respondents of each of the 32 types")
    temperature: float = Field(default=0.7, ge=0, description="temperature of the respondent")
    top_p: float = Field(default=1.0, gt=0, le=1, description="nucleus of the respondent")
    attempts: int = Field(default=16, ge=1, description="calls made at most until all 44 items are answered")
    renderer: str = Field(default="adjectives", description="how the persona is put into words")
    wording: str = Field(
        default="simplified", description="wording of the items: simplified (as published) or original"
    )
    stories: bool = Field(default=True, description="whether a story is asked for after the questionnaire")
    judged_per_type: int = Field(default=1, ge=0, description="stories of each type that are rated")
    raters: int = Field(default=5, ge=1, description="ratings of each story in each condition")
    robustness: bool = Field(default=True, description="whether other orders, wordings and modes are tried")
    controls: bool = Field(default=True, description="whether empty, neutral and exchanged personas are tried")
    dictionary: Path | None = Field(default=None, description="a LIWC .dic file of yours, instead of the open lexicon")
    essays: Path | None = Field(default=None, description="CSV of human essays with cEXT, cAGR, cCON, cNEU, cOPN, text")
    questionnaire_prompt: str = Field(default=QUESTIONNAIRE_PROMPT, description="file of another questionnaire prompt")
    story_prompt: str = Field(default=STORY_PROMPT, description="file of another story prompt")


_PROMPT_FILES = ("questionnaire_prompt", "story_prompt")


def read_settings(given: Mapping[str, str]) -> PersonaLLMSettings:
    """Read the parameters as the command line gives them.

    Raises:
        InputError: If one is unknown, malformed, or names a file that cannot be read.
    """
    values: dict[str, Any] = {}
    for name, text in given.items():
        values[name] = _read_file(name, text) if name in _PROMPT_FILES else text
    try:
        settings = PersonaLLMSettings.model_validate(values)
    except ValidationError as error:
        fault = error.errors()[0]
        name = str(fault["loc"][0])
        if fault["type"] == "extra_forbidden":
            known = ", ".join(PersonaLLMSettings.model_fields)
            raise InputError(
                f"the parameter {name!r} is not known", where="personallm", remedy=f"known are {known}"
            ) from error
        raise InputError(
            f"{name}: {fault['msg'].lower()}", where="personallm", remedy=f"write -P {name}=VALUE"
        ) from error
    if settings.renderer not in RENDERERS:
        raise InputError(
            f"no renderer is called {settings.renderer!r}",
            where="personallm",
            remedy=f"known are {', '.join(RENDERERS)}",
        )
    if settings.wording not in ("simplified", "original"):
        raise InputError(
            f"no wording is called {settings.wording!r}", where="personallm", remedy="simplified or original"
        )
    for name in ("dictionary", "essays"):
        path = getattr(settings, name)
        if path is not None and not path.is_file():
            raise InputError("there is no such file", where=str(path), remedy=f"check -P {name}=FILE")
    return settings


def describe_settings() -> dict[str, str]:
    """The parameters and what they set, with their defaults."""
    described = {}
    for name, field in PersonaLLMSettings.model_fields.items():
        default = "built in" if name in _PROMPT_FILES else field.default
        described[name] = f"{field.description} (default {default})"
    return described


def _read_file(name: str, path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(
            f"cannot be read ({type(error).__name__})", where=path, remedy=f"check -P {name}=FILE"
        ) from error
