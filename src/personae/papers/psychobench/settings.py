"""The parameters of the study."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field, field_validator

from personae.papers.psychobench.prompts import ROLES, SHEET_PROMPT, USUAL
from personae.papers.settings import FileText, KeysOrFiles, PaperSettings

SHIPPED = "bfi-44,gse,lot-r"
"""Forms of the thirteen whose texts may be shipped."""


class PsychoBenchSettings(PaperSettings):
    """What can be varied; ``-P name=value`` on the command line."""

    paper: ClassVar[str] = "psychobench"

    forms: KeysOrFiles = Field(
        default=SHIPPED, description="keys of the library, TOML files, or a PsychoBench JSON file; separated by commas"
    )
    roles: str = Field(default=",".join(USUAL), description=f"who the model is told to be: {', '.join(ROLES)}")
    orders: int = Field(default=2, ge=1, description="orders of the items: the printed one, then shuffled ones")
    repeats: int = Field(default=3, ge=1, description="times each order is asked")
    block_size: int = Field(default=40, ge=1, description="items a prompt at most")
    temperature: float = Field(default=0.7, ge=0, le=2, description="sampling temperature")
    alpha: float = Field(default=0.01, gt=0, lt=1, description="level of the tests against norms")
    prompt: FileText = Field(default=SHEET_PROMPT, description="file of another prompt for a sheet of items")

    @field_validator("roles")
    @classmethod
    def _are_known(cls, value: str) -> str:
        if unknown := [name for name in split(value) if name not in ROLES]:
            raise ValueError(f"no role is called {unknown[0]!r}; known are {', '.join(ROLES)}")
        return value


def split(names: str) -> list[str]:
    """Names that are separated by commas."""
    return [name.strip() for name in names.split(",") if name.strip()]


FULL = {"orders": "2", "repeats": "5", "temperature": "0"}
"""Ten runs a setting, drawn greedily, so that only the order of the items lets them differ. The other ten forms need
your texts: ``-P forms=questionnaires.json``."""
