"""The runs of a server: those that are on, in processes of their own, and those whose folders are there."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import json
import os
import re
import sys
import time
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from personae.errors import PersonaeError
from personae.serve.faults import Refusal, not_found
from personae.serve.running.catalogue import find_instrument
from personae.serve.running.ledgers import count_statuses
from personae.serve.running.plan import Plan
from personae.serve.running.state import read_state
from personae.study import read_record

MOST_AT_ONCE = 4
"""Runs that are on at once: they share the machine with the server."""

_ESTIMATES = 2
"""Estimates that are made at once."""

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,150}")
_STOP_SECONDS = 10.0
_LINE = 1 << 20
_PEOPLE = "people have answered; their answers are measured when somebody asks for it"


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
        self._starting = asyncio.Lock()

    def path(self, id: str) -> Path:
        """The folder of a run.

        Raises:
            Refusal: If there is no such run; an id is never taken for a path.
        """
        path = self.folder / id
        if _ID.fullmatch(id) is None or not (path / "run.json").is_file():
            if id in self._live:
                return path  # it has just begun
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
        id = self.id_of(plan)
        await self._begin(id, plan, limits)
        return id

    def id_of(self, plan: Plan) -> str:
        """The id that a run has, begun or not: the same plan is the same run.

        Raises:
            InputError: If a parameter is malformed.
        """
        launch = plan.launch()
        study = launch.experiment.make_study(plan.parameters)
        return launch.default_folder(study, launch.models.open(study.roles, None)).name

    def plan_of(self, id: str) -> Plan:
        """The plan of a run that was begun.

        Raises:
            Refusal: If there is no such run, or it cannot be continued from here.
        """
        kept = read_state(self.path(id)).get("plan")
        return Plan.from_json(kept) if kept else plan_of_record(read_record(self.path(id)))

    async def resume(self, id: str, known_models: Mapping[str, Mapping[str, str]], limits: Mapping[str, Any]) -> None:
        """Go on with a run.

        Raises:
            Refusal: If it is on, was not started from here, or asks models that the server may not ask.
        """
        plan = self.plan_of(id)
        foreign = [name for name in plan.names.values() if name not in known_models]
        if foreign:
            raise Refusal(
                403, "forbidden", f"{foreign[0]!r} is no model of this server", where=id, remedy="serve with --model"
            )
        await self._begin(id, plan, limits)

    async def stop(self, id: str) -> None:
        """Stop a run in good order; what was finished is kept."""
        live = self._live.get(id)
        if live is None:
            self.path(id)
            return
        live.is_stopping = True
        live.note()
        _write(live.process, b"stop\n")

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
        self.path(id)
        before = ""
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
        if live is not None and live.ended is not None and not (self.folder / id / "run.json").is_file():
            detail = live.ended["detail"]
            raise Refusal(502, "failed", f"the run could not begin: {detail}", where=id, remedy="mend it, and start it")
        yield "end", self.describe(id)

    def describe(self, id: str) -> dict[str, Any]:
        """A run as a list shows it.

        Raises:
            Refusal: If there is no such run.
        """
        path, live = self.path(id), self._live.get(id)
        try:
            record = read_record(path)
        except PersonaeError:
            record = {}  # it begins, or was made by another version
        kept = read_state(path)
        models = record.get("models") or {}
        names = [one["name"] for one in models.values()] or (list(live.plan.names.values()) if live else [""])
        kind, key = _kind_and_key(record, kept, live)
        title = (live.plan.title if live else "") or str(kept.get("title") or "") or key
        is_of_people = "people" in record
        if is_of_people:
            title = _title_of_people(key)
        is_on = live is not None and live.ended is None
        if is_on and live is not None:
            state, detail, progress = ("stopping" if live.is_stopping else "running"), "", live.progress
        elif is_of_people:
            state, detail, progress = "complete", _PEOPLE, _progress_of_people(path)
        else:
            state, detail = _state_of(path, kept)
            progress = kept.get("progress") or _progress_of(path)
        return {
            "id": id,
            "kind": kind,
            "key": key,
            "title": title,
            "model": names[0],
            "created": _time(record, path) or (live.began if live else 0.0),
            "state": state,
            "detail": detail,
            "is_simulated": any(name.partition("/")[0] == "sim" for name in names),
            "progress": progress,
            "has_report": (path / "report.html").is_file(),
        }

    def page(self, limit: int, start: int) -> tuple[list[dict[str, Any]], int]:
        """Runs by the time when they were begun, the latest first, and how many there are."""
        known = {path.parent.name: path.stat().st_mtime for path in self.folder.glob("*/run.json")}
        ids = sorted(
            {id for id in known if _ID.fullmatch(id)} | set(self._live),
            key=lambda id: (known.get(id, float("inf")), id),
            reverse=True,
        )
        return [self.describe(id) for id in ids[start : start + limit]], len(ids)

    async def _begin(self, id: str, plan: Plan, limits: Mapping[str, Any]) -> None:
        async with self._starting:
            if id in self._live:
                raise Refusal(409, "conflict", "the run is on already", where=id, remedy="watch it, or stop it first")
            if len(self._live) >= MOST_AT_ONCE:
                remedy = "wait for one of them, or stop it"
                raise Refusal(409, "conflict", f"{MOST_AT_ONCE} runs are on already", where="runs", remedy=remedy)
            self.folder.mkdir(parents=True, exist_ok=True)
            order = {"do": "run", "plan": plan.to_json(), "folder": str((self.folder / id).resolve()), **limits}
            live = _Live(await self._spawn(order), plan)
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


def plan_of_record(record: Mapping[str, Any]) -> Plan:
    """The plan of a run that a command started.

    Raises:
        Refusal: If it cannot be continued from here.
    """
    if "people" in record:
        raise Refusal(409, "conflict", "people answer here, and nobody else", remedy="send them a link")
    if "paper" in record:
        kind, key = "paper", str(record["paper"])
    elif "assessment" in record:
        kind, key = "instrument", str(record["assessment"])
    else:
        raise Refusal(409, "conflict", "cannot be continued from here", remedy="use what began it")
    if record.get("ledger") or record.get("shard") or record["chosen_models"]["base_url"]:
        raise Refusal(409, "conflict", "is shared with other workers", remedy="personae run resume continues it")
    chosen = record["chosen_models"]
    return Plan(kind, key, key, record["given_parameters"], chosen["names"], chosen["options"], record["seed"])


def _state_of(path: Path, kept: Mapping[str, Any]) -> tuple[str, str]:
    if _is_locked(path):
        return "running", "another process runs it"
    state = str(kept.get("state", ""))
    if state in ("complete", "stopped", "failed"):
        return state, str(kept.get("detail", ""))
    if state:
        return "interrupted", "its process was killed; whatever was finished is kept"
    return ("complete", "") if (path / "findings.json").is_file() else ("interrupted", "it ended before its findings")


def _is_locked(path: Path) -> bool:
    try:
        lock = os.open(path / ".lock", os.O_RDWR)
    except OSError:
        return False
    try:
        fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return True
    finally:
        os.close(lock)
    return False


def _progress_of(path: Path) -> dict[str, Any] | None:
    """What the findings of a run say of its size, for runs that commands made."""
    try:
        found = json.loads((path / "findings.json").read_bytes())
    except (OSError, ValueError):
        return None
    statuses = found.get("statuses", {}).get("whole observation", {})
    return _without_calls(found.get("cells", 0), found.get("expected_cells"), statuses)


def _title_of_people(key: str) -> str:
    try:
        return f"{find_instrument(key).title}: people"
    except PersonaeError:  # of a library that is no longer here
        return f"{key}: people"


def _progress_of_people(path: Path) -> dict[str, Any] | None:
    """How many people have answered, and how completely."""
    try:
        statuses = count_statuses(path)
    except PersonaeError:
        return None
    return _without_calls(sum(statuses.values()), None, statuses)


def _without_calls(done: int, total: int | None, statuses: Mapping[str, int]) -> dict[str, Any]:
    zeros = dict.fromkeys(("resumed", "calls", "cached_calls", "failed_calls", "input_tokens", "output_tokens"), 0)
    rest = {"cost": None, "seconds": 0.0, "eta": None, "waiting_for": ""}
    return {"done": done, "total": total, "statuses": dict(statuses), **zeros, **rest}


def _kind_and_key(record: Mapping[str, Any], kept: Mapping[str, Any], live: _Live | None) -> tuple[str, str]:
    if live is not None:
        return live.plan.kind, live.plan.key
    if kept.get("kind"):
        return str(kept["kind"]), str(kept.get("key", ""))
    for field_name, kind in (("paper", "paper"), ("assessment", "instrument"), ("people", "instrument")):
        if field_name in record:
            return kind, str(record[field_name])
    return "other", str(record.get("study") or record.get("replay") or record.get("scored") or "run")


def _time(record: Mapping[str, Any], path: Path) -> float:
    with contextlib.suppress(KeyError, ValueError):
        return datetime.fromisoformat(record["created"]).timestamp()
    with contextlib.suppress(OSError):
        return path.stat().st_mtime
    return 0.0


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


__all__ = ["MOST_AT_ONCE", "Runs", "plan_of_record"]
