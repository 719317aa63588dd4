"""Figures of Huang et al. (2024), recomputed from the answers that the authors published."""

from __future__ import annotations

from personae.papers.scale_reliability.replay import MODEL
from personae.study import Claim

_SAVE = "authors' Analysis/save/save.json, 2,500 settings, recomputed"
_PERSONALITY = "authors' Analysis/save/personality_*.json, 240 runs a pole, recomputed"
_CHARACTER = "authors' Analysis/save/character*.json, 160 runs a character, recomputed"
_ENVIRONMENT = "authors' Analysis/save/environment.json, 160 runs an emotion, recomputed"

_LEVELS = {
    "openness": (4.306, 0.441),
    "conscientiousness": (4.147, 0.387),
    "extraversion": (3.895, 0.426),
    "agreeableness": (4.127, 0.376),
    "neuroticism": (2.346, 0.417),
}
_POLES = {
    "low_openness.openness": 3.56,
    "high_openness.openness": 4.61,
    "low_conscientiousness.conscientiousness": 3.31,
    "high_conscientiousness.conscientiousness": 4.52,
    "low_extraversion.extraversion": 2.19,
    "high_extraversion.extraversion": 4.10,
    "low_neuroticism.neuroticism": 1.89,
    "high_neuroticism.neuroticism": 3.37,
}
_RANGES = {
    "openness": 0.10,
    "conscientiousness": 0.11,
    "extraversion": 0.35,
    "agreeableness": 0.09,
    "neuroticism": 0.45,
}
_EFFECTS = {
    "label.n.openness": -0.29,
    "version.v3.extraversion": 0.26,
    "version.v5.extraversion": -0.28,
    "order.r.neuroticism": -0.11,
}


def scale_reliability_claims() -> tuple[Claim, ...]:
    """All published figures that this study computes."""
    found = [Claim("mismatches", MODEL, 0.0, where=_SAVE, confidence="verified")]
    for trait, (mean, sd) in _LEVELS.items():
        found.append(Claim(f"mean.{trait}", MODEL, mean, where=_SAVE, confidence="verified"))
        found.append(Claim(f"sd.{trait}", MODEL, sd, where=_SAVE, confidence="verified", formula="sample sd"))
    formula = "mean of a level minus mean of all other levels"
    found += [
        Claim(f"factor.{name}", MODEL, value, where=_SAVE, confidence="verified", formula=formula)
        for name, value in _EFFECTS.items()
    ]
    found += [
        Claim(f"level.personality.{name}", MODEL, value, where=_PERSONALITY, confidence="verified")
        for name, value in _POLES.items()
    ]
    found += [
        Claim(f"range.environment.{trait}", MODEL, value, where=_ENVIRONMENT, confidence="verified")
        for trait, value in _RANGES.items()
    ]
    found += [
        Claim("level.environment.calmness.neuroticism", MODEL, 2.00, where=_ENVIRONMENT, confidence="verified"),
        Claim("level.environment.anxiety.neuroticism", MODEL, 2.45, where=_ENVIRONMENT, confidence="verified"),
        Claim("level.character.Lord_Voldemort.agreeableness", MODEL, 1.28, where=_CHARACTER, confidence="verified"),
        Claim("level.character.Adolf_Hitler.agreeableness", MODEL, 1.73, where=_CHARACTER, confidence="verified"),
    ]
    return tuple(found)
