"""What is published: counts of profiles and raters, and, in words, which way the contrasts go."""

from __future__ import annotations

from personae.papers.spectrum.findings import PEOPLE, PROFILES
from personae.study import Claim

_COUNTED = "authors' repository, data/profile_result, counted"
_CHARACTERS = "45 characters of television series"
_SIGN = "sign of the contrast; published in words"


def spectrum_claims() -> tuple[Claim, ...]:
    """All that is published and that this study computes. Headline figures were not at hand with certainty."""
    return (
        Claim(
            "characters",
            PROFILES,
            45.0,
            where=_COUNTED,
            confidence="verified",
            formula="names with at least one file",
            note="the README says 18; table and files have 45",
        ),
        Claim("files", PROFILES, 225.0, where=_COUNTED, confidence="verified", formula="45 characters x 5 parts"),
        Claim("whole", PROFILES, 1.0, where=_COUNTED, confidence="verified", formula="share with all five parts"),
        *(
            Claim(f"direction.{name}", _CHARACTERS, value, where="abstract", confidence="verified", formula=_SIGN,
                  note=note)
            for name, value, note in (
                ("C_S", 1.0, "C more effectively than S alone"),
                ("C_P", 1.0, "C more effectively than P alone"),
                ("SPC_C", 0.0, "C comparably to the three together"),
            )
        ),
        Claim("rating_direction.similarity.SPC_C", PEOPLE, 1.0, where="abstract", confidence="verified", formula=_SIGN,
              note="all three more comprehensive than C alone"),
        Claim("raters", PEOPLE, 80.0, where="project page of an author", confidence="memory",
              note="people who gave their own answers"),
    )  # fmt: skip
