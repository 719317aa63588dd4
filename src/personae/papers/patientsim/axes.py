"""The four axes of a patient, and the thirty-seven patients that they make.

Six personalities, three levels of English and two of recall, all clear-headed, make 36 patients. The 37th is very
dazed, and plain, of level B and of high recall otherwise: a dazed patient shows nothing of the other axes at first.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from string import Template
from typing import Any

from personae.canonical import content_hash
from personae.errors import InputError
from personae.population import FactorialSource

PERSONALITIES = ("plain", "verbose", "pleasing", "impatient", "distrust", "overanxious")
LANGUAGES = ("A", "B", "C")
RECALLS = ("low", "high")
DAZED = ("normal", "moderate", "high")
AXES: Mapping[str, tuple[str, ...]] = {
    "personality": PERSONALITIES,
    "language": LANGUAGES,
    "recall": RECALLS,
    "dazed": DAZED,
}
COLUMNS = {axis: f"extensions.{axis}" for axis in AXES}
EXCEPTION = {"personality": "plain", "language": "B", "recall": "high", "dazed": "high"}
PLAIN = {**EXCEPTION, "dazed": "normal"}
"""Who is asked where the persona is to get out of the way."""
Levels = Mapping[str, str]
"""The level of each axis."""
CRITERIA = ("personality", "language", "recall", "dazedness", "realism")

FILES = {
    "personality": "personality_type.json",
    "language": "cefr_type.json",
    "recall": "recall_level_type.json",
    "dazed": "dazed_level_type.json",
}
_LIMITS, _RUBRIC = "sentence_length_limit.json", "llm_eval_metrics_persona.json"
_PUBLISHED_WORDS = {
    "{understand_words}": "$within",
    "{misunderstand_words}": "$beyond",
    "{understand_med_words}": "$medical_within",
    "{misunderstand_med_words}": "$medical_beyond",
}
PUBLISHED_CRITERIA = dict(
    zip(("Personality", "CEFR", "Recall_level", "Dazed_level", "Realism_w_Profile"), CRITERIA, strict=True)
)
_MEANINGS = {
    "personality": "Does the patient keep to this personality throughout?",
    "language": "Do words, grammar and fluency fit the patient's level of English?",
    "recall": "Does the patient remember the medical history as well, or as badly, as described?",
    "dazedness": "Is the patient as clear or as dazed as described?",
    "realism": "Would a real patient in an emergency department speak like this?",
}


@dataclass(frozen=True, slots=True)
class AxisTexts:
    """What each level of each axis is told, how many sentences each personality has, and what a judge is asked."""

    texts: Mapping[str, Mapping[str, str]]
    sentences: Mapping[str, int]
    criteria: Mapping[str, str]
    unused: tuple[str, ...] = ()
    """Levels that have a sentence limit and no description."""

    @property
    def hash(self) -> str:
        """Hash of everything that is read."""
        return content_hash([{key: dict(value) for key, value in self.texts.items()}, dict(self.sentences)])

    def describe(self, levels: Mapping[str, str], words: Mapping[str, str]) -> dict[str, str]:
        """The text of each axis at these levels, with the words of the level of English put in."""
        return {axis: Template(self.texts[axis][levels[axis]]).safe_substitute(words) for axis in AXES}


def patients(replicates: int = 1) -> FactorialSource:
    """The 37 combinations, as a population.

    Example:
        >>> patients().size
        37
    """
    return FactorialSource(
        {COLUMNS[axis]: AXES[axis] for axis in ("personality", "language", "recall")},
        fixed={COLUMNS["dazed"]: "normal"},
        exceptions=[{COLUMNS[axis]: level for axis, level in EXCEPTION.items()}],
        replicates=replicates,
    )


@lru_cache(maxsize=4)
def read_axes(folder: Path | None = None) -> AxisTexts:
    """Our descriptions, or the authors' from a folder of their JSON files.

    Raises:
        InputError: If a file cannot be read, or a level has no text.
    """
    if folder is None:
        data = tomllib.loads((files("personae.papers.patientsim") / "axes.toml").read_text("utf-8"))
        texts = {axis: {level: row["text"] for level, row in data[axis].items()} for axis in AXES}
        sentences = {level: int(row["sentences"]) for level, row in data["personality"].items()}
        return AxisTexts(texts, sentences, _MEANINGS)
    texts = {axis: {k: _with_our_marks(v) for k, v in _read(folder / name).items()} for axis, name in FILES.items()}
    for axis, levels in AXES.items():
        if lacking := [level for level in levels if not texts[axis].get(level, "").strip()]:
            raise InputError(
                f"has no text for {', '.join(lacking)}", where=str(folder / FILES[axis]), remedy="describe every level"
            )
    limits = _read(folder / _LIMITS)
    try:
        sentences = {level: int(limits[level]) for level in PERSONALITIES}
    except (KeyError, ValueError, TypeError) as error:
        raise InputError(
            f"has no limit for every personality ({error})",
            where=str(folder / _LIMITS),
            remedy='write {"plain": "3", ...}',
        ) from error
    unused = tuple(sorted(set(limits) - set(PERSONALITIES)))
    return AxisTexts(texts, sentences, _criteria(folder / _RUBRIC), unused)


def _criteria(path: Path) -> Mapping[str, str]:
    if not path.is_file():
        return _MEANINGS
    found = _read(path)
    criteria = {}
    for name, key in PUBLISHED_CRITERIA.items():
        row = found.get(name)
        if not isinstance(row, dict) or not str(row.get("criteria", "")).strip():
            raise InputError(f"lacks the criterion {name}", where=str(path), remedy="give its criteria")
        steps = " ".join(f"{k}: {row[f'score{k}_description']}" for k in range(1, 5) if f"score{k}_description" in row)
        criteria[key] = f"{row['criteria']} {steps}".strip()
    return criteria


def _with_our_marks(text: Any) -> str:
    plain = str(text).replace("$", "$$")
    for theirs, ours in _PUBLISHED_WORDS.items():
        plain = plain.replace(theirs, ours)
    return plain


def _read(path: Path) -> dict[str, Any]:
    try:
        data = json.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError) as error:
        raise InputError(
            f"cannot be read ({type(error).__name__})", where=str(path), remedy="give the JSON files of the axes"
        ) from error
    if not isinstance(data, dict):
        raise InputError("is no object", where=str(path), remedy="give a JSON object by level")
    return data
