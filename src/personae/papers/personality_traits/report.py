"""The report of the study."""

from __future__ import annotations

from personae.study.report import ReportPlan, Section

PLAN = ReportPlan(
    title="Personality traits in language models: reliable, valid, shaped?",
    question=(
        "Respondents are made of descriptions and of ways of asking. Do the items of a scale hang together, do two "
        "inventories agree, do other scales go with them as they do in people, and do scores go where words send them?"
    ),
    source=(
        "Serapio-García, G., Safdari, M., Crepy, C., Sun, L., Fitz, S., Romero, P., Abdulhai, M., Faust, A., & "
        "Matarić, M. (2025). Personality traits in large language models. arXiv:2307.00184."
    ),
    sections=(
        Section(
            "Convergent and discriminant validity",
            ("convergent", "discriminant"),
            text=(
                "Convergent: correlation of the two inventories on one trait. Discriminant: that minus the mean size "
                "of correlations with other traits on the other inventory; .40 is asked for. As published every "
                "respondent is a unit; corrected, a biography is, as 25 respondents share one."
            ),
        ),
        Section("Criterion validity", ("criterion",), text="Correlation of a trait with what goes with it in people."),
        Section("Traits that are told apart", ("campbell_fiske", "htmt"), has_chart=False),
        Section(
            "Shaping one trait at nine levels",
            ("curve",),
            text="Mean score of the trait on the IPIP-NEO at each level that was asked for.",
            chart="curves",
        ),
        Section(
            "Shape of the response",
            ("shape_rho", "shape_slope", "shape_monotone", "shape_reach", "shape_ceiling"),
            text="Rank correlation, slope, how much a rising curve explains, reach, and how often the top is reached.",
            has_chart=False,
        ),
        Section(
            "Carried to the other inventory, spilled on other traits",
            ("transfer", "spill"),
            text="Rank correlations over levels. Nothing should spill.",
            has_chart=False,
        ),
        Section(
            "Shaping five traits at once",
            ("apart", "crosstalk"),
            text="High minus low, over 32 profiles: on the trait's own scale, and on the others', where 0 is wanted.",
            has_chart=False,
        ),
        Section("Texts show what answers show", ("text",), text="Correlation of traits read from texts with scores."),
        Section(
            "Reliability",
            ("alpha", "lambda6", "omega"),
            kind="validity",
            text="Over respondents of the validity part. .70 is acceptable; constant answers have none.",
            has_chart=False,
        ),
        Section("What could be read", ("read",), kind="validity", has_chart=False),
    ),
    methods=(
        "Respondents: a biography, an item instruction and an item postamble; every item is a call of its own.",
        "Instruments: the IPIP-NEO (120 items, or 300 at full size), BFI-44, nine values of the PVQ-RR as "
        "achievement, conformity and security; PANAS, BPAQ and SSCS where the user brings them.",
        "Shaping: markers of a trait under one of nine qualifiers before the biography; one trait at a time, or all "
        "five at the lowest or the highest level.",
        "Texts: status updates of each shaped respondent, read by a judge or by word categories. The authors used a "
        "service that was trained on people's posts and is closed.",
    ),
    limits=(
        "That shaping by words that an inventory's items use shows more than reading: see what is carried over.",
        "That scores from texts are those of a scorer that was trained on people.",
    ),
    factors=("part", "biography", "trait", "level", "profile"),
)
