"""Figures of Serapio-García et al. (2025)."""

from __future__ import annotations

from personae.study import Claim

FLAN_540B, FLAN_62B, PALM_62B, GPT_4O = "Flan-PaLM 540B", "Flan-PaLM 62B", "PaLM 62B", "GPT-4o"
_FIGURES = "authors' figure data, recomputed"
_HEADLINE = "headline of the paper"


def personality_traits_claims() -> tuple[Claim, ...]:
    """All published figures that the study computes."""

    def verified(name: str, subject: str, value: float, formula: str) -> Claim:
        return Claim(name, subject, value, where=_FIGURES, confidence="verified", formula=formula)

    mean = "mean of five correlations of IPIP-NEO-300 and BFI scores over 1,250 respondents"
    text = "mean of five correlations of read and scored traits"
    aggression = ("physical_aggression", -0.88), ("verbal_aggression", -0.72), ("anger", -0.86), ("hostility", -0.73)
    return (
        verified("convergent.average", FLAN_540B, 0.90, mean),
        verified("convergent.average", GPT_4O, 0.90, mean),
        Claim("convergent.average", FLAN_62B, 0.87, where=_HEADLINE, confidence="memory", formula=mean),
        verified("convergent.average", PALM_62B, 0.05, mean),
        verified("convergent.average", "Llama-2-70b", 0.00, mean),
        verified("convergent.average", "Llama-2-70b-chat", 0.82, mean),
        verified("text.average", FLAN_540B, 0.55, text),
        verified("text.average", "people", 0.38, text),
        *(
            verified(f"criterion.agreeableness.{key}", FLAN_540B, value, "Pearson r over 1,250 respondents")
            for key, value in aggression
        ),
        verified("criterion.neuroticism.negative_affect", FLAN_540B, 0.91, "Pearson r over 1,250 respondents"),
    )
