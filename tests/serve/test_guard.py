"""What keeps pages of other sites from speaking to a server on this machine."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from support.served import client_of


@pytest.fixture
def client(tmp_path: Path) -> Iterator[TestClient]:
    with client_of(tmp_path, hosts=("studio.example.org",), origins=("https://chat.example.org",)) as client:
        yield client


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example", "", "127.0.0.2"])
@pytest.mark.parametrize("path", ["/", "/api/session", "/v1/models", "/health", "/metrics"])
def test_a_name_that_is_not_ours_is_refused_everywhere(client: TestClient, host: str, path: str) -> None:
    """DNS rebinding: a name of somebody else's that points to this machine."""
    answer = client.get(path, headers={"host": host})
    assert answer.status_code == 403
    assert answer.json()["error"]["code"] == "host"


@pytest.mark.parametrize("host", ["127.0.0.1:8420", "localhost", "[::1]:8420", "studio.example.org", "LOCALHOST:1"])
def test_our_own_names_are_taken(client: TestClient, host: str) -> None:
    assert client.get("/api/session", headers={"host": host}).status_code == 200


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1:9999", "http://localhost.evil"])
def test_a_page_of_another_site_may_change_nothing(client: TestClient, origin: str) -> None:
    for method, path in (("POST", "/api/personas"), ("POST", "/v1/chat/completions"), ("DELETE", "/api/session")):
        answer = client.request(method, path, headers={"origin": origin}, json={})
        assert (answer.status_code, answer.json()["error"]["code"]) == (403, "origin")


def test_a_page_of_ours_may(client: TestClient) -> None:
    answer = client.post("/api/personas", headers={"origin": "http://127.0.0.1"}, json={"persona": {"name": "Ada"}})
    assert answer.status_code == 201


def test_a_change_without_our_header_is_refused(tmp_path: Path) -> None:
    with client_of(tmp_path) as client:
        del client.headers["X-Personae"]
        answer = client.post("/api/personas", json={"persona": {"name": "Ada"}})
        assert (answer.status_code, answer.json()["error"]["code"]) == (403, "csrf")
        assert client.get("/api/personas").status_code == 200


def test_a_cross_site_read_is_refused(client: TestClient) -> None:
    answer = client.get("/api/personas", headers={"sec-fetch-site": "cross-site"})
    assert answer.status_code == 403


def test_the_gateway_refuses_what_a_form_can_send(client: TestClient) -> None:
    body = '{"model": "sim", "messages": [{"role": "user", "content": "hi"}]}'
    for kind in ("text/plain", "application/x-www-form-urlencoded", ""):
        answer = client.post("/v1/chat/completions", content=body, headers={"content-type": kind})
        assert answer.status_code == 415


def test_an_origin_that_was_let_in_is_answered_with_cors(client: TestClient) -> None:
    headers = {"origin": "https://chat.example.org"}
    answer = client.get("/v1/models", headers=headers)
    assert answer.headers["access-control-allow-origin"] == "https://chat.example.org"
    wanted = "authorization,content-type,x-stainless-os,x-stainless-retry-count"
    asked = client.options("/v1/chat/completions", headers={**headers, "access-control-request-headers": wanted})
    assert (asked.status_code, asked.headers["access-control-allow-headers"]) == (200, wanted)
    odd = client.options("/v1/models", headers={**headers, "access-control-request-headers": "a b: c, " * 99})
    assert odd.headers["access-control-allow-headers"] == "authorization, content-type"
    refused = client.post("/v1/chat/completions", headers=headers, json={"model": "nobody"})
    assert (refused.status_code, refused.headers["access-control-allow-origin"]) == (404, headers["origin"])
    assert "access-control-allow-origin" not in client.get("/api/session", headers=headers).headers


def test_no_answer_of_the_api_is_a_page(client: TestClient) -> None:
    answer = client.get("/api/session")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "no-store"
    assert "default-src 'none'" in answer.headers["content-security-policy"]


def test_requests_that_are_too_large_are_refused(client: TestClient) -> None:
    big = b'{"persona": {"name": "' + b"x" * 17_000_000 + b'"}}'
    answer = client.post("/api/personas", content=big, headers={"content-type": "application/json"})
    assert answer.status_code == 413
    answer = client.post("/v1/chat/completions", content=big, headers={"content-type": "application/json"})
    assert answer.status_code == 413


def test_what_is_no_json_is_refused_with_a_word(client: TestClient) -> None:
    for body in (b"{", b"[" * 5000, b'{"persona": {"name": "\\ud800"}}', b"\xff", b"NaN"):
        for path in ("/api/personas", "/v1/chat/completions"):
            answer = client.post(path, content=body, headers={"content-type": "application/json"})
            assert answer.status_code in (400, 422), (path, body[:20])
            assert answer.json()["error"]["message"]
