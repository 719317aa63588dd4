"""Figures of Huang et al. (2024): means of five scales for four models, and their distances from people."""

from __future__ import annotations

from personae.study import Claim

_MODELS = ("text-davinci-003", "gpt-3.5-turbo", "llama-2-7b", "llama-2-13b")
_BFI: dict[str, tuple[float, float, float, float]] = {
    "openness": (4.8, 4.2, 4.2, 4.1),
    "conscientiousness": (4.6, 4.3, 3.9, 4.4),
    "extraversion": (4.0, 3.7, 3.6, 3.9),
    "agreeableness": (4.9, 4.4, 3.8, 4.7),
    "neuroticism": (1.5, 2.3, 2.7, 1.9),
}
_Z: tuple[tuple[str, tuple[float, ...]], ...] = (
    ("z.bfi-44.neuroticism.neutral.people", (-2.20, -1.26, -0.76, -1.67)),
    ("z.gse.self_efficacy.neutral.people_in_25_countries", (1.48, 1.68, 1.80, 0.16)),
    ("z.icb.fixed_culture.neutral.people", (-1.99, -1.37, -0.05)),
)


def psychobench_claims() -> tuple[Claim, ...]:
    """All published figures that this study computes."""
    means = [
        Claim(
            f"score.bfi-44.{scale}.neutral",
            model,
            value,
            where="table of personality traits, BFI",
            confidence="memory",
            formula="mean of the scale over ten runs, printed with one decimal",
            conventions=("as_published",),
        )
        for scale, values in _BFI.items()
        for model, value in zip(_MODELS, values, strict=True)
    ]
    distances = [
        Claim(
            name,
            model,
            value,
            where="means of the authors' leaderboard, recomputed",
            confidence="verified",
            formula="(mean - mean of people) / SD of people",
            conventions=("as_published",),
        )
        for name, values in _Z
        for model, value in zip(_MODELS, values, strict=False)
    ]
    return (*means, *distances)
