"""The report of the study."""

from __future__ import annotations

from personae.study.report import ReportPlan, Section

PLAN = ReportPlan(
    title="Values across cultures: does a model advise people of other countries otherwise?",
    question=(
        "People of many countries ask for advice between two sides of a value. Does a model answer them differently, "
        "in the direction of their country's score, and does it matter whether they name it or write in "
        "their own language?"
    ),
    source=(
        "Kharchenko, J., Roosta, T., Chadha, A., & Shah, C. (2024). How Well Do LLMs Represent Values Across Cultures? "
        "Empirical Analysis of LLM Responses Based on Hofstede Cultural Dimensions. arXiv:2406.14805."
    ),
    sections=(
        Section(
            "Do countries differ?",
            ("countries", "moved", "language_minus_persona"),
            text="Share of the variance between countries; corrected with requests as blocks.",
        ),
        Section(
            "In the direction of their scores?",
            ("correlation", "agreement", "kappa", "high_minus_low"),
            text="Only with a file of scores. As published both are cut at the middle, corrected at their medians.",
        ),
        Section("By resource level of the language", ("resources", "distance"), has_chart=False),
        Section("Levels of each dimension", ("level",), kind="control"),
        Section("Every country", ("share",), kind="exploratory", has_chart=False),
        Section(
            "Asking",
            ("refusals", "order", "translated"),
            kind="validity",
            text="Answers that depend on which side is A.",
        ),
    ),
    methods=(
        "Requests for advice in our words, both sides in both orders, from nobody, from somebody who names a country, "
        "and in the country's language, translated by a file or by the role translator; translations are recorded.",
        "36 countries of our choice; resource levels of languages from memory.",
    ),
    limits=(
        "That a country has the values of its score, or a person those of their country.",
        "That a translation says what the English request says.",
        "That Hofstede's scores are shipped: their terms do not let us; give your copy.",
    ),
    factors=("condition", "country", "request"),
)
"""The parts of the report that come from the study."""
