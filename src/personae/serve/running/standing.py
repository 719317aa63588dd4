"""How a run stands, by what lies in its folder: the studio started it, or a command did, or people answer."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from personae.errors import PersonaeError
from personae.papers import find_paper
from personae.serve.running.catalogue import find_instrument
from personae.serve.running.ledgers import count_statuses
from personae.serve.running.state import STATE_FILE

PEOPLE = "people have answered; their answers are measured when somebody asks for it"


@dataclass(frozen=True, slots=True)
class Standing:
    """How a run stands."""

    state: str
    detail: str
    progress: dict[str, Any] | None


def stand(path: Path, kept: Mapping[str, Any]) -> Standing:
    """How a run stands that is not of this server's processes.

    What the studio kept of a run holds until a command goes on with it: the findings are newer then.

    Args:
        path: Its folder.
        kept: What the studio kept of it, if it did.
    """
    if is_locked(path):
        return Standing("running", "another process runs it", count_progress(path))
    state, findings = str(kept.get("state", "")), path / "findings.json"
    if state and _changed(path / STATE_FILE) >= _changed(findings):
        progress = kept.get("progress") or _progress_of_findings(path)
        if state in ("complete", "stopped", "failed"):
            return Standing(state, str(kept.get("detail", "")), progress)
        return Standing("interrupted", "its process was killed; whatever was finished is kept", progress)
    progress = _progress_of_findings(path)
    if progress is None:
        return Standing("interrupted", "it ended before its findings", count_progress(path))
    if progress["total"] is not None and progress["done"] < progress["total"]:
        return Standing("stopped", f"{progress['done']} of {progress['total']} cells are done", progress)
    return Standing("complete", "", progress)


def _changed(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0


def is_locked(path: Path) -> bool:
    """Whether a process holds the folder of a run."""
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


def _progress_of_findings(path: Path) -> dict[str, Any] | None:
    """What the findings of a run say of its size, for runs that commands made."""
    try:
        found = json.loads((path / "findings.json").read_bytes())
    except (OSError, ValueError):
        return None
    statuses = found.get("statuses", {}).get("whole observation", {})
    return _without_calls(found.get("cells", 0), found.get("expected_cells"), statuses)


def title_of(kind: str, key: str) -> str:
    """What a run is called that does not say it: by its paper or instrument, while these are known."""
    with contextlib.suppress(PersonaeError):
        if kind == "paper":
            return find_paper(key).title.partition(":")[0]
        if kind == "instrument":
            return find_instrument(key).title
    return key


def count_progress(path: Path) -> dict[str, Any] | None:
    """How many cells are there by status, counted."""
    try:
        statuses = count_statuses(path)
    except PersonaeError:
        return None
    return _without_calls(sum(statuses.values()), None, statuses)


def _without_calls(done: int, total: int | None, statuses: Mapping[str, int]) -> dict[str, Any]:
    zeros = dict.fromkeys(("resumed", "calls", "cached_calls", "failed_calls", "input_tokens", "output_tokens"), 0)
    rest = {"cost": None, "seconds": 0.0, "eta": None, "waiting_for": ""}
    return {"done": done, "total": total, "statuses": dict(statuses), **zeros, **rest}


def kind_and_key(record: Mapping[str, Any], kept: Mapping[str, Any]) -> tuple[str, str]:
    """What was run: a paper, an instrument, or something else that a command made."""
    if kept.get("kind"):
        return str(kept["kind"]), str(kept.get("key", ""))
    for field_name, kind in (("paper", "paper"), ("assessment", "instrument"), ("people", "instrument")):
        if field_name in record:
            return kind, str(record[field_name])
    return "other", str(record.get("study") or record.get("replay") or record.get("scored") or "run")


def began_at(record: Mapping[str, Any], path: Path) -> float:
    """When a run was begun, in seconds since 1970; 0 if nobody knows."""
    with contextlib.suppress(KeyError, ValueError):
        return datetime.fromisoformat(record["created"]).timestamp()
    with contextlib.suppress(OSError):
        return path.stat().st_mtime
    return 0.0
