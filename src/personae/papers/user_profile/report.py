"""The report of the study."""

from __future__ import annotations

from personae.study.report import ReportPlan, Section

PLAN = ReportPlan(
    title="User profiles: built from what people write and do, and kept up to date",
    question=(
        "Does a model find what is true of a user, and nothing else? Does an update change what has changed, leave the "
        "rest alone, and take nothing from people or messages that do not speak of the user?"
    ),
    source=(
        "User Profile with Large Language Models: Construction, Updating, and Benchmarking (2025). arXiv:2502.10660."
    ),
    sections=(
        Section(
            "Precision, recall and F1 of pairs",
            ("f1", "precision", "recall", "f1_near", "f1_macro"),
            text=(
                "As published, keys and values as written; corrected, one name a field, one spelling a date or number, "
                "each item of a list by itself. Pooled over users, who are resampled whole."
            ),
        ),
        Section(
            "What an update does",
            ("f1_changed", "modified", "inserted", "stale", "lost", "false_edits", "edits_beside_whole"),
            text=(
                "F1 on pairs that the truth or the answer touches. stale: outdated pairs that are still there; lost: "
                "true pairs that are gone; false edits: new pairs that are not true."
            ),
        ),
        Section("After a chain of updates", ("f1_after_chain",), text="Each update on the model's own profile."),
        Section(
            "What should not get in",
            ("invented", "bait"),
            text="Words that nobody said; facts of relatives, guesses of the assistant, system notes, single events.",
        ),
        Section(
            "Labels that a model wrote",
            ("label_f1", "label_dropped", "label_unsaid", "f1_on_labels", "label_advantage"),
            kind="validity",
            text=(
                "The published truth was labelled by a model. How true such labels are here, and how much higher a "
                "profile scores on them than on the truth; with one model in both roles it agrees with itself."
            ),
            has_chart=False,
        ),
        Section(
            "Is it right when it is sure?",
            ("calibration_error", "brier", "discrimination"),
            kind="validity",
            text="Confidence of each fact that was named, beside whether it is true.",
            has_chart=False,
        ),
        Section(
            "Controls",
            ("f1_unchanged_copy", "f1_other_user", "f1_reader"),
            kind="control",
            text=(
                "The old profile copied: what an update that does nothing scores. The profile of another user. A "
                "reader that knows the wording of planted users, which shows that the truth can be found."
            ),
        ),
        Section("Profiles as strings", ("rouge_l", "bleu"), kind="exploratory", has_chart=False),
        Section("What could be read", ("read", "users", "updates", "pairs"), kind="validity", has_chart=False),
    ),
    methods=(
        "Planted users have a biography, then messages and traces of behaviour on known days; the truth is kept as "
        "facts with the time in which they hold. Users of a file are scored by the same code.",
        "Updates are asked for on the true old profile, as whole profiles and as edits, and in a chain on the model's "
        "own.",
        "No model is trained here: -P training=true writes the rows that one can be trained on.",
    ),
    limits=(
        "That the model reads people: sentences of planted users are few and plain. Bring users (-P data=FILE).",
        "That labels are true where a model wrote them: one of the same family has learned the same ways.",
    ),
    factors=("user",),
)
"""The parts of the report that come from the study."""
