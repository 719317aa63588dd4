"""What the report of a survey says."""

from __future__ import annotations

from personae.instrument.survey.questions import Survey
from personae.study.report import ReportPlan, Section

_SECTIONS = (
    Section(
        "Closed questions",
        ("chosen",),
        text="Share of those who were shown a question and answered it; the note names the option.",
    ),
    Section("Numbers", ("number",), text="Mean of those who were shown the question and gave a number."),
    Section("Free answers", ("text",), text="Length in words; the texts themselves are in the table.", has_chart=False),
    Section(
        "Who was shown what",
        ("shown",),
        kind="validity",
        text="Share of respondents who were shown each question. Who was not shown it is skipped, and is not missing.",
        has_chart=False,
    ),
)


def make_plan(survey: Survey) -> ReportPlan:
    """Plan the report on one survey."""
    questions = [one for one in survey.questions if one.kind != "note"]
    return ReportPlan(
        title=f"{survey.title or survey.key}: what these respondents answer",
        question="What do these respondents answer, and which questions did each of them come to?",
        source=survey.source,
        sections=_SECTIONS,
        methods=(
            f"Survey: {len(questions)} questions in {len(survey.blocks)} blocks, "
            f"{sum(bool(one.show_if) for one in questions)} of them shown under a condition.",
            "Respondents: each persona is the system message; nothing is said where there is none.",
            "An answer that cannot be read is missing and is never replaced; conditions on it do not hold.",
        ),
        limits=("That people would answer so: respondents that a model plays are not people.",),
        factors=("called", "repeat"),
    )
