"""Facts about the profiles that the authors published. The headline figures were not at hand with certainty."""

from __future__ import annotations

from personae.papers.spectrum.findings import PROFILES
from personae.study import Claim

_WHERE = "authors' repository, data/profile_result, counted"


def spectrum_claims() -> tuple[Claim, ...]:
    """All published figures that this study computes."""
    return (
        Claim(
            "characters",
            PROFILES,
            45.0,
            where=_WHERE,
            confidence="verified",
            formula="names with at least one file",
            note="the README says 18; table and files have 45",
        ),
        Claim("files", PROFILES, 225.0, where=_WHERE, confidence="verified", formula="45 characters x 5 parts"),
        Claim("whole", PROFILES, 1.0, where=_WHERE, confidence="verified", formula="share with all five parts"),
    )
