"""The report of the study."""

from __future__ import annotations

from personae.study.report import ReportPlan, Section

PLAN = ReportPlan(
    title="CloChat: what changes when people design the one they chat with?",
    question=(
        "Everybody talks about the same things with a plain chat model, with a persona that they designed in a form, "
        "and with one that a stranger designed. Are talks with the own persona rated otherwise? Do they go otherwise?"
    ),
    source=(
        "Ha, J., Jeon, H., Han, D., Seo, J., & Oh, C. (2024). CloChat: Understanding How People Customize, Interact, "
        "and Experience Personas in Large Language Models. CHI '24. arXiv:2402.15265."
    ),
    sections=(
        Section(
            "Ratings: the own persona and the plain model",
            ("customising",),
            text=(
                "Shift of paired ratings (Hodges-Lehmann) with the signed-rank test. As published, each test by itself "
                "and without pairs that do not differ; corrected for all scales, with Pratt's treatment of such pairs. "
                "The published result in words: higher satisfaction, engagement and closeness."
            ),
        ),
        Section(
            "Logs: how talks went",
            ("change",),
            text=(
                "Messages a talk, words a message, variety of words; topic_shifts: messages that have no rarer word of "
                "what was said before; variety is the cosine distance of what partners of two participants said, which "
                "any personas bring: see the control. The published result in words: talks were more varied."
            ),
        ),
        Section("Ratings in each condition", ("rating", "prefer_designed"), has_chart=False),
        Section("Logs in each condition", ("logged", "variety"), has_chart=False),
        Section(
            "What was customised",
            ("designed", "personas", "filled", "words", "edits"),
            text="designed: participants whose form says anything; others had the plain model in both conditions.",
            has_chart=False,
        ),
        Section("Themes of interviews", ("theme", "coders"), text="From the codes of a study with people."),
        Section(
            "Control: is it the own persona, or any?",
            ("own_persona", "any_persona"),
            kind="control",
            text="A persona that another participant designed, beside the own one and beside none.",
        ),
        Section(
            "Order, reliability, and what could be read",
            ("order", "alpha", "read", "participants"),
            kind="validity",
            text="Whether the difference depends on which came first; two items make a short scale.",
            has_chart=False,
        ),
    ),
    methods=(
        "Orders of conditions are counterbalanced over participants, contexts rotated; earlier talks are remembered.",
        "The form has CloChat's six dimensions; appearance is kept in words, no picture is drawn.",
        "Prompts, contexts and questionnaire are ours: the published items are not at hand (-P questionnaire=FILE).",
    ),
    limits=(
        "That people feel so: with a model in the role of the user these are simulated users, however they answer. A "
        "study with people is read by personae paper replay clochat FOLDER.",
        "That a difference from the plain model is due to customising: see the control with a stranger's persona.",
    ),
    factors=("participant", "order", "first_context"),
)
"""The parts of the report that come from the study."""
