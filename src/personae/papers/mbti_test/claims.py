"""Figures of Pan & Zeng (2023): letters counted for each model."""

from __future__ import annotations

from personae.papers.mbti_test.settings import PAIRS
from personae.study import Claim

_COUNTS: dict[str, tuple[int, ...]] = {
    "chatgpt": (12, 9, 6, 21, 15, 8, 12, 10),
    "chatgpt-prompted": (1, 20, 9, 16, 7, 18, 5, 17),
    "gpt4": (5, 10, 9, 16, 15, 7, 14, 4),
    "baichuan": (15, 6, 13, 14, 10, 13, 9, 13),
    "baichuan13b": (9, 12, 12, 15, 11, 12, 11, 11),
    "bloom7b": (8, 13, 14, 12, 13, 11, 12, 10),
    "openllama7b_v2": (10, 11, 10, 16, 9, 15, 14, 8),
}
"""In the order E, I, S, N, T, F, J, P."""


def mbti_claims() -> tuple[Claim, ...]:
    """All published figures that this study computes."""
    counts = [
        Claim(
            f"count.{letter}.base",
            model,
            value,
            where="tables 3 and 4, and the authors' llms_mbti.json",
            confidence="verified",
            formula="options chosen that are keyed to the letter, of 93 questions",
            conventions=("as_published",),
        )
        for model, values in _COUNTS.items()
        for letter, value in zip("".join(PAIRS), values, strict=True)
    ]
    rule = Claim(
        "agree.types",
        "all models",
        1.0,
        where="tables 3, 4 and 6: every type follows from its counts by the tie rule",
        confidence="verified",
        conventions=("as_published",),
    )
    return (*counts, rule)
