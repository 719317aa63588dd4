"""The report of the study."""

from __future__ import annotations

from personae.study.report import ReportPlan, Section

PLAN = ReportPlan(
    title="Personality alignment: how near does a model come to one person's answers?",
    question=(
        "A model is told how one person answered some items of an inventory. How near does it come to that person's "
        "answers to the others, and nearer than predictions that need no model?"
    ),
    source=(
        "Zhu, M., Weng, Y., Yang, L., & Zhang, Y. (2025). Personality alignment of large language models. ICLR. "
        "arXiv:2408.11779."
    ),
    sections=(
        Section(
            "Distance from the person's answers",
            ("mae",),
            text=(
                "Mean absolute difference, summed over five domains; lower is better. Predictions without a model "
                "stand beside every prompt. As published, stored answers are read as raw ones; corrected, raw answers "
                "are compared with raw ones."
            ),
        ),
        Section(
            "Against the person's own domain means",
            ("beyond",),
            text="Paired over people. Above 0 the model does worse than five numbers that the told items give.",
        ),
        Section("By domain", ("distance",), has_chart=False),
        Section(
            "The records",
            ("alpha", "alpha_turned_again", "keys", "halves", "answered"),
            kind="validity",
            text=(
                "Answers that are stored turned by their key have high alphas and agree across keys; turned once more "
                "they have neither."
            ),
        ),
    ),
    methods=(
        "People: chosen as the nearest distinct neighbours of k-means centres of standardised answers.",
        "Told: the answers to items of the IPIP-NEO-120 (of the shorter form, half of each facet), as pairs of "
        "statement and option in the system message, or as a description that a model wrote from them. Predicted: all "
        "others, one a call, options A (very accurate) to E. That no told item is scored is enforced.",
        "The best prompt of each person is chosen twice: on the scored items themselves, as published for the "
        "strength of steering, and on told items that were kept back.",
    ),
    limits=(
        "What steering of activations gains: this study tells a model about people and does not reach into it.",
        "That drawn people are people: without records, answers come from five independent traits and noise.",
    ),
    factors=("condition", "person"),
)
