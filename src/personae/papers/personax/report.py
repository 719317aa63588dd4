"""The report of the study."""

from __future__ import annotations

from personae.study.report import ReportPlan, Section

PLAN = ReportPlan(
    title="Reputed traits of public figures, and what they depend on",
    question="Do traits that models infer depend on occupation, birth, body or face, and do raters agree on them?",
    source=("PersonaX: Multimodal Datasets with LLM-Inferred Behavior Traits (2025). arXiv:2509.11362."),
    sections=(
        Section(
            "How many pairs depend",
            ("dependent", "failed"),
            text="As published p < .05, and a failed test counts; corrected, false discoveries are held at 5 %.",
        ),
        Section(
            "Where nothing can depend",
            ("false_alarms", "shuffled"),
            kind="control",
            text="Attributes that a reputation should not depend on, and all with people shuffled: near .05.",
        ),
        Section(
            "Each rater by itself",
            ("dependent_by_rater", "replicated"),
            text="Replicated: of the pairs that depend for any rater, the share that does for all. Without HSIC.",
        ),
        Section("Do raters agree?", ("agreement",), kind="validity", text="Of one rater (a1), of their mean (ak)."),
        Section("People", ("people", "level"), has_chart=False),
        Section(
            "Published p values",
            ("published_dependent", "published_zero", "published_false_alarms"),
            text="Of the authors' matrices. A p value of exactly 0 is what their loop writes where a test fails.",
        ),
        *(
            Section(f"Every pair: {title}", (f"strength.{test}",), kind="exploratory", chart="heat")
            for test, title in (
                ("kci", "kernel test"),
                ("rcit", "randomised kernel test"),
                ("hsic", "HSIC"),
                ("chi_square", "chi-squared"),
                ("g_square", "G-squared"),
            )
        ),
        Section(
            "Recovery of shared latents",
            ("latents",),
            text="Synthetic data of three modalities with three measurements each; the control sees one measurement.",
        ),
    ),
    methods=(
        "Each model describes a figure with reasons and scores its own description; final scores are means of raters.",
        "Latents are found by generalised canonical correlation of random features. The paper's encoders, neural "
        "networks, are not reproduced.",
    ),
    limits=(
        "That the people are so: these are reputations, as models have read them.",
        "That one thing causes another: dependence has no direction.",
    ),
    factors=("part", "person", "rater"),
)
