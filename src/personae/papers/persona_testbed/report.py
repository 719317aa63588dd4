"""The report of the study."""

from __future__ import annotations

from personae.study.report import ReportPlan, Section

PLAN = ReportPlan(
    title="PERSONA: can a model tell what each of many people prefers?",
    question=(
        "An answer is revised after the critique of a person. Does the person prefer the revision, and can a model "
        "tell from what it is told of the person?"
    ),
    source=(
        "Castricato, L. et al. (2024). PERSONA: A Reproducible Testbed for Pluralistic Alignment. arXiv:2407.17387."
    ),
    sections=(
        Section("Which answer was made for this person?", ("accuracy", "kappa"), text="Chance is one half."),
        Section(
            "What it is told",
            ("full_minus_none", "full_minus_other", "reasoned_minus_full"),
            text="Differences of accuracy over people.",
        ),
        Section("Which attributes matter", ("relevance",), text="Accuracy with all attributes minus that without one."),
        Section("One of k", ("pass_at",)),
        Section(
            "Controls",
            ("accuracy.other", "accuracy.longest", "unchanged"),
            kind="control",
            text="Another person's profile, and the longer answer whoever asks.",
            has_chart=False,
        ),
        Section("Order of the answers", ("order",), kind="validity"),
        Section("People in the persona's place", ("people_agree", "people_kappa"), kind="validity", has_chart=False),
        Section(
            "Size", ("people", "pairs", "consistent", "refused_by_rules", "margin"), kind="validity", has_chart=False
        ),
    ),
    methods=(
        "People: rows of a census by their weights with politics, religion, Big Five, quirks and ways of life drawn "
        "given them; whom rules or a judge find contradictory are left out.",
        "Pairs: a base answer, a critique by the person, a revision. Every choice is put in both orders.",
        "Requests, prompts and the census-like shares are ours; files of yours take their place.",
    ),
    limits=(
        "That real people of such attributes would choose alike.",
        "That a preferred answer is a good one: it agrees with its reader.",
    ),
    factors=("arm", "person", "request", "part"),
)
