"""The report of the study."""

from __future__ import annotations

from personae.study.report import ReportPlan, Section

PLAN = ReportPlan(
    title="Persona-L: people with complex needs, by what they can do",
    question=(
        "Does a persona of abilities with their constraints, drawn from narratives, serve designers better than one "
        "of deficits, or a bare profile? Does what it says rest on the narratives, and can it be read?"
    ),
    source=(
        "Persona-L has Entered the Chat: Leveraging LLM and Ability-based Framework for Personas of People with "
        "Complex Needs (2024). arXiv:2409.15604."
    ),
    sections=(
        Section(
            "Ratings: Persona-L beside each of its parts left out",
            ("ability_beside_deficit", "ability_beside_unsourced", "ability_beside_profile"),
            text=(
                "Shift of paired ratings (Hodges-Lehmann) with the signed-rank test, corrected for all scales. What is "
                "published comes from interviews with six designers, in words and without a number: empathy and "
                "understanding rise (empathy, understanding); they ask where the data come from (transparency), that "
                "language and tone fit the person (language), and that abilities stand with constraints (balance)."
            ),
        ),
        Section("Themes of interviews", ("theme", "coders"), text="From the codes of a study with people."),
        Section(
            "Do sentences rest on sources?",
            ("supported", "cited", "cited_right", "in_corpus", "in_corpus_beside"),
            text=(
                "supported: at least half of a sentence's rarer words are in a narrative that was shown; in_corpus: in "
                "any of the theme. in_corpus_beside: the ability condition less another, within designers. Conditions "
                "without narratives (unsourced, profile) are the control."
            ),
        ),
        Section(
            "Control: narratives of other themes",
            ("supported_elsewhere",),
            kind="control",
            text="The same sentences beside as many narratives that were not shown: what chance alone supports.",
        ),
        Section(
            "Is the right narrative found?",
            ("retrieval", "retrieval_by_chance"),
            text="Each narrative's own question, in other words than its own, among all narratives of its theme.",
        ),
        Section(
            "Abilities with their constraints",
            ("pairs",),
            text=(
                "What became of the pairs that the model proposed; recall of pairs that people read out of the same "
                "narratives, where there are some. A persona without any pair is told the same with and without them."
            ),
        ),
        Section(
            "Level of reading asked for, and had",
            ("level_control", "level_kept", "grade", "grade_of_talk"),
            text="Flesch-Kincaid grade; an easy answer keeps its level up to grade 5, a plain one up to 8.",
        ),
        Section(
            "Framing and stereotypes: what answers name",
            ("framing_beside_deficit", "framing_beside_unsourced", "framing_beside_profile", "framing", "persona"),
            text="Counted from words. stereotype_words and deficit_words are those of personae persona lint.",
        ),
        Section("Ratings in each condition", ("rating",), has_chart=False),
        Section(
            "Reliability, and what could be read", ("alpha", "read", "participants"), kind="validity", has_chart=False
        ),
    ),
    methods=(
        "A model derives abilities from narratives of one theme. A pair without its constraint, a limit in place of an "
        "ability, and what the named narrative does not tell are turned away.",
        "Each designer talks with one person in four ways: abilities and narratives (ability), constraints and the "
        "same narratives (deficit), abilities alone (unsourced), neither (profile). Orders are a balanced square.",
        "Narratives are found for each question by BM25, or by vectors of letter n-grams; the paper has a store of "
        "embeddings. Those that our corpus holds are made up by personae and say so; none is of a forum.",
        "The page sources.html beside this report shows each sentence with its source; personas.jsonl holds the "
        "personas with abilities, narratives and licences, and opens in the studio.",
        "Conditions, questions, items and narratives are ours: the paper has interviews, and no numbers.",
    ),
    limits=(
        "That designers feel so: a model in the role of the user is a simulated rater, however it answers. A study "
        "with people is read by personae paper replay persona_l FOLDER.",
        "That people with complex needs live so: a persona is no replacement for asking them.",
        "That a sentence follows from its source: words are counted, and no judge has been calibrated.",
        "Anything, with six designers, after correction: the least p value of six pairs is .031.",
    ),
    factors=("designer", "order", "theme"),
)
"""The parts of the report that come from the study."""
