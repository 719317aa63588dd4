"""The report of the study."""

from __future__ import annotations

from personae.study.report import ReportPlan, Section

PLAN = ReportPlan(
    title="SPeCtrum: which parts of a person make an agent that says true things of itself?",
    question=(
        "An agent gets a person's social identity (S), personal identity (P), life context (C), or several of them, "
        "and answers twenty times who it is. How many of these answers are true of the person, and of nobody else?"
    ),
    source=(
        "Lee, K., Kim, S. H., Lee, S., et al. (2025). SPeCtrum: A grounded framework for multidimensional identity "
        "representation in LLM-based agent. arXiv:2502.08599."
    ),
    sections=(
        Section("Statements that are true of the person", ("accepted",)),
        Section("Statements on the open and on the hidden self", ("open", "hidden"), has_chart=False),
        Section(
            "What each part adds",
            ("effect", "contrast"),
            text="Over all sets of the other parts; people are the units, p values are corrected.",
        ),
        Section(
            "Beside what is published in words",
            ("direction",),
            text=(
                "Published of 45 characters: C makes truer agents than S and than P (1), and about as true ones as all "
                "three (0). Here: the sign of a contrast whose interval leaves 0 out."
            ),
            has_chart=False,
        ),
        Section(
            "Control: are they true of somebody else as well?",
            ("told_apart", "other"),
            kind="control",
            text="Statements that fit everybody are accepted by everybody; what counts is the difference.",
        ),
        Section("Picked from a line-up, and guessed", ("lineup", "guess", "guess_statements")),
        Section(
            "Real people",
            ("raters", "rating", "rating_contrast", "rating_direction"),
            text="Published: eighty people rated agents of themselves, those of all three parts above those of C (1).",
            has_chart=False,
        ),
        Section("Published profiles", ("characters", "files", "whole"), kind="validity", has_chart=False),
        Section("Statements that quote the profile", ("quoted",), kind="validity"),
    ),
    methods=(
        "Scores of a 30-item Big Five form and a 21-item values form become sentences by six bands; a model sums them "
        "up as a therapist would and says it again in everyday words.",
        "The judge answers as the person, from all that is known of them; of a character, from its name and series.",
        "A statement that repeats five words of the profile in a row is a quotation; corrected figures leave it out.",
        "Keys of the forms, bands and degrees are those of the authors' scoring code; items are not shipped.",
        "Prompts and sentences are worded by personae after the published design.",
    ),
    limits=(
        "That real people would recognise themselves: the judge is a model, except in ratings that are read in.",
        "That the judge is independent of the agent where one model plays both.",
        "That drawn people exist: their parts are independent of each other.",
    ),
    factors=("person", "condition"),
)
