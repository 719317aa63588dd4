"""Replay of what the authors published: correlations behind their figures, or scores of respondents.

Figures: JSON files with ``convergent`` or ``criterion`` in their names (or ``text``), in any of the shapes that a table
of correlations takes: by model and trait, by trait and model, a list of rows, or columns, index and data. Scores: CSV
files with ``model_id``, ``item_preamble_id`` and columns such as BFI-EXT, IPIP300-EXT, PA, PHYS, ACHV, CSE.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from personae.errors import InputError
from personae.papers.paper import Replay
from personae.papers.personality_traits.constructs import CRITERIA, TRAITS
from personae.papers.personality_traits.settings import PersonalityTraitsSettings
from personae.papers.personality_traits.study import PersonalityTraits

RESPONDENTS = 1250
_TRAIT_WORDS = {
    re.compile(r"(?:^|[^a-z])(?:ext|extraversion|e)(?:[^a-z]|$)", re.I): "extraversion",
    re.compile(r"(?:^|[^a-z])(?:agr|agreeableness|a)(?:[^a-z]|$)", re.I): "agreeableness",
    re.compile(r"(?:^|[^a-z])(?:con|conscientiousness|c)(?:[^a-z]|$)", re.I): "conscientiousness",
    re.compile(r"(?:^|[^a-z])(?:neu|neuroticism|n)(?:[^a-z]|$)", re.I): "neuroticism",
    re.compile(r"(?:^|[^a-z])(?:ope|opn|openness|o)(?:[^a-z]|$)", re.I): "openness",
}
_CRITERION_WORDS = {
    "pa": "positive_affect", "positive affect": "positive_affect", "na": "negative_affect",
    "negative affect": "negative_affect", "phys": "physical_aggression", "physical aggression": "physical_aggression",
    "vrbl": "verbal_aggression", "verbal aggression": "verbal_aggression", "angr": "anger", "anger": "anger",
    "hstl": "hostility", "hostility": "hostility", "achv": "achievement", "achievement": "achievement",
    "conf": "conformity", "conformity": "conformity", "scrt": "security", "security": "security",
    "cse": "creative_self_efficacy", "creative self-efficacy": "creative_self_efficacy",
    "cpi": "creative_identity", "creative personal identity": "creative_identity",
}  # fmt: skip
_FRAME = re.compile(r"\b(?:bfi|ipip|ipip300|neo|300|44|and|vs|x)\b")
_AVERAGE = re.compile(r"^(?:avg|average|mean)\b", re.I)
_KINDS = ("convergent", "criterion", "text")
_CODES = dict(zip(("EXT", "AGR", "CON", "NEU", "OPE"), TRAITS, strict=True))
_FORMS = {"BFI": "bfi", "IPIP300": "ipip"}
_SCORE_COLUMNS = {
    f"{form}-{code}": (trait, method) for form, method in _FORMS.items() for code, trait in _CODES.items()
}
LAYOUT = (
    "convergent_validity.json and criterion_validity.json, or CSV files of scores with model_id and IPIP300-EXT ..."
)


def read_replay(folder: Path, given: Mapping[str, str]) -> Replay:
    """Read published correlations and scores.

    Raises:
        InputError: If the folder holds neither.
    """
    import polars as pl

    study = PersonalityTraits(PersonalityTraitsSettings.read(given))
    warnings: list[str] = []
    rows: list[dict[str, Any]] = []
    for path in sorted(folder.rglob("*.json")):
        kind = next((kind for kind in _KINDS if kind in path.stem.lower()), "")
        if kind:
            rows += _read_figure(path, kind, warnings)
    if rows:
        table = pl.DataFrame(rows).unique(maintain_order=True).with_columns(pl.lit("ok").alias("status"))
        return Replay(table, study, {"figures": str(table.height), "source": _source(folder)}, tuple(warnings))
    tables = [one for path in sorted(folder.rglob("*.csv")) if (one := _read_scores(path, warnings)) is not None]
    if not tables:
        raise InputError("holds no published validity", where=str(folder), remedy=f"the layout is {LAYOUT}")
    table = pl.concat(tables, how="diagonal_relaxed").with_columns(pl.lit("ok").alias("status"))
    return Replay(table, study, {"respondents": str(table.height), "source": _source(folder)}, tuple(warnings))


def _source(folder: Path) -> str:
    path = folder / "SOURCE.txt"
    return path.read_text(encoding="utf-8", errors="replace").strip() if path.is_file() else ""


def _read_figure(path: Path, kind: str, warnings: list[str]) -> Iterator[dict[str, Any]]:
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, ValueError) as error:
        warnings.append(f"{path}: is no JSON ({type(error).__name__}); left out")
        return
    unread = 0
    for words, value in _leaves(_nested(data)):
        name = _name(kind, words)
        model = " ".join(word for word in words if not _is_label(word, kind)).strip()
        if name is None or not model or not -1.0 <= value <= 1.0:
            unread += 1
            continue
        stored = "stored_" if name.endswith(".average") else ""
        yield {"model": model, "name": f"{stored}{name}", "correlation": value, "n": RESPONDENTS}
    if unread:
        warnings.append(f"{path}: {unread} values are no correlation of a trait and a model; left out")


def _nested(data: Any) -> Any:
    """Tables in other shapes as nested mappings."""
    if isinstance(data, list) and all(isinstance(row, dict) for row in data):
        found: dict[str, Any] = {}
        for place, row in enumerate(data):
            texts = [str(value) for value in row.values() if isinstance(value, str)]
            numbers = {key: value for key, value in row.items() if isinstance(value, int | float)}
            at = found
            for text in texts or [str(place)]:
                at = at.setdefault(text, {})
            at.update(numbers)
        return found
    if isinstance(data, dict) and {"columns", "index", "data"} <= set(data):
        return {
            str(name): dict(zip(map(str, data["columns"]), row, strict=False))
            for name, row in zip(data["index"], data["data"], strict=False)
        }
    named = [column for column in data.values() if _is_text(column)] if isinstance(data, dict) else []
    if named:  # columns by row number, one of which names the models
        names: dict[str, str] = named[0]
        columns: dict[str, Any] = {key: column for key, column in data.items() if not _is_text(column)}
        return {key: {names[row]: value for row, value in column.items()} for key, column in columns.items()}
    return data


def _is_text(column: Any) -> bool:
    return isinstance(column, dict) and bool(column) and all(isinstance(value, str) for value in column.values())


def _leaves(data: Any, words: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], float]]:
    if isinstance(data, Mapping):
        for key, value in data.items():
            yield from _leaves(value, (*words, str(key)))
    elif isinstance(data, list):
        for place, value in enumerate(data):
            yield from _leaves(value, (*words, str(place)))
    elif isinstance(data, int | float) and not isinstance(data, bool):
        yield words, float(data)


def _trait(word: str) -> str | None:
    return next((trait for pattern, trait in _TRAIT_WORDS.items() if pattern.search(word)), None)


def _criterion(word: str) -> str | None:
    parts = [word.casefold().strip(), *re.split(r"[-_/ ]+", word.casefold().strip())]
    return next((_CRITERION_WORDS[part] for part in parts if part in _CRITERION_WORDS), None)


def _is_label(word: str, kind: str) -> bool:
    if _AVERAGE.search(word) or word.casefold() in ("r", "value", "correlation", "correlations"):
        return True
    if kind == "criterion" and _criterion(word):
        return True
    return _trait(word) is not None and _looks_like_trait(word)


def _looks_like_trait(word: str) -> bool:
    """Whether a word is a trait and not the name of a model that has a letter like one in it."""
    plain = _FRAME.sub(" ", re.sub(r"[-_]", " ", word.casefold()))
    codes = {"ext", "agr", "con", "neu", "ope", "opn", "e", "a", "c", "n", "o", *TRAITS, *_CRITERION_WORDS}
    return bool(plain.split()) and all(part in codes for part in plain.split())


def _name(kind: str, words: tuple[str, ...]) -> str | None:
    labels = [word for word in words if _is_label(word, kind)]
    if any(_AVERAGE.search(word) for word in labels):
        return f"{kind}.average"
    trait = next((found for word in labels if (found := _trait(word))), None)
    if kind != "criterion":
        return f"{kind}.{trait}" if trait else None
    key = next((found for word in labels if (found := _criterion(word))), None)
    if key is None:
        return None
    expected = [one.trait for one in CRITERIA if one.key == key]
    chosen = trait or (expected[0] if len(expected) == 1 else None)
    return f"criterion.{chosen}.{key}" if chosen else None


def _read_scores(path: Path, warnings: list[str]) -> Any:
    import polars as pl

    with path.open(encoding="utf-8-sig", newline="") as file:
        header = next(csv.reader(file), [])
    if not {"model_id", *_SCORE_COLUMNS} <= set(header):
        warnings.append(f"{path}: lacks model_id or a column of scores; left out")
        return None
    read = pl.read_csv(path, infer_schema_length=None)
    columns = {name: f"{trait}@{method}" for name, (trait, method) in _SCORE_COLUMNS.items()}
    for criterion in CRITERIA:
        for word, key in _CRITERION_WORDS.items():
            if key == criterion.key and word.upper() in header:
                columns[word.upper()] = f"{criterion.key}@{criterion.instrument}"
    chosen = [pl.col("model_id").alias("model"), *(pl.col(name).alias(to) for name, to in columns.items())]
    if "item_preamble_id" in header:
        chosen.append(pl.col("item_preamble_id").cast(pl.String).str.extract(r"^([^-]+)").alias("biography"))
    return read.select(chosen)
