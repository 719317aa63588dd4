"""What is known of PersonaX (2025): the sizes of its two data sets."""

from __future__ import annotations

from personae.study import Claim


def personax_claims() -> tuple[Claim, ...]:
    """Published sizes; figures of tests and of recovered latents are not quoted, as no stored output of them exists."""
    return tuple(
        Claim("people", name, float(count), where="abstract", confidence="verified", formula="count")
        for name, count in (("CelebPersona", 9444), ("AthlePersona", 4181))
    )
