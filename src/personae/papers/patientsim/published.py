"""What the authors keep on PhysioNet, read as a run of ours: dialogues, with what judges and clinicians said of them.

Of each experiment: ``dialogue.jsonl`` or ``llm_dialogue.json``; beside it verdicts of a judge by patient, in files that
end in ``persona_quality``, ``ddx``, ``profile_consistency_LLMscore`` and ``nli`` or ``sentence_label``, each with or
without the agent's name at its end. Of people: ``expert_dialogue.jsonl`` and ``*_plausibility_label.jsonl``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from personae.errors import InputError
from personae.papers.patientsim.axes import AXES, PUBLISHED_CRITERIA, read_axes
from personae.papers.patientsim.consultation import Consultation, Exchange, rank_of, read_diagnoses
from personae.papers.patientsim.facts import CONTRADICTED, NOWHERE, SUPPORTED, UNSTATED
from personae.papers.patientsim.manner import manner
from personae.papers.patientsim.profiles import Profile, read_profiles
from personae.papers.patientsim.raters import HIGHEST, LOWEST, PersonRating
from personae.papers.patientsim.words import read_words
from personae.papers.published import LeftOut, published_files, read_published_json, read_published_rows

_LEVELS = {
    "personality": ("personality_type", "personality"),
    "language": ("cefr_type", "cefr"),
    "recall": ("recall_level_type", "recall_level"),
    "dazed": ("dazed_level_type", "dazed_level"),
}
_EXPERT = {
    "personality": "personality",
    "cefr": "language",
    "recall": "recall",
    "confused": "dazedness",
    "dazed": "dazedness",
    "realism": "realism",
}
"""Columns of clinicians' ratings by criterion."""
_RESULT = re.compile(r"\[RESULT\]\s*:?\s*\D{0,12}?(?P<score>[1-4])\b", re.IGNORECASE)
_FILES = {
    "rating": re.compile(r"persona_quality(?:_\w+)?$"),
    "ddx": re.compile(r"ddx(?:_\w+)?$"),
    "consistency": re.compile(r"profile_consistency_LLMscore(?:_\w+)?$"),
    "nli": re.compile(r"(?:_nli|^sentence_label(?:[_-].*)?)$"),
}
_DIALOGUES = re.compile(r"^(?:llm_)?dialogue$")
_PEOPLE = re.compile(r"^expert_dialogue$")
_PLAUSIBLE = re.compile(r"^(?P<who>\w+)_plausibility_label$")
_INFORMATION = "information"


@dataclass(slots=True)
class PublishedRuns:
    """What a folder holds."""

    rows: list[dict[str, Any]] = field(default_factory=list)
    """Consultations, in the form of a run's table."""
    people: list[PersonRating] = field(default_factory=list)
    plausible: dict[str, list[tuple[str, int]]] = field(default_factory=dict)
    """Plausibility by clinicians or a model: the utterance and its score."""
    cases: list[Profile] = field(default_factory=list)
    """The clinical profiles."""
    warnings: list[str] = field(default_factory=list)


def read_published(folder: Path) -> PublishedRuns:
    """Read all experiments below a folder.

    Raises:
        InputError: If a file of the layout cannot be read, or a dialogue names a level that no axis has.
    """
    found = PublishedRuns()
    paths = published_files(folder, ".json", ".jsonl", warnings=found.warnings)
    profiles: dict[str, Profile] = {}
    for path in paths:
        if path.stem == "patient_profile":
            found.cases += read_profiles(path)
            profiles |= {one.record: one for one in found.cases if one.record}
    for path in paths:
        if _DIALOGUES.search(path.stem):
            found.rows += _dialogues(
                path, [one for one in paths if one.parent == path.parent], profiles, found.warnings
            )
        elif _PEOPLE.search(path.stem):
            found.people += _experts(path, found.warnings)
        elif plausible := _PLAUSIBLE.match(path.stem):
            found.plausible.setdefault(plausible["who"], []).extend(_plausible(path, found.warnings))
    return found


def _dialogues(
    path: Path, beside: Sequence[Path], profiles: Mapping[str, Profile], warnings: list[str]
) -> Iterator[dict[str, Any]]:
    judged = {kind: _judged(beside, pattern) for kind, pattern in _FILES.items()}
    axes, words = read_axes(), read_words()
    left = LeftOut(path, warnings)
    seen: dict[tuple[str, ...], int] = {}
    for number, row in read_published_rows(path, warnings):
        record = _record(row.get("hadm_id"))
        turns = row.get("dialog_history", row.get("dialogue_history"))
        if not record or not isinstance(turns, list):
            left.add("no hadm_id and dialog_history", number)
            continue
        profile = profiles.get(record)
        levels = _levels(row, profile, f"{path}, row {number}")
        if levels is None:
            left.add("no level of an axis, here or in patient_profile.json", number)
            continue
        done = _consultation(turns, levels["dazed"])
        diagnosis = str(row.get("diagnosis") or (profile.diagnosis if profile else ""))
        model = str(row.get("patient_engine_name") or path.parent.name)
        key = (model, record, *levels.values())
        seen[key] = seen.get(key, -1) + 1
        yield {
            "model": model,
            "doctor": str(row.get("doctor_engine_name") or ""),
            "status": "ok" if done.exchanges else "empty",
            "arm": "information" if "info" in path.parent.as_posix() else "persona",
            **levels,
            "profile": record,
            "replicate": seen[key],
            "diagnosis": diagnosis,
            "fields": len(profile.told) if profile else None,
            **manner(done, axes, levels, words.beyond(levels["language"])),
            "listed": list(done.diagnoses),
            "by_doctor": done.by_doctor,
            "rank": _rank(judged["ddx"].get(record), diagnosis, done.diagnoses),
            **_rating(judged["rating"], record),
            **_consistency(judged["consistency"].get(record)),
            **_facts(judged["nli"].get(record)),
        }
    left.tell()


def _record(value: Any) -> str:
    """Numbers of records are whole numbers, texts, or numbers with a point."""
    text = str(value).strip() if value is not None else ""
    return text.removesuffix(".0")


def _levels(row: Mapping[str, Any], profile: Profile | None, where: str) -> dict[str, str] | None:
    found: dict[str, str] = {}
    for axis, names in _LEVELS.items():
        told = next((row[name] for name in names if row.get(name) is not None), None)
        told = told if told is not None else (profile.levels.get(axis) if profile else None)
        if told is None:
            return None
        level = str(told).strip()
        if axis == "language" and level[:1].upper() in AXES[axis]:
            level = level[:1].upper()  # B2 is of B
        if level not in AXES[axis]:
            raise InputError(
                f"{told!r} is no level of {axis}", where=where, remedy=f"levels are {', '.join(AXES[axis])}"
            )
        found[axis] = level
    return found


def _consultation(turns: Sequence[Any], dazed: str) -> Consultation:
    """Questions with their answers, and the list that ends it."""
    exchanges: list[Exchange] = []
    asked: str | None = None
    listed: tuple[str, ...] | None = None
    for turn in turns:
        role, said = str(turn.get("role", "")).casefold(), str(turn.get("content") or "")
        if role.startswith("doctor"):
            asked = said
            listed = read_diagnoses(said) or listed
        elif asked is not None:
            exchanges.append(Exchange(asked, said, dazed))
            asked = None
    return Consultation(tuple(exchanges), listed or (), listed is not None, "ok")


def _judged(beside: Sequence[Path], pattern: re.Pattern[str]) -> dict[str, Any]:
    """Verdicts by record, or by criterion and record."""
    found: dict[str, Any] = {}
    for path in beside:
        stem = path.stem.removesuffix(".json")  # one published file ends in .json.json
        if path.suffix == ".json" and pattern.search(stem):
            data = read_published_json(path)
            if not isinstance(data, dict):
                raise InputError("is no object by record", where=str(path), remedy="give the file as published")
            for key, value in data.items():
                found.setdefault(_record(key), value)
    return found


def _rank(verdict: Any, diagnosis: str, listed: Sequence[str]) -> int | None:
    """Place of the diagnosis in the list; where a judge says it is in it and no name of it is found, the last."""
    rank = rank_of(diagnosis, listed)
    if not isinstance(verdict, dict) or "answer" not in verdict:
        return rank
    if str(verdict["answer"]).strip().casefold()[:1] != "y":
        return None
    return rank if rank is not None else max(len(listed), 1)


def _rating(by_criterion: Mapping[str, Any], record: str) -> dict[str, Any]:
    scores: dict[str, int | None] = {}
    for name, criterion in PUBLISHED_CRITERIA.items():
        by_record = by_criterion.get(name)
        told = {_record(key): value for key, value in by_record.items()} if isinstance(by_record, dict) else {}
        if record in told:
            scores[f"rating.{criterion}"] = _score(told[record])
    if not scores:
        return {}
    return {**scores, "rating.status": "ok" if any(one is not None for one in scores.values()) else "unparsed"}


def _score(value: Any) -> int | None:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return int(value) if LOWEST <= value <= HIGHEST else None
    match = _RESULT.search(str(value)) if value is not None else None
    return int(match["score"]) if match else None


def _consistency(by_field: Any) -> dict[str, Any]:
    """How alike a judge finds the case that the dialogue tells to the real one, by field."""
    if not isinstance(by_field, dict):
        return {}
    scores = [float(one) for one in map(_number, by_field.values()) if one is not None]
    return {"consistency.scores": scores} if scores else {}


def _number(value: Any) -> float | None:
    if isinstance(value, dict):
        value = next((one for key, one in value.items() if "score" in str(key).casefold()), None)
    try:
        return float(value)
    except (TypeError, ValueError):
        return None


def _facts(utterances: Any) -> dict[str, Any]:
    """Sentences as a judge labelled them, step by step."""
    if not isinstance(utterances, dict):
        return {}
    columns: dict[str, list[Any]] = {
        name: [] for name in ("kind", "about", "verdict", "adds", "plausible", "elsewhere")
    }
    for by_sentence in utterances.values():
        for steps in by_sentence.values() if isinstance(by_sentence, dict) else ():
            if isinstance(steps, dict):
                for name, value in _sentence(steps).items():
                    columns[name].append(value)
    return {f"facts.{name}": values for name, values in columns.items()} | {"facts.statuses": []}


def _sentence(steps: Mapping[str, Any]) -> dict[str, Any]:
    kind = _prediction(steps.get("step0"))
    known = None if kind is None else str(kind).strip().casefold()
    told: dict[str, Any] = dict.fromkeys(("about", "verdict", "adds", "plausible", "elsewhere"))
    if known != _INFORMATION:
        return {"kind": known if known is None else "other", **told}
    parts = [one for one in _list(steps.get("step1-1")) if _is_one(one.get("prediction"))]
    held = [_number(one.get("entailment_prediction")) for one in _list(steps.get("step2-2"))]
    adds = _prediction(steps.get("step1-2"))
    told["about"] = [str(one.get("category")) for one in parts] or [NOWHERE]
    told["verdict"] = CONTRADICTED if -1 in held else SUPPORTED if 1 in held else UNSTATED
    told["adds"] = None if adds is None else _is_one(adds)
    told["plausible"] = _plausibility(steps.get("step2-1"))
    return {"kind": _INFORMATION, **told}


def _prediction(value: Any) -> Any:
    return value.get("prediction") if isinstance(value, dict) else value


def _list(value: Any) -> list[Mapping[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _is_one(value: Any) -> bool:
    return str(value).strip().removesuffix(".0") == "1" or value is True


def _plausibility(value: Any) -> int | None:
    """A rating from 1 to 4, whatever the key is called."""
    told = list(value.values()) if isinstance(value, dict) else [value]
    for one in told:
        number = _number(one)
        if number is not None and LOWEST <= number <= HIGHEST:
            return int(number)
    return None


def _experts(path: Path, warnings: list[str]) -> Iterator[PersonRating]:
    left = LeftOut(path, warnings)
    for number, row in read_published_rows(path, warnings):
        dialogue, rater = _record(row.get("hadm_id")), str(row.get("labeler_name") or "").strip()
        if not dialogue or not rater:
            left.add("no hadm_id and labeler_name", number)
            continue
        for column, criterion in _EXPERT.items():
            if row.get(column) is None:
                continue
            score = _number(row[column])
            if score is None or not LOWEST <= score <= HIGHEST or score != int(score):
                left.add(f"{column} is {row[column]!r}, no score from {LOWEST} to {HIGHEST}", number)
                continue
            yield PersonRating(dialogue, rater, criterion, int(score))
    left.tell()


def _plausible(path: Path, warnings: list[str]) -> Iterator[tuple[str, int]]:
    left = LeftOut(path, warnings)
    for number, row in read_published_rows(path, warnings):
        score = _number(row.get("score"))
        if score is None or not LOWEST <= score <= HIGHEST:
            left.add("no score from 1 to 4", number)
        else:
            yield str(row.get("utterance_id") or number), int(score)
    left.tell()
