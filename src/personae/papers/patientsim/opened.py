"""Patients as personas, so that a person can take the history: the studio's chat is the consulting room."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from personae.papers.patientsim.axes import AXES
from personae.papers.patientsim.profiles import Profile
from personae.persona import Demographics, Persona, Provenance
from personae.persona.files import dump_line

if TYPE_CHECKING:
    import polars as pl

    from personae.papers.patientsim.study import PatientSim

FILE = "patients.jsonl"
_WORDS_SEED = 42
_DEMOGRAPHIC = ("age", "gender", "race", "marital_status", "occupation")


def patient_persona(profile: Profile, levels: Mapping[str, str], described: Mapping[str, str], source: str) -> Persona:
    """The persona of a case at the levels of the axes; it knows no more of the case than the patient does.

    Args:
        profile: The case.
        levels: Level of each axis.
        described: Words of each level, as the patient is told them.
        source: Where the case comes from.
    """
    case = {name: value for name, value in profile.told.items() if name not in _DEMOGRAPHIC}
    return Persona(
        id=f"patient-{profile.number}-{'-'.join(levels[axis] for axis in AXES)}",
        name=f"Patient {profile.number}",
        description="A patient in an emergency department who talks with a doctor.",
        demographics=Demographics(
            age=int(profile.age) if profile.age.isdecimal() and int(profile.age) <= 130 else None,
            gender=profile.gender,
            ethnicity=profile.race,
            marital_status=profile.marital_status,
            occupation=profile.occupation,
        ),
        life_context=" ".join(f"{name.replace('_', ' ').capitalize()}: {value}." for name, value in case.items()),
        style=f"You are {described['personality']}. Your English is that of somebody {described['language']}.",
        personal_identity={
            "memory": f"You {described['recall']}.",
            "clarity": f"At this point, {described['dazed']}.",
        },
        provenance={"*": Provenance(by=source)},
        extensions={"patientsim": dict(levels)},
    )


def write_patients(study: PatientSim, table: pl.DataFrame, folder: Path) -> Path | None:
    """Write each patient of a run once, with the case of the first consultation; none if there are none."""
    if "personality" not in table.columns:
        return None
    source = "a synthetic case, made up; no real patient" if study.settings.profiles is None else "a case of your file"
    cases = {one.number: one for one in (*study.profiles.persona, *study.profiles.information)}
    found: dict[tuple[str, ...], Persona] = {}
    for row in table.iter_rows(named=True):
        levels = {axis: str(row[axis]) for axis in AXES}
        case = cases.get(int(row["profile"])) if str(row["profile"]).isdecimal() else None
        if case is None or tuple(levels.values()) in found:
            continue
        words = study.words.shown(levels["language"], np.random.default_rng(_WORDS_SEED))
        described = study.axes.describe(levels, words)
        found[tuple(levels.values())] = patient_persona(case, levels, described, source)
    if not found:
        return None
    path = folder / FILE
    path.write_text("".join(map(dump_line, found.values())), encoding="utf-8")
    return path
