"""The parameters of the study."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from personae.papers.personalllm_preferences.prompts import ANSWER_PROMPT, EXAMPLE_PROMPT, PERSONA_PROMPT
from personae.papers.settings import FileName, FileText, PaperSettings


class PreferenceSettings(PaperSettings):
    """What can be varied; ``-P name=value`` on the command line."""

    paper: ClassVar[str] = "personalllm_preferences"

    data: FileName = Field(
        default="", description="file or folder of questions, eight answers each and their scores; else by rule"
    )
    scored: FileName = Field(
        default="", description="file with scores of new answers, which reward models gave elsewhere"
    )
    opinions: FileName = Field(
        default="", description="file of opinion questions with scores and shares of real people"
    )
    test: int = Field(default=20, ge=1, description="questions that are kept for the test, where the data do not say")
    users: int = Field(default=8, ge=2, description="new users for whom answers are written")
    crowd: int = Field(default=200, ge=10, description="users whose ratings are known")
    questions: int = Field(default=4, ge=1, description="test questions of each new user")
    history: int = Field(default=12, ge=1, description="questions that every user has rated")
    alpha: float = Field(default=0.05, ge=0.001, description="Dirichlet parameter: small makes users of one concern")
    alphas: str = Field(default="0.01,0.05,0.1,1", description="parameters that heterogeneity is measured at")
    user_seed: int = Field(default=1, ge=0, description="seed of the users and of what they have rated")
    shots: str = Field(default="1,3,5", description="examples that are shown")
    shown: str = Field(
        default="winning_only,losing_only,winning_and_losing", description="which answers of an example are shown"
    )
    feedback: Literal["pairwise", "scalar"] = Field(
        default="pairwise", description="an example says better and worse, or tells the user's reward as a number"
    )
    similar_by: Literal["winning", "difference"] = Field(
        default="winning", description="users are alike in answers they like best, or in best less worst"
    )
    personas: int = Field(default=12, ge=0, description="people the model plays who choose among answers; 0: none")
    temperature: float = Field(default=0.0, ge=0, description="temperature of the model")
    answer_prompt: FileText = Field(default=ANSWER_PROMPT, description="file of another prompt for an answer")
    example_prompt: FileText = Field(default=EXAMPLE_PROMPT, description="file of another prompt for an example")
    persona_prompt: FileText = Field(default=PERSONA_PROMPT, description="file of another prompt for a choice")


FULL = {"users": "1000", "crowd": "10000", "questions": "1", "history": "50", "test": "1000", "personas": "100"}
"""1,000 test questions and a base of 10,000 users, as published; rated questions of a user from memory."""
