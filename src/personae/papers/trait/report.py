"""The report of the study."""

from __future__ import annotations

from personae.study.report import ReportPlan, Section

PLAN = ReportPlan(
    title="TRAIT: personality from situations in place of self-descriptions",
    question=(
        "A model chooses among four ways to act, two of each pole of a trait. Which pole does it take, and does the "
        "choice depend on how the question is put?"
    ),
    source=(
        "Lee, S., Lim, S., Han, S., Oh, G., Chae, H., Chung, J., Kim, M., Kwak, B., Lee, Y., Lee, D., Yeo, J., & Yu, "
        "Y. (2025). Do LLMs Have Distinct and Consistent Personality? TRAIT: Personality Testset designed for LLMs "
        "with Psychometrics. Findings of NAACL. arXiv:2406.14703."
    ),
    sections=(
        Section(
            "Scores without a persona",
            ("score", "probability"),
            text=(
                "Share of items whose most probable option is of the high pole, over both orders; and the mean "
                "probability of that pole, which does not jump at one half."
            ),
        ),
        Section("Scores in the other templates", ("score_in_template_2", "score_in_template_3"), has_chart=False),
        Section(
            "Does the choice depend on how it is asked?",
            ("sensitivity", "refusals", "first_tokens", "flattening"),
            kind="validity",
            text=(
                "Items whose decision changes with the template, the order of options, or a paraphrase. "
                "flattening: decisions that change if probabilities are exponentiated once more, as published for GPT."
            ),
        ),
        Section("What a persona elicits", ("elicited", "steered")),
        Section(
            "Construction of new items",
            ("built",),
            kind="exploratory",
            text="Descriptions that became an item, and what was rejected at which stage.",
            has_chart=False,
        ),
    ),
    methods=(
        "Each item in three templates, each asked with options high, low, high, low and with both pairs swapped; "
        "probabilities of first tokens, normalised over the four marks and averaged over the two orders.",
        "16 personas of one trait and level, in our words. The situations are ours unless a file was given.",
    ),
    limits=(
        "That two orders of 24 take out every preference for a place: only pairs are swapped.",
        "That a token that is not among those told has probability 0: it is at most what is left over.",
        "That our 32 situations are the 8,000 published ones.",
    ),
    factors=("condition", "persona", "template", "item"),
)
"""The parts of the report that come from the study."""
