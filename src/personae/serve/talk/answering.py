"""Seats answering at once: each answer is written down while it comes, can be stopped, and outlives its reader."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing
from functools import partial
from typing import Any, NamedTuple

from personae.errors import PersonaeError
from personae.logs import note
from personae.model import Reply, cost_of
from personae.persona import Persona
from personae.serve.faults import Refusal, not_found, status_of
from personae.serve.gateway.answering import pieces_of
from personae.serve.gateway.ledger import Entry
from personae.serve.gateway.target import RENDERER
from personae.serve.identity import Caller
from personae.serve.recall import Recalled
from personae.serve.services import Services
from personae.serve.talk.archive import Archive, new_message_id
from personae.serve.talk.conversation import Conversation, Said, Seat, branch_to
from personae.serve.talk.prompt import said_before, seat_request
from personae.serve.talk.remarks import remarks_on
from personae.serve.talk.trouble import told_trouble

Event = tuple[str, dict[str, Any]]
"""Name and data of one event of a stream."""

_KEPT_EVERY_SECONDS = 0.5


class _Task(NamedTuple):
    """An answer that is being written."""

    conversation: str
    running: asyncio.Task[None]


class Answering:
    """Has seats answer, and knows which answers are being written."""

    def __init__(self, services: Services, archive: Archive) -> None:
        self._services = services
        self._archive = archive
        self._tasks: dict[str, _Task] = {}

    async def answers(
        self, caller: Caller, conversation: Conversation, parent: str, seats: Sequence[Seat], *, is_shown: bool = True
    ) -> AsyncIterator[Event]:
        """Have seats answer a message; yields what happens.

        Leaving the iteration leaves the answers be: a page that was reloaded, or closed, finds them finished.

        Args:
            caller: For whom.
            conversation: Where.
            parent: The message that is answered.
            seats: Who answers, all at once.
            is_shown: Whether the conversation goes on from the answer.
        """
        messages = {said.id: said for said in await asyncio.to_thread(self._archive.messages, conversation.id)}
        branch = branch_to(messages, parent)
        events: asyncio.Queue[Event] = asyncio.Queue()
        waiting = 0
        for seat in seats:
            before = sum(said.parent == parent and said.seat == seat.id for said in messages.values())
            said = Said(new_message_id(), parent, seat.id, "assistant", "", "streaming", time.time())
            await asyncio.to_thread(self._archive.add, conversation.id, said, is_shown=is_shown)
            await events.put(("start", {"message": said.to_json()}))
            task = asyncio.create_task(self._answer(caller, conversation, seat, branch, said, before, events))
            self._tasks[said.id] = _Task(conversation.id, task)
            task.add_done_callback(partial(self._forget, said.id))
            waiting += 1
        while waiting or not events.empty():
            event = await events.get()
            waiting -= event[0] == "done"
            yield event

    async def stop(self, conversation: Conversation, id: str) -> Said:
        """Stop an answer; gives what it came to.

        Raises:
            Refusal: If there is no such message.
        """
        said = await asyncio.to_thread(self._archive.message, conversation.id, id)
        task = self._tasks.get(id)
        if task is not None:
            await _cancel(task.running)
            said = await asyncio.to_thread(self._archive.message, conversation.id, id)
        return said

    async def stop_all(self, conversation: str) -> None:
        """Stop all answers of a conversation."""
        await _cancel(*(task.running for task in self._tasks.values() if task.conversation == conversation))

    async def close(self) -> None:
        """Stop all answers."""
        await _cancel(*(task.running for task in self._tasks.values()))

    def _forget(self, id: str, _: asyncio.Task[None]) -> None:
        self._tasks.pop(id, None)

    def persona_of(self, seat: Seat) -> Persona | None:
        """Who a seat plays, in the version that the conversation was begun with."""
        if seat.persona is None:
            return None
        return self._services.shelf.get(seat.persona, seat.version, with_deleted=True).persona

    async def _answer(
        self,
        caller: Caller,
        conversation: Conversation,
        seat: Seat,
        branch: Sequence[Said],
        said: Said,
        before: int,
        events: asyncio.Queue[Event],
    ) -> None:
        entry = Entry(self._services, "studio", caller)
        status, persona, recalled = 200, None, Recalled("")
        given: dict[str, Any] = {"played": _played(seat)}
        try:
            persona = self.persona_of(seat)
            upstream = self._services.upstreams.get(self._model_of(seat, persona))
            entry.label = f"persona/{seat.persona}" if seat.persona else upstream.name
            entry.model, said.model, said.is_simulated = upstream.name, upstream.name, upstream.is_simulated
            entry.admit()
            names = {one.id: one.name for one in conversation.seats}
            recalled = await self._recall(seat, persona, branch, caller)
            given["recalled"] = recalled.record
            said.remarks = given
            request = entry.reserve_request(
                seat_request(seat, persona, recalled.words, branch, names, replicate=before)
            )
            entry.asked = request.messages
            reply = await self._write(said, pieces_of(upstream.model, request), events, entry)
            entry.usage = reply.usage
            said.text, said.status = reply.text or reply.refusal, "done"
            given["finish"] = reply.finish
            said.input_tokens, said.output_tokens = reply.usage.input_tokens, reply.usage.output_tokens
            said.cost = cost_of(upstream.name, reply)
        except asyncio.CancelledError:
            said.status, status = "stopped", 499
        except PersonaeError as error:
            said.status, said.error, status = "failed", told_trouble(error), status_of(error)
        except Exception as error:
            note("error", "answer failed", error=type(error).__name__)
            said.status, said.error, status = "failed", f"a fault of personae ({type(error).__name__})", 500
        said.seconds = time.perf_counter() - entry.started
        said.remarks = {**given, **(remarks_on(said.text, persona, recalled, seat.reading_level) if said.text else {})}
        with contextlib.suppress(PersonaeError):
            self._archive.keep(said)  # in this thread: a task that is being cancelled may wait for nothing
        entry.end(status)
        events.put_nowait(("done", {"message": said.to_json()}))

    async def _recall(self, seat: Seat, persona: Persona | None, branch: Sequence[Said], caller: Caller) -> Recalled:
        if persona is None:
            return Recalled("")
        recall = self._services.recall
        outline = recall.outline(persona, seat.renderer or RENDERER)
        return await recall.recall(outline, said_before(branch), seat.recall, caller)

    async def _write(self, said: Said, pieces: Any, events: asyncio.Queue[Event], entry: Entry) -> Reply:
        kept = time.monotonic()
        reply: Reply | None = None
        async with aclosing(pieces) as coming:
            async for piece in coming:
                if isinstance(piece, Reply):
                    reply = piece
                    continue
                entry.pieces += 1
                said.text += piece
                await events.put(("delta", {"id": said.id, "text": piece}))
                if time.monotonic() - kept >= _KEPT_EVERY_SECONDS:
                    kept = time.monotonic()
                    await asyncio.to_thread(self._archive.keep, said)
        return reply or Reply(said.text)

    def _model_of(self, seat: Seat, persona: Persona | None) -> str:
        own = persona.model.name if persona is not None else ""
        return seat.model or (own if own in self._services.upstreams.names else "")


async def _cancel(*tasks: asyncio.Task[None]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def _played(seat: Seat) -> dict[str, Any]:
    """How a seat stood when it answered: it may be changed in the middle of a conversation."""
    whole = seat.to_json()
    return {
        name: whole[name] for name in ("name", "persona", "version", "renderer", "sampling", "reading_level", "recall")
    }


def seats_named(conversation: Conversation, ids: Sequence[str] | None) -> list[Seat]:
    """The seats that are to answer; all but people if none are named.

    Raises:
        Refusal: If one is not there, or is a person.
    """
    if ids is None:
        return [seat for seat in conversation.seats if seat.kind != "human"]
    found = []
    for id in dict.fromkeys(ids):
        seat = conversation.seat(id)
        if seat is None:
            raise not_found("seat", id)
        if seat.kind == "human":
            raise Refusal(400, "input", "a person answers for themselves", where="reply_from", remedy="leave it out")
        found.append(seat)
    return found
