"""The parameters of the study."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field, FilePath

from personae.papers.settings import PaperSettings


class TraitSettings(PaperSettings):
    """What can be varied; ``-P name=value`` on the command line."""

    paper: ClassVar[str] = "trait"

    items: FilePath | None = Field(
        default=None, description="JSON of TRAIT in its public layout, or TOML of situations; else ours"
    )
    per_trait: int = Field(default=4, ge=1, description="items of each trait that are put, the first ones")
    templates: int = Field(default=3, ge=1, le=3, description="templates that items are put in without a persona")
    personas: bool = Field(default=True, description="whether all 16 personas of one trait and level are tried")
    paraphrases: bool = Field(default=True, description="whether paraphrases are put where there are any")
    mode: Literal["auto", "logprobs", "sampling"] = Field(
        default="auto", description="how probabilities of options are found: first tokens, else by drawing replies"
    )
    draws: int = Field(default=10, ge=1, description="replies drawn for each order where first tokens do not serve")
    build: int = Field(default=2, ge=0, description="validated items that the construction pipeline is run on")
    descriptions: int = Field(default=3, ge=1, description="descriptions that each of them is expanded into")


FULL = {"per_trait": "1000", "build": "71", "descriptions": "22"}
"""8,000 items, and about 200 descriptions a trait from 71 validated items."""
