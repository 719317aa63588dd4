"""Answers of people, kept as those of a model are: a run folder with a ledger, a table, findings and a report."""

from __future__ import annotations

import asyncio
import hashlib
import secrets
import threading
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from personae.errors import InputError
from personae.instrument import Instrument
from personae.instrument.assessment import assessment
from personae.study import Cell, Observation, RunFolder, Scalar, versions
from personae.study.conclude import Conclusion, conclude_run
from personae.study.ledger import Ledger
from personae.study.record import now
from personae.study.table import read_table

if TYPE_CHECKING:
    import polars as pl

SUBJECT = "people"
"""Who is observed, where a model's name would stand."""


class HumanAnswers:
    """The answers of people to every instrument.

    No name, address or device is kept beside them: a person is a random number. The ledger notes when they were kept,
    as it does for every observation.

    Args:
        runs: Folder of runs.
    """

    def __init__(self, runs: Path) -> None:
        self._runs = runs
        self._ledgers: dict[str, Ledger] = {}
        self._lock = threading.Lock()
        self._adding = asyncio.Lock()

    async def add(
        self, instrument: Instrument, row: Sequence[int | None], seconds: float | None, person: str = ""
    ) -> tuple[str, list[int | None]]:
        """Keep one person's answers; gives the random number that they are under, and the answers that are kept.

        Args:
            instrument: What was answered.
            row: The answers in the order of the items.
            seconds: How long it took.
            person: The random number, if it is known already: answers that come again under it are not kept twice, and
                the first ones stay.

        Raises:
            StorageError: If they cannot be kept.
        """
        async with self._adding:
            if person and (kept := await asyncio.to_thread(self.answers_of, instrument, person)) is not None:
                return person, kept
            person = person or new_person()
            await self._keep(instrument, person, row, seconds)
        return person, list(row)

    def answers_of(self, instrument: Instrument, person: str) -> list[int | None] | None:
        """What somebody has answered; ``None`` if nothing is kept of them."""
        if not self._folder(instrument).ledger_file.is_file():
            return None
        row = next((row for row in self._open(instrument).rows() if row.get("person") == person), None)
        return None if row is None else list(row["answers"])

    def erase(self, instrument: Instrument, person: str) -> bool:
        """Take somebody's answers out of the ledger, and all that was made from them; gives whether there were any."""
        if self.answers_of(instrument, person) is None:
            return False
        folder = self._folder(instrument)
        self._open(instrument).erase(Cell(_factors(person)).key)
        for made in folder.path.iterdir():  # tables, findings and reports that hold them
            if made.is_file() and made != folder.record_file and not made.name.startswith(folder.ledger_file.name):
                made.unlink()
        return True

    async def _keep(
        self, instrument: Instrument, person: str, row: Sequence[int | None], seconds: float | None
    ) -> None:
        ledger = await asyncio.to_thread(self._open, instrument)
        values: dict[str, Any] = {
            "answers": list(row),
            "answers.statuses": ["empty" if value is None else "ok" for value in row],
            "seconds": seconds,
        }
        answered = sum(value is not None for value in row)
        status: Any = "ok" if answered == len(row) else "repaired" if answered else "empty"
        detail = "" if answered == len(row) else f"{len(row) - answered} items were left out"
        await ledger.add_observation(Cell(_factors(person)), Observation(status, values, detail=detail))
        await asyncio.to_thread(ledger.settle)

    def ledger_file(self, instrument: Instrument) -> Path:
        """Where the answers to an instrument are."""
        return self._folder(instrument).ledger_file

    def table(self, instrument: Instrument) -> pl.DataFrame | None:
        """All answers to an instrument; ``None`` if nobody has answered."""
        if not self._folder(instrument).ledger_file.is_file():
            return None
        return read_table(self._open(instrument), SUBJECT)

    def run_id(self, instrument: Instrument) -> str | None:
        """Name of the run folder, if there is one."""
        folder = self._folder(instrument)
        return folder.path.name if folder.record_file.is_file() else None

    def conclude(self, instrument: Instrument) -> Conclusion:
        """Measure all answers to an instrument, and write table, findings and report, as for a model."""
        self._open(instrument).settle()
        experiment = assessment({"instrument": instrument.key, "controls": "false", "checked": "0"})
        return conclude_run(experiment, _Answered(instrument), self._folder(instrument))

    def close(self) -> None:
        """Close all ledgers."""
        with self._lock:
            for ledger in self._ledgers.values():
                ledger.close()
            self._ledgers.clear()

    def _folder(self, instrument: Instrument) -> RunFolder:
        return RunFolder(self._runs / f"{instrument.key}-people-{instrument.hash[:8]}")

    def _open(self, instrument: Instrument) -> Ledger:
        with self._lock:
            ledger = self._ledgers.get(instrument.hash)
            if ledger is None:
                folder = self._folder(instrument)
                folder.path.mkdir(parents=True, exist_ok=True)
                if not folder.record_file.is_file():
                    folder.write_record(_record(instrument))
                ledger = self._ledgers[instrument.hash] = Ledger(folder.ledger_file)
            return ledger


def new_person(submission: str = "") -> str:
    """A random number for somebody; the same for the same random letters of their browser.

    Example:
        >>> new_person("x" * 22) == new_person("x" * 22), new_person() == new_person()
        (True, False)
    """
    return f"person-{hashlib.sha256(submission.encode()).hexdigest()[:16] if submission else secrets.token_hex(8)}"


def _factors(person: str) -> dict[str, Scalar]:
    return {"condition": "main", "person": person, "called": person, "trait": "", "level": 0, "repeat": 1}


def _record(instrument: Instrument) -> dict[str, Any]:
    return {
        "study": "assessment",
        "people": instrument.key,
        "parameters": _parameters(instrument),
        "models": {"subject": {"name": SUBJECT, "identity": SUBJECT}},
        "seed": 0,
        "created": now(),
        "versions": versions(),
    }


def _parameters(instrument: Instrument) -> dict[str, Any]:
    return {"instrument": f"{instrument.key}@{instrument.version} {instrument.hash[:12]}", "answered_by": "people"}


class _Answered:
    """A study whose observations people have made."""

    name = "assessment"
    roles = ("subject",)

    def __init__(self, instrument: Instrument) -> None:
        from personae.instrument.assessment.measure import measure_table

        self.parameters = _parameters(instrument)
        self.measure = partial(measure_table, instrument=instrument, traits=())

    def design(self, rng: Any) -> list[Cell]:
        """Nobody knows beforehand who will answer."""
        return []

    async def observe(self, cell: Cell, lab: Any) -> Observation:
        """People are not asked by a program."""
        raise InputError("people answer here, and no program asks them", where=cell.key[:12])
