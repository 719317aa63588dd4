"""What Lee et al. (2025) state; their tables are not at hand, so that headlines alone are claims."""

from __future__ import annotations

from personae.study import CORRECTED, Claim

_WHERE = "abstract and results; table values not at hand"


def trait_claims() -> tuple[Claim, ...]:
    """The two failures of elicitation that the paper names, as the bound that a persona would have to cross."""
    return (
        Claim(
            "elicited.psychopathy.high",
            "aligned models",
            50.0,
            where=_WHERE,
            confidence="memory",
            conventions=(CORRECTED,),
            note="a yardstick, not a figure: prompts fail to elicit high psychopathy, so that scores stay low",
        ),
        Claim(
            "elicited.conscientiousness.low",
            "aligned models",
            50.0,
            where=_WHERE,
            confidence="memory",
            conventions=(CORRECTED,),
            note="a yardstick, not a figure: prompts fail to elicit low conscientiousness, so that scores stay high",
        ),
    )
