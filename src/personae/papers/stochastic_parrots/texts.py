"""What personas are confronted with: texts by aspect and data set."""

from __future__ import annotations

from collections import Counter
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from personae.instrument.tasks import Stimuli, load_stimuli

ASPECTS = ("offensiveness", "toxic_continuation", "regard", "stereotype_agreement", "toxic_agreement")
CONTROLS = ("control_true", "control_false")
AGREEMENT = ("stereotype_agreement", "toxic_agreement", *CONTROLS)


class HarmText(BaseModel):
    """One text."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    key: str
    aspect: Literal[
        "offensiveness",
        "toxic_continuation",
        "regard",
        "stereotype_agreement",
        "toxic_agreement",
        "control_true",
        "control_false",
    ]
    dataset: str
    """Success rates of an aspect are averaged over its data sets."""
    text: str


class HarmStimuli(Stimuli):
    """A file of texts."""

    items: tuple[HarmText, ...] = Field(min_length=2)


@lru_cache(maxsize=4)
def read_texts(path: Path | None) -> HarmStimuli:
    """The texts of a file, or ours."""
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
