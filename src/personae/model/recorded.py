"""``replay/<folder>``: answers from recorded calls instead of a live model.

A recording is a run folder (its ``ledger.sqlite``) or a folder of JSONL files with one ``{"request", "reply"}`` a line.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import orjson

from personae.errors import InputError
from personae.model.failure import ProviderError
from personae.model.reply import Reply, Usage, reply_from_json
from personae.model.request import Request, request_from_json, request_key

LEDGER_FILE = "ledger.sqlite"


class RecordedModel:
    """Gives the recorded answer to a request that was recorded, and fails on any other; nothing is made up."""

    def __init__(self, name: str, folder: Path) -> None:
        self.name = name
        self._replies: dict[str, Reply] = {}
        for request, reply in _read_recording(folder):
            self._replies.setdefault(request_key(request), reply)
        if not self._replies:
            raise InputError(
                "the folder holds no recorded call",
                where=str(folder),
                remedy=f"give a run folder with {LEDGER_FILE}, or JSONL files of request and reply",
            )

    def __len__(self) -> int:
        return len(self._replies)

    async def generate(self, request: Request) -> Reply:
        """Give the recorded answer.

        Raises:
            ProviderError: ``not_recorded`` if this request was not recorded.
        """
        reply = self._replies.get(request_key(request))
        if reply is None:
            shown = request.messages[-1].content[:80] if request.messages else ""
            raise ProviderError("not_recorded", f"no recorded answer to {shown!r}", model=self.name)
        return reply


def _read_recording(folder: Path) -> Iterator[tuple[Request, Reply]]:
    if not folder.is_dir():
        raise InputError("there is no such folder", where=str(folder), remedy="name a folder of recorded calls")
    ledger = folder / LEDGER_FILE
    if ledger.is_file():
        yield from _read_ledger(ledger)
    for path in sorted(folder.glob("*.jsonl")):
        yield from _read_lines(path)


def _read_ledger(path: Path) -> Iterator[tuple[Request, Reply]]:
    import apsw

    try:
        with closing(apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)) as connection:
            rows = connection.execute("SELECT rowid, request, reply FROM calls WHERE reply IS NOT NULL ORDER BY rowid")
            for number, request, reply in rows:
                with _located(f"{path}, call {number}"):
                    call = request_from_json(orjson.loads(request)), reply_from_json(orjson.loads(reply))
                yield call
    except apsw.Error as error:
        raise InputError(f"not a ledger ({error})", where=str(path), remedy="name the folder of a run") from error


def _read_lines(path: Path) -> Iterator[tuple[Request, Reply]]:
    with path.open("rb") as lines:
        for number, line in enumerate(lines, start=1):
            if not line.strip():
                continue
            with _located(f"{path}:{number}"):
                row = orjson.loads(line)
                call = request_from_json(_request_of(row)), _reply_of(row["reply"])
            yield call


@contextmanager
def _located(where: str) -> Iterator[None]:
    """Turn what reading a malformed call raises into an error that says where the call stands."""
    try:
        yield
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError(
            f"not a recorded call ({type(error).__name__}: {error})",
            where=where,
            remedy='write {"request": {"messages": [...]}, "reply": "..."} on each line',
        ) from error


def _request_of(row: Mapping[str, Any]) -> Mapping[str, Any]:
    request = row.get("request", row)  # a line may give the messages at its top level
    if not isinstance(request, Mapping):
        raise TypeError("the request is not an object")
    return request


def _reply_of(reply: Any) -> Reply:
    if isinstance(reply, str):
        return Reply(reply, usage=Usage())
    return reply_from_json(reply)
