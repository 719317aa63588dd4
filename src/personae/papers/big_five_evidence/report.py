"""The report of the study."""

from __future__ import annotations

from personae.study.report import ReportPlan, Section

PLAN = ReportPlan(
    title="Big Five of a language model: profile and stability",
    question=(
        "What profile does a model give over five traits and thirty facets, and does it stay the same when the header "
        "asks for a person, and when the temperature rises?"
    ),
    source=(
        "Sorokovikova, A., Fedorova, N., Rezagholi, S., & Yamshchikov, I. P. (2024). LLMs simulate Big Five "
        "personality "
        "traits: Further evidence. PERSONALIZE 2024. arXiv:2402.01765."
    ),
    sections=(
        Section("Traits", ("mean", "sum"), text="Over all conditions; runs are the units.", has_chart=False),
        Section("Facets", ("facet",)),
        Section("What the header does", ("header",), text="Answer as a person, minus the plain header."),
        Section("What the temperature does", ("temperature",), text="Highest minus lowest temperature."),
        Section(
            "Stability",
            ("sd", "sd_at", "items", "order_of_facets", "shift_of_facets"),
            kind="validity",
            text="SD between runs, agreement of items between runs, order of facets between conditions.",
            has_chart=False,
        ),
        Section("What could be read", ("read",), kind="validity", has_chart=False),
    ),
    methods=(
        "IPIP-NEO-120, an item a call, delimited by backticks, the five levels named; header x temperature x run.",
        "The prompts are worded by personae after the published design; the published wording can be given as files.",
    ),
    limits=(
        "That the model has traits: the scores are what it writes about itself under these prompts.",
        "Comparison with the published profiles: their figures are not in our hands, and none is claimed.",
    ),
    factors=("header", "temperature", "repeat"),
)
