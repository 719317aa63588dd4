"""A model whose calls join a batch: half the price, answers within a day.

``Cached(Retrying(Batched(client)))`` is asked like any other model. Requests are gathered until there are as many as a
batch holds or until no new one has come for a while; each call returns when its batch has ended.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
from collections.abc import Coroutine, Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from personae.model.batch_service import BatchService, Progress
from personae.model.batch_store import BatchStore, Outcome
from personae.model.failure import ProviderError
from personae.model.protocols import Model, identity_of
from personae.model.reply import Reply
from personae.model.request import Request, request_key

_log = logging.getLogger(__name__)

_FIRST_POLL_SECONDS = 1.0
_POLL_GROWTH = 1.5
_ROWS_AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class BatchSettings:
    """When a batch is submitted and how often it is looked after."""

    wait: float = 5.0
    """Seconds without a new request after which a batch is submitted, however small."""
    poll: float = 60.0
    """Seconds between two looks at most; the first ones follow each other faster."""
    most_requests: int | None = None
    """Requests in a batch at most, where that is to be less than the endpoint allows."""


class Batched:
    """Wraps the client of an endpoint: its requests go out in batches.

    What is in a batch is written down in a file before it is submitted. A process that is killed, or a run that is
    interrupted, leaves its batch running; whoever asks for the same requests again, with the same folder, is given the
    answers of that batch, and nothing is paid for twice. Requests whose answer was handed out are forgotten when the
    model is closed.

    Args:
        model: The client; it is not asked itself, but gives its name and its identity.
        service: The batches of its endpoint.
        folder: Folder of the file in which the state is kept.
        settings: When batches are submitted and looked after.
    """

    def __init__(
        self,
        model: Model,
        service: BatchService,
        folder: Path,
        settings: BatchSettings = BatchSettings(),  # frozen
    ) -> None:
        self.name = model.name
        self.identity = identity_of(model)
        self._service = service
        self._folder = folder
        self._settings = settings
        self._most = min(settings.most_requests or service.most_requests, service.most_requests)
        self._store: BatchStore | None = None
        self._handed_out: set[str] = set()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._start_anew()

    def _start_anew(self) -> None:
        self._waiting: dict[str, list[asyncio.Future[Reply]]] = {}
        self._lines: dict[str, bytes] = {}  # of requests whose batch has no identifier yet
        self._gathered: dict[str, None] = {}  # an ordered set of those that are in no batch yet
        self._bytes = 0
        self._timer: asyncio.TimerHandle | None = None
        self._members: dict[str, set[str]] = {}  # keys that are waited for, by the mark of their batch
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._told: set[str] = set()

    async def generate(self, request: Request) -> Reply:
        """Answer one request, when the batch that it joins has ended.

        Raises:
            ProviderError: If it, or its whole batch, came to nothing.
            StorageError: If the state cannot be kept; no batch is submitted then.
        """
        loop = asyncio.get_running_loop()
        if self._loop is not loop:  # what belonged to the loop of an earlier asyncio.run is gone with it
            self._start_anew()
            self._loop = loop
        key = request_key(request)
        line = self._service.line(key, request)
        done: asyncio.Future[Reply] = loop.create_future()
        waiting = self._waiting.setdefault(key, [])
        waiting.append(done)
        try:
            if len(waiting) == 1:
                self._lines[key] = line
                self._place(key)
            return await done
        except BaseException:
            self._leave(key, done)
            raise

    async def aclose(self) -> None:
        """Stop waiting; batches that are submitted run on, and are told."""
        if self._loop is asyncio.get_running_loop():  # what belongs to another loop is gone with it
            if self._timer is not None:
                self._timer.cancel()
            pending = list(self._tasks.values())
            for mark in self._tasks:
                if self._members.get(mark):
                    self._tell(mark)
            for task in pending:
                task.cancel()
            await asyncio.gather(*pending, return_exceptions=True)
            for waiting in self._waiting.values():
                for done in waiting:
                    done.cancel()
        self._start_anew()
        if self._store is not None:
            self._forget_handed_out()
            self._store.close()
            self._store = None

    # Where a request belongs

    def _kept(self) -> BatchStore:
        if self._store is None:
            self._store = BatchStore(self._folder)
        return self._store

    def _place(self, key: str) -> None:
        """Find the batch that a request is in already, or gather it for a new one."""
        if key in self._handed_out:  # the same asked once more: that is another call, as it would be live
            self._kept().forget(self.identity, [key])
            self._handed_out.discard(key)
        found = self._kept().find(self.identity, key)
        if found is None:
            self._gather(key)
            return
        mark, outcome = found
        self._members.setdefault(mark, set()).add(key)
        if outcome is not None:
            self._resolve(mark, key, outcome)
        elif mark not in self._tasks:
            self._start(mark, self._follow(mark))

    def _gather(self, key: str) -> None:
        size = len(self._lines[key]) + 1
        if self._bytes + size > self._service.most_bytes:
            self._submit()
        self._gathered[key] = None
        self._bytes += size
        if self._timer is not None:
            self._timer.cancel()
        if len(self._gathered) >= self._most:
            self._submit()
        else:
            self._timer = asyncio.get_running_loop().call_later(self._settings.wait, self._submit)

    def _leave(self, key: str, done: asyncio.Future[Reply]) -> None:
        """Somebody waits no longer; a request that nobody waits for and that is in no batch is not made."""
        waiting = self._waiting.get(key, [])
        if done not in waiting:
            return
        waiting.remove(done)
        if waiting:
            return
        del self._waiting[key]
        line = self._lines.pop(key, b"")
        if key in self._gathered:
            del self._gathered[key]
            self._bytes -= len(line) + 1
        for mark, members in self._members.items():
            if key in members:
                members.discard(key)
                self._tell(mark)

    def _resolve(self, mark: str, key: str, outcome: Outcome) -> None:
        """Hand out what became of a request, if it is waited for in this batch."""
        members = self._members.get(mark, set())
        if key not in members:
            return
        members.discard(key)
        self._lines.pop(key, None)
        for number, done in enumerate(self._waiting.pop(key, [])):
            if done.done():
                continue
            if isinstance(outcome, ProviderError):
                done.set_exception(outcome)
            else:  # it was paid for once
                done.set_result(replace(outcome, is_batched=True, is_cached=number > 0))
        if isinstance(outcome, ProviderError):
            self._kept().forget(self.identity, [key])  # asked again, it is a new call
        else:
            self._handed_out.add(key)

    def _fail(self, mark: str, error: Exception) -> None:
        for key in self._members.pop(mark, set()):
            self._lines.pop(key, None)
            for done in self._waiting.pop(key, []):
                if not done.done():
                    done.set_exception(error)

    # From request to result

    def _submit(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        keys, self._gathered, self._bytes = list(self._gathered), {}, 0
        if keys:
            mark = secrets.token_hex(8)
            self._start(mark, self._make(mark, keys))

    def _start(self, mark: str, work: Coroutine[Any, Any, None]) -> None:
        self._tasks[mark] = asyncio.create_task(self._see_to(mark, work))

    async def _see_to(self, mark: str, work: Coroutine[Any, Any, None]) -> None:
        """Whatever goes wrong belongs to those who wait."""
        try:
            await work
        except asyncio.CancelledError:
            raise
        except Exception as error:
            self._fail(mark, error)
        finally:
            self._tasks.pop(mark, None)
            self._members.pop(mark, None)

    async def _make(self, mark: str, keys: list[str]) -> None:
        store = self._kept()
        self._members[mark] = set(keys)
        self._forget_handed_out()  # nothing was asked for some time: what was handed out is in cache and ledger
        claimed = store.claim(self.identity, mark, keys)
        for key in set(keys) - set(claimed):  # another process was faster
            self._members[mark].discard(key)
            self._place(key)
        if not claimed:
            return
        try:
            batch = await self._service.submit([self._lines[key] for key in claimed], mark)
            store.name(mark, batch)
        except BaseException as error:
            if isinstance(error, ProviderError) and (400 <= error.status < 500 or not error.is_retryable):
                store.release(mark)
            else:
                store.abandon(mark)  # it may have been taken all the same: whoever asks next finds out
            raise
        _log.info("batch %s of %s: %d requests are submitted", batch, self.name, len(claimed))
        await self._await_end(mark, batch)

    async def _follow(self, mark: str) -> None:
        """Rejoin a batch that an earlier or another process submitted."""
        batch = await self._find(mark)
        if batch:
            await self._await_end(mark, batch)
            return
        for key in self._members.pop(mark, set()):  # it was never made
            self._place(key)

    async def _find(self, mark: str) -> str:
        """Identifier of a batch; empty if it was never made."""
        while True:
            kept = self._kept().batch(mark)
            if kept is None:
                return ""
            if kept.batch:
                return kept.batch
            if kept.is_abandoned:
                found = await self._service.find(mark, kept.count, kept.created, self._kept().known())
                if not found:
                    self._kept().release(mark)
                    return ""
                self._kept().name(mark, found)
                return found
            await asyncio.sleep(min(_FIRST_POLL_SECONDS, self._settings.poll))

    async def _await_end(self, mark: str, batch: str) -> None:
        for key in self._members.get(mark, ()):
            self._lines.pop(key, None)  # it is at the endpoint now
        pause = min(_FIRST_POLL_SECONDS, self._settings.poll)
        while True:
            try:
                progress = await self._service.progress(batch)
                if progress.is_ended:
                    await self._collect(mark, batch, progress)
                    return
            except ProviderError as error:
                if error.kind == "not_found":
                    self._kept().release(mark)
                    message = f"the endpoint knows nothing of batch {batch}"
                    raise ProviderError("bad_reply", message, model=self.name) from error
                if not error.is_retryable:
                    raise
            await asyncio.sleep(pause)
            pause = min(pause * _POLL_GROWTH, self._settings.poll)

    async def _collect(self, mark: str, batch: str, progress: Progress) -> None:
        store = self._kept()
        if progress.fault:
            store.release(mark)
            self._fail(mark, ProviderError(progress.kind, progress.fault, model=self.name))
            return
        rows: list[tuple[str, Outcome]] = []
        async with contextlib.aclosing(self._service.read(progress)) as results:
            async for row in results:
                rows.append(row)
                if len(rows) >= _ROWS_AT_ONCE:
                    self._take(mark, rows)
                    rows = []
        self._take(mark, rows)
        missing = ProviderError(progress.missing, f"batch {batch} gave this request no answer", model=self.name)
        store.finish(mark, missing)
        for key in list(self._members.get(mark, ())):
            self._resolve(mark, key, missing)

    def _take(self, mark: str, rows: Iterable[tuple[str, Outcome]]) -> None:
        """Keep results before anybody hears of them: many are of requests that are asked for later."""
        self._kept().keep(self.identity, mark, rows)
        for key, outcome in rows:
            self._resolve(mark, key, outcome)

    def _forget_handed_out(self) -> None:
        if self._handed_out:
            self._kept().forget(self.identity, self._handed_out)
            self._handed_out.clear()

    def _tell(self, mark: str) -> None:
        """Say once which batch runs on, when somebody stops waiting for it."""
        kept = self._store.batch(mark) if self._store is not None and mark not in self._told else None
        if kept is not None and kept.batch:
            self._told.add(mark)
            _log.warning(
                "batch %s of %s runs on (%d requests); the same command collects its answers",
                kept.batch,
                self.name,
                kept.count,
            )
