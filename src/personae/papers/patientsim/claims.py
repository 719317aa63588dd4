"""Figures of Kyung et al. (2025): what the axes make, and the rating by clinicians."""

from __future__ import annotations

from personae.papers.patientsim.findings import AXES_SUBJECT, CASES, PEOPLE
from personae.study import Claim


def patientsim_claims() -> tuple[Claim, ...]:
    """All published figures that this study computes."""
    where = "abstract; the authors' files of the axes"
    axes = {"levels.personality": 6, "levels.language": 3, "levels.recall": 2, "levels.dazed": 3}
    return (
        Claim("combinations", AXES_SUBJECT, 37, where=where, confidence="verified", formula="6 x 3 x 2 + 1"),
        *(Claim(name, AXES_SUBJECT, count, where=where, confidence="verified") for name, count in axes.items()),
        *(
            Claim(f"cases.{name}", CASES, count, where="split of the profiles", confidence="memory", formula="count")
            for name, count in (("all", 170), ("validation", 10), ("information", 52), ("persona", 108))
        ),
        Claim(
            "fidelity.all",
            PEOPLE,
            3.89,
            where="quality of Llama 3.3 rated by four clinicians",
            confidence="memory",
            formula="mean over consultations and criteria, from 1 to 4",
        ),
    )
