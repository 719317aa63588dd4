"""Rating tasks of the studio: put up, answered one by one, watched and exported."""

from __future__ import annotations

import asyncio
import csv
import io
import re
from collections.abc import AsyncIterator, Mapping
from typing import Annotated, Any, Literal

import numpy as np
import orjson
from fastapi import APIRouter, Response
from pydantic import Field, model_validator

from personae.errors import InputError
from personae.serve.api.asking import Asker, Cursor, Limit, StrictRoute, TheDesk
from personae.serve.api.bodies import Body, Name
from personae.serve.api.desk import Desk
from personae.serve.api.events import EventStream
from personae.serve.rating import RatingSet, Scale, Text, make_tasks
from personae.serve.running import texts_of
from personae.serve.shelf import read_cursor

router = APIRouter(route_class=StrictRoute, tags=["rating"])

_LOOK_SECONDS = 0.5
_MOST_TEXT = 50_000

TextId = Annotated[str, Field(max_length=200)]


class RatedText(Body):
    """A text that is rated."""

    id: TextId = ""
    text: Annotated[str, Field(min_length=1, max_length=_MOST_TEXT)]
    group: Annotated[str, Field(max_length=200)] = ""


class WantedScale(Body):
    """The values that a text may be given."""

    lowest: Annotated[int, Field(ge=0, le=9)] = 1
    highest: Annotated[int, Field(ge=1, le=9)] = 5
    low_label: Annotated[str, Field(max_length=100)] = ""
    high_label: Annotated[str, Field(max_length=100)] = ""

    @model_validator(mode="after")
    def _rises(self) -> WantedScale:
        if self.highest <= self.lowest:
            raise ValueError("the highest value must be above the lowest")
        return self


class RunTexts(Body):
    """Texts that were written in a run."""

    id: Annotated[str, Field(max_length=200)]
    column: Annotated[str, Field(max_length=200)]
    group: Annotated[str, Field(max_length=200)] = ""
    """Factor of the design that sets texts apart."""
    most: Annotated[int, Field(ge=1, le=2000)] = 200


class NewRating(Body):
    """Tasks are put up: of texts, of what was answered in conversations, or of what was written in a run."""

    title: Name
    kind: Literal["pairwise", "likert"]
    question: Annotated[str, Field(min_length=1, max_length=2000)]
    texts: Annotated[list[RatedText], Field(max_length=5000)] | None = None
    conversations: Annotated[list[Annotated[str, Field(max_length=40)]], Field(max_length=200)] | None = None
    run: RunTexts | None = None
    scale: WantedScale | None = None
    pairs: Annotated[int, Field(ge=1, le=5000)] = 100
    seed: Annotated[int, Field(ge=0, lt=2**53)] = 0


class NewAnswer(Body):
    """A rater answers a task."""

    task: Annotated[str, Field(max_length=40)]
    choice: Literal["A", "B", "tie"] | None = None
    value: Annotated[int, Field(ge=0, le=9)] | None = None
    seconds: Annotated[float, Field(ge=0, le=1e7)] | None = None


@router.get("/ratings")
def list_ratings(desk: TheDesk, caller: Asker, limit: Limit = 50, cursor: Cursor = "") -> dict[str, Any]:
    """The caller's rating sets, the latest first."""
    found, has_more, total = desk.board.page(caller.user, limit, read_cursor(cursor))
    following = f"{found[-1].created!r}~{found[-1].id}" if has_more else None
    return {"items": [desk.board.summary(one) for one in found], "next": following, "total": total}


@router.post("/ratings", status_code=201)
def make_rating(body: NewRating, desk: TheDesk, caller: Asker) -> dict[str, Any]:
    """Put up tasks; pairs are made across groups where there are several."""
    texts = _texts(body, desk, caller.user)
    tasks = make_tasks(body.kind, texts, pairs=body.pairs, rng=np.random.default_rng(body.seed))
    scale = None if body.kind == "pairwise" else Scale(**(body.scale or WantedScale()).model_dump())
    made = desk.board.make(caller.user, body.title, body.kind, body.question, scale, body.seed, tasks)
    return desk.board.summary(made)


@router.get("/ratings/{id}")
def read_rating(id: str, desk: TheDesk, caller: Asker) -> dict[str, Any]:
    """A set with agreement and results so far."""
    one = desk.board.get(caller.user, id)
    return {**desk.board.summary(one), **desk.board.standing(one)}


@router.delete("/ratings/{id}", status_code=204)
def delete_rating(id: str, desk: TheDesk, caller: Asker) -> None:
    """Remove a set with all answers of all raters."""
    desk.board.delete(caller.user, id)


@router.get("/ratings/{id}/next")
def next_task(id: str, desk: TheDesk, caller: Asker) -> dict[str, Any]:
    """The caller's next task, blind."""
    return desk.board.following(desk.board.get(caller.user, id), caller.user)


@router.post("/ratings/{id}/answers")
def answer_task(id: str, body: NewAnswer, desk: TheDesk, caller: Asker) -> dict[str, Any]:
    """Answer a task; answering it again replaces the answer."""
    return give_answer(desk, desk.board.get(caller.user, id), caller.user, body)


@router.post("/ratings/{id}/undo")
def undo_answer(id: str, desk: TheDesk, caller: Asker) -> dict[str, Any]:
    """Take the caller's last answer back."""
    return desk.board.undo(desk.board.get(caller.user, id), caller.user)


@router.get("/ratings/{id}/events", response_class=Response)
async def watch_rating(id: str, desk: TheDesk, caller: Asker) -> Response:
    """Agreement and results whenever an answer is given."""
    return EventStream(_watch(desk, desk.board.get(caller.user, id)))


@router.get("/ratings/{id}/export", response_class=Response)
def export_rating(id: str, desk: TheDesk, caller: Asker, format: Literal["csv", "jsonl"] = "csv") -> Response:
    """All answers, by what was rated: JSON lines calibrate judges, CSV opens everywhere."""
    one = desk.board.get(caller.user, id)
    rows = desk.board.rows(one)
    name = re.sub(r"[^a-z0-9]+", "-", one.title.lower()).strip("-")[:60] or "rating"
    headers = {"content-disposition": f'attachment; filename="{name}.{format}"'}
    if format == "jsonl":
        body = b"".join(orjson.dumps(row) + b"\n" for row in rows)
        return Response(body, media_type="application/x-ndjson", headers=headers)
    text = io.StringIO()
    table = csv.DictWriter(text, list(rows[0]) if rows else ["task", "rater"], lineterminator="\n")
    table.writeheader()
    table.writerows([{key: _harmless(value) for key, value in row.items()} for row in rows])
    return Response(text.getvalue(), media_type="text/csv; charset=utf-8", headers=headers)


def give_answer(desk: Desk, one: RatingSet, rater: str, body: NewAnswer) -> dict[str, Any]:
    """Keep an answer of a rater, whoever that is."""
    return desk.board.answer(one, rater, body.task, choice=body.choice, value=body.value, seconds=body.seconds)


async def _watch(desk: Desk, one: RatingSet) -> AsyncIterator[tuple[str, Mapping[str, Any]]]:
    seen: tuple[int, float] | None = None
    while True:
        mark = desk.board.mark(one)
        if mark != seen:
            seen = mark
            yield "agreement", await asyncio.to_thread(desk.board.standing, one)
        await asyncio.sleep(_LOOK_SECONDS)


def _texts(body: NewRating, desk: Desk, user: str) -> list[Text]:
    if sum(one is not None for one in (body.texts, body.conversations, body.run)) != 1:
        raise InputError("one source of texts is needed", where="texts", remedy="give texts, conversations or a run")
    if body.run is not None:
        wanted, rng = body.run, np.random.default_rng([body.seed, 1])
        drawn = texts_of(desk.runs.path(wanted.id), wanted.column, wanted.group, wanted.most, rng)
        return [Text(*one) for one in drawn]
    if body.texts is not None:
        return [Text(one.id or f"x{number}", one.text, one.group) for number, one in enumerate(body.texts, 1)]
    found = []
    for id in body.conversations or ():
        names = {seat.id: seat.name for seat in desk.archive.get(user, id).seats}
        for said in desk.archive.messages(id):
            if said.role == "assistant" and said.status == "done" and said.text.strip():
                found.append(Text(said.id, said.text, names.get(said.seat, said.seat)))
    if not found:
        raise InputError("nobody has answered there yet", where="conversations", remedy="choose others")
    return found


def _harmless(value: Any) -> Any:
    """A text that a spreadsheet does not take for a formula."""
    return f"'{value}" if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r") else value
