"""Clinical profiles: synthetic ones made here, or those of the user in the fields that the study extracts from records.

Records of real patients need credentials (MIMIC-ED, MIMIC-IV); none are shipped, and none were used for ours.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from personae.canonical import content_hash
from personae.errors import InputError
from personae.validation import first_fault

SEED = 42
SPLIT = {"validation": 10, "information": 52, "persona": 108}
"""170 profiles: to tune on, to test facts on, and three for each of the 36 clear-headed patients."""
AMBULANCE = "ambulance"
HIDDEN = ("diagnosis", "disposition", "number", "record", "levels")
"""What the patient is not told: it could not know it."""


class Profile(BaseModel):
    """One patient's case: 25 fields, empty where the record says nothing."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    number: int = 0
    record: str = ""
    """What the user's file calls the patient."""
    levels: Mapping[str, str] = Field(default_factory=dict)
    """The persona that the file gives to the case, by axis."""
    age: str
    gender: str
    race: str = ""
    insurance: str = ""
    marital_status: str = ""
    children: str = ""
    living_situation: str = ""
    occupation: str = ""
    exercise: str = ""
    tobacco: str = ""
    alcohol: str = ""
    illicit_drug_use: str = ""
    sexual_history: str = ""
    allergies: str = ""
    family_medical_history: str = ""
    medical_device: str = ""
    medical_history: str = ""
    present_illness_positive: str = ""
    present_illness_negative: str = ""
    chief_complaint: str
    pain: str = ""
    medication: str = ""
    arrival_transport: str = ""
    disposition: str = ""
    diagnosis: str = Field(min_length=1)

    @property
    def told(self) -> dict[str, str]:
        """What the patient knows, by field; empty fields are left out."""
        return {name: value for name, value in self.model_dump().items() if name not in HIDDEN and value}

    def shown(self) -> str:
        """The case as a patient or a judge reads it."""
        return "\n".join(f"- {name.replace('_', ' ')}: {value}" for name, value in self.told.items())


FIELDS = tuple(name for name in Profile.model_fields if name not in ("number", "record", "levels"))
_ALIASES = {"chiefcomplaint": "chief_complaint", "illicit_drug": "illicit_drug_use"}
"""Names of the authors' files that differ from ours."""
_LEVELS = {"personality": "personality", "cefr": "language", "recall_level": "recall", "dazed_level": "dazed"}
_ABOUT_WORDS = re.compile(r"(?:cefr_[ABC][12]|med_[ABC])")
_SPLITS = {
    "persona": "persona",
    "info": "information",
    "information": "information",
    "valid": "validation",
    "sentence_cls_valid": "validation",
    "validation": "validation",
}


@dataclass(frozen=True, slots=True)
class Split:
    """Profiles by what they are for; none is in two parts."""

    validation: tuple[Profile, ...]
    information: tuple[Profile, ...]
    persona: tuple[Profile, ...]


def draw_profiles(count: int, seed: int = SEED) -> list[Profile]:
    """Make synthetic profiles, the five diagnoses in turn.

    Example:
        >>> first, second = draw_profiles(2)
        >>> first.diagnosis, second.diagnosis, "diagnosis" in first.told
        ('myocardial infarction', 'pneumonia', False)
    """
    import numpy as np

    from personae.population import Recipe

    data = _cases()
    people = Recipe.model_validate(data["people"]).population(size=count, seed=seed).frame()
    cases = data["cases"]
    made = []
    for number, person in enumerate(people.iter_rows(named=True)):
        case = cases[number % len(cases)]
        rng = np.random.default_rng([seed, number])

        def some(name: str, case: Mapping[str, Any] = case, rng: np.random.Generator = rng) -> str:
            values = case[name]
            kept = rng.random(len(values)) < 0.75
            return ", ".join(value for value, is_kept in zip(values, kept, strict=True) if is_kept) or values[0]

        low, high = case["pain"]
        made.append(
            Profile(
                number=number,
                age=str(person["demographics.age"]),
                gender=person["demographics.gender"],
                race=person["demographics.ethnicity"],
                marital_status=person["demographics.marital_status"],
                occupation=person["demographics.occupation"],
                family_medical_history=some("family"),
                medical_device=str(rng.choice(case["devices"])),
                medical_history=some("history"),
                present_illness_positive=some("positive"),
                present_illness_negative=some("negative"),
                chief_complaint=case["chief_complaint"],
                pain=f"{rng.integers(low, high + 1)} of 10",
                medication=some("medication"),
                arrival_transport=AMBULANCE if rng.random() < 0.5 else "walk in",
                disposition="admitted",
                diagnosis=case["diagnosis"],
                **{
                    name.removeprefix("extensions."): value
                    for name, value in person.items()
                    if name.startswith("extensions.")
                },
            )
        )
    return made


def names_of(diagnosis: str) -> tuple[str, ...]:
    """What a diagnosis may be called; of one that is not among the five, its own name alone."""
    known = {case["diagnosis"]: tuple(case["also"]) for case in _cases()["cases"]}
    return (diagnosis.casefold(), *known.get(diagnosis.casefold(), ()))


def split_profiles(profiles: Sequence[Profile]) -> Split:
    """Part profiles as their file does, else into 10, 52 and 108 or in these proportions, diagnoses balanced.

    Raises:
        InputError: If there are fewer than three.
    """
    if len(profiles) < len(SPLIT):
        raise InputError(f"{len(profiles)} profiles cannot be parted", where="profiles", remedy="give three or more")
    told = {name: tuple(one for one in profiles if one.levels.get("split") == name) for name in SPLIT}
    if all(told.values()):
        return Split(**told)
    total = sum(SPLIT.values())
    wanted = {name: round(len(profiles) * share / total) for name, share in SPLIT.items()}
    wanted["validation"] = max(1, wanted["validation"])
    wanted["information"] = max(1, min(wanted["information"], len(profiles) - wanted["validation"] - 1))
    # By diagnosis in turn, so that every stretch holds each about as often.
    by_diagnosis: dict[str, list[Profile]] = {}
    for one in profiles:
        by_diagnosis.setdefault(one.diagnosis, []).append(one)
    order = sorted(
        ((place, name, one) for name, group in by_diagnosis.items() for place, one in enumerate(group)),
        key=lambda row: row[:2],
    )
    mixed = [one for _, _, one in order]
    first, second = wanted["validation"], wanted["validation"] + wanted["information"]
    return Split(tuple(mixed[:first]), tuple(mixed[first:second]), tuple(mixed[second:]))


@lru_cache(maxsize=2)
def read_profiles(path: Path) -> tuple[Profile, ...]:
    """Read profiles from a JSON list of objects, with our names of fields or the authors' (patient_profile.json).

    Lists of values are joined, ``null`` is empty, numbers of records and assigned personas are kept beside the case.
    Words of levels, which the authors' file gives to each patient, are left to -P words.

    Raises:
        InputError: If the file cannot be read, or a profile lacks a field or has one too many.
    """
    try:
        data = json.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError) as error:
        raise InputError(
            f"cannot be read ({type(error).__name__})", where=str(path), remedy="give a JSON list of profiles"
        ) from error
    if not isinstance(data, list) or not data:
        raise InputError("holds no list of profiles", where=str(path), remedy="give a JSON list of objects")
    made = []
    for number, row in enumerate(data):
        if not isinstance(row, dict):
            raise InputError(
                "is no object", where=f"{path}: profile {number + 1}", remedy="give a JSON list of objects"
            )
        known = {key: value for key, value in row.items() if not _ABOUT_WORDS.fullmatch(key)}
        record = str(known.pop("hadm_id", "")).removesuffix(".0")
        split = _SPLITS.get(str(known.pop("split", "")).casefold(), "")
        levels = {axis: str(known.pop(name)) for name, axis in _LEVELS.items() if known.get(name) is not None}
        levels |= {"split": split} if split else {}
        plain = {_ALIASES.get(key, key): _text(value) for key, value in known.items() if key not in _LEVELS}
        try:
            made.append(Profile.model_validate({**plain, "number": number, "record": record, "levels": levels}))
        except ValidationError as error:
            place, message = first_fault(error)
            raise InputError(
                message,
                where=f"{path}: profile {number + 1}, {place}",
                remedy=f"its fields are {', '.join(FIELDS)}",
            ) from error
    return tuple(made)


def _text(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return "" if value is None else str(value).strip()


def profiles_hash(profiles: Sequence[Profile]) -> str:
    """Hash of the cases."""
    return content_hash([one.model_dump() for one in profiles])


@lru_cache(maxsize=1)
def _cases() -> dict[str, Any]:
    return tomllib.loads((files("personae.papers.patientsim") / "cases.toml").read_text("utf-8"))
