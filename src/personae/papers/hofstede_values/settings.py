"""The parameters of the study."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field, FilePath

from personae.papers.settings import FileText, PaperSettings

ADVICE_PROMPT = """\
$persona$question

A. $a
B. $b

Which of the two do you advise me to do? Answer with the letter of one of them and nothing else."""

PERSONA_SENTENCE = "I am from $country. "

TRANSLATION_PROMPT = """\
Translate these three texts into $language, as somebody who grew up with it would say them. Keep their meaning and \
their tone, and add nothing.
question: $question
a: $high
b: $low
frame: $frame"""

FRAME = "Which of the two do you advise me to do? Answer with the letter A or B of one of them and nothing else."


class HofstedeSettings(PaperSettings):
    """What can be varied; ``-P name=value`` on the command line."""

    paper: ClassVar[str] = "hofstede_values"

    countries: int = Field(default=9, ge=2, le=36, description="countries that are asked for, of 36")
    per_dimension: int = Field(default=3, ge=2, description="requests of each of the five dimensions")
    repeats: int = Field(default=1, ge=1, description="times that each request is put in each order")
    languages: bool = Field(default=True, description="whether requests are also put in each country's language")
    temperature: float = Field(default=0.7, ge=0, description="temperature of the adviser")
    requests: FilePath | None = Field(
        default=None, description="TOML file of other requests, such as fifty a dimension"
    )
    scores: FilePath | None = Field(default=None, description="CSV of Hofstede's country scores, in his layout")
    translations: FilePath | None = Field(
        default=None, description="JSON of translations by language and request, instead of the role translator"
    )
    prompt: FileText = Field(default=ADVICE_PROMPT, description="file of another prompt")


FULL = {"countries": "36", "per_dimension": "50", "repeats": "5"}
"""36 countries and up to 50 requests a dimension, several times; of ours there are ten a dimension."""
