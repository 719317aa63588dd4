"""The report of the study."""

from __future__ import annotations

from personae.study.report import ReportPlan, Section

PLAN = ReportPlan(
    title="Text to behaviour: how well can a model's writing be steered by a trait?",
    question=(
        "A model writes as somebody extreme in one trait. Does a reader see that trait, more than the other four, and "
        "can the five be told apart?"
    ),
    source="Noever, D., & Hyams, S. (2023). AI Text-to-Behavior: A Study In Steerability. arXiv:2308.07326.",
    sections=(
        Section("Steerability", ("steerability", "dominance", "shift"), text="Own score minus the mean of the others."),
        Section("Target and score", ("matrix.rated",), chart="heat", text="Mean z-scores by the judge."),
        Section("Target and score by word categories", ("matrix.lexicon",), chart="heat", kind="exploratory"),
        Section("Target and score by classifiers", ("matrix.classifier",), chart="heat", kind="exploratory"),
        Section("Can targets be told apart?", ("recognised", "closest", "separation"), has_chart=False),
        Section("Dispersion over texts", ("dispersion",), has_chart=False),
        Section(
            "Historical figures",
            ("figure_beyond_others", "figure"),
            text="Ratings against the figure that is played, and minus those of the same answers against the others.",
        ),
        Section("Texts, versions and dates", ("written",), kind="validity", has_chart=False),
    ),
    methods=(
        "One steering sentence a trait, texts of the past week, and the same without a trait.",
        "Scored by a judge, zero-shot, and by word categories; the published scorer is not known well enough.",
        "Figures are judged without telling the judge who was played.",
    ),
    limits=(
        "That a judge of the same family as the writer is a reader of its own.",
        "That steerability today is that of another version: version and date are part of every observation.",
    ),
    factors=("part", "target", "number"),
)
"""The parts of the report that come from the study."""
