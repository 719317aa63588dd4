"""Batches as the endpoints have them: submit, ask how far it is, read the results. One interface for both protocols."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Collection, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Protocol
from urllib.parse import quote

import orjson

from personae.model.anthropic import Anthropic
from personae.model.anthropic_wire import kind_of_error, read_message
from personae.model.failure import FailureKind, ProviderError, kind_of_status
from personae.model.openai_compatible import OpenAICompatible
from personae.model.reply import Reply
from personae.model.request import Request
from personae.model.wire import parse_reply

_CLOCK_SECONDS = 300.0  # by how much the clock of an endpoint may differ from ours


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a batch is."""

    is_ended: bool
    fault: str = ""
    """Why the endpoint refused the batch as a whole, if it did."""
    kind: FailureKind = "bad_request"
    """Kind of that refusal."""
    results: tuple[str, ...] = ()
    """Paths of the files that hold the results."""
    missing: FailureKind = "bad_reply"
    """Kind of failure of a request that the results do not mention."""


class BatchService(Protocol):
    """What an endpoint offers for batches."""

    @property
    def most_requests(self) -> int:
        """Requests that one batch may hold."""
        ...

    @property
    def most_bytes(self) -> int:
        """Bytes that one batch may have."""
        ...

    def line(self, key: str, request: Request) -> bytes:
        """Spell one request of a batch; ``key`` is how its result will be told from others.

        Raises:
            PersonaeError: If the endpoint cannot be asked this.
        """
        ...

    async def submit(self, lines: Sequence[bytes], mark: str) -> str:
        """Submit a batch and give its identifier.

        Raises:
            ProviderError: If the endpoint refuses it, or nobody knows whether it took it.
        """
        ...

    async def find(self, mark: str, count: int, since: float, known: Collection[str]) -> str:
        """Find a batch that was submitted but whose identifier was lost; empty if there is none."""
        ...

    async def progress(self, batch: str) -> Progress:
        """Ask how far a batch is."""
        ...

    def read(self, progress: Progress) -> AsyncGenerator[tuple[str, Reply | ProviderError]]:
        """Read the results of a batch that has ended, by the keys of its requests."""
        ...


class OpenAIBatches:
    """Batches of OpenAI, Azure, Groq and whoever else has ``/files`` and ``/batches``."""

    most_requests: ClassVar[int] = 50_000
    most_bytes: ClassVar[int] = 200_000_000

    def __init__(self, client: OpenAICompatible) -> None:
        self._client = client

    def line(self, key: str, request: Request) -> bytes:
        """Spell one line of the file of requests."""
        body = self._client.body(request)
        return orjson.dumps({"custom_id": key, "method": "POST", "url": "/v1/chat/completions", "body": body})

    async def submit(self, lines: Sequence[bytes], mark: str) -> str:
        """Upload the file of requests, and make a batch of it."""
        import aiohttp
        from multidict import CIMultiDict

        form = aiohttp.MultipartWriter("form-data")
        form.append("batch").set_content_disposition("form-data", name="purpose")
        file = form.append(b"\n".join(lines) + b"\n", CIMultiDict({"Content-Type": "application/jsonl"}))
        file.set_content_disposition("form-data", name="file", filename="personae.jsonl")
        payload, _ = await self._client.exchange(
            "POST", "/files", data=form, headers=form.headers, timeout=self._client.patience()
        )
        body = {
            "input_file_id": _field(payload, "id", self._client.name),
            "endpoint": "/v1/chat/completions",
            "completion_window": "24h",
            "metadata": {"personae": mark},
        }
        payload, _ = await self._client.exchange("POST", "/batches", body)
        return _field(payload, "id", self._client.name)

    async def find(self, mark: str, count: int, since: float, known: Collection[str]) -> str:
        """Find a batch by the mark that it carries."""
        after = ""
        while True:
            payload, _ = await self._client.exchange("GET", f"/batches?limit=100{after}")
            rows, has_more = _page(payload, self._client.name)
            for row in rows:
                if (row.get("metadata") or {}).get("personae") == mark:
                    return str(row["id"])
            if not has_more or min(float(row.get("created_at") or 0) for row in rows) < since - _CLOCK_SECONDS:
                return ""
            after = f"&after={quote(str(rows[-1]['id']), safe='')}"

    async def progress(self, batch: str) -> Progress:
        """Ask how far a batch is."""
        payload, _ = await self._client.exchange("GET", f"/batches/{quote(batch, safe='')}")
        data = _object(payload, self._client.name)
        status = data.get("status")
        if status == "failed":
            errors = (data.get("errors") or {}).get("data") or []
            told = "; ".join(_told(error) for error in errors[:3]) or "no reason is given"
            # A queue that is full empties itself; all other reasons lie in the file.
            kind: FailureKind = "rate_limited" if "token_limit_exceeded" in told else "bad_request"
            return Progress(True, f"batch {batch} failed validation: {told}", kind)
        files = [data.get(name) for name in ("output_file_id", "error_file_id")]
        paths = tuple(f"/files/{quote(str(file), safe='')}/content" for file in files if file)
        missing: dict[Any, FailureKind] = {"expired": "overloaded", "cancelled": "bad_request"}
        is_ended = status in ("completed", "expired", "cancelled")
        return Progress(is_ended, results=paths, missing=missing.get(status, "bad_reply"))

    async def read(self, progress: Progress) -> AsyncGenerator[tuple[str, Reply | ProviderError]]:
        """Read the file of answers and the file of errors."""
        for path in progress.results:
            async with aclosing(self._client.lines(path)) as lines:
                async for line in lines:
                    if line.strip():
                        yield _result(line, self._client.name, self._outcome)

    def _outcome(self, data: Mapping[str, Any]) -> Reply:
        name, response, error = self._client.name, data.get("response"), data.get("error")
        if response and response.get("body") and int(response["status_code"]) < 300:
            return parse_reply(orjson.dumps(response["body"]), model=name, request_id=response.get("request_id") or "")
        if response:
            status, told = int(response["status_code"]), (response.get("body") or {}).get("error") or {}
            message = _told(told) or "the endpoint gives no reason"
            raise ProviderError(kind_of_status(status, message), message, model=name, status=status)
        code = str((error or {}).get("code") or "")
        kinds: dict[str, FailureKind] = {"batch_expired": "overloaded", "batch_cancelled": "bad_request"}
        raise ProviderError(kinds.get(code, "bad_reply"), _told(error or {}) or "neither answer nor error", model=name)


class AnthropicBatches:
    """Batches of the Messages API."""

    most_requests: ClassVar[int] = 100_000
    most_bytes: ClassVar[int] = 256_000_000

    def __init__(self, client: Anthropic) -> None:
        self._client = client

    def line(self, key: str, request: Request) -> bytes:
        """Spell one request of the list."""
        if request.tools:
            fault = "calls of tools are not read from batches here; ask live"
            raise ProviderError("unsupported", fault, model=self._client.name)
        return orjson.dumps({"custom_id": key, "params": self._client.body(request)})

    async def submit(self, lines: Sequence[bytes], mark: str) -> str:
        """Send the list of requests; a batch has no room for a mark."""
        data = b'{"requests":[' + b",".join(lines) + b"]}"
        payload, _ = await self._client.exchange(
            "POST", "/messages/batches", data=data, timeout=self._client.patience()
        )
        return _field(payload, "id", self._client.name)

    async def find(self, mark: str, count: int, since: float, known: Collection[str]) -> str:
        """Find the one batch of this size that was made since, and that belongs to no other mark.

        A wrong one would do no harm but lose time: its results do not mention our requests, which are then asked again.
        """
        payload, _ = await self._client.exchange("GET", "/messages/batches?limit=100")
        rows, _ = _page(payload, self._client.name)
        fitting = [
            str(row["id"])
            for row in rows
            if row["id"] not in known
            and sum((row.get("request_counts") or {}).values()) == count
            and _seconds(row.get("created_at")) >= since - _CLOCK_SECONDS
        ]
        return fitting[0] if len(fitting) == 1 else ""

    async def progress(self, batch: str) -> Progress:
        """Ask how far a batch is."""
        path = f"/messages/batches/{quote(batch, safe='')}"
        payload, _ = await self._client.exchange("GET", path)
        is_ended = _object(payload, self._client.name).get("processing_status") == "ended"
        # The URL of the results is in the reply, too. The key is sent to addresses of our own making only.
        return Progress(is_ended, results=(f"{path}/results",))

    async def read(self, progress: Progress) -> AsyncGenerator[tuple[str, Reply | ProviderError]]:
        """Read the stream of results."""
        for path in progress.results:
            async with aclosing(self._client.lines(path)) as lines:
                async for line in lines:
                    if line.strip():
                        yield _result(line, self._client.name, self._outcome)

    def _outcome(self, data: Mapping[str, Any]) -> Reply:
        name, result = self._client.name, data["result"]
        kind = result["type"]
        if kind == "succeeded":
            return read_message(result["message"], model=name)
        if kind == "errored":
            error = result.get("error") or {}
            error = error.get("error") or error  # the whole body of an error, or the error of it
            raise ProviderError(kind_of_error(error), str(error.get("message") or "no reason is given"), model=name)
        if kind == "expired":
            raise ProviderError("overloaded", "the batch expired before this request was answered", model=name)
        raise ProviderError("bad_request", f"the request was {kind} with its batch", model=name)


def _result(line: bytes, name: str, outcome: Any) -> tuple[str, Reply | ProviderError]:
    """Read one line of results. One that is no result at all ends the reading: the file is not what it should be."""
    data = _object(line, name)
    key = str(data.get("custom_id"))
    try:
        return key, outcome(data)
    except ProviderError as error:
        return key, error
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        return key, ProviderError("bad_reply", f"not a result of a batch ({type(error).__name__})", model=name)


def _object(payload: bytes, name: str) -> dict[str, Any]:
    try:
        data = orjson.loads(payload)
    except ValueError:
        data = None
    if not isinstance(data, dict):
        shown = payload[:80].decode("utf-8", "replace")
        raise ProviderError("bad_reply", f"not what an endpoint of batches says: {shown!r}", model=name)
    return data


def _field(payload: bytes, field: str, name: str) -> str:
    value = _object(payload, name).get(field)
    if not isinstance(value, str) or not value:
        raise ProviderError("bad_reply", f"the endpoint gave its batch no {field}", model=name)
    return value


def _page(payload: bytes, name: str) -> tuple[list[dict[str, Any]], bool]:
    data = _object(payload, name)
    rows = data.get("data")
    if not isinstance(rows, list) or not all(isinstance(row, dict) and row.get("id") for row in rows):
        raise ProviderError("bad_reply", "not a list of batches", model=name)
    return rows, bool(data.get("has_more")) and bool(rows)


def _told(error: Any) -> str:
    if not isinstance(error, Mapping):
        return str(error or "")
    place = f"line {error['line']}: " if error.get("line") is not None else ""
    code = f" ({error['code']})" if error.get("code") else ""
    return f"{place}{error.get('message') or ''}{code}" if error else ""


def _seconds(stamp: Any) -> float:
    try:
        return datetime.fromisoformat(str(stamp)).timestamp()
    except ValueError:
        return 0.0
