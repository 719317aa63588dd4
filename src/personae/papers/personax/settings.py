"""The parameters of the study, and its prompts."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field, FilePath

from personae.papers.settings import FileText, PaperSettings

DESCRIBE_PROMPT = """\
Here is what is publicly known of $name:
$known

Describe $name's character as the public knows it: outgoing or reserved, kind or hard, orderly or careless, calm or \
nervous, curious or conventional. Give a reason for each. Write about 80 words."""

RATE_CONTEXT = "This text describes the public reputation of a person."


class PersonaxSettings(PaperSettings):
    """What can be varied; ``-P name=value`` on the command line."""

    paper: ClassVar[str] = "personax"

    people: int = Field(default=50, ge=10, description="public figures; the first ones of the file, or drawn ones")
    data: FilePath | None = Field(
        default=None, description="CSV or Parquet of public figures: name, text, and any attributes"
    )
    raters: int = Field(
        default=3, ge=1, le=3, description="models that describe and score, in the roles subject, second and third"
    )
    negative: str = Field(
        default="birth_month, birth_day, day_index, day_sin, day_cos",
        description="attributes that no trait can depend on, as negative controls",
    )
    latent_runs: int = Field(default=3, ge=0, description="synthetic data sets for the recovery of latents")
    latent_n: int = Field(default=800, ge=100, description="units of each of them")
    temperature: float = Field(default=0.7, ge=0, le=2, description="temperature of the descriptions")
    describe_prompt: FileText = Field(default=DESCRIBE_PROMPT, description="file of another prompt")


FULL = {"people": "9444", "latent_runs": "20", "latent_n": "5000"}
"""CelebPersona has 9,444 public figures, AthlePersona 4,181 athletes; the user brings them by ``-P data=FILE``."""
