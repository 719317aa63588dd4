"""Figures of Han et al. (2025), those that their score files give among them."""

from __future__ import annotations

from personae.papers.personality_illusion.findings import EVERY_MODEL
from personae.study import Claim

_FILES = "authors' score files, recomputed"
_POOLED = "variance of 162 rows of six instruct models over that of their six base models, ddof=1, minus 1"
_VARIANCES = {
    "openness": -0.481,
    "conscientiousness": -0.272,
    "extraversion": -0.654,
    "agreeableness": -0.037,
    "neuroticism": -0.548,
    "self_regulation": -0.451,
}
_MEANS = {
    "base": {"openness": 3.30, "agreeableness": 3.29, "neuroticism": 2.90},
    "instruct": {"openness": 3.49, "agreeableness": 3.43, "neuroticism": 2.81},
}
_REGULATION = {
    "base": {"conscientiousness": 0.353, "openness": 0.195, "neuroticism": -0.08},
    "instruct": {"conscientiousness": 0.697, "openness": 0.721, "neuroticism": -0.61},
}
_BEHAVIOUR = {"agreeableness": (-1.0, 6.2, -3.5), "self_regulation": (-0.7, -0.1, -0.4)}
"""Change of the sycophancy rate in points, and of the cards chosen, by strategy."""


def illusion_claims() -> tuple[Claim, ...]:
    """All published figures that this study computes."""

    def claim(name: str, value: float, formula: str = "", note: str = "", where: str = _FILES) -> Claim:
        memory = where != _FILES
        return Claim(
            name,
            EVERY_MODEL,
            value,
            where=where,
            confidence="memory" if memory else "verified",
            formula=formula,
            note=note,
        )

    variances = [claim(f"variance.{name}", value, _POOLED) for name, value in _VARIANCES.items()]
    means = [claim(f"mean.{kind}.{name}", value) for kind, row in _MEANS.items() for name, value in row.items()]
    regulation = [
        claim(f"regulation.{kind}.{name}", value, "Pearson r over all rows of 6 base or 12 instruct models")
        for kind, row in _REGULATION.items()
        for name, value in row.items()
    ]
    cells = [(trait, strategy) for trait in _BEHAVIOUR for strategy in (1, 2, 3)]
    moved = [
        claim(f"up.{trait}.strategy_{strategy}.self_report", 1.0, note="12 of 12 models") for trait, strategy in cells
    ]
    behaviour = [
        claim(
            f"injection.{trait}.strategy_{strategy}.behaviour",
            _BEHAVIOUR[trait][strategy - 1],
            "mean over 12 models of the mean of persona rows minus that of baseline rows",
        )
        for trait, strategy in cells
    ]
    return (
        *variances,
        claim("variance.big_five", -0.398, "mean of the five changes", note="the paper prints about 40 %"),
        *means,
        *regulation,
        *moved,
        *behaviour,
        claim(
            "significant",
            0.25,
            where="results: about a quarter of associations",
            note="not reproduced by simple tests of the files (Pearson 18.1 %, Spearman 16.7 %)",
        ),
        claim("human_direction", 0.52, where="results: about 52 % of significant ones", note="directions are ours"),
    )
