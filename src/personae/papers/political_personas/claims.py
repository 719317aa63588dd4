"""Figures of Bernardelle et al. (2024): centroids, dispersion, and how far each push moves personas."""

from __future__ import annotations

from personae.study import Claim

_MODELS = ("mistral", "llama", "qwen", "zephyr")
_CENTROIDS = {
    "centroid.economic.base": (-1.60, -1.76, -2.59, -0.83),
    "centroid.social.base": (-4.48, -4.00, -4.52, -3.14),
}
_EFFECTS = {
    "d.social.right_authoritarian": (1.81, 2.51, 2.37, 1.65),
    "d.economic.left_libertarian": (-1.82, 0.10, -0.12, -1.62),
}
_DISPERSION = {"llama": 1.76, "zephyr": 1.16}
_Z = {"z.economic.right_authoritarian": 179.86, "z.social.right_authoritarian": 340.37}


def political_claims() -> tuple[Claim, ...]:
    """All published figures that this study computes."""
    rows = [
        Claim(name, model, value, where=where, confidence="verified", formula=formula, conventions=("as_published",))
        for figures, where, formula in (
            (_CENTROIDS, "base distribution; stored outputs of the authors' notebook", "mean over 200,000 personas"),
            (_EFFECTS, "shifts; stored outputs of the authors' notebook", "Cohen's d with pooled SD"),
        )
        for name, values in figures.items()
        for model, value in zip(_MODELS, values, strict=True)
    ]
    spread = [
        Claim(
            "dispersion.base",
            model,
            value,
            where="stored outputs of the authors' notebook",
            confidence="verified",
            formula="mean distance from the centroid",
            conventions=("as_published",),
        )
        for model, value in _DISPERSION.items()
    ]
    printed = [
        Claim(
            name,
            "mistral",
            value,
            where="table of shifts",
            confidence="verified",
            formula="d / sqrt(4 / n + d^2 / 2n), n = 200,000",
            conventions=("as_published",),
        )
        for name, value in _Z.items()
    ]
    return (*rows, *spread, *printed)
