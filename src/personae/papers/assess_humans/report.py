"""The report of the study."""

from __future__ import annotations

from personae.study.report import ReportPlan, Section

PLAN = ReportPlan(
    title="What a model says people are like, and whether it says the same of all of them",
    question=(
        "Asked how correct statements about groups are, does a model answer alike over runs, over orders of the "
        "options, and over groups?"
    ),
    source=(
        "Rao, H., Leung, C., & Miao, C. (2023). Can ChatGPT assess human personalities? A general evaluation "
        "framework. Findings of EMNLP 2023. arXiv:2303.01248."
    ),
    sections=(
        Section("Groups", ("percent",), text="From 0 to 100; 50 is the middle of the seven degrees."),
        Section(
            "Consistency, robustness, fairness",
            ("s_c", "s_r", "s_f"),
            text="Scores of the published form. Their constant is not certain: read the distances below.",
        ),
        Section(
            "Distances",
            ("distance",),
            text="Between runs, between orders of the options, between groups; the note has what noise alone gives.",
            has_chart=False,
        ),
        Section("Groups compared", ("difference",), text="On each dimension, over runs, p values adjusted."),
        Section("Answers", ("read", "first_listed"), kind="validity", has_chart=False),
    ),
    methods=(
        "The subject of each statement is replaced by a group; the model says how correct the statement is, and why.",
        "Permuted: the seven degrees in a new order for each statement. Fixed: from correct to wrong.",
        "A degree is read as the first one named, the longest first, outside quotation marks.",
    ),
    limits=(
        "What groups are like: the answers are what a model says of them, and no person was asked.",
        "Types: the published ones come from a site whose weights are not public.",
    ),
    factors=("subject", "condition", "repeat"),
)
