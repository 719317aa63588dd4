"""The report of the study."""

from __future__ import annotations

from personae.study.report import ReportPlan, Section

PLAN = ReportPlan(
    title="People from texts, and data that is written for each of them",
    question=(
        "How many people come of texts and of relatives, how many are there twice, and is data that is written for "
        "people more different than data that is written for nobody?"
    ),
    source=(
        "Ge, T., Chan, X., Wang, X., Yu, D., Mi, H., & Yu, D. (2024). Scaling Synthetic Data Creation with "
        "1,000,000,000 Personas. arXiv:2406.20094."
    ),
    sections=(
        Section(
            "Does writing for people make data more different?",
            ("gain", "similarity", "effective"),
            kind="control",
            text="The control is the same prompt without a person, as many pieces of each form.",
        ),
        Section(
            "Do like people get like data?",
            ("likeness", "slope"),
            text="Mean similarity of the data of two people who are so alike; the slope is tested by exchange.",
        ),
        Section("Problems that are solved", ("solved",), text="Problems of a file with answers; nothing else is run."),
        Section(
            "Problems before people",
            ("valid", "valid_if", "valid_alpha"),
            kind="validity",
            text="And whether problems whose two solutions agree are valid more often than the others.",
            has_chart=False,
        ),
        Section(
            "Are twins found?",
            ("planted",),
            kind="control",
            text=(
                "People who are there are copied with small edits. Recall: of edits that are as alike in their words "
                "as the threshold asks; precision: of those who are dropped. Both steps: of all edits of a kind."
            ),
            has_chart=False,
        ),
        Section(
            "People who are kept",
            ("personas", "kept", "dropped", "made", "licensed"),
            text="As published, signatures are not verified; corrected, words are compared.",
        ),
        Section("Data that is kept", ("accepted", "accepted_by_form", "agreed", "parsed")),
        Section("Thrown away, and why", ("rejected",), kind="exploratory", has_chart=False),
        Section(
            "Twins across the split", ("leak",), kind="validity", text="At random; and by what was made from one text."
        ),
        Section("Sizes", ("rows", "distinct"), has_chart=False),
    ),
    methods=(
        "A model names who would read, write, like or dislike each text, then relatives, hop by hop; prompts are ours.",
        "Twins: MinHash of single words (128 permutations), then cosine of embeddings among those who are left. "
        "Embeddings are hashed letter n-grams, which know spelling and no meaning, unless -P vectors=FILE brings those "
        "of an encoder; the paper's know meaning, so that similarities are not comparable without.",
        "Maths problems are solved twice; that the answers agree does not say that a problem is sound.",
        "Code of tools is parsed and never run.",
    ),
    limits=(
        "That the people stand for anybody: they are what a model thinks of readers and writers of texts.",
        "That a model trained on the data is better: nothing is trained here.",
        "That data for people is right, or as hard as data for nobody.",
    ),
    factors=("part", "source", "attitude", "kind", "form", "number"),
)
