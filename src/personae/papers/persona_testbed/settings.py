"""The parameters of the study."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field, FilePath

from personae.papers.persona_testbed.prompts import (
    CHECK_PROMPT,
    CRITIC_PROMPT,
    CRITIQUE_PROMPT,
    FILTER_PROMPT,
    REVISE_PROMPT,
)
from personae.papers.settings import FileText, PaperSettings


class PluralSettings(PaperSettings):
    """What can be varied; ``-P name=value`` on the command line."""

    paper: ClassVar[str] = "persona_testbed"

    stage: Literal["pairs", "people"] = Field(
        default="pairs", description="people: make people and sift requests for a later run; pairs: everything else"
    )
    people: int = Field(default=12, ge=3, description="personas")
    each: int = Field(default=3, ge=1, description="requests of each persona")
    answered: int = Field(
        default=1, ge=0, description="requests of each persona for which answers are written and criticised"
    )
    samples: int = Field(default=3, ge=1, description="attempts at each such answer, for pass@k")
    ablations: bool = Field(default=True, description="whether attributes are left out one by one")
    leave_out: str = Field(
        default="demographics,politics,religion,personality,quirks",
        description="groups or single attributes that are left out one by one",
    )
    intersections: FilePath | None = Field(
        default=None, description="JSON of intersections as persona-bench writes them; else sex by age"
    )
    as_packaged: bool = Field(
        default=False, description="whether attempts are also criticised as the package persona-bench does, by mistake"
    )
    temperature: float = Field(default=0.7, ge=0, description="temperature of writers and of attempts")
    tries: int = Field(default=5, ge=1, description="candidates for each place, stage people")
    written: bool = Field(
        default=True, description="whether a model writes what no census asks, stage people; else it is drawn"
    )
    people_file: FilePath | None = Field(
        default=None, description="people of an earlier run, of any persona format, or the published table"
    )
    census: FilePath | None = Field(default=None, description="microdata, such as ACS PUMS, instead of ours")
    weight: str = Field(default="", description="column of the microdata that says how many people a row stands for")
    requests: FilePath | None = Field(
        default=None, description="file of other requests: a line each, JSONL, CSV or Parquet; PRISM is known"
    )
    humans: FilePath | None = Field(
        default=None, description="CSV of people's choices for a persona: person, request, choice, rater"
    )
    check_prompt: FileText = Field(default=CHECK_PROMPT, description="file of another prompt for the check of people")
    filter_prompt: FileText = Field(default=FILTER_PROMPT, description="file of another prompt that sifts requests")
    critique_prompt: FileText = Field(default=CRITIQUE_PROMPT, description="file of another prompt for the critique")
    revise_prompt: FileText = Field(default=REVISE_PROMPT, description="file of another prompt for the revision")
    critic_prompt: FileText = Field(default=CRITIC_PROMPT, description="file of another prompt for the two critics")


FULL = {"people": "1586", "each": "200", "samples": "16"}
"""1,586 personas with 200 requests each, which needs a file of at least 200 requests (the paper has 3,868)."""
