"""The runs of a server: those that are on, in processes of their own, and those whose folders are there."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import sys
import time
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from personae.errors import PersonaeError
from personae.serve.faults import Refusal, not_found
from personae.serve.running.plan import Plan, plan_of_record
from personae.serve.running.standing import (
    PEOPLE,
    Standing,
    began_at,
    count_progress,
    is_locked,
    kind_and_key,
    stand,
    title_of,
)
from personae.serve.running.state import read_state
from personae.study import read_record

MOST_AT_ONCE = 4
"""Runs that are on at once: they share the machine with the server."""

_ESTIMATES = 2
"""Estimates that are made at once."""

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,150}")
_MOST_UNBORN = 20
_STOP_SECONDS = 10.0
_LOOK_SECONDS = 2.0
"""Between two looks at a run of another process."""
_LINE = 1 << 20


@dataclass
class _Live:
    """A run that is on."""

    process: asyncio.subprocess.Process
    plan: Plan
    progress: dict[str, Any] | None = None
    is_stopping: bool = False
    ended: dict[str, str] | None = None
    began: float = field(default_factory=time.time)
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    reading: asyncio.Task[None] | None = None

    def note(self) -> None:
        """Wake whoever watches."""
        self.changed.set()
        self.changed = asyncio.Event()


class Runs:
    """Starts, stops, continues and watches runs.

    Args:
        folder: Holds the run folders.
        patience: Seconds that an estimate may take.
    """

    def __init__(self, folder: Path, *, patience: float = 60.0) -> None:
        self.folder = folder
        self.patience = patience
        self._estimating = asyncio.Semaphore(_ESTIMATES)
        self._live: dict[str, _Live] = {}
        self._unborn: dict[str, _Live] = {}  # that ended before they had a folder, such as for want of a key
        self._starting = asyncio.Lock()

    def path(self, id: str) -> Path:
        """The folder of a run.

        Raises:
            Refusal: If there is no such run; an id is never taken for a path.
        """
        path = self.folder / id
        if _ID.fullmatch(id) is None or not (path / "run.json").is_file():
            if id in self._live or id in self._unborn:
                return path  # it has just begun, or never did
            raise not_found("run", id)
        return path

    async def estimate(self, plan: Plan, limit: int | None) -> dict[str, Any]:
        """What a run is expected to take; few are estimated at once, and none goes on when nobody waits for it.

        Raises:
            Refusal: If the study refuses its parameters, or is too large to be tried.
        """
        async with self._estimating:
            process = await self._spawn({"do": "estimate", "plan": plan.to_json(), "limit": limit})
            try:
                told, _ = await asyncio.wait_for(process.communicate(), self.patience)
            except TimeoutError:
                raise Refusal(
                    422,
                    "input",
                    f"this is too large to be estimated within {self.patience:.0f} seconds",
                    where="parameters",
                    remedy="choose smaller numbers",
                ) from None
            finally:
                if process.returncode is None:
                    with contextlib.suppress(ProcessLookupError):
                        process.kill()
                    await process.wait()
        return dict(_read(told.splitlines()[-1] if told else b"", "estimate"))

    async def start(self, plan: Plan, *, limits: Mapping[str, Any]) -> str:
        """Start a run, or go on with it if it was started before; gives its id.

        Raises:
            Refusal: If it is on already, or too many are.
        """
        id = await self.id_of(plan)
        await self._begin(id, plan, limits)
        return id

    async def id_of(self, plan: Plan) -> str:
        """The id that a run has, begun or not: the same plan is the same run.

        It takes a while, as the study and its libraries are loaded; nobody else waits for it.

        Raises:
            InputError: If a parameter is malformed.
        """
        return await asyncio.to_thread(_id_of, plan)

    def plan_of(self, id: str, known_models: Mapping[str, Mapping[str, str]]) -> Plan:
        """The plan of a run, to go on with it.

        Raises:
            Refusal: If it was not started from here, or asks models that the server may not ask.
        """
        path, unborn = self.path(id), self._unborn.get(id)
        kept = unborn.plan.to_json() if unborn else read_state(path).get("plan")
        plan = Plan.from_json(kept) if kept else plan_of_record(read_record(self.path(id)))
        foreign = [name for name in plan.names.values() if name not in known_models]
        if foreign:
            raise Refusal(
                403, "forbidden", f"{foreign[0]!r} is no model of this server", where=id, remedy="serve with --model"
            )
        return plan

    async def resume(self, id: str, plan: Plan, limits: Mapping[str, Any]) -> None:
        """Go on with a run.

        Raises:
            Refusal: If it is on.
        """
        await self._begin(id, plan, limits)

    async def stop(self, id: str) -> None:
        """Stop a run in good order; what was finished is kept."""
        live = self._live.get(id)
        if live is None:
            if is_locked(self.path(id)):
                raise Refusal(409, "conflict", "another process runs it", where=id, remedy="stop it there")
            return
        live.is_stopping = True
        live.note()
        _write(live.process, b"stop\n")

    def remove(self, id: str) -> Path:
        """Take a run out of the list; its folder is moved to ``.removed`` beside the others, and gives where.

        What was paid for is not destroyed: whoever wants that deletes the folder.

        Raises:
            Refusal: If there is no such run, it is on, or it holds answers of people.
        """
        path = self.path(id)
        if self._unborn.pop(id, None) is not None:
            return path
        if id in self._live or is_locked(path):
            raise Refusal(409, "conflict", "the run is on", where=id, remedy="stop it first")
        if "people" in read_record(path):
            raise Refusal(409, "conflict", "holds answers of people", where=id, remedy="remove its folder by hand")
        gone = self.folder / ".removed" / f"{id}-{time.time_ns()}"
        gone.parent.mkdir(exist_ok=True)
        path.rename(gone)
        return gone

    async def close(self) -> None:
        """Stop all runs and wait for their processes."""
        for id in list(self._live):
            await self.stop(id)
        waiting = [live.reading for live in self._live.values() if live.reading is not None]
        if waiting:
            _, late = await asyncio.wait(waiting, timeout=_STOP_SECONDS)
            if late:
                for live in self._live.values():
                    with contextlib.suppress(ProcessLookupError):
                        live.process.kill()
                await asyncio.wait(late, timeout=_STOP_SECONDS)

    async def watch(self, id: str) -> AsyncIterator[tuple[str, Mapping[str, Any]]]:
        """Progress and changes of state, until the run is no longer on."""
        path = self.path(id)
        before = ""
        live = self._live.get(id)
        while live is None and is_locked(path):  # a command's, whose ledger tells
            if counted := await asyncio.to_thread(count_progress, path):
                yield "progress", counted
            await asyncio.sleep(_LOOK_SECONDS)
            live = self._live.get(id)
        while live is not None and live.ended is None:
            changed = live.changed
            now = self.describe(id)
            if now["state"] != before:
                before = now["state"]
                yield "state", now
            if live.progress is not None:
                yield "progress", live.progress
            await changed.wait()
        if live is not None and live.progress is not None:
            yield "progress", live.progress
        if live is not None and live.reading is not None:
            await asyncio.wait([live.reading])
        yield "end", self.describe(id)

    def describe(self, id: str) -> dict[str, Any]:
        """A run as a list shows it.

        Raises:
            Refusal: If there is no such run.
        """
        path, live = self.path(id), self._live.get(id) or self._unborn.get(id)
        try:
            record = read_record(path)
        except PersonaeError:
            record = {}  # it begins, or was made by another version
        kept = read_state(path)
        models = record.get("models") or {}
        names = [one["name"] for one in models.values()] or (list(live.plan.names.values()) if live else [""])
        kind, key = (live.plan.kind, live.plan.key) if live else kind_and_key(record, kept)
        title = (live.plan.title if live else "") or str(kept.get("title") or "") or title_of(kind, key)
        if live is not None and live.ended is None:
            now = Standing("stopping" if live.is_stopping else "running", "", live.progress)
        elif live is not None and live.ended is not None:
            now = Standing(live.ended["state"], f"it could not begin: {live.ended['detail']}", live.progress)
        elif "people" in record:
            title, now = f"{title_of(kind, key)}: people", Standing("complete", PEOPLE, count_progress(path))
        else:
            now = stand(path, kept)
        return {
            "id": id,
            "kind": kind,
            "key": key,
            "title": title,
            "model": names[0],
            "created": began_at(record, path) or (live.began if live else 0.0),
            "state": now.state,
            "detail": now.detail,
            "is_simulated": any(name.partition("/")[0] == "sim" for name in names),
            "progress": now.progress,
            "has_report": (path / "report.html").is_file(),
        }

    def page(self, limit: int, start: int) -> tuple[list[dict[str, Any]], int]:
        """Runs by the time when they were begun, the latest first, and how many there are."""
        known = {path.parent.name: path.stat().st_mtime for path in self.folder.glob("*/run.json")}
        ids = sorted(
            {id for id in known if _ID.fullmatch(id)} | set(self._live) | set(self._unborn),
            key=lambda id: (known.get(id, float("inf")), id),
            reverse=True,
        )
        return [self.describe(id) for id in ids[start : start + limit]], len(ids)

    async def _begin(self, id: str, plan: Plan, limits: Mapping[str, Any]) -> None:
        async with self._starting:
            if id in self._live or is_locked(self.folder / id):
                raise Refusal(409, "conflict", "the run is on already", where=id, remedy="watch it, or stop it first")
            if len(self._live) >= MOST_AT_ONCE:
                remedy = "wait for one of them, or stop it"
                raise Refusal(409, "conflict", f"{MOST_AT_ONCE} runs are on already", where="runs", remedy=remedy)
            self.folder.mkdir(parents=True, exist_ok=True)
            order = {"do": "run", "plan": plan.to_json(), "folder": str((self.folder / id).resolve()), **limits}
            live = _Live(await self._spawn(order), plan)
            self._unborn.pop(id, None)
            self._live[id] = live
            live.reading = asyncio.create_task(self._follow(id, live))

    async def _follow(self, id: str, live: _Live) -> None:
        """Read what the process tells until it ends."""
        ended = {"state": "failed", "detail": "its process ended without a word"}
        try:
            assert live.process.stdout is not None
            async for line in live.process.stdout:
                told = json.loads(line)
                if "progress" in told:
                    live.progress = told["progress"]
                    live.note()
                elif "ended" in told:
                    ended = told["ended"]
                elif "refused" in told:
                    ended = {"state": "failed", "detail": f"{told['refused']['where']}: {told['refused']['what']}"}
        except ValueError:
            ended = {"state": "failed", "detail": "its process told something that cannot be read"}
        finally:
            if live.process.returncode is None:
                _write(live.process, b"stop\n")
                await live.process.wait()
            live.ended = ended
            if not (self.folder / id / "run.json").is_file():
                self._unborn[id] = live
                while len(self._unborn) > _MOST_UNBORN:
                    self._unborn.pop(next(iter(self._unborn)))
            self._live.pop(id, None)
            live.note()

    async def _spawn(self, order: Mapping[str, Any]) -> asyncio.subprocess.Process:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "personae.serve.running.worker",
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
            limit=_LINE, start_new_session=True,  # Ctrl-C in a terminal is the server's, who passes it on in order
        )  # fmt: skip
        _write(process, json.dumps(order).encode() + b"\n")
        return process


def _id_of(plan: Plan) -> str:
    launch = plan.launch()
    study = launch.experiment.make_study(plan.parameters)
    return launch.default_folder(study, launch.models.open(study.roles, None)).name


def _write(process: asyncio.subprocess.Process, line: bytes) -> None:
    with contextlib.suppress(OSError, RuntimeError):
        assert process.stdin is not None
        process.stdin.write(line)


def _read(line: bytes, wanted: str) -> Mapping[str, Any]:
    try:
        told: dict[str, Any] = json.loads(line)
    except ValueError:
        told = {}
    if "refused" in told:
        one = told["refused"]
        raise Refusal(400, one["code"], one["what"], where=one["where"], remedy=one["remedy"])
    if wanted not in told:
        raise Refusal(500, "unexpected", "the estimate ended without a word", remedy="choose smaller numbers")
    found: Mapping[str, Any] = told[wanted]
    return found
