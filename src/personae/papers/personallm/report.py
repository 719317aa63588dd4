"""The report of the study: its sections, its methods in words, and what its figures do not show."""

from __future__ import annotations

from personae.study.report import ReportPlan, Section

PLAN = ReportPlan(
    title="PersonaLLM: do models take on the Big Five traits they are given?",
    question=(
        "A model is told to be each of the 32 combinations of poles of the Big Five. Does its questionnaire follow, "
        "does its writing, and do readers see it?"
    ),
    source=(
        "Jiang, H., Zhang, X., Cao, X., Breazeal, C., Roy, D., & Kabbara, J. (2024). PersonaLLM: Investigating the "
        "ability of large language models to express personality traits. Findings of NAACL."
    ),
    sections=(
        Section(
            "Effect of the persona on the questionnaire",
            ("d", "g"),
            text=(
                "d compares the high and the low pole of a trait on that trait's own scale. As published: sums, "
                "population SD, every respondent a unit. Corrected: sample SD, and intervals whose units are the 32 "
                "prompts, because ten draws from one prompt are not ten people."
            ),
        ),
        Section("Tests and differences", ("test", "difference"), has_chart=False),
        Section("Scores by pole", ("mean",)),
        Section(
            "Recovery of the trait that was asked for",
            ("recovery", "stored"),
            text="Correlation between the trait in the prompt and the score that came back.",
        ),
        Section(
            "Reliability",
            ("alpha", "omega", "split_half", "weakest_item"),
            kind="validity",
            text=(
                "Over respondents who were placed at the poles. Such a spread makes every scale look reliable; among "
                "people the same items would give lower figures."
            ),
        ),
        Section(
            "Robustness",
            ("refusals", "contradictions", "acquiescence", "noise", "order", "setting"),
            kind="validity",
            text=(
                "Refusals before asking again, answers that contradict themselves, agreement whatever an item says, "
                "the noise of repeated draws, and what changes if nothing but the manner of asking does."
            ),
        ),
        Section(
            "Controls",
            ("control",),
            kind="control",
            text=(
                "Without a persona, under prompts that describe nobody, and with somebody else's prompt under this "
                "label, where every effect should vanish."
            ),
        ),
        Section(
            "Language of the stories",
            ("story", "named", "significant", "overlap"),
            text=(
                "How long they are, whether they name the trait that they were told not to name, and how much of the "
                "lexicon moves with the trait."
            ),
        ),
        Section("Words and traits", ("r",), kind="exploratory", has_chart=False),
        Section(
            "What readers see",
            ("accuracy", "knowing"),
            text="Guesses of the author's trait, by single raters and by majority, told and not told that an AI wrote.",
        ),
        Section("Ratings of the stories", ("rating", "agreement"), has_chart=False),
    ),
    methods=(
        "Personas: all 32 combinations of one pole of each Big Five trait, each put into one sentence of five "
        "adjectives and given as the system message; several independent draws of each.",
        "Questionnaire: the 44 items of the Big Five Inventory in one prompt, lettered, answered 1 to 5. A reply with "
        "a missing answer is asked for again; every attempt is kept, and the refusals among them are reported.",
        "Story: the same chat goes on with the request for a personal story that does not name the traits. Its "
        "language is counted by categories of a lexicon and correlated with the poles of its author.",
        "Readers: a model in the role of judge rates six qualities and guesses the five traits, once told and once not "
        "told that an AI wrote the story; several ratings a story, majority vote.",
        "The prompts are worded by personae after the published design; the published wording can be given as files.",
    ),
    limits=(
        "That the model has a personality: it was told which answers to prefer, in words close to those of the items.",
        "That prompts in general have this effect: one wording of the persona was used, and replicates share it.",
        "That traits between the poles would be met: only poles were asked for.",
        "That people would see what the judge sees: it is uncalibrated, its agreement with people was not measured.",
        "Anything from single words of the exploratory table without a second sample.",
    ),
)
