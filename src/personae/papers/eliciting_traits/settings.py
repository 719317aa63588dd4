"""The parameters of the study."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field, FilePath, field_validator

from personae.papers.settings import KeyOrFile, PaperSettings


class ElicitingSettings(PaperSettings):
    """What can be varied; ``-P name=value`` on the command line."""

    paper: ClassVar[str] = "eliciting_traits"

    completions: int = Field(default=6, ge=2, description="texts of each model to each prompt")
    form: Literal["chat", "completion"] = Field(
        default="chat", description="whether a question is asked, or the beginning of an answer is to be continued"
    )
    models: int = Field(default=1, ge=1, le=12, description="models compared: roles subject, model_2, model_3 ...")
    parameters: str = Field(
        default="", description="sizes of these models in billions of parameters, by commas: 7,13,70"
    )
    tuned: bool = Field(default=False, description="whether the role tuned is the subject after fine-tuning")
    prompts: FilePath | None = Field(default=None, description="TOML file of other prompts")
    train: KeyOrFile = Field(
        default="sim",
        examples=["sim", "none"],
        description="CSV of labelled texts that classifiers are trained on; sim for simulated, or none",
    )
    classifier: FilePath | None = Field(default=None, description="JSON of a classifier that was saved, instead")
    rated: bool = Field(default=True, description="whether the role judge rates the texts too")
    words: int = Field(default=120, ge=10, description="about how many words a text has")
    temperature: float = Field(default=1.0, ge=0, description="temperature of the writers")

    @field_validator("parameters")
    @classmethod
    def _are_numbers(cls, text: str) -> str:
        try:
            sizes = [float(part) for part in text.split(",") if part.strip()]
        except ValueError:
            raise ValueError("write numbers such as 7,13,70") from None
        if any(size <= 0 for size in sizes):
            raise ValueError("a model has more than no parameters")
        return text

    @property
    def sizes(self) -> list[float]:
        """Billions of parameters, in the order of the roles."""
        return [float(part) for part in self.parameters.split(",") if part.strip()]


FULL = {"completions": "1000"}
"""A thousand completions a prompt, as far as we remember."""
