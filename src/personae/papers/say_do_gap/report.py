"""The report of the study."""

from __future__ import annotations

from personae.study.report import ReportPlan, Section

PLAN = ReportPlan(
    title="Say and do: does a model act in a scene as it says that it is?",
    question=(
        "Every statement about oneself has a scene that mirrors it. Somebody who means what they say answers both "
        "alike. How far does a model?"
    ),
    source=(
        "Ai, Y., He, Z., Zhang, Z., Zhu, W., Hao, H., Yu, K., Chen, L., & Wang, R. (2024). Is Cognition and Action "
        "Consistent or Not: Investigating Large Language Model's Personality. arXiv:2402.14679."
    ),
    sections=(
        Section(
            "What is said and what is done",
            ("congruence",),
            text=(
                "Cosine and rank correlation over pairs, mean distance of values, share of consistent pairs. As "
                "published over steady respondents, with raw values; corrected over all, about the middle of the scale."
            ),
        ),
        Section(
            "Beyond chance",
            ("beyond_chance", "gap_to_people"),
            text="Less what the same answers have if scenes are dealt to the wrong statements; less people, if given.",
        ),
        Section(
            "Baselines",
            ("baseline",),
            kind="control",
            text="Scenes dealt at random, and every scene answered by the middle: the raw cosine is high for both.",
        ),
        Section("Respondents: the trait said and the trait done", ("trait",)),
        Section(
            "Steadiness and keying",
            ("steady", "repeats", "counter_keyed"),
            kind="validity",
            text="Repeats of the same questions, and whether counter-keyed pairs are less consistent.",
            has_chart=False,
        ),
    ),
    methods=(
        "A statement or a scene a call, seven steps each; which act of a scene is A is drawn, half and half.",
        "The published 180 bilingual pairs are not public: ours, 35 pairs on the Big Five, are ours by label.",
    ),
    limits=(
        "That a scene in words is an action: it is a statement about one.",
        "That a figure made with our pairs is one of the published set.",
    ),
    factors=("person", "repeat"),
)
"""The parts of the report that come from the study."""
