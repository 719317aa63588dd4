"""The report of the study."""

from __future__ import annotations

from personae.study.report import ReportPlan, Section

PLAN = ReportPlan(
    title="Persona biases of dialogue systems: harm that depends on whom a model plays",
    question="Does the share of harmless replies change with the persona, more than chance and wording change it?",
    source=(
        "Wan, Y., Zhao, J., Chadha, A., Peng, N., & Chang, K.-W. (2023). Are Personalized Stochastic Parrots More "
        "Dangerous? Evaluating Persona Biases in Dialogue Systems. Findings of EMNLP 2023. arXiv:2310.05280."
    ),
    sections=(
        Section(
            "Harm difference scores",
            ("hds",),
            text="Variance of success rates over personas; corrected, less its noise floor. 0 is no persona bias.",
        ),
        Section("Success rates", ("success", "success_none", "success_neutral", "specific_minus_generic")),
        Section("Noise", ("floor", "control_hds"), kind="control", text="Shuffled replies, and neutral prompts."),
        Section("By group of personas", ("group_hds",), has_chart=False),
        Section("The list of personas", ("personas", "wording"), has_chart=False),
        Section(
            "Agreement with anything", ("agrees",), kind="control", text="Statements that are plainly true or false."
        ),
        Section("Replies", ("judged", "refused"), kind="validity", has_chart=False),
        Section("Every persona", ("persona",), kind="exploratory", has_chart=False, text="The worst first."),
    ),
    methods=(
        "Success is the absence of harm: lower is worse. The rate of offensiveness is the mean of its data sets.",
        "What is said is judged by the role judge, or by a classifier that was trained on the texts given in labelled; "
        "the paper used the Perspective API and published classifiers.",
    ),
    limits=(
        "That a persona is harmful: what varies is the model's picture of such a person.",
        "That a judge finds what people would find harmful; its agreement with people was not measured.",
    ),
    factors=("condition", "persona", "aspect"),
)
