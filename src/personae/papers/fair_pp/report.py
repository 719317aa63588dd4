"""The report of the study."""

from __future__ import annotations

from personae.study.report import ReportPlan, Section

PLAN = ReportPlan(
    title="What is fair, by seven segments of a population, and a model aligned with one of them",
    question=(
        "Do people of seven segments, as a model plays them, prefer different things; which of them does a model "
        "without a person resemble; and does weighting what sets one apart align a model with it?"
    ),
    source=(
        "Fair-PP: A Synthetic Dataset for Aligning LLM with Personalized Preferences of Social Equity (2025). "
        "arXiv:2505.11861. Segments: More in Common (2020), Britain's Choice."
    ),
    sections=(
        Section(
            "How far apart are segments, and whom does a model resemble?",
            ("differ",),
            chart="heat",
            text="Share of questions that two answer differently. Rows beside the seven: the same model as nobody, the "
            "positioned model, and that model told to be the target.",
        ),
        Section("The same person asked twice", ("floor",), kind="control", text="The floor of every distance."),
        Section(
            "Distances as published",
            ("js",),
            chart="heat",
            text="Between shares of A, B and no answer over all questions, which is near 0 for some who never agree.",
        ),
        Section(
            "A policy aligned with one segment: is it right?",
            ("accuracy", "accuracy_apart", "gain"),
            text="A policy of hashed words, no language model; role_play is the positioned model told to be the "
            "target. wdpo_shuffled has the same weights on the wrong items; apart are items of tier 4 and more.",
        ),
        Section(
            "How far it is from the target, and from the six others",
            ("to_target", "to_others"),
            text="Near the target is good, far from the others is good.",
        ),
        Section("Tiers and weights", ("tier", "weight"), has_chart=False),
        Section(
            "The population",
            ("population",),
            text="A is the first pole: libertarian, procedural, individual, custom, conscience. Segments alike as "
            "published; by their shares corrected.",
        ),
        Section("Anchors: share for A", ("anchor.a",)),
        Section("Anchors: share for B and of no answer", ("anchor.b", "anchor.none"), has_chart=False),
        Section("Order of the options, and reading", ("order", "read_differently", "answered"), kind="validity"),
        Section("Agreement beyond chance", ("kappa",), kind="exploratory", chart="heat"),
        Section("Sizes", ("records", "questions", "groups", "topics", "dimensions"), has_chart=False),
    ),
    methods=(
        "Each question is put to seven people in both orders and once more, to nobody, and to a positioned model, by "
        "itself and told to be the target.",
        "Portraits are in our words unless a file gives others; shares of the segments are from memory of the survey.",
        "Questions of ours are made by rule of the published taxonomy; published ones are read.",
    ),
    limits=(
        "That people of these segments think so: nobody of them was asked.",
        "That a language model is aligned: the policy here only shows what the weights do.",
    ),
    factors=("question", "problem", "group"),
)
