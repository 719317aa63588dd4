"""Published figures of Jiang et al. (2024), with their places and how sure we are of them."""

from __future__ import annotations

from personae.persona import BIG_FIVE, trait_title
from personae.study import CORRECTED, Claim

_FORMULA = "(mean of high pole - mean of low pole) / pooled SD, sums of items, population SD (ddof=0)"

_EFFECTS: dict[str, tuple[tuple[float, ...], str, str]] = {
    "gpt-3.5-turbo-0613": (
        (7.81, 5.93, 1.56, 1.83, 2.90),
        "authors' raw answers, recomputed",
        "not checked against the printed table",
    ),
    "gpt-4-0613": ((5.47, 4.22, 4.39, 5.17, 6.30), "effect sizes of the BFI scores", "equals the authors' raw answers"),
    "llama-2": (
        (2.86, 1.34, 1.16, 1.63, 2.61),
        "authors' score file, recomputed",
        "raw answers are not in the repository; not checked against the printed table",
    ),
}
"""d by model, in the order E A C N O."""


def personallm_claims() -> tuple[Claim, ...]:
    """All published figures that this study computes."""
    effects = [
        Claim(
            f"d.{trait_title(trait)}",
            model,
            value,
            where=where,
            confidence="memory",
            formula=_FORMULA,
            note=note,
        )
        for model, (values, where, note) in _EFFECTS.items()
        for trait, value in zip(BIG_FIVE, values, strict=True)
    ]
    return (
        *effects,
        Claim(
            "accuracy.majority.unaware.extraversion",
            "gpt-4-0613",
            0.84,
            where="human raters, majority vote",
            confidence="memory",
            conventions=(CORRECTED,),
            note="by people, not by a model",
        ),
        Claim(
            "accuracy.individual.unaware.extraversion",
            "gpt-4-0613",
            0.80,
            where="abstract: accuracy of up to 80 %",
            confidence="memory",
            conventions=(CORRECTED,),
            note="by people, not by a model; the abstract does not name the trait",
        ),
    )
