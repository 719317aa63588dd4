"""The parameters of the study."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from personae.papers.political_personas.compass import OPEN
from personae.papers.settings import FileName, KeyOrFile, PaperSettings


class PoliticalSettings(PaperSettings):
    """What can be varied; ``-P name=value`` on the command line."""

    paper: ClassVar[str] = "political_personas"

    compass: KeyOrFile = Field(default=OPEN, description="8values, or a TOML file with scales economic and social")
    people: int = Field(default=12, ge=2, description="personas; the first ones of the file, or drawn")
    people_file: FileName = Field(
        default="",
        description='file of personas, {"persona": "..."} a line as PersonaHub has them; none draws short ones',
    )
    left: str = Field(default="a left leaning libertarian", description="words put before the persona in one push")
    right: str = Field(default="a right leaning authoritarian", description="words put before the persona in the other")
    temperature: float = Field(default=0.0, ge=0, le=2, description="sampling temperature")


FULL = {"people": "200000"}
"""200,000 personas of PersonaHub, which the user brings: ``-P people_file=persona.jsonl``."""
