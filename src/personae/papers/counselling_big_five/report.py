"""The report of the study."""

from __future__ import annotations

from personae.study.report import ReportPlan, Section

PLAN = ReportPlan(
    title="Big Five from counselling dialogues",
    question="Does a model that answers a questionnaire in the client's place predict what the client reports?",
    source=(
        "Yan, Y., Ma, L., Li, A., Ma, J., & Lan, Z. (2024). Predicting the Big Five personality traits in Chinese "
        "counselling dialogues using large language models. arXiv:2406.17287."
    ),
    sections=(
        Section("Validity over traits", ("mean_r",), text="Mean of r over the five traits."),
        Section("Validity of each trait", ("r",), text="Clients are the units; as published, sessions."),
        Section("Single sessions", ("r_session",), has_chart=False),
        Section("Distance from the self-report", ("mae",), has_chart=False),
        Section("Reliability of the prediction", ("alpha",), kind="validity", has_chart=False),
        Section(
            "Reading",
            ("read", "first_digit_errs"),
            kind="validity",
            text="How often the first digit of a reply is not its answer.",
            has_chart=False,
        ),
    ),
    methods=(
        "Roles are reversed: the client's words are the assistant's, the counsellor's the user's; then one item a "
        "call.",
        "Ablations: in the counsellor's place, as an observer of the transcript, without having heard the session; "
        "and a "
        "direct rating of each trait instead of a questionnaire.",
        "As published, the first digit of a reply counts and reversed items are not turned; corrected, neither.",
        "Prompts are worded by personae, in English; the published study is in Chinese and uses the BFI-2.",
    ),
    limits=(
        "That a prediction may be told to anybody: sessions are confidential, and consent does not follow from access.",
        "Where sessions were simulated: anything about clients.",
    ),
    factors=("role", "task", "client", "session"),
)
