"""Figures of Lee et al. (2025): rebuilt from the report files that the authors published, and their headline."""

from __future__ import annotations

from personae.papers.stable_values.findings import EVERY_MODEL
from personae.study import Claim

_WHERE = "authors' report files, recomputed from their counts"
_FORMULA = "mean over dimensions of the variance of centred scores over 3 sets of people, ddof=0"

_VARIANCES: dict[str, dict[str, tuple[float, float]]] = {
    "mfq-30": {
        "openai_chatgpt": (0.0057, 0.0004),
        "openai_chatgpt4o": (0.0075, 0.0008),
        "bedrock_claude3_haiku": (0.0256, 0.0004),
    },
    "pvq-rr": {"openai_chatgpt": (0.0275, 0.0015), "openai_chatgpt4o": (0.0228, 0.0024)},
}
"""Variance at 10 and at 200 people."""

_RANKS = (
    ("mfq-30", "openai_chatgpt", 1.0),
    ("mfq-30", "openai_chatgpt4o", 1.0),
    ("mfq-30", "bedrock_claude3_haiku", 1.0),
    ("mfq-30", "bedrock_claude3_sonnet", 0.7),
    ("mfq-30", "bedrock_claude3_opus", 0.9),
)


def stable_values_claims() -> tuple[Claim, ...]:
    """All published figures that this study computes."""
    variances = [
        Claim(f"variance.{instrument}.at_{size}", model, value, where=_WHERE, confidence="verified", formula=_FORMULA)
        for instrument, models in _VARIANCES.items()
        for model, values in models.items()
        for size, value in zip((10, 200), values, strict=True)
    ]
    ranks = [
        Claim(
            f"rank.{instrument}.at_200",
            model,
            value,
            where=_WHERE,
            confidence="verified",
            formula="lowest Spearman correlation of dimensions between two of 3 sets of 200 people",
        )
        for instrument, model, value in _RANKS
    ]
    return (
        *variances,
        *ranks,
        Claim("top_two.mfq-30.harm_fairness", EVERY_MODEL, 1.0, where=f"{_WHERE}: 23 of 23", confidence="verified"),
        Claim("bottom_two.pvq-rr.power", EVERY_MODEL, 1.0, where=f"{_WHERE}: 21 of 21", confidence="verified"),
    )
