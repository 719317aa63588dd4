"""What can be chosen about an assessment."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, field_validator

from personae.instrument.mark_styles import OPTION_MARKS
from personae.persona import RENDERERS
from personae.study.settings import FileText, KeyOrFile, StudySettings, read_paths


class AssessmentSettings(StudySettings):
    """Instrument, people, and how they are asked; the command line sets these by options of their own or by ``-P``."""

    instrument: KeyOrFile = Field(description="key of the library, or a TOML file")
    people: Annotated[tuple[Path, ...], BeforeValidator(read_paths)] = Field(
        default=(), description="files of personas: YAML, JSON, JSONL or CSV; none asks the model as itself"
    )
    drawn: int = Field(
        default=0, ge=0, le=100_000, description="people drawn beside them, their traits standard normal, for recovery"
    )
    dose: str = Field(default="", description="traits put in nine levels each: all, or names separated by commas")
    repeats: int = Field(
        default=0, ge=0, le=1000, description="times each is asked; 0: 10 for a model as itself, else 2"
    )
    checked: int = Field(default=12, ge=0, description="people who are asked in other ways too; 0 leaves it out")
    controls: bool = Field(default=True, description="whether personas are compared with none and with neutral words")
    renderer: str = Field(
        default="second-person",
        description=f"how personas are put: {', '.join(RENDERERS)}",
        json_schema_extra={"enum": list(RENDERERS)},
    )
    mode: Literal["all_in_one", "item_wise", "blocks", "multi_turn"] = Field(
        default="all_in_one",
        description="all_in_one, item_wise, blocks, or multi_turn (earlier ratings stay)",
    )
    block_size: int = Field(default=0, ge=0, description="items a prompt, for blocks")
    answering: Literal["text", "first_token", "continuation"] = Field(
        default="text", description="text, first_token or continuation (log-probabilities; item by item)"
    )
    orders: Literal["", "swap", "cyclic"] = Field(
        default="", description="orders of the options that first_token and continuation are averaged over"
    )
    option_marks: str = Field(
        default="values",
        description=f"what marks an option: {', '.join(OPTION_MARKS)}",
        json_schema_extra={"enum": list(OPTION_MARKS)},
    )
    respondent: Literal["self", "observer", "client"] = Field(
        default="self",
        description="self, observer (rates the author of a text, else each person by description) or client "
        "(speaks for somebody in a dialogue)",
    )
    observed: FileText = Field(default="", description="file with the text that the observer rates the author of")
    dialogue: Path | None = Field(default=None, description="dialogue that the client goes on: JSON, CSV, name: words")
    client: str = Field(default="client", description="who in the dialogue the model speaks for")
    conditioned_on: str = Field(
        default="", description="items that the people were told of, separated by commas; they are not asked"
    )
    language: str = Field(default="", description="language of the wording, as in de; empty: that of the wording")
    wording: str = Field(default="original", description="wording of the instrument")
    temperature: float = Field(default=0.7, ge=0, le=2, description="sampling temperature")
    attempts: int = Field(default=1, ge=1, le=100, description="calls made at most until every item has an answer")
    prompt: FileText = Field(default="", description="file with a template of the prompt, with words such as $items")

    @field_validator("renderer")
    @classmethod
    def _is_known(cls, value: str) -> str:
        if value not in RENDERERS:
            raise ValueError(f"no renderer is called {value!r}; known are {', '.join(RENDERERS)}")
        return value

    def spell(self) -> dict[str, Any]:
        """All settings in JSON; how items are asked only where it is not as usual, so that the record of a run does not
        change when there is more to choose.
        """
        spelled = self.model_dump(mode="json")
        return {
            name: value
            for name, value in spelled.items()
            if name not in _LATER or value != type(self).model_fields[name].default
        }

    @classmethod
    def whose(cls) -> str:
        """Of what study these are, for messages."""
        return "assessment"


_LATER = frozenset(
    {
        "block_size",
        "answering",
        "orders",
        "option_marks",
        "respondent",
        "observed",
        "dialogue",
        "client",
        "conditioned_on",
        "language",
    }
)
