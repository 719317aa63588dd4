"""What goes wrong, told in OpenAI's shape whoever's fault it is: the client's, the endpoint's, the server's."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import openai
import orjson
import pytest
from starlette.testclient import TestClient

from support.chat_server import Act, ChatServer, cut_json, error_in_200, html_page, raw, stream
from support.served import Served, client_of

HI: Any = [{"role": "user", "content": "Hi"}]
JSON = {"content-type": "application/json"}


def assert_openai_shape(answer: Any, status: int) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/json"
    assert list(answer.json()) == ["error"]
    error: dict[str, Any] = answer.json()["error"]
    assert error.keys() == {"message", "type", "param", "code"}
    assert isinstance(error["message"], str)
    assert error["message"]
    assert isinstance(error["type"], str)
    assert error["param"] is None or isinstance(error["param"], str)
    assert error["code"] is None or isinstance(error["code"], str)
    return error


@pytest.fixture
def client(tmp_path: Path) -> Iterator[TestClient]:
    with client_of(tmp_path) as client:
        yield client


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/v1", 404, "unknown_url"),
        ("GET", "/v1/", 404, "unknown_url"),
        ("POST", "/v1/completions", 404, "unknown_url"),
        ("GET", "/v1/responses/resp_1", 404, "unknown_url"),
        ("GET", "/v1/models/persona/none", 404, "model_not_found"),
        ("GET", "/v1/chat/completions", 405, "method_not_allowed"),
        ("DELETE", "/v1/models", 405, "method_not_allowed"),
        ("OPTIONS", "/v1/chat/completions", 405, "method_not_allowed"),
        ("POST", "/v1/personae/memory", 405, "method_not_allowed"),
    ],
)
def test_paths_and_methods_that_are_not_there(
    client: TestClient, method: str, path: str, status: int, code: str
) -> None:
    answer = client.request(method, path, json={})
    assert assert_openai_shape(answer, status)["code"] == code
    if status == 405:
        assert answer.headers["allow"] in {"POST", "GET, HEAD", "PUT, DELETE"}


def test_bodies_that_are_none(client: TestClient) -> None:
    for content, kind, status in (
        (b"{", JSON, 400),
        (b"[]", JSON, 400),
        (b"", JSON, 400),
        (b'{"model": "sim"}', {"content-type": "text/plain"}, 415),
        (b"x" * 17_000_000, JSON, 413),
    ):
        for path in ("chat/completions", "responses", "embeddings"):
            assert_openai_shape(client.post(f"/v1/{path}", content=content, headers=kind), status)


def test_who_may_not(tmp_path: Path) -> None:
    with client_of(tmp_path, needs_key=True) as client:
        denied = client.post("/v1/chat/completions", json={})
        assert assert_openai_shape(denied, 401)["type"] == "authentication_error"
        assert denied.headers["www-authenticate"] == "Bearer"
        for headers in ({"host": "evil.example"}, {"origin": "https://evil.example"}):
            assert assert_openai_shape(client.get("/v1/models", headers=headers), 403)["type"] == "permission_error"


def test_a_fault_of_ours_is_told_as_one_and_says_nothing_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from personae.serve.gateway import chat

    def broken(*_: object) -> None:
        raise RuntimeError("a secret of the server")

    monkeypatch.setattr(chat, "compose", broken)
    with client_of(tmp_path) as client:
        answer = client.post("/v1/chat/completions", json={"model": "sim", "messages": HI})
        assert assert_openai_shape(answer, 500)["code"] == "unexpected"
        assert "secret" not in answer.text
        assert 'status="500"} 1.0' in client.get("/metrics").text


VLLM = {"object": "error", "message": "too long", "type": "BadRequestError", "param": None, "code": 400}


@pytest.mark.parametrize(
    ("act", "status", "words"),
    [
        (html_page(), 502, "no JSON object"),
        (cut_json(), 502, "no JSON object"),
        (raw(b'"hi"'), 502, "no JSON object"),
        (error_in_200("upstream failed", 502), 503, "upstream failed"),
        (raw(b"<html>Bad Gateway</html>", status=502, content_type="text/html"), 502, "HTTP 502"),
        (raw(orjson.dumps({"detail": "Not Found"}), status=404), 404, "Not Found"),
        (raw(orjson.dumps({"detail": [{"loc": ["body"]}]}), status=422), 422, "loc"),
        (raw(orjson.dumps({"error": "overloaded"}), status=503), 503, "overloaded"),
        (raw(orjson.dumps(VLLM), status=400), 400, "too long"),
        (raw(orjson.dumps([{"error": {"message": "quota", "code": 429}}]), status=429), 429, "quota"),
        (raw(b"", status=500), 500, "HTTP 500"),
        (Act("whole", 302), 502, "HTTP 502"),
    ],
)
@pytest.mark.parametrize("streams", [False, True])
def test_what_an_endpoint_says_instead_of_an_answer(
    tmp_path: Path, act: Act, status: int, words: str, streams: bool
) -> None:
    with ChatServer(act) as server, client_of(tmp_path, models=(f"{server.url}#m",)) as client:
        body = {"model": f"{server.url}#m", "messages": HI, "stream": streams}
        assert words in assert_openai_shape(client.post("/v1/chat/completions", json=body), status)["message"]


def test_a_stream_that_is_cut_in_the_middle_of_an_event_ends_visibly(tmp_path: Path) -> None:
    """The error must not become a further line of the event that broke off."""
    frames = (b'data: {"choices":[{"index":0,"delta":{"content":"Good "},"finish_reason":null}]}\n',)
    act = Act("stream", frames=frames, content_type="text/event-stream", is_cut=True)
    with ChatServer(act) as server, Served(tmp_path, models=(f"{server.url}#m",)) as served:
        client = openai.OpenAI(base_url=f"{served.url}/v1", api_key="none", max_retries=0)
        heard = ""
        with pytest.raises(openai.APIError, match="cut off"):
            for chunk in client.chat.completions.create(model=f"{server.url}#m", messages=HI, stream=True):
                heard += chunk.choices[0].delta.content or ""
        assert heard == "Good "
        client.close()
        metrics = httpx2.get(f"{served.url}/metrics").text
        assert 'status="502"} 1.0' in metrics
        assert "personae_gateway_streams 0.0" in metrics


def test_an_endpoint_that_hangs_in_the_middle_of_a_stream_is_given_up(tmp_path: Path) -> None:
    with ChatServer(stream(["one", "two"], pause=30)) as server:
        name = f"{server.url}#m"
        options = ((name, (("timeout", "0.5"),)),)
        with Served(tmp_path, models=(name,), model_options=options) as served:
            body = {"model": name, "messages": HI, "stream": True}
            got = httpx2.post(f"{served.url}/v1/chat/completions", json=body, timeout=20).text
            events = [orjson.loads(line[6:]) for line in got.splitlines() if line.startswith("data: {")]
            assert events[0]["choices"]
            assert events[-1]["error"]["code"] == "timeout"
            assert events[-1]["type"] == "error"
            assert got.rstrip().endswith("data: [DONE]")
