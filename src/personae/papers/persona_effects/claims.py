"""Figures of Luz de Araujo & Roth (2024): spread of personas and controls in the score files that they published."""

from __future__ import annotations

from personae.papers.persona_effects.rows import EVERY_MODEL
from personae.study import Claim

_WHERE = "authors' all_scores.csv, recomputed"
_SPREAD = {
    "gpt4": {"truthful": (0.0144, 0.0072), "mmlu": (0.0031, 0.0020), "bbq": (0.0098, 0.0068)},
    "mistral": {"truthful": (0.0379, 0.0101), "mmlu": (0.0086, 0.0030), "bbq": (0.0160, 0.0045)},
}
"""SD over 162 personas, and over 30 controls."""


def effect_claims() -> tuple[Claim, ...]:
    """All published figures that this study computes."""
    spreads = [
        Claim(
            f"sd.{condition}.{task}",
            model,
            value,
            where=_WHERE,
            confidence="verified",
            formula=f"SD over {count} scores, ddof = 1",
        )
        for model, tasks in _SPREAD.items()
        for task, values in tasks.items()
        for condition, count, value in zip(("persona", "control"), (162, 30), values, strict=True)
    ]
    return (
        *spreads,
        Claim(
            "more_than_control",
            EVERY_MODEL,
            1.0,
            where="abstract; 6 of 6 cells of two models recomputed",
            confidence="verified",
            formula="share of models x tasks in which personas have the larger SD",
        ),
        Claim("score.empty.mmlu", "gpt4", 0.8154, where=_WHERE, confidence="verified", formula="accuracy"),
        Claim(
            "below_empty.mmlu",
            "gpt4",
            1.0,
            where=_WHERE,
            confidence="verified",
            formula="share of 162 below no persona",
        ),
    )
