"""The server that the tests talk to: it counts rightly, obeys its plan, and stops by itself."""

from __future__ import annotations

import http.client
import json
import subprocess
import sys
import threading
import time
import urllib.request
from typing import Any
from urllib.parse import urlsplit

import pytest

from support.chat_server import Act, ChatServer, closed_port, cut_body, fail, html_page, reset, say, stall, stream


def post(url: str, body: dict[str, Any]) -> tuple[int, bytes]:
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=20)
    try:
        connection.request("POST", parts.path + "/chat/completions", json.dumps(body), {"X-Test": "1"})
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


def test_it_obeys_its_plan_first_and_its_answer_then() -> None:
    with ChatServer(lambda body: f"You said {body['text']}", plan=["one", fail(429, retry_after=3)]) as server:
        found = [post(server.url, {"text": text}) for text in ("a", "b", "c")]
    assert [status for status, _ in found] == [200, 429, 200]
    texts = [json.loads(found[index][1])["choices"][0]["message"]["content"] for index in (0, 2)]
    assert texts == ["one", "You said c"]
    assert server.requests == [{"text": "a"}, {"text": "b"}, {"text": "c"}]
    assert [headers["x-test"] for headers in server.headers] == ["1"] * 3
    assert server.paths == ["POST /v1/chat/completions"] * 3


NO_ANSWERS = [fail(500), html_page(), cut_body(), reset(), stream(["x"], is_cut=True)]


@pytest.mark.parametrize("act", NO_ANSWERS, ids=lambda act: act.way)
def test_only_whole_answers_count_as_completed(act: Act) -> None:
    with ChatServer(plan=[act, say("whole"), stream(["whole"])]) as server:
        for _ in range(3):
            try:
                post(server.url, {})
            except (OSError, http.client.HTTPException):
                continue
    assert (len(server.requests), server.completed) == (3, 2)


def test_it_stops_though_a_request_hangs() -> None:
    faults: list[BaseException] = []

    def hang() -> None:
        try:
            post(server.url, {})
        except (OSError, http.client.HTTPException) as fault:
            faults.append(fault)

    with ChatServer(stall()) as server:
        client = threading.Thread(target=hang)
        client.start()
        while not server.requests:
            time.sleep(0.01)
    client.join(20)
    assert not client.is_alive()
    assert (len(faults), server.completed) == (1, 0)


def test_another_process_can_ask_it() -> None:
    with ChatServer("Hello from afar") as server:
        code = f"import urllib.request; print(urllib.request.urlopen({server.url + '/models'!r}).read().decode())"
        found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert json.loads(found.stdout)["data"][0]["id"] == "served-model"


def test_it_listens_while_it_is_open_and_not_after() -> None:
    with ChatServer() as server, urllib.request.urlopen(server.url + "/models", timeout=20) as response:
        assert response.status == 200
    with pytest.raises(OSError):
        urllib.request.urlopen(server.url + "/models", timeout=20)


def test_several_run_side_by_side() -> None:
    with ChatServer() as one, ChatServer() as other:
        assert one.url != other.url


def test_nobody_listens_on_a_closed_port() -> None:
    with closed_port() as port, pytest.raises(ConnectionRefusedError):
        http.client.HTTPConnection("127.0.0.1", port, timeout=20).connect()
