"""A real HTTP server with both batch protocols, OpenAI's and Anthropic's, that outlives its clients.

Written from the documentation of the protocols and not with the code under test::

    with BatchServer(lambda text: text.upper()) as server:
        server.is_held = True  # batches do not end before it is False again
        ...
    assert len(server.batches) == 1
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal

import orjson
from aiohttp import web

from support.chat_server import Act, ChatServer, completion
from support.messages_server import message

Ending = Literal["completed", "expired", "cancelled", "failed"]

Fate = Literal["expired", "cancelled", "lost"] | tuple[int, str, str]
"""What becomes of a request instead of an answer; a tuple is an error of its own: status, type, message."""


@dataclass
class Batch:
    """A batch, as the server knows it."""

    id: str
    requests: dict[str, dict[str, Any]]
    """Bodies by custom id."""
    protocol: str
    metadata: Mapping[str, str] = field(default_factory=dict)
    created: float = field(default_factory=time.time)
    polls: int = 0
    downloads: int = 0


class BatchServer(ChatServer):
    """Serves chat completions and messages live, and both of them in batches.

    Args:
        answer: Makes the text of an answer out of the last message.
        fates: Makes what becomes of a request out of the last message; ``None`` is an answer.
        seconds: How long a batch takes.
    """

    def __init__(
        self,
        answer: Callable[[str], str] = str.upper,
        *,
        fates: Callable[[str], Fate | None] = lambda _: None,
        seconds: float = 0.0,
    ) -> None:
        super().__init__(lambda body: completion(answer(last_text(body))))
        self.batches: list[Batch] = []
        """All batches that were ever made."""
        self.uploads: list[bytes] = []
        """Files of requests, in the order they came."""
        self.is_held = False
        """While it is, no batch ends."""
        self.ending: Ending = "completed"
        """How batches of OpenAI's protocol end."""
        self.errors: list[dict[str, Any]] = []
        """Why a batch failed validation."""
        self.refusals: list[Act] = []
        """What is done with the next calls that make a batch, before they are looked at."""
        self.late: list[Act] = []
        """What the next calls that make a batch are answered, although it is made."""
        self.troubles: list[Act] = []
        """What is done with the next calls that ask for progress."""
        self.broken: list[Act | None] = []
        """What is done with the next downloads of OpenAI's protocol; ``None`` lets one pass."""
        self.making = 0.0
        """Seconds that it takes to make a batch."""
        self._text = answer
        self._fates = fates
        self._seconds = seconds

    @property
    def asked(self) -> list[str]:
        """Last message of every request of every batch: what would be paid for."""
        return [last_text(body) for batch in self.batches for body in batch.requests.values()]

    def add_routes(self, app: web.Application) -> None:
        """Serve the addresses of both protocols."""
        app.router.add_post("/v1/files", self._upload)
        app.router.add_get("/v1/files/{id}/content", self._download)
        app.router.add_post("/v1/batches", self._make)
        app.router.add_get("/v1/batches", self._list_batches)
        app.router.add_get("/v1/batches/{id}", self._look)
        app.router.add_post("/v1/messages/batches", self._make_messages)
        app.router.add_get("/v1/messages/batches", self._list_messages)
        app.router.add_get("/v1/messages/batches/{id}", self._look_messages)
        app.router.add_get("/v1/messages/batches/{id}/results", self._download_messages)

    # OpenAI

    async def _upload(self, http: web.Request) -> web.StreamResponse:
        self._note(http)
        form = await http.post()
        assert form["purpose"] == "batch"
        file = form["file"]
        assert isinstance(file, web.FileField)
        self.uploads.append(file.file.read())
        return web.json_response({"id": f"file-{len(self.uploads) - 1}", "purpose": "batch"})

    async def _make(self, http: web.Request) -> web.StreamResponse:
        self._note(http)
        if self.refusals:
            return await self._perform(http, self.refusals.pop(0))
        body = orjson.loads(await http.read())
        assert (body["endpoint"], body["completion_window"]) == ("/v1/chat/completions", "24h")
        lines = self.uploads[int(body["input_file_id"].removeprefix("file-"))].splitlines()
        rows = [orjson.loads(line) for line in lines]
        assert all((row["method"], row["url"]) == ("POST", "/v1/chat/completions") for row in rows)
        requests = {row["custom_id"]: row["body"] for row in rows}
        assert len(requests) == len(rows) <= 50_000
        return await self._made(http, Batch(self._next_id(), requests, "openai", body.get("metadata") or {}))

    async def _made(self, http: web.Request, batch: Batch) -> web.StreamResponse:
        self.batches.append(batch)
        await asyncio.sleep(self.making)
        if self.late:
            return await self._perform(http, self.late.pop(0))
        return web.json_response(self._shown(batch))

    async def _list_batches(self, http: web.Request) -> web.StreamResponse:
        self._note(http)
        rows = [self._shown(batch) for batch in reversed(self.batches) if batch.protocol == "openai"]
        ids = [row["id"] for row in rows]
        first = ids.index(http.query["after"]) + 1 if "after" in http.query else 0
        page = rows[first : first + 2]  # shorter than was asked for, so that there are pages
        return web.json_response({"object": "list", "data": page, "has_more": first + 2 < len(rows)})

    async def _look(self, http: web.Request) -> web.StreamResponse:
        self._note(http)
        if self.troubles:
            return await self._perform(http, self.troubles.pop(0))
        batch = self._found(http)
        batch.polls += 1
        return web.json_response(self._shown(batch))

    async def _download(self, http: web.Request) -> web.StreamResponse:
        self._note(http)
        if self.broken and (act := self.broken.pop(0)) is not None:
            return await self._perform(http, act)
        kind, _, name = http.match_info["id"].partition("-")
        batch = next(batch for batch in self.batches if batch.id == name)
        batch.downloads += 1
        lines = [self._line(key, body) for key, body in reversed(batch.requests.items())]  # in any order but theirs
        wanted = [line for is_error, line in lines if line and is_error == (kind == "errors")]
        return web.Response(body=b"\n".join(wanted) + b"\n" if wanted else b"")

    def _line(self, key: str, body: dict[str, Any]) -> tuple[bool, bytes]:
        fate = self._fates(last_text(body))
        row: dict[str, Any] = {"id": "batch_req_1", "custom_id": key, "response": None, "error": None}
        if fate is None:
            answered = completion(self._text(last_text(body)))
            row["response"] = {"status_code": 200, "request_id": "req_1", "body": answered}
        elif isinstance(fate, tuple):
            error = {"message": fate[2], "type": fate[1], "code": None, "param": None}
            row["response"] = {"status_code": fate[0], "request_id": "req_1", "body": {"error": error}}
        elif fate == "lost":
            return True, b""
        else:
            row["error"] = {"code": f"batch_{fate}", "message": f"This request was {fate}."}
        return fate is not None, orjson.dumps(row)

    def _shown(self, batch: Batch) -> dict[str, Any]:
        status = self.ending if self._is_ended(batch) else "in_progress"
        has_files = status in ("completed", "expired", "cancelled")
        return {
            "id": batch.id,
            "object": "batch",
            "status": status,
            "created_at": int(batch.created),
            "metadata": dict(batch.metadata),
            "errors": {"object": "list", "data": self.errors} if status == "failed" else None,
            "output_file_id": f"answers-{batch.id}" if has_files else None,
            "error_file_id": f"errors-{batch.id}" if has_files else None,
            "request_counts": {"total": len(batch.requests), "completed": 0, "failed": 0},
        }

    # Anthropic

    async def _make_messages(self, http: web.Request) -> web.StreamResponse:
        self._note(http)
        if self.refusals:
            return await self._perform(http, self.refusals.pop(0))
        rows = orjson.loads(await http.read())["requests"]
        requests = {row["custom_id"]: row["params"] for row in rows}
        assert len(requests) == len(rows) <= 100_000
        assert all(len(key) <= 64 for key in requests)
        return await self._made(http, Batch(self._next_id(), requests, "anthropic"))

    async def _list_messages(self, http: web.Request) -> web.StreamResponse:
        self._note(http)
        rows = [self._shown_message(batch) for batch in reversed(self.batches) if batch.protocol == "anthropic"]
        return web.json_response({"data": rows, "has_more": False})

    async def _look_messages(self, http: web.Request) -> web.StreamResponse:
        self._note(http)
        if self.troubles:
            return await self._perform(http, self.troubles.pop(0))
        batch = self._found(http)
        batch.polls += 1
        return web.json_response(self._shown_message(batch))

    async def _download_messages(self, http: web.Request) -> web.StreamResponse:
        self._note(http)
        batch = self._found(http)
        batch.downloads += 1
        lines = [self._message_line(key, body) for key, body in reversed(batch.requests.items())]
        return web.Response(body=b"\n".join(line for line in lines if line))

    def _message_line(self, key: str, body: dict[str, Any]) -> bytes:
        fate = self._fates(last_text(body))
        if fate == "lost":
            return b""
        result: dict[str, Any]
        if fate is None:
            result = {"type": "succeeded", "message": message(self._text(last_text(body)))}
        elif isinstance(fate, tuple):
            error = {"type": "error", "error": {"type": fate[1], "message": fate[2]}}
            result = {"type": "errored", "error": error}
        else:
            result = {"type": {"expired": "expired", "cancelled": "canceled"}[fate]}
        return orjson.dumps({"custom_id": key, "result": result})

    def _shown_message(self, batch: Batch) -> dict[str, Any]:
        is_ended = self._is_ended(batch)
        state = "succeeded" if is_ended else "processing"
        counts = {
            "processing": 0,
            "succeeded": 0,
            "errored": 0,
            "canceled": 0,
            "expired": 0,
            state: len(batch.requests),
        }
        return {
            "id": batch.id,
            "type": "message_batch",
            "processing_status": "ended" if is_ended else "in_progress",
            "request_counts": counts,
            "created_at": datetime.fromtimestamp(batch.created, UTC).isoformat().replace("+00:00", "Z"),
            "results_url": "http://127.0.0.1:9/somewhere/else" if is_ended else None,
        }

    # Both

    def _note(self, http: web.Request) -> None:
        self.paths.append(f"{http.method} {http.path_qs}")

    def _next_id(self) -> str:
        return f"batch_{len(self.batches)}"

    def _is_ended(self, batch: Batch) -> bool:
        return not self.is_held and time.time() - batch.created >= self._seconds

    def _found(self, http: web.Request) -> Batch:
        for batch in self.batches:
            if batch.id == http.match_info["id"]:
                return batch
        raise web.HTTPNotFound(text="no such batch")


def last_text(body: Mapping[str, Any]) -> str:
    """Text of the last message of a request, in either format."""
    content = body["messages"][-1]["content"]
    return content if isinstance(content, str) else "".join(block["text"] for block in content)
