"""Figures of Zollo et al. (2025), from the aggregates that the authors published."""

from __future__ import annotations

from personae.papers.personalllm_preferences.published import BASE, DATA, PUBLISHED
from personae.study import Claim

_WHERE = "authors' repository, commit 6385e24, paper/notebooks/all_scores.csv, seed 27, pairwise feedback"

_PUBLISHED: dict[str, tuple[float, float, float]] = {
    "zero_shot": (-1.0508, 3.9, 8.0),
    "own.k1.winning_only": (-0.8342, 7.8, 13.8),
    "own.k1.losing_only": (-0.9852, 7.4, 12.5),
    "own.k1.winning_and_losing": (-0.8649, 8.4, 14.1),
    "own.k3.winning_only": (-0.3462, 12.6, 20.4),
    "own.k3.losing_only": (-0.4672, 10.3, 17.5),
    "own.k3.winning_and_losing": (-0.4225, 11.2, 18.7),
    "own.k5.winning_only": (-0.3661, 13.0, 20.4),
    "own.k5.losing_only": (-0.4327, 10.6, 18.0),
    "own.k5.winning_and_losing": (-0.4730, 10.2, 17.3),
    "similar.k1.winning_only": (-0.5176, 9.6, 17.7),
    "similar.k1.losing_only": (-0.9962, 7.0, 11.1),
    "similar.k1.winning_and_losing": (-0.5141, 11.0, 17.8),
    "similar.k3.winning_only": (-0.2322, 14.8, 24.5),
    "similar.k3.losing_only": (-0.6155, 8.5, 15.0),
    "similar.k3.winning_and_losing": (-0.3058, 13.1, 22.0),
}
"""Mean standardised reward, percent of wins against the best of eight, and against GPT-4o."""


def preference_claims() -> tuple[Claim, ...]:
    """All published figures that this study computes."""
    claims = []
    for name, values in _PUBLISHED.items():
        for begin, value, formula in zip(
            ("score", "win_best", "win_reference"),
            values,
            (
                "mean over test questions of the weighted sum of standardised rewards",
                "percent of answers with a higher reward than the best of eight",
                "percent of answers with a higher reward than that of GPT-4o",
            ),
            strict=True,
        ):
            claims.append(
                Claim(f"{begin}.{name}", PUBLISHED, value, where=_WHERE, confidence="verified", formula=formula)
            )
    return (
        *claims,
        Claim(
            "winning_beats_losing",
            PUBLISHED,
            1.0,
            where=_WHERE,
            confidence="verified",
            formula="share of the five pairs of source and k in which winning answers give the higher mean reward",
        ),
        *(
            Claim(name, DATA, value, where="data set, section on the benchmark", confidence="memory", formula="count")
            for name, value in (("questions.all", 10_402), ("questions.train", 9_402), ("questions.test", 1_000))
        ),
        Claim("answers", DATA, 8, where="abstract of the data set: answers of strong models", confidence="memory"),
        Claim("scorers", DATA, 10, where="names in the table of rewards", confidence="verified", formula="count"),
        Claim("users", BASE, 10_000, where="meta-learning, base of interactions", confidence="memory", formula="count"),
    )
