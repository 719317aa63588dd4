"""The report of the study."""

from __future__ import annotations

from personae.study.report import ReportPlan, Section

PLAN = ReportPlan(
    title="Eliciting traits: which personality does a model's own writing show?",
    question=(
        "A model answers interview questions, or continues what a candidate has begun to say. Which traits does a "
        "reader see in the texts, do prompts that call a trait up raise it, and do size and fine-tuning matter?"
    ),
    source=(
        "Hilliard, A., Munoz, C., Wu, Z., & Koshiyama, A. S. (2024). Eliciting Personality Traits in Large Language "
        "Models. arXiv:2402.08341."
    ),
    sections=(
        Section(
            "Levels",
            ("level",),
            text=(
                "Mean over all texts. Probabilities of the high pole by classifiers, ratings from 1 to 9 by a judge, "
                "z-scores over all texts by word categories, which say nothing about one model alone."
            ),
        ),
        Section("Do prompts differ?", ("prompts",), has_chart=False),
        Section("Is a trait called up?", ("activation", "activation_rank")),
        Section("Size and fine-tuning", ("parameters", "tuned"), has_chart=False),
        Section(
            "Whom to believe: the classifiers",
            ("calibration", "shift"),
            kind="validity",
            text=(
                "Measured on training texts that were held out. Separation near 1 means that the scored texts are of "
                "another kind than those, and that this calibration says little about them."
            ),
            has_chart=False,
        ),
        Section("Texts that were written", ("written",), kind="validity", has_chart=False),
    ),
    methods=(
        "Six interview questions and five prompts that call up a trait, in our words, many texts each.",
        "myPersonality, on which the authors trained, is no longer given out: classifiers are trained on texts of the "
        "user or on simulated ones, as the conventions of each figure say.",
        "Neuroticism is the reverse of emotional stability.",
    ),
    limits=(
        "That a model has the personality that its texts show.",
        "That classifiers trained on one kind of text are right on another.",
        "That a base model was asked without a chat template: only -P form=completion with -M plain=true does so.",
    ),
    factors=("role", "prompt", "completion"),
)
"""The parts of the report that come from the study."""
