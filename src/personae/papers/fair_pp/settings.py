"""The parameters of the study."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field, FilePath

from personae.papers.settings import FileText, PaperSettings

ASK_PROMPT = """\
$question
A. $a
B. $b$c

Answer with the letter of one of them and nothing else."""

REWORD_PROMPT = """\
Write a question about what is fair to a group of people, with two answers that reasonable people may hold.
Group: $group. Topic: $topic, $problem. Answer A stands for $first, answer B for $second.
Both answers have to be about as long, and neither may be the obvious one.
Answer with one JSON object with the keys question, a, b."""

SCENE_PROMPT = """\
A question about what is fair has two answers.
$question
A. $a
B. $b

Write a scene of three to five sentences for each of them. A named person with an age and an occupation receives what
the question is about, for the reason that the answer gives, and one sentence says how they feel. Neither scene may say
which answer it belongs to, and both have to be about as long.
Answer with one JSON object with the keys a and b."""

SCENE_QUESTION = "Which of these two do you find fairer?"

Wording = Literal["rule", "reworded", "scenes"]


class FairSettings(PaperSettings):
    """What can be varied; ``-P name=value`` on the command line."""

    paper: ClassVar[str] = "fair_pp"

    questions: int = Field(default=490, ge=5, description="questions that are put, spread over problems and dimensions")
    data: FilePath | None = Field(default=None, description="questions in the published layout; else ours, by rule")
    wording: Wording = Field(
        default="rule", description="as they are; reworded by the writer; or scenes by the writer, one for each answer"
    )
    third: bool = Field(default=False, description="whether 'C. N/A' is offered, as in the published questions")
    portraits: FilePath | None = Field(
        default=None, description="TOML file with a portrait for each of the seven; else ours"
    )
    regions: bool = Field(default=False, description="whether five models, one of each region, are positioned")
    target: int = Field(default=6, ge=1, le=7, description="segment that preferences are aligned with, 1 to 7")
    alpha: float = Field(default=1.0, ge=0, description="exponent of a tier's number")
    beta: float = Field(default=1.0, ge=0, description="exponent of a tier's size")
    test_share: float = Field(
        default=0.3, gt=0, lt=1, description="share of the cells of group and problem kept for tests"
    )
    temperature: float = Field(default=1.0, ge=0, description="temperature of whoever answers")
    prompt: FileText = Field(default=ASK_PROMPT, description="file of another prompt")


FULL = {"questions": "34089"}
"""238,623 records are 34,089 questions answered by seven; with ``-P data=``. By rule there are 28,420."""
