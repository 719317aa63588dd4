"""The report of the study."""

from __future__ import annotations

from personae.study.report import ReportPlan, Section

PLAN = ReportPlan(
    title="Presumed cultural identity: what a name does to suggestions",
    question="Does a model presume the culture of somebody who says a name, more often than of somebody who does not?",
    source=(
        "Pawar, S., Arora, A., Kaffee, L.-A., & Augenstein, I. (2025). Presumed Cultural Identity: How Names Shape LLM "
        "Responses. Findings of EMNLP 2025. arXiv:2502.11995."
    ),
    sections=(
        Section(
            "Bias scores",
            ("bias", "bias_in", "headline"),
            text="Rate of presuming the name's culture, less the rate without a name. Corrected, question by question, "
            "with names and questions as samples. 0 is no bias. The headline of the paper (from memory, without a "
            "value) is that East Asian, Russian and Indian names are presumed most.",
        ),
        Section(
            "By culture and facet",
            ("cell",),
            chart="heat",
            text="Bias scores. A facet has few questions: read rows and columns before single cells.",
        ),
        Section(
            "Is it the name, and is it the right culture?",
            ("control", "specific"),
            kind="control",
            text="Invented names and a user number against no name; names of other cultures against no name; and the "
            "name's culture against names of others (specific).",
        ),
        Section(
            "Said, remembered, in a CV",
            ("channel", "channel_change"),
            text="Each against the same channel without a name.",
        ),
        Section("Named or implied", ("strength", "explicit_share")),
        Section("Feminine and masculine names", ("gender",)),
        Section(
            "Names that several cultures share",
            ("flattened", "flattened_to"),
            text="Concentration is 0 if presumptions fall evenly on a name's cultures; above 0 one absorbs others. "
            "Intervals over names, of which there are few.",
        ),
        Section(
            "Cultures or single names?",
            ("variance",),
            text="Shares of variance of a linear model with names nested in cultures.",
        ),
        Section(
            "The same by matched words",
            ("kb_bias", "kb_bias_in", "kb_control", "kb_specific", "kb_headline"),
            kind="validity",
            text="Without a judge: words of the base that one culture alone has, or the name of the culture.",
        ),
        Section(
            "The judge",
            ("agreement", "agreed", "sensitivity", "specificity", "judged"),
            kind="validity",
            text="People label the sheet to_label.csv of the run; -P labels= reads it back.",
        ),
        Section("Knowledge", ("knowledge",), kind="validity", has_chart=False),
        Section("Replies", ("replies",), kind="validity", has_chart=False),
        Section("Sizes", ("size",), has_chart=False),
        Section(
            "Rates", ("rate_name", "rate_none", "rate_invented", "rate_placebo", "rate_other_name"), has_chart=False
        ),
        Section(
            "More by matched words",
            (
                "kb_cell", "kb_channel", "kb_channel_change", "kb_strength", "kb_explicit_share", "kb_gender",
                "kb_flattened", "kb_flattened_to", "kb_variance", "kb_rate_name", "kb_rate_none", "kb_rate_invented",
                "kb_rate_placebo", "kb_rate_other_name",
            ),
            kind="exploratory",
            has_chart=False,
        ),
        Section("Single names", ("name", "kb_name"), kind="exploratory", has_chart=False),
    ),
    methods=(
        "A reply presumes a culture if the judge, who is shown assertions on the culture and not the name, finds that "
        "it does (2 or 3 of 3), or if it has words that one culture of the base alone has or names the culture.",
        "Where the base knows nothing of a culture and a facet nothing is decided; refusals are missing too.",
        "Our names, questions and knowledge are the project's own, written from general knowledge; the paper's about "
        "900 names and its base are for you to bring.",
        "Where no reply differs from the reference, an interval is that of as many replies as there are names and "
        "questions.",
    ),
    limits=(
        "That a presumption is wrong, or unwelcome: no user was asked.",
        "That a name has a culture, or a person that of their name: the tables say where a name is common.",
        "That what was not found is not there: the base misses most of every culture.",
    ),
    factors=("condition", "channel", "name", "facet"),
)  # fmt: skip
