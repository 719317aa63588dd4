"""The parameters of the study."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field, FilePath

from personae.papers.persona_hub.kinds import ITEM_PROMPT, WORLD
from personae.papers.settings import FileText, PaperSettings


class HubSettings(PaperSettings):
    """What can be varied; ``-P name=value`` on the command line."""

    paper: ClassVar[str] = "persona_hub"

    texts: FilePath | None = Field(default=None, description="texts that people are made from; else eight of ours")
    personas: FilePath | None = Field(
        default=None, description="persona file: data is written for them, nobody is made"
    )
    licence: str = Field(default="unknown", description="licence of texts and personas that do not say it themselves")
    most: int = Field(default=4, ge=1, description="texts, or personas of the file, that are used")
    attitudes: str = Field(default="read,write,like,dislike", description="what somebody may do with a text")
    hops: int = Field(default=2, ge=0, description="steps from a person to a relative, to a relative of theirs ...")
    kinds: str = Field(default="math,logic,instruction,knowledge,npc,tool", description="kinds of data; none: nothing")
    forms: str = Field(default="zero_shot,few_shot,persona_few_shot", description="how data is asked for")
    control: int = Field(default=24, ge=0, description="pieces of each kind and form that are written for nobody")
    topic: str = Field(default="", description="what all pieces are to be about, as for finance and probability")
    world: str = Field(default=WORLD, description="the world that characters of a game live in")
    minhash: float = Field(default=0.9, ge=0.5, le=1, description="Jaccard of words from which two people are one")
    cosine: float = Field(default=0.9, gt=0, le=1, description="cosine from which two people are one")
    test_share: float = Field(default=0.2, gt=0, lt=1, description="share of the data that is kept for tests")
    problems: FilePath | None = Field(
        default=None, description="problems with answers: they are solved, and nothing else is done"
    )
    vectors: FilePath | None = Field(
        default=None, description="JSONL of text and vector, of an encoder that knows meaning; else hashed letters"
    )
    checked: FilePath | None = Field(default=None, description="CSV of people's verdicts on maths problems")
    temperature: float = Field(default=1.0, ge=0, description="temperature of the writer")
    item_prompt: FileText = Field(default=ITEM_PROMPT, description="file of another prompt for a piece of data")


FULL = {
    "most": "1000000",
    "hops": "6",
    "kinds": "math",
    "forms": "zero_shot",
    "control": "20000",
    "test_share": "0.0183",
}
"""The maths study: six hops, 1.09 million problems of which 20,000 are held out. Texts are to be brought."""
