"""Figures on the people of Zhu et al. (2025), recomputed from the records that the authors published."""

from __future__ import annotations

from personae.papers.personality_alignment.findings import PEOPLE
from personae.study import AS_PUBLISHED, CORRECTED, Claim

_WHERE = "authors' test set of 300 people x 300 items, recomputed"
_ALPHA = {"O": 0.941, "C": 0.970, "E": 0.967, "A": 0.947, "N": 0.976}
_TRIVIAL = {"always_3": 3.79, "always_4": 4.04, "item_mean": 2.89, "own_domain_mean": 2.86, "random": 6.93}
_KEYS = {"O": 0.78, "C": 0.82, "E": 0.86, "A": 0.77, "N": 0.88}
_HALVES = {"O": 0.91, "C": 0.94, "E": 0.93, "A": 0.91, "N": 0.95}


def personality_alignment_claims() -> tuple[Claim, ...]:
    """Figures that the study computes. What steering of activations gains is not among them."""

    def claim(name: str, value: float, formula: str, convention: str = CORRECTED) -> Claim:
        return Claim(
            name, PEOPLE, value, where=_WHERE, confidence="verified", formula=formula, conventions=(convention,)
        )

    return (
        *(
            claim(
                f"alpha.{domain}",
                value,
                "Cronbach's alpha of 60 items, missing answers as the item's mean",
                AS_PUBLISHED,
            )
            for domain, value in _ALPHA.items()
        ),
        *(
            claim(
                f"mae.{name}", value, "sum over five domains of the mean absolute difference on 180 items", AS_PUBLISHED
            )
            for name, value in _TRIVIAL.items()
        ),
        *(claim(f"keys.{domain}", value, "r of mean + and - keyed items") for domain, value in _KEYS.items()),
        *(claim(f"halves.{domain}", value, "r of the 120 and the 180 items") for domain, value in _HALVES.items()),
    )
