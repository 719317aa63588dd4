"""A small study, models that can be watched, and a run in another process that can be killed."""

from __future__ import annotations

import asyncio
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from personae.canonical import content_hash
from personae.model import Reply, Request, Usage
from personae.study import Cell, Design, Finding, Lab, Observation
from personae.study.keys import KeySet

if TYPE_CHECKING:
    import numpy as np
    import polars as pl

TESTS = Path(__file__).parents[1]

Observe = Callable[[Cell, Lab], Awaitable[Observation]]


@dataclass
class SmallStudy:
    """Asks each of some persons the same questions, one after the other."""

    persons: int = 4
    questions: int = 2
    name: str = "small"
    roles: tuple[str, ...] = ("subject",)
    extra: Mapping[str, Any] = field(default_factory=dict)
    cells: Callable[[np.random.Generator], Iterable[Cell]] | None = None
    """Another design than the plain one."""
    how: Observe | None = None
    """Another way of observing."""

    @property
    def parameters(self) -> Mapping[str, Any]:
        return {"questions": self.questions, **self.extra}

    def design(self, rng: np.random.Generator) -> Iterable[Cell]:
        return self.cells(rng) if self.cells else Design({"person": range(self.persons)})

    async def observe(self, cell: Cell, lab: Lab) -> Observation:
        if self.how is not None:
            return await self.how(cell, lab)
        model = lab.model()
        answers = [(await model.generate(question(cell, number))).text for number in range(self.questions)]
        return Observation("ok", {"answers": answers})

    def measure(self, table: pl.DataFrame) -> list[Finding]:
        n = table.height
        distinct = len({answer for row in table["answers"] for answer in row})
        return [Finding("distinct answers", "", distinct, distinct, distinct, n, 0)]


def question(cell: Cell, number: int) -> Request:
    """What is asked of a person, told apart by the text."""
    return Request.of(f"Question {number} to person {cell.factors['person']}")


def answer_to(text: str, seed: object) -> str:
    """An answer that depends on what was asked, and under which seed, alone."""
    return f"answer {content_hash([text, seed])[:8]}"


def served_answer(body: dict[str, Any]) -> str:
    """The same answer, from a server."""
    return answer_to(body["messages"][-1]["content"], body.get("seed"))


class WatchedModel:
    """Answers by ``answer_to`` and keeps count of what was asked, and of how much was asked at once.

    Args:
        seconds: How long an answer takes, or a function of the number of the call to that.
        before: Is called with each request before it is answered; may raise.
    """

    def __init__(
        self,
        seconds: float | Callable[[int], float] = 0.0,
        *,
        before: Callable[[Request], object] | None = None,
        name: str = "watched",
    ) -> None:
        self.name = name
        self.requests: list[Request] = []
        self.answered = 0
        self.in_flight = 0
        self.peak = 0
        self._seconds = seconds
        self._before = before

    async def generate(self, request: Request) -> Reply:
        self.requests.append(request)
        number = len(self.requests)
        self.in_flight += 1
        self.peak = max(self.peak, self.in_flight)
        try:
            await asyncio.sleep(self._seconds(number) if callable(self._seconds) else self._seconds)
            if self._before is not None:
                self._before(request)
            self.answered += 1
            text = answer_to(request.messages[-1].content, request.sampling.seed)
            return Reply(text, model=self.name, usage=Usage(10, 5))
        finally:
            self.in_flight -= 1

    @property
    def asked(self) -> list[str]:
        """Texts of the questions, in the order they came."""
        return [request.messages[-1].content for request in self.requests]


RUN = """
import sys
from pathlib import Path
from personae.model import open_model
from personae.study import run_study
from support.studies import SmallStudy

url, folder, persons, workers, ledger = sys.argv[1:]
study = SmallStudy(persons=int(persons))
model = open_model(url + "#any-name")
try:
    outcome = run_study(study, {"subject": model}, folder=Path(folder), workers=int(workers), ledger=ledger or None)
except KeyboardInterrupt:
    sys.exit(130)
sys.exit(0 if outcome.is_complete else 9)
"""


def start_run(url: str, folder: Path, *, persons: int, workers: int, ledger: str = "") -> subprocess.Popen[bytes]:
    """Run the small study in a process of its own, against a server."""
    path = os.pathsep.join([str(TESTS), os.environ.get("PYTHONPATH", "")])
    return subprocess.Popen(
        [sys.executable, "-c", RUN, url, str(folder), str(persons), str(workers), ledger],
        env={**os.environ, "PYTHONPATH": path},
        stderr=subprocess.PIPE,
    )


@dataclass(frozen=True, slots=True)
class Kept:
    """What a ledger holds, read by SQLite and not by the code under test."""

    calls: list[str]
    """Texts of the questions that were answered."""
    cells: list[str]
    """Keys of the cells that are finished."""


def read_ledger(folder: Path) -> Kept:
    """Read what a run has kept so far, in a copy: to open the file itself would tidy up what a killed run left."""
    path = folder / "ledger.sqlite"
    if not path.exists():
        return Kept([], [])
    with tempfile.TemporaryDirectory() as scratch:
        for name in (path.name, f"{path.name}-wal"):  # the index of the log is made anew
            if (folder / name).exists():
                shutil.copy(folder / name, scratch)
        return _read(Path(scratch) / path.name)


def _read(path: Path) -> Kept:
    with closing(sqlite3.connect(path)) as connection:
        tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
        if not {"calls", "observations"} <= tables:
            return Kept([], [])
        text = "json_extract(request, '$.messages[#-1].content')"
        calls = connection.execute(f"SELECT {text} FROM calls WHERE reply IS NOT NULL ORDER BY id").fetchall()
        cells = connection.execute("SELECT cell FROM observations ORDER BY id").fetchall()
    return Kept([row[0] for row in calls], [row[0] for row in cells])


def holds_just(keys: KeySet, *wanted: str) -> bool:
    """Whether a set holds these keys and no other."""
    return len(keys) == len(wanted) and all(keys.holds(wanted))
