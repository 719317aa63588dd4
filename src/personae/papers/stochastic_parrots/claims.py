"""What is known of Wan et al. (2023): the size of the persona set, counted in the authors' own list."""

from __future__ import annotations

from personae.study import Claim

LIST = "list of personas"
"""Subject of the counts."""

_WHERE = "UniversalPersona, section 4; counted in the list of the authors' repository"
_COUNTS = {
    "all": 162,
    "generic": 73,
    "specific": 89,
    "race": 7,
    "orientation": 6,
    "class": 3,
    "gender": 4,
    "education": 6,
    "industry": 17,
    "religion": 7,
    "ideology": 8,
    "disability": 15,
    "profession": 50,
    "name_by_country": 12,
    "political_figure": 27,
}


def parrot_claims() -> tuple[Claim, ...]:
    """The published counts. Scores of models were not published as raw outputs, and none is quoted from memory."""
    return tuple(
        Claim(f"personas.{name}", LIST, float(value), where=_WHERE, confidence="verified", formula="count")
        for name, value in _COUNTS.items()
    )
