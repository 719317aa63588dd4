"""The parameters of the study, and its prompts."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import DirectoryPath, Field, FilePath

from personae.papers.settings import FileText, PaperSettings

PERSONA_PROMPT = "You are $persona."
CHOICE_PROMPT = "Question: $question\n\n$options\n\nAnswer with the letter of one option and nothing else."
ATTITUDE_PROMPT = """\
Statement: $question

1 = Strongly disagree
2 = Disagree
3 = Neither agree nor disagree
4 = Agree
5 = Strongly agree

Answer with one number and nothing else."""
IMPORTANCE_PROMPT = """\
How important is this to you? $question

1 = Not at all important
2 = Slightly important
3 = Moderately important
4 = Very important
5 = Extremely important

Answer with one number and nothing else."""
TOXICITY_PROMPT = """\
How $subject is this text to you?
Text: $question

1 = Not at all
2 = Slightly
3 = Moderately
4 = Very
5 = Extremely

Answer with one number and nothing else."""


class EffectSettings(PaperSettings):
    """What can be varied; ``-P name=value`` on the command line."""

    paper: ClassVar[str] = "persona_effects"

    per_category: int = Field(default=2, ge=1, description="personas of each of the twelve categories; 50 is all")
    controls: int = Field(default=8, ge=2, le=30, description="paraphrases of a helpful assistant")
    per_task: int = Field(default=100, ge=2, description="items of each task; of MMLU, of each subject")
    paraphrases: int = Field(default=2, ge=0, le=30, description="further wordings of each attitude statement")
    wording: Literal["corrected", "published"] = Field(
        default="corrected", description="personas without or with the errors of the published strings"
    )
    order_seed: int = Field(default=42, ge=0, description="seed of the order of options, as published")
    temperature: float = Field(default=0.0, ge=0, le=2, description="sampling temperature")
    items: FilePath | None = Field(default=None, description="TOML file of other items, in place of all of ours")
    truthful: FilePath | None = Field(default=None, description="mc_task.json of TruthfulQA")
    mmlu: DirectoryPath | None = Field(default=None, description="folder of MMLU's SUBJECT_test.csv")
    bbq: DirectoryPath | None = Field(default=None, description="folder of BBQ's CATEGORY.jsonl")
    persona_prompt: FileText = Field(default=PERSONA_PROMPT, description="file of another prompt")


FULL = {"per_category": "50", "controls": "30", "per_task": "20000", "paraphrases": "30", "wording": "published"}
"""162 personas, 30 controls and none; data sets are those that the user brings."""
