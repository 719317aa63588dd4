"""Assessments as a command starts them: of a model, of answers that are there already, of several models beside."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from personae.canonical import content_hash
from personae.errors import InputError
from personae.instrument.assessment.answers import read_answers
from personae.instrument.assessment.measure import measure_table
from personae.instrument.assessment.report import make_plan
from personae.instrument.assessment.scores import score_table
from personae.instrument.assessment.settings import AssessmentSettings
from personae.instrument.assessment.study import Assessment
from personae.instrument.questionnaire import Instrument
from personae.study import Cell, Finding, Lab, Observation, RunFolder, read_record, versions, write_json
from personae.study.conclude import SCHEMA_VERSION, Conclusion, conclude
from personae.study.experiment import Experiment
from personae.study.plan_check import KEY
from personae.study.record import now

if TYPE_CHECKING:
    import numpy as np
    import polars as pl

    from personae.study.locked_plan import LockedPlan

SUBJECT = {"subject": "answers the instrument"}


def assessment(given: Mapping[str, str]) -> Experiment:
    """Make the experiment of an assessment from parameters as the command line gives them.

    Raises:
        InputError: If a parameter is unknown or malformed, or there is no such instrument.
    """
    settings = AssessmentSettings.read(given)
    instrument = Assessment(settings).instrument
    return Experiment(
        key=instrument.key,
        plan=make_plan(instrument),
        make_study=lambda words: Assessment(AssessmentSettings.read(words)),
        parameters=AssessmentSettings.describe(),
        roles=SUBJECT,
        tables={"scores": partial(score_table, instrument=instrument)},
    )


def parameters_of(instrument: str, people: Iterable[Path], given: Mapping[str, str]) -> dict[str, str]:
    """The words that start an assessment again from wherever: its files with their full paths."""
    name = str(Path(instrument).resolve()) if instrument.endswith(".toml") else instrument
    files = [str(path.resolve()) for path in people]
    return {**given, "instrument": name, **({"people": json.dumps(files)} if files else {})}


def assess_answers(
    instrument: Instrument, source: Path, folder: RunFolder, locked: LockedPlan | None = None
) -> Conclusion:
    """Score answers that were collected elsewhere, from people or models, as a run's answers are scored.

    Args:
        instrument: What was asked.
        source: CSV file with a row for each time it was answered: a column for each item, named by its identifier, and
            if known ``person``, ``repeat``, ``condition``, ``model``.
        folder: Where table, scores, findings and report are written.
        locked: Plan that was locked before, which the report is held against.

    Raises:
        InputError: If the file cannot be read or an answer is not one of the instrument's; the message names the row.
    """
    table = read_answers(source, instrument)
    return _conclude(instrument, table, {"answers": str(source)}, folder, locked=locked)


def compare_models(runs: Sequence[Path], folder: RunFolder) -> Conclusion:
    """Report assessments of several models on one page, from the folders of their runs.

    Raises:
        InputError: If a folder holds no assessment, or they differ in anything but the model and the seed.
    """
    import polars as pl

    records = [read_record(run) for run in runs]
    for run, record in zip(runs, records, strict=True):
        if "assessment" not in record:
            raise InputError("holds no assessment", where=str(run), remedy="name folders of instrument administer")
        if record["parameters"] != records[0]["parameters"]:
            raise InputError(
                "was asked in another way than the others", where=str(run), remedy="compare runs that differ in model"
            )
    asked = Assessment(AssessmentSettings.read(records[0]["given_parameters"]))
    tables = [pl.read_parquet(RunFolder(run).table_file) for run in runs]
    models = {f"subject {number}": record["models"]["subject"] for number, record in enumerate(records, start=1)}
    sources = {"runs": ", ".join(map(str, runs)), **records[0]["parameters"]}
    return _conclude(asked.instrument, pl.concat(tables, how="diagonal_relaxed"), sources, folder, models, asked.traits)


@dataclass(frozen=True)
class _Given:
    """A study whose observations are there already."""

    instrument: Instrument
    traits: tuple[str, ...] = ()
    name: str = "assessment"
    roles: tuple[str, ...] = ("subject",)

    @property
    def parameters(self) -> Mapping[str, Any]:
        return {"instrument": f"{self.instrument.key}@{self.instrument.version} {self.instrument.hash[:12]}"}

    def design(self, rng: np.random.Generator) -> Sequence[Cell]:
        return ()

    async def observe(self, cell: Cell, lab: Lab) -> Observation:
        raise InputError("nobody is asked: the answers are there already", where=self.instrument.key)

    def measure(self, table: pl.DataFrame) -> list[Finding]:
        return measure_table(table, self.instrument, self.traits)


def _conclude(
    instrument: Instrument,
    table: pl.DataFrame,
    sources: Mapping[str, Any],
    folder: RunFolder,
    models: Mapping[str, Any] | None = None,
    traits: tuple[str, ...] = (),
    locked: LockedPlan | None = None,
) -> Conclusion:
    study = _Given(instrument, traits)
    record = {
        "schema_version": SCHEMA_VERSION,
        "scored": instrument.key,
        "fingerprint": content_hash([instrument.hash, table.write_json()]),
        "created": now(),
        "versions": versions(),
        "parameters": {**study.parameters, **sources},
        "models": dict(models or {}),
        **({KEY: locked.to_json()} if locked else {}),
    }
    write_json(folder.record_file, record)
    experiment = Experiment(
        key=instrument.key,
        plan=make_plan(instrument),
        make_study=lambda _: study,
        tables={"scores": partial(score_table, instrument=instrument)},
    )
    return conclude(experiment, study, folder, table, record)
