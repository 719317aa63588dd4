"""The parameters of the study."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from pydantic import Field

from personae.papers.settings import KeyOrFile, PaperSettings


class CounsellingSettings(PaperSettings):
    """What can be varied; ``-P name=value`` on the command line."""

    paper: ClassVar[str] = "counselling_big_five"

    instrument: KeyOrFile = Field(
        default="bfi-44", description="key or TOML file; the published BFI-2 needs your own texts"
    )
    data: Path | None = Field(default=None, description="JSONL or CSV of sessions; none: simulated, traits planted")
    clients: int = Field(default=12, ge=4, description="simulated clients")
    sessions: int = Field(default=1, ge=1, description="simulated sessions of each client")
    roles: str = Field(default="client,counsellor,observer,none", description="roles separated by commas")
    direct: bool = Field(default=True, description="whether traits are rated directly too, without a questionnaire")
    has_system_role: bool = Field(default=True, description="whether the model takes a system message")
    temperature: float = Field(default=0.0, ge=0, description="temperature of the model")
    training: bool = Field(default=False, description="whether rows for training are written into the run's folder")
    max_tokens: int = Field(default=256, ge=1, description="tokens of an answer with its reason")


FULL = {"clients": "82", "sessions": "10"}
"""82 clients; 853 sessions were published, unevenly spread."""
