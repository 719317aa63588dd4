"""Published sizes of Fair-PP (2025); figures of aligned models are not quoted, as we are not sure of them."""

from __future__ import annotations

from personae.study import Claim

PUBLISHED = "gpt-4o-mini"

CLAIMS = tuple(
    Claim(name, PUBLISHED, value, where="abstract", confidence="verified", formula=formula, note=note)
    for name, value, formula, note in (
        ("records", 238_623.0, "answers of seven people to 34,089 questions", ""),
        ("questions", 34_089.0, "238,623 / 7", ""),
        ("groups", 28.0, "social groups", "the authors' notebooks list 29"),
        ("topics", 98.0, "equity topics", ""),
        ("dimensions", 5.0, "dimensions of preference", ""),
    )
)
