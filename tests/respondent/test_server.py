"""The simulated respondent over real HTTP: the same replies as in the process, whoever asks."""

from __future__ import annotations

import asyncio
import io
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import aiohttp
import orjson
import pytest
import pytest_asyncio

from personae.errors import InputError
from personae.instrument import Administration, load_instrument, make_form
from personae.model import Message, Reply, Request, Sampling, Schema, open_model
from personae.model.served import Served
from personae.respondent import SimServer, SimSettings, SimulatedRespondent

PLANTED = SimSettings(seed=3, noise=0.1, refusal_rate=0.1)
SYSTEM = "You are a character who is extroverted, agreeable, and neurotic."
SHEET = make_form(load_instrument("bfi-44"), Administration()).prompt(Administration().template)
ITEM = "Statement: I am talkative.\n1 = Disagree\n2 = Neutral\n3 = Agree\nAnswer with the number only."
STORY = "Please share a personal story in 120 words."
RATING = Schema(
    "rating",
    {
        "type": "object",
        "properties": {"extraversion": {"type": "integer", "minimum": 1, "maximum": 5}, "why": {"type": "string"}},
        "required": ["extraversion", "why"],
        "additionalProperties": False,
    },
)

SEEDED = {
    "questionnaire": Request.of(SHEET, system=SYSTEM, sampling=Sampling(0.7, seed=1)),
    "seed 0": Request.of(SHEET, system=SYSTEM, sampling=Sampling(0.7, seed=0)),
    "item": Request.of(ITEM, system=SYSTEM, sampling=Sampling(1.0, seed=2)),
    "no system": Request.of(ITEM, sampling=Sampling(seed=3)),
    "temperature 0": Request.of(ITEM, sampling=Sampling(0.0, seed=3)),
    "story": Request.of(STORY, system=SYSTEM, sampling=Sampling(0.7, seed=4)),
    "schema": Request(Request.of("Rate yourself.", system=SYSTEM).messages, Sampling(0.7, seed=5), schema=RATING),
    "log-probabilities": Request.of(ITEM, system=SYSTEM, sampling=Sampling(0.7, seed=8, top_logprobs=3)),
    "alternatives": Request.of(ITEM, system=SYSTEM, sampling=Sampling(2.0, seed=7, n=5)),
    "stop": Request.of(STORY, system=SYSTEM, sampling=Sampling(seed=9, stop=(".", "!"))),
    "max_tokens": Request.of(STORY, system=SYSTEM, sampling=Sampling(seed=10, max_tokens=12)),
    "conversation": Request(
        (Message("user", "Hello, du! Grüße 😀"), Message("assistant", "Hello."), Message("user", STORY)),
        Sampling(seed=11),
    ),
}


@pytest_asyncio.fixture
async def server() -> AsyncIterator[SimServer]:
    async with SimServer(SimulatedRespondent(PLANTED)) as running:
        yield running


@pytest_asyncio.fixture
async def client(server: SimServer) -> AsyncIterator[Served]:
    model = open_model(f"{server.url}#sim", {"attempts": "1", "timeout": "20"})
    assert isinstance(model, Served)
    yield model
    await model.client.aclose()


def same(reply: Reply) -> Reply:
    """A reply without what a clock wrote."""
    return replace(reply, seconds=0.0)


async def post(server: SimServer, data: bytes | io.BytesIO, path: str = "/chat/completions") -> tuple[int, Any]:
    async with aiohttp.ClientSession() as session, session.post(server.url + path, data=data) as response:
        return response.status, orjson.loads(await response.read())


@pytest.mark.parametrize("kind", SEEDED)
async def test_a_seeded_request_gets_the_reply_that_the_process_gives(client: Served, kind: str) -> None:
    request = SEEDED[kind]
    here = SimulatedRespondent(PLANTED).answer(request)
    assert same(await client.generate(request)) == same(here)
    assert same(await client.generate(request)) == same(here)  # and again


async def test_what_the_requests_ask_for_is_what_comes(client: Served) -> None:
    replies = {kind: await client.generate(request) for kind, request in SEEDED.items()}
    assert len(replies["alternatives"].alternatives) == 4
    assert len(replies["log-probabilities"].logprobs) == 1
    assert set(orjson.loads(replies["schema"].text)) == {"extraversion", "why"}
    assert "." not in replies["stop"].text
    assert replies["max_tokens"].finish == "length"
    assert replies["questionnaire"].text.startswith("(a) ")


@pytest.mark.parametrize("kind", SEEDED)
async def test_a_stream_says_what_the_whole_reply_says(client: Served, kind: str) -> None:
    arrived = [piece async for piece in client.stream(SEEDED[kind])]
    whole = SimulatedRespondent(PLANTED).answer(SEEDED[kind])
    assert same(arrived[-1]) == same(whole)  # type: ignore[arg-type]
    assert "".join(piece for piece in arrived[:-1] if isinstance(piece, str)) == whole.text


async def test_repeats_without_a_seed_are_replicates(client: Served) -> None:
    request = Request.of(SHEET, system=SYSTEM, sampling=Sampling(1.0))
    here = [SimulatedRespondent(PLANTED).answer(replace(request, replicate=count)).text for count in range(3)]
    assert [(await client.generate(request)).text for _ in range(3)] == here
    assert len(set(here)) == 3


async def test_repeats_are_counted_by_request(client: Served) -> None:
    one, other = (Request.of(SHEET, system=system, sampling=Sampling(1.0)) for system in (SYSTEM, "You are shy."))
    await client.generate(one)
    await client.generate(one)
    first = await client.generate(other)
    assert first.text == SimulatedRespondent(PLANTED).answer(other).text


async def test_closed_choices_are_scored_by_log_probabilities(client: Served) -> None:
    request = replace(Request.of(ITEM, system=SYSTEM, sampling=Sampling(seed=8)), choices=("1", "2", "3"))
    here = await SimulatedRespondent(PLANTED).score(request)
    assert set(here) == {"1", "2", "3"}
    assert await client.score(request) == pytest.approx(here)


async def test_many_at_once_are_answered_as_one_by_one(client: Served) -> None:
    requests = [Request.of(ITEM, system=SYSTEM, sampling=Sampling(1.0, seed=seed)) for seed in range(40)]
    replies = await asyncio.gather(*(client.generate(request) for request in requests))
    assert [reply.text for reply in replies] == [SimulatedRespondent(PLANTED).answer(each).text for each in requests]


async def test_the_server_says_which_model_it_has(server: SimServer, client: Served) -> None:
    assert await client.client.list_models() == ["sim"]
    await client.client.check()
    health_url = server.url.removesuffix("/v1") + "/health"
    async with aiohttp.ClientSession() as session, session.get(health_url) as response:
        health = await response.json()
    assert health == {"status": "ok", "model": SimulatedRespondent(PLANTED).identity}


HELLO = {"model": "sim", "messages": [{"role": "user", "content": "Hello."}]}
MALFORMED: list[Any] = [
    b"",
    b"{",
    b"\xff\xfe",
    [],
    3,
    None,
    "text",
    {},
    {"model": "sim"},
    {**HELLO, "messages": []},
    {**HELLO, "messages": "Hello."},
    {**HELLO, "messages": [{"role": "robot", "content": "Hello."}]},
    {**HELLO, "messages": [{"role": "user"}]},
    {**HELLO, "messages": [3]},
    {**HELLO, "temperature": "hot"},
    {**HELLO, "temperature": [1]},
    {**HELLO, "seed": "first"},
    {**HELLO, "seed": 2**63},
    {**HELLO, "seed": 1e300},
    {**HELLO, "n": "many"},
    {**HELLO, "max_tokens": "few"},
    {**HELLO, "stop": 5},
    {**HELLO, "response_format": "json"},
    {**HELLO, "response_format": {"type": "json_schema"}},
    {**HELLO, "response_format": {"type": "json_schema", "json_schema": {"schema": []}}},
    {**HELLO, "response_format": {"type": "json_schema", "json_schema": {"schema": {"type": "integer", "enum": []}}}},
    {**HELLO, "response_format": {"type": "json_schema", "json_schema": {"schema": {"$ref": "#/nowhere"}}}},
    {**HELLO, "response_format": {"type": "json_schema", "json_schema": {"schema": {"properties": 3}}}},
    {
        **HELLO,
        "response_format": {"type": "json_schema", "json_schema": {"schema": {"type": "integer", "minimum": "x"}}},
    },
]


@pytest.mark.parametrize("body", MALFORMED, ids=str)
async def test_malformed_requests_are_refused_in_the_shape_of_openai(server: SimServer, body: Any) -> None:
    status, answer = await post(server, body if isinstance(body, bytes) else orjson.dumps(body, default=str))
    assert status == 400
    assert set(answer["error"]) == {"message", "type", "param", "code"}
    assert answer["error"]["message"]
    assert answer["error"]["type"] == "invalid_request_error"


async def test_requests_are_still_answered_after_a_malformed_one(server: SimServer) -> None:
    assert (await post(server, b"{"))[0] == 400
    assert (await post(server, orjson.dumps(HELLO)))[0] == 200


async def test_another_model_is_not_found(server: SimServer) -> None:
    status, answer = await post(server, orjson.dumps({**HELLO, "model": "gpt-4o"}))
    assert (status, answer["error"]["code"]) == (404, "model_not_found")


async def test_a_huge_body_is_refused(server: SimServer) -> None:
    huge = {**HELLO, "messages": [{"role": "user", "content": "x" * (17 * 1024 * 1024)}]}
    status, answer = await post(server, io.BytesIO(orjson.dumps(huge)))
    assert (status, answer["error"]["code"]) == (413, "request_too_large")


async def test_a_taken_port_is_named_in_one_line(server: SimServer) -> None:
    port = int(server.url.split(":")[2].split("/")[0])
    with pytest.raises(InputError) as caught:
        async with SimServer(SimulatedRespondent(), port=port):
            pass
    assert str(port) in str(caught.value)
    assert "--port" in str(caught.value)
    assert "\n" not in str(caught.value)


async def test_the_server_is_heard_on_loopback_alone(server: SimServer) -> None:
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+/v1", server.url)
    port = int(server.url.split(":")[2].split("/")[0])
    with socket.socket() as elsewhere:
        elsewhere.settimeout(2)
        assert elsewhere.connect_ex(("127.0.0.2", port)) != 0  # loopback too, but not the address that was given


async def test_the_port_is_free_again_afterwards() -> None:
    async with SimServer(SimulatedRespondent()) as first:
        port = int(first.url.split(":")[2].split("/")[0])
    async with SimServer(SimulatedRespondent(), port=port) as second:
        assert second.url == first.url


SCRIPT = """
import asyncio
from personae.respondent import SimServer, SimulatedRespondent, serve_forever
asyncio.run(serve_forever(SimServer(SimulatedRespondent()), lambda url: print(url, flush=True)))
print("stopped", flush=True)
"""


@pytest.mark.parametrize("name", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_stops_it_cleanly(name: signal.Signals) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", SCRIPT], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=dict(os.environ)
    )
    try:
        assert process.stdout is not None
        url = (await asyncio.to_thread(process.stdout.readline)).strip()
        model = open_model(f"{url}#sim", {"attempts": "1"})
        assert isinstance(model, Served)
        assert (await model.generate(SEEDED["item"])).text in ("1", "2", "3")
        await model.client.aclose()
        process.send_signal(name)
        out, err = await asyncio.to_thread(process.communicate, timeout=20)
    finally:
        process.kill()
    assert (process.returncode, out, err) == (0, "stopped\n", "")
