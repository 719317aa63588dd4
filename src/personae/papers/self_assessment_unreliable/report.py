"""The report of the study."""

from __future__ import annotations

from personae.study.report import ReportPlan, Section

PLAN = ReportPlan(
    title="Are self-assessment tests of language models reliable?",
    question=(
        "The same items under three equivalent prompts, and with the options turned: does the model get the same "
        "scores?"
    ),
    source=(
        "Gupta, A., Song, X., & Anumanchipalli, G. (2023). Self-assessment tests are unreliable measures of LLM "
        "personality. arXiv:2309.08163."
    ),
    sections=(
        Section("How many comparisons differ", ("significant",), text="At .05, alone and after correction."),
        Section("Equivalent prompts", ("template",), text="First minus second, item by item.", has_chart=False),
        Section("Options turned", ("order",), text="Descending minus ascending, item by item.", has_chart=False),
        Section("Trait means", ("mean",), has_chart=False),
        Section(
            "Answers that change",
            ("changed", "floor"),
            kind="validity",
            text="Share of items with another answer. The floor is the share when nothing but the draw changes.",
        ),
        Section("Refusals and what could be read", ("refused", "read"), kind="validity", has_chart=False),
    ),
    methods=(
        "An item a call; the options are turned with their marks bound anew, and answers are scored by their words.",
        "As published, item scores are compared as of different respondents; corrected, each item is its own pair, "
        "with "
        "Holm over all comparisons of a kind. A refusal is missing and never the middle of the scale.",
        "The three prompts are worded by personae after the published designs; the published wordings can be given.",
    ),
    limits=(
        "That a score which does not move is right: a model may be wrong the same way under every prompt.",
        "That items are a random sample: they are all there are in the form.",
    ),
    factors=("template", "order", "repeat"),
)
