"""The report of the study."""

from __future__ import annotations

from personae.study.report import ReportPlan, Section

PLAN = ReportPlan(
    title="What personas do to a model: more than a paraphrase does?",
    question="Do scores vary more over personas than over paraphrases of an assistant, and alike for all models?",
    source=(
        "Luz de Araujo, P. H., & Roth, B. (2024). Helpful assistant or fruitful facilitator? Investigating how "
        "personas affect language model behavior. arXiv:2407.02099."
    ),
    sections=(
        Section(
            "Spread of personas and controls",
            ("sd", "sd_ratio", "more_than_control", "levene", "range"),
            text="The control tells what any change of words does.",
        ),
        Section("Beyond chance", ("excess",), kind="control", text="Less the spread of answers that were shuffled."),
        Section("Scores", ("score", "below_empty", "categories")),
        Section("The same order elsewhere?", ("rank_agreement",), text="Spearman correlations over personas."),
        Section("Bias in stories about people", ("bias", "unknown", "own_group")),
        Section("As annotators of the own group", ("raters",), has_chart=False),
        Section(
            "Replies",
            ("defaulted", "refused", "hedged", "refuses_most"),
            kind="validity",
            has_chart=False,
            text="As published, a reply without an answer counts as the first option.",
        ),
        Section("Each persona against none", ("effect",), kind="exploratory", has_chart=False),
        Section("Every persona", ("persona",), kind="exploratory", has_chart=False, text="The lowest first."),
    ),
    methods=(
        "162 personas of twelve categories, 30 paraphrases of a helpful assistant, and no persona, as system message.",
        "Options of our items and of TruthfulQA are in one order for everybody, drawn by order_seed.",
    ),
    limits=(
        "That a persona's score says anything about such people.",
        "Where items are ours: that figures are comparable to those of TruthfulQA, MMLU or BBQ.",
    ),
    factors=("condition", "persona", "task"),
)
