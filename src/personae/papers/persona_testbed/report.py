"""The report of the study."""

from __future__ import annotations

from personae.study.report import ReportPlan, Section

PLAN = ReportPlan(
    title="PERSONA: can a model tell what each of many people prefers, and answer so?",
    question=(
        "An answer is revised after the critique of a person. Does the person prefer the revision, can a model tell "
        "from what it is told of the person, and do its own answers suit?"
    ),
    source=(
        "Castricato, L. et al. (2024). PERSONA: A Reproducible Testbed for Pluralistic Alignment. arXiv:2407.17387."
    ),
    sections=(
        Section("Which answer was made for this person?", ("accuracy",), text="Chance is one half."),
        Section("What it is told: choices", ("choice",), text="Differences of accuracy over people."),
        Section("Answers that suit", ("suits",), text="Share that two critics let pass as they stand."),
        Section("What it is told: answers", ("answer",), text="Differences over people."),
        Section(
            "Which attributes matter",
            ("relevance",),
            text="With all attributes minus without one group, for choices and for answers.",
        ),
        Section("One of k attempts", ("pass_at", "packaged_pass_at")),
        Section(
            "Groups of people",
            ("intersection", "intersection_gap"),
            text=(
                "The best group minus the worst is above 0 whatever happens; what chance makes of it is in the notes, "
                "and the test lets people change groups."
            ),
        ),
        Section(
            "Controls",
            ("accuracy.other", "accuracy.longest", "unchanged", "quoted"),
            kind="control",
            text="Another person's profile; the longer answer whoever asks; answers that repeat the profile.",
            has_chart=False,
        ),
        Section(
            "Choices of model and judge",
            ("kappa",),
            kind="validity",
            text="One model in both roles agrees with itself, which says nothing; give the judge another one.",
            has_chart=False,
        ),
        Section("Order of the answers", ("order",), kind="validity", has_chart=False),
        Section(
            "People in the persona's place",
            ("humans_agree", "humans_kappa", "humans_alpha"),
            kind="validity",
            has_chart=False,
        ),
        Section(
            "Size",
            (
                "people",
                "requests",
                "pairs",
                "each",
                "repeated",
                "adults",
                "contradictory",
                "unseen",
                "filled",
                "consistent",
                "refused",
                "refused_by_rules",
                "contested",
            ),
            kind="validity",
            has_chart=False,
        ),
        Section(
            "People and the census",
            ("margin", "joint"),
            kind="validity",
            text="Shuffled: the same people with every field dealt out anew, as if fields were drawn one by one.",
            has_chart=False,
        ),
    ),
    methods=(
        "People: rows of a census by their weights with politics, religion, Big Five, quirks and ways of life given "
        "them, drawn or written; whom rules or a judge find contradictory are left out. Without -P census=FILE the "
        "census is SYNTHETIC, with round shares of ours.",
        "Pairs: a base answer, a critique by the person, a revision. Every choice is put in both orders. Crossed: the "
        "revision for the person beside that for another one, of the same base answer.",
        "Answers: by the model under test, discussed by two critics, one for the person and one for help and harm.",
        "Requests and prompts are ours; files of yours take their place.",
    ),
    limits=(
        "That real people of such attributes would choose alike.",
        "That a preferred answer is a good one: it agrees with its reader.",
        "That a model which calls an answer fitting is right; see people in the persona's place.",
    ),
    factors=("arm", "person", "request", "part", "answered"),
)
