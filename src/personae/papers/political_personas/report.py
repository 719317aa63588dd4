"""The report of the study."""

from __future__ import annotations

from personae.study.report import ReportPlan, Section

PLAN = ReportPlan(
    title="Synthetic personas on the political compass, and what pushes them",
    question="Where does a model put many personas, how far apart are they, and does naming an ideology move them?",
    source=(
        "Bernardelle, P., Fröhling, L., Civelli, S., Lunardi, R., Roitero, K., & Demartini, G. (2024). Mapping and "
        "influencing the political ideology of large language models using synthetic personas. arXiv:2412.14843."
    ),
    sections=(
        Section("Where personas stand", ("centroid",), text="Negative is left, and libertarian."),
        Section("How far apart", ("dispersion", "left_libertarian_quadrant"), text="Mean distance from the centroid."),
        Section("Shifts", ("shift", "asymmetry"), text="The same personas, pushed minus as they are."),
        Section(
            "Effect sizes and tests",
            ("d", "z", "wilcoxon", "normality"),
            text=(
                "As published, z has the error of two independent halves of the personas; corrected, that of the same "
                "personas under two conditions."
            ),
            has_chart=False,
        ),
        Section("Answers read", ("read",), kind="validity", has_chart=False),
    ),
    methods=(
        "Each statement is a chat of its own. A push puts a few words before the persona and changes nothing else.",
        "Positions are weighted sums of answers. A persona with a statement that was not answered has no position.",
    ),
    limits=(
        "That positions are those of the proprietary compass: the default has the statements and weights of 8values.",
        "That people of these descriptions stand there: a model was asked, not people.",
    ),
    factors=("condition", "person"),
)
