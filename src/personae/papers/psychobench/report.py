"""The report of the study."""

from __future__ import annotations

from personae.study.report import ReportPlan, Section

PLAN = ReportPlan(
    title="PsychoBench: how a model answers forms that were made for people",
    question="What scores does a model have on scales of clinical psychology, where do they lie among people, and what "
    "does telling it to be somebody change?",
    source=(
        "Huang, J., Wang, W., Li, E. J., Lam, M. H., Ren, S., Yuan, Y., Jiao, W., Tu, Z., & Lyu, M. R. (2024). On the "
        "humanity of conversational AI: Evaluating the psychological portrayal of LLMs. ICLR 2024. arXiv:2310.01386."
    ),
    sections=(
        Section("Scores", ("score",), text="Mean over runs, as each form prescribes: a mean or a sum of its items."),
        Section(
            "Beside people: distance", ("z",), text="In standard deviations of the people that the norm was taken from."
        ),
        Section(
            "Beside people: tests",
            ("people",),
            text=(
                "Mean of the runs minus that of people. As published, an F test decides between Student's and Welch's "
                "test and 1e-8 is added to the SD; corrected, Welch's test always. Runs are no people: the test asks "
                "whether these runs have another mean."
            ),
            has_chart=False,
        ),
        Section("What a role changes", ("role",), text="Score under the role minus the neutral one; runs are units."),
        Section(
            "Order and repeats",
            ("noise", "shuffled", "read"),
            kind="validity",
            text="Spread of runs within one order of the items, over all orders, and the share of answers read.",
            has_chart=False,
        ),
    ),
    methods=(
        "All items of a form stand in one prompt, at most forty, as a numbered list; first in their printed order, "
        "then shuffled. The same shuffle is used in every role and repeat.",
    ),
    limits=(
        "That a model has what a scale measures in people: neither its factors nor its norms were found in models.",
        "That runs vary as people do: the variance of runs is sampling, that of people is people.",
    ),
    factors=("form", "role", "order", "repeat"),
)
