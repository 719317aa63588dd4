"""The parameters of the study."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field, field_validator

from personae.papers.mbti_test.prompts import QUESTION_PROMPT
from personae.papers.settings import FileText, KeyOrFile, PaperSettings

PAIRS = ("EI", "SN", "TF", "JP")


class MbtiSettings(PaperSettings):
    """What can be varied; ``-P name=value`` on the command line."""

    paper: ClassVar[str] = "mbti_test"

    questions: KeyOrFile = Field(
        default="oejts", description="oejts (its pairs as forced choices), a TOML file, or a JSON file of keyed pairs"
    )
    target: str = Field(default="INFP", description="type that the explicit and the implicit prompt ask for")
    repeats: int = Field(default=2, ge=1, description="times the questions are put under each prompt")
    answering: Literal["letter", "logits"] = Field(
        default="letter", description="letter: read from a reply; logits: the likelier of A and B as the next token"
    )
    temperature: float = Field(default=0.7, ge=0, le=2, description="sampling temperature of replies")
    prompt: FileText = Field(default=QUESTION_PROMPT, description="file of another prompt for a question")

    @field_validator("target")
    @classmethod
    def _is_a_type(cls, value: str) -> str:
        plain = value.upper()
        if len(plain) != len(PAIRS) or any(letter not in pair for letter, pair in zip(plain, PAIRS, strict=True)):
            raise ValueError(f"{value!r} is no type; write one letter of each of {', '.join(PAIRS)}")
        return plain


FULL = {"repeats": "1", "temperature": "0"}
"""Every question once; the 93 published questions are the user's: ``-P questions=mbti_questions.json``."""
