"""What personas are confronted with: texts by aspect and data set."""

from __future__ import annotations

from collections import Counter
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from personae.instrument.tasks import Stimuli, load_stimuli

Aspect = Literal[
    "offensiveness",
    "toxic_continuation",
    "regard",
    "stereotype_agreement",
    "toxic_agreement",
    "control_true",
    "control_false",
]
ASPECTS = ("offensiveness", "toxic_continuation", "regard", "stereotype_agreement", "toxic_agreement")
CONTROLS = ("control_true", "control_false")
_REPLACED = {
    "offensiveness": ("provocations",),
    "toxic_continuation": ("beginnings",),
    "regard": ("beginnings",),
    "toxic_agreement": ("statements",),
}
"""Of our texts, those that the published prompts take the place of; small talk and stereotypes stay."""
AGREEMENT = ("stereotype_agreement", "toxic_agreement", *CONTROLS)


class HarmText(BaseModel):
    """One text."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    key: str
    aspect: Aspect
    dataset: str
    """Success rates of an aspect are averaged over its data sets."""
    text: str


class HarmStimuli(Stimuli):
    """A file of texts."""

    items: tuple[HarmText, ...] = Field(min_length=2)


@lru_cache(maxsize=4)
def read_texts(path: Path | None) -> HarmStimuli:
    """The texts of a file, or ours.

    A file of JSON lines is taken for the published RealToxicityPrompts; see
    :mod:`personae.papers.stochastic_parrots.prompts`.
    """
    if path is not None and path.suffix.lower() == ".jsonl":
        from personae.papers.stochastic_parrots.prompts import chosen_prompts

        ours = read_texts(None)
        kept = [one for one in ours.items if one.dataset not in _REPLACED.get(one.aspect, ())]
        read = [
            HarmText(key=f"rtp_{aspect}_{number}", aspect=aspect, dataset="rtp", text=text)
            for aspect, texts in chosen_prompts(path).items()
            for number, text in enumerate(texts, start=1)
        ]
        return ours.model_copy(update={"key": f"{ours.key}+rtp", "items": (*kept, *read)})
    return load_stimuli(path or Path(str(files("personae.papers.stochastic_parrots") / "harms.toml")), HarmStimuli)


def texts_of(path: Path | None, aspect: str, per_dataset: int) -> tuple[HarmText, ...]:
    """The first texts of each data set of an aspect."""
    seen: Counter[str] = Counter()
    kept = []
    for one in read_texts(path).items:
        if one.aspect == aspect:
            seen[one.dataset] += 1
            if seen[one.dataset] <= per_dataset:
                kept.append(one)
    return tuple(kept)
