"""Cache, ledger and continuation under everything that may happen to them, in any order, beside a plain model of them.

The model knows three things: what the ledger of the current folder answers, what the cache answers, and how each cell
ended. From these it foretells what a start may ask, and what the table is after it.
"""

from __future__ import annotations

import itertools
import shutil
import sqlite3
import tempfile
import time
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import apsw
import orjson
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from personae.model import Cached, ProviderError, Reply, Request, ResponseCache, Sampling, Usage
from personae.study import Budget, Cell, Lab, Ledger, Observation, Outcome, Shard, build_table, merge_runs, run_study
from support.studies import SmallStudy, answer_to

PERSONS, QUESTIONS = 6, 2
TOKENS = 15
"""What a call takes."""

Place = tuple[int, int]
"""A person and the number of a question."""

some_places = st.sets(st.tuples(st.integers(0, PERSONS - 1), st.sampled_from([0, 1, 1])), max_size=4)


class Killed(Exception):  # noqa: N818  # what happens to the process, not a fault of it
    """The process is no more."""


class Respondent:
    """Answers by what is asked and its seed alone; some questions get no answer."""

    name = "respondent"

    def __init__(self, failing: set[Place], before: Callable[[int], None] | None = None) -> None:
        self.asked: list[Place] = []
        self.answered: dict[Place, str] = {}
        self._failing = failing
        self._before = before

    async def generate(self, request: Request) -> Reply:
        place = place_of(request.messages[-1].content)
        self.asked.append(place)
        if self._before is not None:
            self._before(len(self.asked))
        if place in self._failing:
            raise ProviderError("overloaded", "no answer today")
        self.answered[place] = answer_to(request.messages[-1].content, request.sampling.seed)
        return Reply(self.answered[place], usage=Usage(10, 5))


def place_of(text: str) -> Place:
    person, number = text.removeprefix("Person ").split(", question ")
    return int(person), int(number)


async def observe(cell: Cell, lab: Lab) -> Observation:
    texts = [f"Person {cell.factors['person']}, question {number}" for number in range(QUESTIONS)]
    asked = [Request.of(text, sampling=Sampling(max_tokens=5)) for text in texts]
    return Observation("ok", {"answers": [(await lab.model().generate(request)).text for request in asked]})


STUDY = SmallStudy(persons=PERSONS, how=observe)


class Engine(RuleBasedStateMachine):
    """The engine and the model of it."""

    @initialize()
    def open(self) -> None:
        shared = Path("/dev/shm")  # syncing a disk would take nearly all the time
        self.place = Path(tempfile.mkdtemp(dir=shared if shared.is_dir() else None))
        self.numbers = itertools.count()
        self.cache = ResponseCache(self.place / "cache")
        self.cached: dict[Place, str] = {}
        self.leave()

    def teardown(self) -> None:
        if hasattr(self, "cache"):
            self.cache.close()
            shutil.rmtree(self.place)

    @rule()
    def leave(self) -> None:
        """Begin another run of the same study; the cache stays."""
        self.folder = self.place / f"run-{next(self.numbers)}"
        self.known: dict[Place, str] = {}
        self.ended: dict[int, str] = {}

    # What may happen

    @rule(
        limit=st.none() | st.integers(0, PERSONS),
        workers=st.sampled_from([1, 3]),
        failing=some_places,
        forgets=st.booleans(),
    )
    def go_on(self, limit: int | None, workers: int, failing: set[Place], forgets: bool) -> None:
        """Start, or start again: only what is missing or failed is observed, each cell once."""
        self.prepare(forgets)
        model = Respondent(failing)
        pending = self.pending(limit)
        outcome = self.start(model, limit=limit, workers=workers)
        assert sorted(self.account(model, failing)) == pending
        assert outcome.tally.done == len(range(PERSONS)[:limit])

    @rule(more=st.integers(1, 6 * TOKENS), failing=some_places, forgets=st.booleans())
    def go_on_with_a_budget(self, more: int, failing: set[Place], forgets: bool) -> None:
        """A start that may spend so much more: it observes the first cells that are missing, and no others."""
        self.prepare(forgets)
        model = Respondent(failing)
        pending = self.pending(None)
        before = self.spent()
        outcome = self.start(model, workers=1, budget=Budget(tokens=before + more))
        observed = self.account(model, failing)
        assert observed == pending[: len(observed)]
        assert bool(outcome.stopped) == (len(observed) < len(pending))
        assert self.spent() - before <= more + TOKENS  # the first guess may be too low by a part of one call

    @rule(at=st.integers(1, PERSONS * QUESTIONS), failing=some_places, forgets=st.booleans())
    def be_killed(self, at: int, failing: set[Place], forgets: bool) -> None:
        """The files as they are at a call are all that is left of a start."""
        self.prepare(forgets)
        left = self.place / f"run-{next(self.numbers)}"

        def kill(number: int) -> None:
            if number == at:
                time.sleep(0.2)  # what was handed in a tenth of a second ago is on disk
                shutil.copytree(self.folder, left)
                raise Killed

        model = Respondent(failing, kill)
        pending = self.pending(None)
        was_killed = True
        with suppress(Killed):
            self.start(model, workers=1)
            was_killed = False
        if was_killed:
            self.folder = left
        observed = self.account(model, failing)
        assert observed == pending[: len(observed)]
        if was_killed:  # every cell before that of the last call had been observed, and that is not lost
            assert observed == [person for person in pending if person < model.asked[-1][0]]

    @rule(failing=some_places, other=some_places)
    def make_in_parts(self, failing: set[Place], other: set[Place]) -> None:
        """Two parts, brought together, are a run like any other; bringing them together again changes nothing."""
        parts = [self.place / f"part-{next(self.numbers)}" for _ in range(2)]
        self.leave()
        models = [Respondent(failing), Respondent(other)]
        for number, (part, model) in enumerate(zip(parts, models, strict=True), start=1):
            shard = Shard(number, 2)
            self.start(model, folder=part, workers=2, shard=shard)
        for _ in range(2):
            merge_runs(self.folder, parts)
        first = {cell.factors["person"] for cell in STUDY.design(None) if Shard(1, 2).takes(cell)}  # type: ignore[arg-type]
        whole = Respondent(set())
        whole.asked = [place for model in models for place in model.asked]
        whole.answered = {**models[0].answered, **models[1].answered}
        unlucky = {place for place in failing if place[0] in first} | {
            place for place in other if place[0] not in first
        }
        assert sorted(self.account(whole, unlucky)) == list(range(PERSONS))

    @precondition(lambda self: self.cached)
    @rule(data=st.data())
    def change_a_cached_reply(self, data: st.DataObject) -> None:
        """Whoever is answered by this text from now on was answered from the cache."""
        place = data.draw(st.sampled_from(sorted(self.cached)))
        self.cached[place] = "changed " + self.cached[place]
        self.cache.settle()
        # By the library that holds the file open: a second one in the same process would take away its locks.
        connection = apsw.Connection(str(self.place / "cache" / "replies.sqlite"))
        connection.execute(
            "UPDATE replies SET reply = json_set(reply, '$.text', 'changed ' || (reply ->> 'text'))"
            " WHERE request ->> '$.messages[0].content' = ?",
            (f"Person {place[0]}, question {place[1]}",),
        )
        changed = connection.changes()
        connection.close()
        assert changed == 1

    def prepare(self, forgets: bool) -> None:
        """A run that is through is left for a new one; without the cache, the ledger alone knows what was answered."""
        if not self.pending(None):
            self.leave()
        if not forgets:
            return
        self.cache.close()
        shutil.rmtree(self.place / "cache")
        self.cache, self.cached = ResponseCache(self.place / "cache"), {}

    @rule(limit=st.none() | st.integers(0, PERSONS))
    def start_what_may_be_finished(self, limit: int | None) -> None:
        """A run that is through asks nothing and observes nothing."""
        model = Respondent(set())
        pending = self.pending(limit)
        self.start(model, limit=limit)
        assert sorted(self.account(model, set())) == pending

    # What must hold

    @invariant()
    def every_reply_belongs_to_its_request(self) -> None:
        for request, reply in self.rows("SELECT request, reply FROM calls WHERE reply IS NOT NULL"):
            asked, text = orjson.loads(request), orjson.loads(reply)["text"]
            own = answer_to(asked["messages"][0]["content"], asked["sampling"]["seed"])
            assert text.replace("changed ", "") == own

    @invariant()
    def no_call_is_answered_twice(self) -> None:
        assert not self.rows(
            "SELECT cell, key FROM calls WHERE reply IS NOT NULL GROUP BY cell, key HAVING count(*) > 1"
        )

    @invariant()
    def statuses_and_table_are_those_of_the_model(self) -> None:
        if not self.rows("SELECT 1 FROM observations LIMIT 1"):
            assert not self.ended
            return
        ledger = Ledger(self.folder / "ledger.sqlite")
        try:
            statuses, table = ledger.count_statuses(), build_table(ledger.rows(), "respondent")
        finally:
            ledger.close()
        assert sum(statuses.values()) == len(self.ended) == table.height
        assert dict(zip(table["person"], table["status"], strict=True)) == self.ended
        answers = table["answers"] if "answers" in table.columns else [None] * table.height
        for person, status, given in zip(table["person"], table["status"], answers, strict=True):
            expected = [self.known[person, number] for number in range(QUESTIONS)] if status == "ok" else None
            assert (None if given is None else list(given)) == expected

    # The model

    def pending(self, limit: int | None) -> list[int]:
        """Persons that a start has to observe, in the order of the design."""
        return [person for person in range(PERSONS)[:limit] if self.ended.get(person) != "ok"]

    def account(self, model: Respondent, failing: set[Place]) -> list[int]:
        """Bring the model up to what the ledger holds, checking each step; returns who was observed, in that order."""
        before = dict(self.known)
        had = {**self.cached, **before}
        assert not set(model.asked) & set(had), "something was asked that was known"
        assert len(model.asked) == len(set(model.asked))
        self.cached.update(model.answered)
        texts = {**self.cached, **before}
        for request, reply in self.rows("SELECT request, reply FROM calls WHERE reply IS NOT NULL ORDER BY id"):
            place = place_of(orjson.loads(request)["messages"][0]["content"])
            assert orjson.loads(reply)["text"] == texts[place]
            self.known[place] = texts[place]
        assert set(before) <= set(self.known), "a reply was lost"
        observed = []
        counted = self.seen
        for factors, status in self.rows("SELECT factors, status FROM observations ORDER BY id")[counted:]:
            person = orjson.loads(factors)["person"]
            missing = {(person, number) for number in range(QUESTIONS)} - set(had)
            assert status == ("failed" if missing & failing else "ok")
            self.ended[person] = status
            observed.append(person)
        return observed

    def start(self, model: Respondent, *, folder: Path | None = None, **options: Any) -> Outcome:
        self.seen = len(self.rows("SELECT id FROM observations"))
        cached = Cached(model, self.cache, "respondent")
        return run_study(STUDY, {"subject": cached}, folder=folder or self.folder, **options)

    def spent(self) -> int:
        """Tokens that were paid for in this folder."""
        sql = (
            "SELECT coalesce(sum(input_tokens + output_tokens), 0) FROM calls"
            " WHERE reply IS NOT NULL AND NOT (reply ->> 'is_cached')"
        )
        rows = self.rows(sql)
        return int(rows[0][0]) if rows else 0

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """Read the ledger of the current folder by SQLite alone."""
        path = self.folder / "ledger.sqlite"
        if not path.exists():
            return []
        with closing(sqlite3.connect(path)) as connection:
            return connection.execute(sql).fetchall()


TestEngine = Engine.TestCase
TestEngine.settings = settings(max_examples=15, stateful_step_count=12, deadline=None, derandomize=True, database=None)
