"""The parameters of the study."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import DirectoryPath, Field, FilePath

from personae.papers.patientsim.prompts import DOCTOR_PROMPT, PATIENT_PROMPT
from personae.papers.settings import FileText, PaperSettings


class PatientSimSettings(PaperSettings):
    """What can be varied; ``-P name=value`` on the command line."""

    paper: ClassVar[str] = "patientsim"

    replicates: int = Field(default=1, ge=1, description="consultations with each of the 37 patients")
    information: int = Field(default=4, ge=0, description="consultations with plain patients, for the facts alone")
    rounds: int = Field(default=3, ge=1, le=100, description="questions that the doctor has")
    dazed_by: Literal["prompt", "rounds"] = Field(
        default="prompt",
        description="what lets a dazed patient clear up: the prompt alone (as published), or every second calming word",
    )
    control: bool = Field(default=True, description="whether each consultation is also rated for another persona")
    raters: int = Field(default=4, ge=1, description="people among whom consultations are divided for rating")
    patient_temperature: float = Field(default=0.7, ge=0, description="temperature of the patient")
    doctor_temperature: float = Field(default=1.0, ge=0, description="temperature of the doctor")
    axes: DirectoryPath | None = Field(default=None, description="folder of the authors' JSON files of the axes")
    profiles: FilePath | None = Field(default=None, description="JSON list of clinical profiles instead of ours")
    words: FilePath | None = Field(default=None, description="TOML file of other words by level of English")
    ratings: FilePath | None = Field(
        default=None, description="CSV of people's ratings: dialogue, rater, criterion, score"
    )
    patient_prompt: FileText = Field(default=PATIENT_PROMPT, description="file of another prompt for the patient")
    doctor_prompt: FileText = Field(default=DOCTOR_PROMPT, description="file of another prompt for the doctor")


FULL = {"replicates": "3", "information": "52", "rounds": "30"}
"""Three consultations of each patient, 52 for the facts, up to 30 questions."""
