"""The classifiers of the study: trained on texts of the user, or simulated ones; their calibration and domain shift."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np

from personae.canonical import derive_seed
from personae.errors import InputError
from personae.judge import (
    ClassifierScorer,
    LabelledTexts,
    calibration_report,
    domain_shift,
    read_labelled,
    train_scorer,
)
from personae.papers.eliciting_traits.settings import ElicitingSettings
from personae.persona import trait_title
from personae.respondent import simulated_texts
from personae.study import CORRECTED, Finding

SIMULATED = "sim"
NONE = "none"


def labelled(settings: ElicitingSettings) -> LabelledTexts | None:
    """The training texts; nothing if no classifier is trained."""
    if settings.train == NONE or settings.classifier is not None:
        return None
    return _simulated() if settings.train == SIMULATED else _read(settings.train)


def classifier(settings: ElicitingSettings) -> ClassifierScorer | None:
    """The classifiers, one a trait.

    Raises:
        InputError: If a file cannot be used.
        MissingExtraError: If texts are to be trained on and scikit-learn is not installed.
    """
    if settings.classifier is not None:
        return ClassifierScorer.load(settings.classifier)
    data = labelled(settings)
    return None if data is None else _trained(data.source if not data.is_simulated else SIMULATED, settings.train)


@lru_cache(maxsize=4)
def _trained(source: str, train: str) -> ClassifierScorer:
    return train_scorer(_simulated() if train == SIMULATED else _read(train))


@lru_cache(maxsize=1)
def _simulated() -> LabelledTexts:
    return simulated_texts(160, words=120)


@lru_cache(maxsize=4)
def _read(path: str) -> LabelledTexts:
    if not path.strip():
        raise InputError("names no file", where="train", remedy="write -P train=FILE.csv, sim or none")
    return read_labelled(Path(path))


def reports(settings: ElicitingSettings, texts: Sequence[str], subject: str) -> Iterator[Finding]:
    """Calibration on held-out training texts, and how far the scored texts are from these."""
    data = labelled(settings)
    if data is None:
        return
    rng = np.random.default_rng(derive_seed("eliciting_traits", "calibration"))
    source = f"texts={'SIMULATED' if data.is_simulated else data.source}"
    for trait, estimates in calibration_report(data, rng=rng).items():
        for name, found in estimates.items():
            yield Finding.of(
                f"calibration.{name}.{trait_title(trait)}", subject, found, conventions=(CORRECTED, source, "held out")
            )
    if len(texts) >= 20:
        for name, found in domain_shift(data.texts, texts, rng=rng).items():
            yield Finding.of(f"shift.{name}", subject, found, conventions=(CORRECTED, source))
