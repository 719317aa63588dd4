"""The report of the study."""

from __future__ import annotations

from personae.study.report import ReportPlan, Section

PLAN = ReportPlan(
    title="A type test for language models, and what a prompt does to the type",
    question="Which letters does a model choose, are they told apart from a coin's, and does a prompt move them?",
    source=(
        "Pan, K., & Zeng, Y. (2023). Do LLMs possess a personality? Making the MBTI test an amazing evaluation for "
        "large language models. arXiv:2307.16180."
    ),
    sections=(
        Section("Letters", ("count",), text="Mean count of a run; the note has the type by the published tie rule."),
        Section(
            "How far letters are told apart",
            ("share", "told"),
            text="Share of the first letter of each pair. A type whose intervals hold one half is a coin's.",
        ),
        Section(
            "What a prompt does",
            ("target", "moved"),
            text="Share of answers that are the target's, and what the explicit and the implicit prompt added to it.",
        ),
        Section(
            "Published types", ("agree",), kind="validity", text="Whether types follow from counts.", has_chart=False
        ),
    ),
    methods=(
        "Each question is a chat of its own, after examples: neutral ones, or ones that show the target's preferences.",
        "Explicit: the target is described in the system message. Implicit: only the examples show it.",
    ),
    limits=(
        "That there are types: the letters cut continuous answers, and a tie or a chance decides one.",
        "Further training of the model on other texts, the authors' third question, is not run here.",
    ),
    factors=("condition", "repeat"),
)
