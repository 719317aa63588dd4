"""The report of the study."""

from __future__ import annotations

from personae.study.report import ReportPlan, Section

PLAN = ReportPlan(
    title="Stable values: what stays the same whoever the model plays?",
    question=(
        "A model plays many random people and answers a values and a morals questionnaire as each of them. Which "
        "values come out on top whoever is played, and how many people does it take to see that?"
    ),
    source=(
        "Lee, B. W., Lee, Y., & Cho, H. (2025). Language models show stable value orientations across diverse "
        "role-plays. arXiv:2408.09049."
    ),
    sections=(
        Section(
            "Value priorities over all people",
            ("score",),
            text=(
                "Mean answer to the items of a dimension minus the mean answer to all items. As published with sets of "
                "people as units, corrected with people as units, each centred on their own answers."
            ),
        ),
        Section(
            "The same order whoever is played",
            ("rank", "top_two", "bottom_two", "own"),
            text=(
                "Rank correlations of dimensions between sets of people, with and without a persona, and of each "
                "person with all others. Bounds of the first are the lowest and the highest pair of sets."
            ),
        ),
        Section(
            "How many people it takes",
            ("variance", "fall"),
            text=(
                "Variance of scores between sets of people as the sets grow. Smaller sets are parts of the larger "
                "ones, so the points are not independent of each other."
            ),
        ),
        Section("Agreement with published scores", ("stored",), kind="validity", has_chart=False),
        Section(
            "Reliability and what could be read",
            ("alpha", "read"),
            kind="validity",
            text="Items of one dimension over people; two or three items make a short scale.",
            has_chart=False,
        ),
        Section("Control: no persona", ("base",), kind="control"),
    ),
    methods=(
        "People: sex, age, origin, residence, income, marital status, children, education, employment, occupation, "
        "ethnicity and religion, drawn independently and evenly, in one paragraph in the second person.",
        "Questionnaires: the 57 items of the PVQ-RR and the 30 scored items of the MFQ-30, an item a call, options by "
        "letters; the reply is read by rules, and by a judge where these fail.",
        "The prompts are worded by personae after the published design; the published wording can be given as files.",
    ),
    limits=(
        "That these people exist: facts were drawn independently of each other.",
        "That the model holds values: an answer in a role-play is what the model thinks such a person would say.",
        "That a model without roles would rank alike: see the control.",
    ),
    factors=("condition", "set", "person", "repeat"),
)
