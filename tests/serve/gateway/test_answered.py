"""Responses that an endpoint keeps belong to whoever was given them, though all users share one account there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
from aiohttp import web
from starlette.testclient import TestClient

from support.chat_server import ChatServer
from support.served import client_of


class ResponsesServer(ChatServer):
    """An endpoint that keeps responses and numbers them."""

    def add_routes(self, app: web.Application) -> None:
        app.router.add_post("/v1/responses", self._respond)

    async def _respond(self, http: web.Request) -> web.StreamResponse:
        body = orjson.loads(await http.read())
        self.requests.append(body)
        made = {"id": f"resp_{len(self.requests)}", "object": "response", "status": "completed", "output": []}
        if body.get("input") == "fail":
            return web.json_response({**made, "status": "failed", "error": {"code": "server_error", "message": "no"}})
        if not body.get("stream"):
            return web.json_response({**made, "usage": {"input_tokens": 4, "output_tokens": 1}})
        events = [{"type": "response.created", "response": made}, {"type": "response.completed", "response": made}]
        text = "".join(f"event: {one['type']}\ndata: {orjson.dumps(one).decode()}\n\n" for one in events)
        return web.Response(text=text, content_type="text/event-stream")


@pytest.fixture
def server() -> Iterator[ResponsesServer]:
    with ResponsesServer() as server:
        yield server


def bearer(client: TestClient, name: str) -> dict[str, str]:
    return {"authorization": f"Bearer {client.post('/api/keys', json={'name': name}).json()['key']}"}


def ask(client: TestClient, server: ChatServer, who: dict[str, str], **body: Any) -> Any:
    return client.post("/v1/responses", json={"model": f"{server.url}#m", "input": "Hi", **body}, headers=who)


@pytest.mark.parametrize("streams", [False, True])
def test_nobody_goes_on_with_a_response_of_somebody_else(
    tmp_path: Path, server: ResponsesServer, streams: bool
) -> None:
    with client_of(tmp_path, models=(f"{server.url}#m",)) as client:
        ada, eve = bearer(client, "ada"), bearer(client, "eve")
        assert ask(client, server, ada, stream=streams).status_code == 200
        assert ask(client, server, ada, previous_response_id="resp_1").status_code == 200
        asked = len(server.requests)
        for id in ("resp_1", "resp_999", 7):
            refused = ask(client, server, eve, previous_response_id=id)
            assert (refused.status_code, refused.json()["error"]["code"]) == (404, "previous_response_not_found")
        assert ask(client, server, ada, conversation="conv_1").json()["error"]["code"] == "unsupported_parameter"
        assert len(server.requests) == asked
    with client_of(tmp_path, models=(f"{server.url}#m",)) as client:  # and so it is after the server began anew
        other = bearer(client, "ada")
        assert ask(client, server, other, previous_response_id="resp_1").status_code == 200
        assert ask(client, server, eve, previous_response_id="resp_1").status_code == 404
        assert b"resp_1" not in (tmp_path / "studio" / "studio.sqlite").read_bytes()


def test_whoever_needs_no_key_shares_nothing_with_anybody(tmp_path: Path, server: ResponsesServer) -> None:
    with client_of(tmp_path, models=(f"{server.url}#m",)) as client:
        assert ask(client, server, {}, previous_response_id="resp_of_elsewhere").status_code == 200


def test_a_response_that_failed_is_passed_on_as_one(tmp_path: Path, server: ResponsesServer) -> None:
    with client_of(tmp_path, models=(f"{server.url}#m",)) as client:
        told = ask(client, server, {}, input="fail")
        assert (told.status_code, told.json()["status"]) == (200, "failed")
