"""Where rating tasks and answers are kept: a set belongs to one user, its raters are whoever that user lets in."""

from __future__ import annotations

import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from personae.serve.faults import Refusal, not_found
from personae.serve.rating.agreement import Answer, agreement_of, results_of
from personae.serve.rating.tasks import Kind, Scale, Task, Text, is_swapped, order_for
from personae.serve.store import Store

SCHEMA = """
CREATE TABLE IF NOT EXISTS ratings (
    id TEXT PRIMARY KEY, owner TEXT NOT NULL, title TEXT NOT NULL, kind TEXT NOT NULL, question TEXT NOT NULL,
    scale TEXT NOT NULL,           -- JSON
    seed INTEGER NOT NULL, created REAL NOT NULL
);
CREATE INDEX IF NOT EXISTS ratings_by_owner ON ratings (owner, created DESC, id);
CREATE TABLE IF NOT EXISTS rating_tasks (
    rating TEXT NOT NULL REFERENCES ratings ON DELETE CASCADE, number INTEGER NOT NULL, task TEXT NOT NULL,
    texts TEXT NOT NULL,           -- JSON
    PRIMARY KEY (rating, task)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS rating_answers (
    rating TEXT NOT NULL, task TEXT NOT NULL, rater TEXT NOT NULL, value INTEGER NOT NULL, seconds REAL,
    answered REAL NOT NULL,
    PRIMARY KEY (rating, rater, task),
    FOREIGN KEY (rating, task) REFERENCES rating_tasks ON DELETE CASCADE
) WITHOUT ROWID;
"""

_CHOICES = {"A": 0, "tie": 1, "B": 2}
_COLUMNS = "id, title, kind, question, scale, seed, created"


@dataclass(frozen=True, slots=True)
class RatingSet:
    """A question and the tasks that it is asked of."""

    id: str
    title: str
    kind: Kind
    question: str
    scale: Scale | None
    seed: int
    created: float


class Board:
    """The rating sets of all users."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def make(
        self, owner: str, title: str, kind: Kind, question: str, scale: Scale | None, seed: int, tasks: Sequence[Task]
    ) -> RatingSet:
        """Put up a set with its tasks."""
        made = RatingSet(f"r-{secrets.token_hex(8)}", title, kind, question, scale, seed, time.time())
        spelled = orjson.dumps(scale.to_json() if scale else None).decode()
        with self._store.writing() as connection:
            connection.execute(
                "INSERT INTO ratings VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (made.id, owner, title, kind, question, spelled, seed, made.created),
            )
            connection.executemany(
                "INSERT INTO rating_tasks VALUES (?, ?, ?, ?)",
                [(made.id, number, task.id, _spell(task.texts)) for number, task in enumerate(tasks)],
            )
        return made

    def get(self, owner: str, id: str) -> RatingSet:
        """A set of this user.

        Raises:
            Refusal: If there is none, or it is somebody else's.
        """
        row = self._store.first(f"SELECT {_COLUMNS} FROM ratings WHERE id = ? AND owner = ?", (id, owner))
        if row is None:
            raise not_found("rating", id)
        return _set(row)

    def get_shared(self, id: str) -> RatingSet:
        """A set, whosever it is: for those whom its owner sent a link.

        Raises:
            Refusal: If there is none.
        """
        row = self._store.first(f"SELECT {_COLUMNS} FROM ratings WHERE id = ?", (id,))
        if row is None:
            raise not_found("rating", id)
        return _set(row)

    def page(self, owner: str, limit: int, cursor: tuple[float, str]) -> tuple[list[RatingSet], bool, int]:
        """Sets of this user, the latest first; whether there are more, and how many."""
        total = int(self._store.read("SELECT count(*) FROM ratings WHERE owner = ?", (owner,))[0][0])
        rows = self._store.read(
            f"SELECT {_COLUMNS} FROM ratings WHERE owner = ? AND (created, id) < (?, ?)"
            " ORDER BY created DESC, id DESC LIMIT ?",
            (owner, *cursor, limit + 1),
        )
        return [_set(row) for row in rows[:limit]], len(rows) > limit, total

    def delete(self, owner: str, id: str) -> None:
        """Remove a set with all answers.

        Raises:
            Refusal: If there is none.
        """
        self.get(owner, id)
        self._store.write("DELETE FROM ratings WHERE id = ?", (id,))

    def summary(self, one: RatingSet) -> dict[str, Any]:
        """What a list shows of a set."""
        row = self._store.first(
            "SELECT (SELECT count(*) FROM rating_tasks WHERE rating = ?),"
            " (SELECT count(DISTINCT rater) FROM rating_answers WHERE rating = ?),"
            " (SELECT count(*) FROM rating_answers WHERE rating = ?)",
            (one.id, one.id, one.id),
        ) or (0, 0, 0)
        return {
            "id": one.id,
            "title": one.title,
            "kind": one.kind,
            "question": one.question,
            "scale": one.scale.to_json() if one.scale else None,
            "created": one.created,
            **dict(zip(("tasks", "raters", "answers"), row, strict=True)),
        }

    def standing(self, one: RatingSet) -> dict[str, Any]:
        """Agreement and results so far."""
        answers = self.answers(one)
        tasks = {task.id: task for task in self.tasks(one)}
        return {"agreement": agreement_of(one.kind, answers), "results": results_of(one.kind, tasks, answers)}

    def mark(self, one: RatingSet) -> tuple[int, float]:
        """Something that changes whenever an answer is given, changed or taken back."""
        row = self._store.first(
            "SELECT count(*), coalesce(max(answered), 0.0) FROM rating_answers WHERE rating = ?", (one.id,)
        )
        return (int(row[0]), float(row[1])) if row else (0, 0.0)

    def tasks(self, one: RatingSet) -> list[Task]:
        """All tasks, in the order in which they were made."""
        rows = self._store.read("SELECT task, texts FROM rating_tasks WHERE rating = ? ORDER BY number", (one.id,))
        return [Task(id, tuple(Text(**text) for text in orjson.loads(texts))) for id, texts in rows]

    def answers(self, one: RatingSet) -> list[Answer]:
        """All answers, in the order in which they were given."""
        rows = self._store.read(
            "SELECT task, rater, value, seconds, answered FROM rating_answers WHERE rating = ?"
            " ORDER BY answered, rater, task",
            (one.id,),
        )
        return [Answer(*row) for row in rows]

    def following(self, one: RatingSet, rater: str) -> dict[str, Any]:
        """The next task of a rater, as it is shown to them; ``None`` when all are done."""
        tasks = self.tasks(one)
        done = self._done(one, rater)
        left = [task for task in order_for(rater, one.seed, tasks) if task.id not in done]
        shown = self._shown(one, rater, left[0], len(done) + 1, len(tasks)) if left else None
        return {"task": shown, "done": len(done), "total": len(tasks)}

    def answer(
        self, one: RatingSet, rater: str, task: str, *, choice: str | None, value: int | None, seconds: float | None
    ) -> dict[str, Any]:
        """Keep an answer; one that is given again replaces the former.

        Raises:
            Refusal: If there is no such task, or the answer is none to it.
        """
        tasks = {known.id: known for known in self.tasks(one)}
        if task not in tasks:
            raise not_found("task", task)
        if one.kind == "pairwise":
            if choice not in _CHOICES:
                raise Refusal(422, "input", "is no choice", where="choice", remedy="answer A, B or tie")
            kept = _CHOICES[choice]
            kept = 2 - kept if is_swapped(rater, one.seed, tasks[task]) else kept
        else:
            scale = one.scale or Scale()
            if value is None or not scale.lowest <= value <= scale.highest:
                remedy = f"answer {scale.lowest} to {scale.highest}"
                raise Refusal(422, "input", "is not on the scale", where="value", remedy=remedy)
            kept = value
        self._store.write(
            "INSERT INTO rating_answers VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (rating, rater, task) DO UPDATE SET"
            " value = excluded.value, seconds = excluded.seconds, answered = excluded.answered",
            (one.id, task, rater, kept, seconds, time.time()),
        )
        return {"done": len(self._done(one, rater)), "total": len(tasks)}

    def undo(self, one: RatingSet, rater: str) -> dict[str, Any]:
        """Take a rater's last answer back and give its task again."""
        row = self._store.first(
            "SELECT task FROM rating_answers WHERE rating = ? AND rater = ? ORDER BY answered DESC LIMIT 1",
            (one.id, rater),
        )
        if row is None:
            return {"task": None, "done": 0}
        self._store.write(
            "DELETE FROM rating_answers WHERE rating = ? AND rater = ? AND task = ?", (one.id, rater, row[0])
        )
        tasks = self.tasks(one)
        done = len(self._done(one, rater))
        again = next(task for task in tasks if task.id == row[0])
        return {"task": self._shown(one, rater, again, done + 1, len(tasks)), "done": done}

    def erase(self, one: RatingSet, rater: str) -> None:
        """Take all answers of a rater away.

        Raises:
            Refusal: If there are none.
        """
        if not self._store.write("DELETE FROM rating_answers WHERE rating = ? AND rater = ?", (one.id, rater)):
            raise not_found("rater", rater)

    def rows(self, one: RatingSet) -> list[dict[str, Any]]:
        """Answers as rows for other programs, told by what was rated and not by the side it was seen on.

        ``position`` is the place that a task has in the order of its rater, and ``seen_as_a`` which text of a pair was
        A to them, so that effects of order and side can be tested.
        """
        every = self.tasks(one)
        tasks = {task.id: task for task in every}
        places: dict[str, dict[str, int]] = {}
        found = []
        for answer in self.answers(one):
            texts = tasks[answer.task].texts
            if answer.rater not in places:
                order = order_for(answer.rater, one.seed, every)
                places[answer.rater] = {task.id: place for place, task in enumerate(order, 1)}
            row: dict[str, Any] = {
                "rating": one.id,
                "question": one.question,
                "task": answer.task,
                "rater": answer.rater,
                "position": places[answer.rater][answer.task],
                "seconds": answer.seconds,
                "answered": answer.answered,
            }
            if one.kind == "pairwise":
                chosen = ("first", "tie", "second")[answer.value]
                for name, text in zip(("first", "second"), texts, strict=True):
                    row |= {f"{name}_id": text.id, f"{name}_group": text.group, f"{name}_text": text.text}
                is_second = is_swapped(answer.rater, one.seed, tasks[answer.task])
                found.append({**row, "choice": chosen, "seen_as_a": "second" if is_second else "first"})
            else:
                text = texts[0]
                found.append({**row, "id": text.id, "group": text.group, "text": text.text, "value": answer.value})
        return found

    def _done(self, one: RatingSet, rater: str) -> set[str]:
        rows = self._store.read("SELECT task FROM rating_answers WHERE rating = ? AND rater = ?", (one.id, rater))
        return {row[0] for row in rows}

    def _shown(self, one: RatingSet, rater: str, task: Task, number: int, total: int) -> dict[str, Any]:
        texts = task.texts[::-1] if is_swapped(rater, one.seed, task) else task.texts
        return {
            "id": task.id,
            "number": number,
            "total": total,
            "question": one.question,
            "texts": [{"label": label, "text": text.text} for label, text in zip("AB", texts, strict=False)],
            "scale": one.scale.to_json() if one.scale else None,
        }


def _spell(texts: Sequence[Text]) -> str:
    return orjson.dumps([{"id": text.id, "text": text.text, "group": text.group} for text in texts]).decode()


def _set(row: tuple[Any, ...]) -> RatingSet:
    id, title, kind, question, scale, seed, created = row
    read = orjson.loads(scale)
    return RatingSet(id, title, kind, question, Scale(**read) if read else None, int(seed), float(created))
