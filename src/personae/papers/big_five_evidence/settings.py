"""The parameters of the study."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field, field_validator

from personae.papers.big_five_evidence.prompts import AS_A_PERSON, PLAIN
from personae.papers.settings import FileText, KeyOrFile, PaperSettings


class BigFiveEvidenceSettings(PaperSettings):
    """What can be varied; ``-P name=value`` on the command line."""

    paper: ClassVar[str] = "big_five_evidence"

    instrument: KeyOrFile = Field(default="ipip-neo-120", description="key of the library, or a TOML file")
    temperatures: str = Field(default="0.1,0.7,1.3", description="temperatures, rising, separated by commas")
    runs: int = Field(default=3, ge=2, description="times that each condition is asked")
    prompt: FileText = Field(default=PLAIN, description="file of another prompt, with $items and $options")
    person_header: FileText = Field(default=AS_A_PERSON, description="file of another header for a person")

    @field_validator("temperatures")
    @classmethod
    def _rises(cls, value: str) -> str:
        numbers = [float(one) for one in value.split(",")]
        if len(numbers) < 2 or numbers != sorted(set(numbers)) or not 0 <= numbers[0] <= numbers[-1] <= 2:
            raise ValueError("temperatures are at least two, rising, from 0 to 2")
        return value

    @property
    def grid(self) -> tuple[float, ...]:
        """The temperatures as numbers."""
        return tuple(float(one) for one in self.temperatures.split(","))


FULL = {"runs": "10"}
"""The published number of runs is not known to us; ten give stable SDs."""
