"""The report of the study."""

from __future__ import annotations

from personae.study.report import ReportPlan, Section

PLAN = ReportPlan(
    title="PsyCoT: a questionnaire about the author as a chain of thought",
    question=(
        "Does a model tell the personality of an author better when it first rates the statements of a questionnaire "
        "about "
        "them, one a turn with its earlier ratings before it, than when it is asked at once?"
    ),
    source=(
        "Yang, T., Shi, T., Wan, F., Quan, X., Wang, Q., Wu, B., & Wu, J. (2023). PsyCoT: Psychological "
        "questionnaire as "
        "powerful chain-of-thought for personality detection. Findings of EMNLP 2023. arXiv:2310.20256."
    ),
    sections=(
        Section("Gain over other prompts", ("gain",), text="The same texts; F1 in points, resampled by author."),
        Section("Macro-F1", ("f1",), text="A choice that could not be read is wrong."),
        Section("Accuracy", ("accuracy",), has_chart=False),
        Section("Choices that change", ("changed", "robust"), kind="validity"),
        Section(
            "Ratings",
            ("ratings", "follows"),
            kind="validity",
            text="Correlation of the questionnaire's score with the label, and how often the choice follows the score.",
        ),
        Section("Floor and what could be read", ("floor", "read"), kind="control", has_chart=False),
    ),
    methods=(
        "An observer reads the text once, rates third-person statements in turns of one conversation, and chooses "
        "last.",
        "Essays: BFI-44 items of the trait. Kaggle: OEJTS pairs as A, B or C (not sure); the published items are not "
        "open.",
        "The introduction names the reversed statements by their real key; `introduction=as_published` repeats the "
        "published "
        "slip for extraversion.",
        "Texts are cut to 3,200 tokens at four characters each, which is not the tokenizer of any model.",
        "Prompts are worded by personae; what the baselines TaskCoT and TrueT say in detail is our reading of their "
        "names.",
    ),
    limits=(
        "That labels are true: they come from self-reports or from what authors call themselves.",
        "Where texts were simulated: that people write so. Their traits were planted, and the truth is known for "
        "that reason.",
    ),
    factors=("target", "method", "condition", "author"),
)
