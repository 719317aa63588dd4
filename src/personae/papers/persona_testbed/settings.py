"""The parameters of the study, and its prompts, worded by personae after the published design."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field, FilePath

from personae.papers.settings import FileText, PaperSettings

CHECK_PROMPT = """\
Here is a profile of a person:

$profile

Could this person exist, or do some of the entries contradict each other? Unusual is not contradictory."""

CRITIQUE_PROMPT = """\
You are this person:

$profile

Somebody asked: $request

An assistant answered:

<response>
$answer
</response>

Say in a few sentences what of this answer is against your views and needs, and how it should be changed for you."""

REVISE_PROMPT = """\
Somebody asked: $request

You answered:

<response>
$answer
</response>

This is what the person it is for says about it:

$critique

Write the answer anew so that it suits this person. Keep to about the same length. Write nothing but the answer."""

CHOOSE_PROMPT = """\
${who}Somebody asked: $request

Answer A:
$a

Answer B:
$b

$how"""

WHO = "You know this of the person who asked:\n\n$profile\n\n"
JUDGE_WHO = "You are this person, and judge as this person would:\n\n$profile\n\n"
DIRECTLY = "Which answer does the person prefer, A or B?"
REASONED = "Say in one sentence what matters to this person here, then say which answer the person prefers, A or B."


class PluralSettings(PaperSettings):
    """What can be varied; ``-P name=value`` on the command line."""

    paper: ClassVar[str] = "persona_testbed"

    people: int = Field(default=12, ge=3, description="personas")
    each: int = Field(default=3, ge=1, description="requests of each persona")
    samples: int = Field(default=3, ge=1, description="drawn choices of each pair, for pass@k")
    ablations: bool = Field(default=True, description="whether groups of attributes are left out, and shown in pairs")
    temperature: float = Field(default=0.7, ge=0, description="temperature of writers and of drawn choices")
    census: FilePath | None = Field(default=None, description="microdata, such as ACS PUMS, instead of ours")
    weight: str = Field(default="", description="column of the microdata that says how many people a row stands for")
    requests: FilePath | None = Field(default=None, description="file of other requests, a line each, or JSONL")
    humans: FilePath | None = Field(
        default=None, description="CSV of people's choices for a persona: person, request, choice (revised or base)"
    )
    check_prompt: FileText = Field(default=CHECK_PROMPT, description="file of another prompt for the check")
    critique_prompt: FileText = Field(default=CRITIQUE_PROMPT, description="file of another prompt for the critique")
    revise_prompt: FileText = Field(default=REVISE_PROMPT, description="file of another prompt for the revision")


FULL = {"people": "1586", "each": "200"}
"""1,586 personas with 200 requests each, which needs a file of at least 200 requests (the paper has 3,868)."""
