"""The report of the study."""

from __future__ import annotations

from personae.study.report import ReportPlan, Section

PLAN = ReportPlan(
    title="Reliability of a psychological scale: one questionnaire, thousands of ways to put it",
    question=(
        "A model answers one Big Five questionnaire under every combination of template, wording, language, labels and "
        "order of options. How much of its scores is the setting? And what does it take to make it answer as another?"
    ),
    source=(
        "Huang, J.-t., Jiao, W., Lam, M. H., Li, E. J., Wang, W., & Lyu, M. R. (2024). Revisiting the reliability of "
        "psychological scales on large language models. EMNLP 2024. arXiv:2305.19926."
    ),
    sections=(
        Section("Scores over all settings", ("mean", "sd"), text="Settings are the units; the SD is of settings."),
        Section(
            "What each level does",
            ("factor",),
            text=(
                "Mean under a level minus the mean under all other levels. As published, an F test chooses the t "
                "test and "
                "the note has the published symbol; corrected, Welch with Holm over all levels and traits."
            ),
            has_chart=False,
        ),
        Section(
            "Settings that stand out",
            ("outliers",),
            text="Density clusters in a plane of two components. The published plane is arbitrary; see the note.",
            has_chart=False,
        ),
        Section("What a representation moves", ("range", "heroes"), text="Spread of the means of targets."),
        Section("Shifts against the default", ("shift",), has_chart=False),
        Section("Levels of each target", ("level",), has_chart=False),
        Section("What a description beforehand changes", ("cot",), has_chart=False),
        Section("Whether a setting agrees with itself", ("retest",), kind="validity"),
        Section("What could be read", ("read",), kind="validity", has_chart=False),
        Section("Agreement with stored scores", ("mismatches",), kind="validity", has_chart=False),
    ),
    methods=(
        "Items are shuffled and split at a random point into two blocks of one conversation; answers are a JSON "
        "object by "
        "the number of the statement. Labels ascend whatever the order of the words, as published.",
        "The published study repeats a call until its JSON can be read; here attempts are bounded and kept.",
        "Templates and representations are worded by personae. The published rephrasings and translations have no "
        "licence "
        "and are not shipped: languages and wordings are those of the instrument, and `ours_1` is a paraphrase of "
        "ours.",
        "Scenes and descriptions are written by the model in the run; one case has one text in all of its runs.",
    ),
    limits=(
        "That the same holds for another questionnaire.",
        "That settings are a sample of how people ask: they are a crossing of five choices.",
        "Test-retest over months: two model versions were compared over half a year in the published study.",
    ),
    factors=("part", "method", "target", "template", "wording", "label", "order"),
)
