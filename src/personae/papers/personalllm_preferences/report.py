"""The report of the study."""

from __future__ import annotations

from personae.study.report import ReportPlan, Section

PLAN = ReportPlan(
    title="PersonalLLM: can a model please a user whom it knows by a few ratings?",
    question=(
        "Users are weightings of scorers. A model writes answers for new users, with no examples, with some that the "
        "user has rated, and with those of users like them. How much better do they like them, and how far is the "
        "best of eight answers ahead?"
    ),
    source=(
        "Zollo, T. P., Siah, A. W. T., Ye, N., Li, A., & Namkoong, H. (2025). PersonalLLM: Tailoring LLMs to "
        "individual preferences. ICLR 2025. arXiv:2409.20296."
    ),
    sections=(
        Section(
            "What examples gain",
            ("gain",),
            text="Reward of the same user's answers with examples, less that without; users are the units.",
        ),
        Section(
            "Rewards", ("score", "scored", "gap"), text="Standardised on the answers of the bank; 0 is its mean answer."
        ),
        Section(
            "Wins against the reference and the best of eight",
            ("win_reference", "win_best", "scored_win_reference", "scored_win_best"),
        ),
        Section("Showing what won, and what lost", ("winning_beats_losing",), has_chart=False),
        Section(
            "How different users are",
            ("more_diverse", "spread", "self_agreement", "entropy", "agreement", "top"),
            text=(
                "Of each question, which answer people like best: simulated users by alpha, people whom the model "
                "plays (personas), and as many simulated users on the same questions (matched). Entropy grows with the "
                "number of people, so that only personas and matched can be compared. Who chooses at random differs "
                "from everybody, and from themselves: spread is agreement with oneself less that with others."
            ),
        ),
        Section("Opinions of real people", ("representativeness",), kind="validity"),
        Section("Control: does likeness matter?", ("likeness",), kind="control"),
        Section(
            "Published runs that were done again",
            ("again",),
            kind="validity",
            has_chart=False,
            text="Later runs of the same settings and seed that gave another result, less the first one.",
        ),
        Section(
            "The published base of users and questions",
            ("users", "rated", "concerns", "first_better", "questions", "answers", "scorers", "scales"),
            kind="exploratory",
            has_chart=False,
        ),
        Section("What could be read", ("read", "first_place"), kind="validity", has_chart=False),
    ),
    methods=(
        "A user's reward of an answer is the weighted sum of ten scores, each standardised on the answers that "
        "histories are made of; weights are drawn from a symmetric Dirichlet distribution.",
        "Without a table, scorers are ten plain measures of style and answers are made by rule: a rehearsal.",
        "Similar users are those whose favourite answers are worded alike (hashed words and letters); strangers are "
        "the control. Examples are the rated questions worded most like the new one.",
    ),
    limits=(
        "That real people would like these answers: a user here is a weighting of scorers.",
        "That the plain measures stand for quality, or that answers by rule stand for models.",
    ),
    factors=("condition", "shots", "shown", "person", "question"),
)
