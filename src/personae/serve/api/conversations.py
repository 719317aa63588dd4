"""Conversations: begun, read, branched, answered by streams, stopped, exported."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from typing import Annotated, Any, Literal

import orjson
from fastapi import APIRouter, Query, Response

from personae.serve.api.asking import Asker, Cursor, Limit, StrictRoute, TheDesk, Words
from personae.serve.api.bodies import ChangedConversation, NewConversation, NewMessage, NewSeat, WantedReplies
from personae.serve.api.desk import Desk
from personae.serve.api.events import EventStream
from personae.serve.api.files import download
from personae.serve.faults import Refusal
from personae.serve.identity import Caller
from personae.serve.shelf import read_cursor
from personae.serve.talk.answering import Event, seats_named
from personae.serve.talk.archive import new_message_id
from personae.serve.talk.conversation import Conversation, Said, Seat, title_of
from personae.serve.talk.transcript import as_json_lines, as_markdown

router = APIRouter(route_class=StrictRoute, tags=["chat"])

_HUMAN = NewSeat(kind="human", name="You")


@router.get("/conversations")
def list_conversations(
    desk: TheDesk, caller: Asker, q: Words = "", limit: Limit = 50, cursor: Cursor = ""
) -> dict[str, Any]:
    """The caller's conversations that hold the words, the latest first."""
    found, has_more, total = desk.archive.page(caller.user, q, limit, read_cursor(cursor))
    following = f"{found[-1][0].updated!r}~{found[-1][0].id}" if has_more else None
    return {"items": [{**one.to_json(), "last": last} for one, last in found], "next": following, "total": total}


@router.post("/conversations", status_code=201)
def begin_conversation(body: NewConversation, desk: TheDesk, caller: Asker) -> dict[str, Any]:
    """Begin a conversation; a person is seated if none is."""
    wanted = list(body.seats)
    if not any(seat.kind == "human" for seat in wanted):
        wanted.insert(0, _HUMAN)
    seats = _seats(desk, wanted)
    begun = desk.archive.begin(caller.user, body.title or title_of(seats), seats)
    return {**begun.to_json(), "messages": []}


@router.get("/conversations/{id}")
def read_conversation(id: str, desk: TheDesk, caller: Asker) -> dict[str, Any]:
    """A conversation with all its branches."""
    found = desk.archive.get(caller.user, id)
    return {**found.to_json(), "messages": [said.to_json() for said in desk.archive.messages(id)]}


@router.patch("/conversations/{id}")
def change_conversation(id: str, body: ChangedConversation, desk: TheDesk, caller: Asker) -> dict[str, Any]:
    """Rename a conversation, show another branch, or change who takes part."""
    before = desk.archive.get(caller.user, id)
    seats = None if body.seats is None else _seats(desk, body.seats, before.seats)
    return desk.archive.change(caller.user, id, title=body.title, leaf=body.leaf, seats=seats).to_json()


@router.delete("/conversations/{id}", status_code=204)
async def delete_conversation(id: str, desk: TheDesk, caller: Asker) -> Response:
    """Remove a conversation with all that was said."""
    await asyncio.to_thread(desk.archive.get, caller.user, id)
    await desk.answering.stop_all(id)
    await asyncio.to_thread(desk.archive.delete, caller.user, id)
    return Response(status_code=204)


@router.post("/conversations/{id}/messages", response_class=EventStream)
async def say(id: str, body: NewMessage, desk: TheDesk, caller: Asker) -> EventStream:
    """Say something, and have seats answer."""
    conversation = await asyncio.to_thread(desk.archive.get, caller.user, id)
    humans = [seat for seat in conversation.seats if seat.kind == "human"]
    seat = humans[0] if body.seat is None and humans else conversation.seat(body.seat or "")
    if seat is None or seat.kind != "human":
        raise Refusal(400, "input", "nobody of this id speaks for a person", where="seat", remedy="name a human seat")
    if body.parent is not None:
        await asyncio.to_thread(desk.archive.message, id, body.parent)
    seats = seats_named(conversation, body.reply_from)
    said = Said(new_message_id(), body.parent, seat.id, "user", body.text, "done", time.time())
    await asyncio.to_thread(desk.archive.add, id, said)
    if conversation.leaf is None and conversation.title == title_of(conversation.seats):
        await asyncio.to_thread(desk.archive.rename, id, title_of(conversation.seats, body.text))
    return EventStream(_told(desk, caller, conversation, said, seats, is_new=True))


@router.post("/conversations/{id}/messages/{message}/replies", response_class=EventStream)
async def reply(id: str, message: str, body: WantedReplies, desk: TheDesk, caller: Asker) -> EventStream:
    """Have seats answer a message that is there already."""
    conversation = await asyncio.to_thread(desk.archive.get, caller.user, id)
    said = await asyncio.to_thread(desk.archive.message, id, message)
    if said.status == "streaming":
        raise Refusal(409, "conflict", "it is still being written", where=message, remedy="wait, or stop it")
    seats = seats_named(conversation, body.reply_from)
    return EventStream(_told(desk, caller, conversation, said, seats, is_shown=body.is_shown))


@router.get("/conversations/{id}/messages/{message}")
def read_message(id: str, message: str, desk: TheDesk, caller: Asker) -> dict[str, Any]:
    """One message, as far as it is written: to follow an answer that somebody else, or an earlier page, asked for."""
    desk.archive.get(caller.user, id)
    return desk.archive.message(id, message).to_json()


@router.post("/conversations/{id}/messages/{message}/stop")
async def stop(id: str, message: str, desk: TheDesk, caller: Asker) -> dict[str, Any]:
    """Stop an answer; what was said so far is kept."""
    conversation = await asyncio.to_thread(desk.archive.get, caller.user, id)
    return (await desk.answering.stop(conversation, message)).to_json()


@router.get("/conversations/{id}/export", response_class=Response)
def export_conversation(
    id: str, desk: TheDesk, caller: Asker, format: Annotated[Literal["json", "markdown", "jsonl"], Query()] = "json"
) -> Response:
    """A conversation as a file."""
    found = desk.archive.get(caller.user, id)
    messages = desk.archive.messages(id)
    if format == "markdown":
        return download(as_markdown(found, messages).encode(), f"{id}.md", "text/markdown; charset=utf-8")
    if format == "jsonl":
        return download(as_json_lines(messages), f"{id}.jsonl", "application/x-ndjson")
    whole = {**found.to_json(), "messages": [said.to_json() for said in messages]}
    return download(orjson.dumps(whole, option=orjson.OPT_INDENT_2), f"{id}.json", "application/json")


async def _told(
    desk: Desk,
    caller: Caller,
    conversation: Conversation,
    said: Said,
    seats: Sequence[Seat],
    *,
    is_new: bool = False,
    is_shown: bool = True,
) -> AsyncIterator[Event]:
    if is_new:
        yield "message", {"message": said.to_json()}
    leaf = said.id if is_shown else conversation.leaf
    async for event in desk.answering.answers(caller, conversation, said.id, seats, is_shown=is_shown):
        if event[0] == "start" and is_shown:
            leaf = event[1]["message"]["id"]
        yield event
    yield "end", {"leaf": leaf}


def _seats(desk: Desk, wanted: Sequence[NewSeat], before: Sequence[Seat] = ()) -> list[Seat]:
    """Seats as a conversation keeps them: personas in their present version, every name and id filled in."""
    known = {seat.id: seat for seat in before}
    made: list[Seat] = []
    for number, one in enumerate(wanted, start=1):
        version, name = one.version, one.name
        if one.kind == "persona":
            if one.persona is None:
                raise Refusal(422, "input", "no persona is named", where=f"seats.{number - 1}.persona")
            old = known.get(one.id)
            is_kept = old is not None and (old.persona, old.version) == (one.persona, one.version)
            shelved = desk.services.shelf.get(one.persona, version, with_deleted=is_kept)
            version, name = shelved.version, name or shelved.persona.name or shelved.slug
        if one.model:
            desk.services.upstreams.get(one.model)
        if one.renderer:
            desk.check_renderer(one.renderer)
        names = {"model": one.model or desk.services.upstreams.default, "human": "You"}
        made.append(
            Seat(
                one.id or _free_id(number, {*known, *(seat.id for seat in made), *(seat.id for seat in wanted)}),
                one.kind,
                name or names.get(one.kind, one.kind),
                one.persona if one.kind == "persona" else None,
                version if one.kind == "persona" else None,
                one.model,
                one.renderer,
                one.sampling.model_dump(exclude_none=True),
                one.reading_level,
                one.recall,
            )
        )
    if len({seat.id for seat in made}) < len(made):
        raise Refusal(422, "input", "two seats have one id", where="seats", remedy="give each its own, or none")
    return made


def _free_id(number: int, taken: set[str]) -> str:
    while f"s{number}" in taken:
        number += 1
    return f"s{number}"
