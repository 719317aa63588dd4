"""The paths under ``/v1``: raw ASGI, as a framework's share of the time would be the larger part of it."""

from __future__ import annotations

import re
from typing import Any

import orjson

from personae.errors import PersonaeError
from personae.logs import note
from personae.serve.faults import Headers, Refusal, headers_of, openai_fault
from personae.serve.gateway.chat import Chat
from personae.serve.gateway.embeddings import answer_embeddings
from personae.serve.gateway.ledger import Entry
from personae.serve.gateway.memory import MemoryScope, scope_of
from personae.serve.gateway.responses import Responses
from personae.serve.gateway.watching import ClientGoneError
from personae.serve.identity import Caller
from personae.serve.services import Services
from personae.serve.settings import MOST_BODY
from personae.serve.wire import DisconnectedError, Message, Receive, Scope, Send, header, read_body, send_json

_LEFT = 499
"""The client went away before its answer was out; nobody is told this but those who watch the server."""

_HEADER_NAMES = re.compile(r"[A-Za-z0-9-]{1,60}( ?, ?[A-Za-z0-9-]{1,60}){0,40}")
_ENDPOINTS = {"/v1/chat/completions": "chat", "/v1/responses": "responses", "/v1/embeddings": "embeddings"}


class Gateway:
    """Answers everything under ``/v1``."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._chat = Chat(services)
        self._responses = Responses(services)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        origin = header(scope, b"origin")
        shared = (
            _cors(origin, header(scope, b"access-control-request-headers"))
            if origin and self._services.guard.allows(origin)
            else ()
        )
        if shared:
            send = _with_headers(send, shared)
            if scope["method"] == "OPTIONS":
                await send_json(send, 200, {})
                return
        begun = _Begun(send)
        entry: Entry | None = None
        status = _LEFT
        try:
            caller = self._services.doorman.admit(scope)
            path = scope["path"]
            endpoint = _ENDPOINTS.get(path)
            if endpoint is None:
                await self._other(path, caller, scope, receive, begun)
                return
            _demand(scope, "POST")
            entry = Entry(self._services, endpoint, caller)
            body = await _read_object(scope, receive)
            if endpoint == "chat":
                status = await self._chat.answer(body, entry, receive, begun)
            elif endpoint == "responses":
                status = await self._responses.answer(body, entry, receive, begun)
            else:
                status = await answer_embeddings(self._services, body, entry, receive, begun)
        except ClientGoneError:
            self._services.metrics.cancelled.inc()
        except DisconnectedError:
            pass
        except Exception as error:
            status, told = openai_fault(error)
            if not isinstance(error, PersonaeError):
                note("error", "request failed", path=scope["path"], error=type(error).__name__)
            if begun.has_begun:  # the head is out: all that is left is to end, visibly
                await begun.break_off(told)
            else:
                await send_json(send, status, told, headers_of(error))
        finally:  # however it ended, what it cost is settled
            if entry is not None:
                entry.end(status)

    async def _other(self, path: str, caller: Caller, scope: Scope, receive: Receive, send: Send) -> None:
        if path == "/v1/models" or path.startswith("/v1/models/"):
            _demand(scope, "GET", "HEAD")
            await self._models(path.removeprefix("/v1/models").lstrip("/"), send)
        elif path == "/v1/personae/memory":
            _demand(scope, "PUT", "DELETE")
            await self._memory(caller, scope, await _read_object(scope, receive), send)
        else:
            raise Refusal(404, "unknown_url", f"nothing is at {path[:200]!r}", remedy="see docs/gateway.md")

    async def _models(self, name: str, send: Send) -> None:
        rows = self._services.targets.rows()
        if not name:
            await send_json(send, 200, {"object": "list", "data": rows})
            return
        for row in rows:
            if row["id"] == name:
                await send_json(send, 200, row)
                return
        raise Refusal(404, "model_not_found", f"the model {name[:200]!r} does not exist", where="model")

    async def _memory(self, caller: Caller, scope: Scope, body: dict[str, Any], send: Send) -> None:
        if scope["method"] == "DELETE":
            user = body.get("user")
            if not isinstance(user, str) or not user:
                raise Refusal(400, "invalid_type", "user is not a text", where="user", remedy="say whose notes")
            await send_json(send, 200, {"erased": self._services.memory.erase(caller.user, user)})
            return
        target = self._services.targets.find(body.get("model"))
        place = scope_of(caller.user, target.slug, body)
        notes = body.get("notes")
        if not target.slug or place is None:
            raise Refusal(
                400, "invalid_value", "notes belong to a persona and a user", where="user", remedy="name model and user"
            )
        if not isinstance(notes, list) or not all(isinstance(note, str) for note in notes):
            raise Refusal(400, "invalid_type", "notes is not a list of texts", where="notes")
        kept = self._services.memory.put(MemoryScope(place.owner, place.slug, place.user, place.conversation), notes)
        await send_json(send, 200, {"notes": kept})


class _Begun:
    """A ``send`` that remembers whether the head of the answer is out."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.has_begun = False

    async def __call__(self, message: Message) -> None:
        self.has_begun = True
        await self._send(message)

    async def break_off(self, told: dict[str, Any]) -> None:
        """End a stream by an event that says why; the empty lines before it end what broke off before its own end."""
        event = {**told, "type": "error", **{name: told["error"][name] for name in ("code", "message", "param")}}
        body = b"\n\nevent: error\ndata: " + orjson.dumps(event) + b"\n\ndata: [DONE]\n\n"
        await self._send({"type": "http.response.body", "body": body, "more_body": False})


async def _read_object(scope: Scope, receive: Receive) -> dict[str, Any]:
    kind = header(scope, b"content-type").partition(";")[0].strip().lower()
    if kind not in ("application/json", ""):  # a form of another site's page cannot send JSON
        raise Refusal(415, "invalid_content_type", "the body is not JSON", remedy="send Content-Type: application/json")
    raw = await read_body(scope, receive, MOST_BODY)
    if kind == "" and raw:
        raise Refusal(415, "invalid_content_type", "the type is missing", remedy="send Content-Type: application/json")
    try:
        body = orjson.loads(raw)
    except ValueError as error:
        raise Refusal(400, "invalid_json", f"the body is not JSON: {error}", remedy="send an object") from None
    if not isinstance(body, dict):
        raise Refusal(400, "invalid_type", "the body is not an object", remedy="send an object")
    return body


def _demand(scope: Scope, *methods: str) -> None:
    if scope["method"] not in methods:
        raise Refusal(
            405, "method_not_allowed", f"{scope['method'][:20]} is not known here", remedy=" or ".join(methods),
            detail={"allow": methods},
        )  # fmt: skip


def _cors(origin: str, wanted: str) -> Headers:
    """What lets a page of an origin in; all headers, as OpenAI's client sends a dozen."""
    named = wanted if _HEADER_NAMES.fullmatch(wanted) else "authorization, content-type"
    return (
        (b"access-control-allow-origin", origin.encode("latin-1", "replace")),
        (b"access-control-allow-headers", named.encode()),
        (b"access-control-allow-methods", b"GET, POST, PUT, DELETE"),
        (b"access-control-expose-headers", b"retry-after, x-request-id, x-personae-recalled"),
        (b"access-control-max-age", b"600"),
        (b"vary", b"Origin"),
    )


def _with_headers(send: Send, headers: Headers) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [*message["headers"], *headers]
        await send(message)

    return sending
