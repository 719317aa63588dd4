"""The report of the study."""

from __future__ import annotations

from personae.study.report import ReportPlan, Section

PLAN = ReportPlan(
    title="The personality illusion: does what a model says of itself go with what it does?",
    question=(
        "A model answers questionnaires and does behavioural tasks under the same system prompts. Does alignment make "
        "its answers steadier, do they predict what it does, and does a persona move both?"
    ),
    source=(
        "Han, P., Kocielnik, R., Song, P., Debnath, R., Mobbs, D., Anandkumar, A., & Alvarez, R. M. (2025). The "
        "Personality Illusion: Revealing Dissociation Between Self-Reports & Behavior in LLMs. arXiv:2509.03730."
    ),
    sections=(
        Section(
            "RQ1: variability of base and aligned models",
            ("variance",),
            text=(
                "Relative change of the variance from base to aligned models. As published over all rows, which holds "
                "the differences between models; corrected within each model, over which the published headline is not."
            ),
        ),
        Section("RQ1: means", ("mean",), has_chart=False),
        Section(
            "RQ1: traits and self-regulation",
            ("regulation", "regulation_slope"),
            text="Correlations over rows.",
            has_chart=False,
        ),
        Section(
            "RQ2: self-report and behaviour",
            ("associated", "dissociated", "human_direction", "human_among_associated", "significant"),
            text=(
                "As published each model is tested alone and uncorrected. Corrected, an association and its absence "
                "are two tests: a pair is dissociated only if its correlation is shown to be smaller than .3."
            ),
        ),
        Section("RQ2: every pair", ("pair",), kind="exploratory", has_chart=False),
        Section(
            "RQ3: what an injected persona moves",
            ("injection", "up"),
            text="Change from the baseline, of the questionnaire and of the task that should follow.",
        ),
        Section("Behaviour without a persona", ("level",), kind="control"),
        Section(
            "Reading of answers",
            ("reading",),
            kind="validity",
            text="How often the published reading, which never fails, says what ours does.",
            has_chart=False,
        ),
    ),
    methods=(
        "BFI-44, and the SRQ-63 if its texts were given, else 16 IPIP items in its place; an item a call.",
        "Cold Columbia Card Task, word associations, moral dilemmas with and without an opinion, questions with two "
        "confidences; delay and effort choices and the control without an opinion are ours.",
        "3 system prompts x 3 temperatures x runs; personas in 3 strategies of up to 3 phrasings, in our words.",
    ),
    limits=(
        "That runs of one model are respondents: system prompts are its units here, and there are three.",
        "That people go in the directions listed: these are from memory of the literature.",
        "That figures made with our stimuli are those of the published ones.",
    ),
    factors=("condition", "role", "strategy", "prompt", "temperature", "run"),
)
"""The parts of the report that come from the study."""
