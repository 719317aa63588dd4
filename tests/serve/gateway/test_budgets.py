"""Budgets: what a key may spend is never spent twice, however many calls it makes at once and however they end."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import aiohttp
import httpx2
import openai
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from personae.model import price_of
from personae.serve.gateway.bounds import most_input
from support.chat_server import ChatServer, completion, cut_body, fail, reply, reset, stall, stream
from support.served import CHANGES, Served

GPT = "openai/gpt-4o"
PRICE = price_of(GPT)
assert PRICE is not None
HI: Any = [{"role": "user", "content": "Hi"}]

Serving = Callable[..., Served]


@pytest.fixture
def serving(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Serving]:
    """Serves ``openai/gpt-4o``, played by a server of ours."""
    begun: list[Served] = []

    def serve(endpoint: ChatServer, **options: Any) -> Served:
        monkeypatch.setenv("OPENAI_API_KEY", "of-the-server")
        monkeypatch.setenv("OPENAI_BASE_URL", endpoint.url)
        served = Served(tmp_path, models=(GPT,), **options)
        begun.append(served.__enter__())
        return served

    yield serve
    for served in begun:
        served.__exit__()


def key_of(served: Served, budget: float) -> str:
    made = httpx2.post(f"{served.url}/api/keys", json={"name": "ada", "budget": budget}, headers=CHANGES)
    return str(made.json()["key"])


def row_of(served: Served) -> dict[str, Any]:
    row: dict[str, Any] = httpx2.get(f"{served.url}/api/keys").json()["items"][0]
    return row


def settled(served: Served) -> dict[str, Any]:
    """The key once nothing of it is in flight."""
    deadline = time.monotonic() + 20
    while (row := row_of(served))["held"] and time.monotonic() < deadline:
        time.sleep(0.02)
    assert row["held"] == 0
    return row


def cost(input_tokens: int, output_tokens: int) -> float:
    assert PRICE is not None
    return (input_tokens * PRICE.input + output_tokens * PRICE.output) / 1e6


def ask(served: Served, key: str, path: str = "chat/completions", **body: Any) -> httpx2.Response:
    body = {"model": GPT, **({"messages": HI} if path == "chat/completions" else {}), **body}
    return httpx2.post(f"{served.url}/v1/{path}", json=body, headers={"Authorization": f"Bearer {key}"}, timeout=30)


Change = dict[str, Any]


def told(usage: tuple[int, int], text: str = "ok") -> Any:
    used = {"prompt_tokens": usage[0], "completion_tokens": usage[1], "total_tokens": sum(usage)}
    return completion(text, usage=used)


@pytest.mark.parametrize("streams", [False, True])
def test_parallel_calls_of_one_key_never_spend_more_than_its_budget(serving: Serving, streams: bool) -> None:
    """Thirty at once, each of which costs what it may cost at most; the budget has room for four."""
    used = {"prompt_tokens": 20, "completion_tokens": 100, "total_tokens": 120}
    answer = stream(["x"] * 3, pause=0.1, usage=used) if streams else told((20, 100))
    budget = 4.5 * cost(120, 100)

    async def all_of(url: str, key: str) -> list[int]:
        body = {"model": GPT, "messages": HI, "max_tokens": 100, "stream": streams}

        async def one(session: aiohttp.ClientSession) -> int:
            async with session.post(f"{url}/v1/chat/completions", json=body) as got:
                await got.read()
                return got.status

        async with aiohttp.ClientSession(headers={"Authorization": f"Bearer {key}"}) as session:
            return list(await asyncio.gather(*(one(session) for _ in range(30))))

    with ChatServer(answer, delay=0.3) as endpoint:
        served = serving(endpoint)
        key = key_of(served, budget)
        statuses = asyncio.run(all_of(served.url, key))
        assert set(statuses) == {200, 429}
        assert statuses.count(200) >= 3
        assert len(endpoint.requests) == statuses.count(200)
        row = settled(served)
        assert row["spent"] == pytest.approx(statuses.count(200) * cost(20, 100))
        while ask(served, key, max_tokens=100).status_code == 200:  # the rest can be spent, and no more
            pass
        assert settled(served)["spent"] <= budget


def test_what_is_in_flight_is_told_apart_from_what_is_spent(serving: Serving) -> None:
    with ChatServer(told((20, 100)), delay=1.0) as endpoint:
        served = serving(endpoint)
        key = key_of(served, 1.5 * cost(120, 100))

        async def two() -> list[httpx2.Response]:
            async with httpx2.AsyncClient(headers={"Authorization": f"Bearer {key}"}, timeout=30) as http:
                body = {"model": GPT, "messages": HI, "max_tokens": 100}
                url = f"{served.url}/v1/chat/completions"
                return list(await asyncio.gather(http.post(url, json=body), http.post(url, json=body)))

        answers = asyncio.run(two())
        (refused,) = (answer for answer in answers if answer.status_code == 429)
        assert refused.json()["error"]["code"] == "budget_in_use"
        assert refused.headers["retry-after"] == "1"
        settled(served)
        spent = ask(served, key, max_tokens=100)
        assert (spent.status_code, spent.json()["error"]["code"]) == (429, "insufficient_quota")
        assert spent.json()["error"]["type"] == "insufficient_quota"
        assert spent.headers["x-should-retry"] == "false"
        assert "retry-after" not in spent.headers


def test_the_official_client_waits_for_calls_in_flight_and_not_for_a_spent_budget(serving: Serving) -> None:
    with ChatServer(told((1, 10)), delay=0.5) as endpoint:
        served = serving(endpoint)
        key = key_of(served, 1.6 * cost(90, 100))  # room for one at a time

        async def both() -> list[Any]:
            async with openai.AsyncOpenAI(base_url=f"{served.url}/v1", api_key=key, max_retries=5) as client:
                calls = [client.chat.completions.create(model=GPT, messages=HI, max_tokens=100) for _ in range(2)]
                done = list(await asyncio.gather(*calls))
                with pytest.raises(openai.RateLimitError) as spent:
                    await client.chat.completions.create(model=GPT, messages=HI, max_tokens=10_000)
                assert spent.value.code == "insufficient_quota"
                return done

        assert len(asyncio.run(both())) == 2
        assert len(endpoint.requests) == 2


def test_a_reply_without_a_bound_is_bounded_by_what_is_left(serving: Serving) -> None:
    with ChatServer(told((20, 10))) as endpoint:
        served = serving(endpoint)
        rich, poor = key_of(served, 5.0), key_of(served, 0.01)
        assert ask(served, rich).status_code == 200
        assert "max_completion_tokens" not in endpoint.requests[-1]  # the model's own bound can be paid for
        assert ask(served, poor).status_code == 200
        assert 900 < endpoint.requests[-1]["max_completion_tokens"] < 1000
        assert ask(served, poor, "responses", input="Hi").status_code in (200, 404, 405)
        assert ask(served, poor, max_tokens=5).status_code == 200
        assert endpoint.requests[-1]["max_completion_tokens"] == 5
        assert ask(served, poor, n=3).status_code == 200
        assert 250 < endpoint.requests[-1]["max_completion_tokens"] < 333


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (fail(400, "too hot"), 0.0),
        (fail(500, "down"), 0.0),
        (fail(401, "bad key"), 0.0),
        (fail(429, "slow down", retry_after=3), 0.0),
        (reset(), 0.0),
        (cut_body(), 0.0),
        (reply({"choices": [], "usage": {"prompt_tokens": 7, "completion_tokens": 1}}), cost(7, 1)),
    ],
)
def test_whatever_becomes_of_a_call_nothing_stays_set_aside(serving: Serving, answer: Any, expected: float) -> None:
    with ChatServer(answer) as endpoint:
        served = serving(endpoint)
        key = key_of(served, 0.5)
        for streams in (False, True):
            ask(served, key, stream=streams, max_tokens=10)
        assert settled(served)["spent"] == pytest.approx(2 * expected)
        malformed: list[Change] = [{"n": "x"}, {"max_tokens": "many"}, {"messages": [1]}, {"service_tier": "priority"}]
        codes = [ask(served, key, **change).json()["error"]["code"] for change in malformed]
        assert codes == ["invalid_type", "invalid_type", "invalid_value", "price_unknown"]
        assert row_of(served)["held"] == 0


def test_a_stream_that_breaks_off_is_paid_for_as_far_as_it_came(serving: Serving) -> None:
    with ChatServer(stream(["word"] * 40, is_cut=True)) as endpoint:
        served = serving(endpoint)
        key = key_of(served, 0.5)
        got = ask(served, key, stream=True, max_tokens=1000)
        assert '"code":"bad_reply"' in got.text
        assert cost(5, 40) < settled(served)["spent"] < cost(60, 60)


def test_an_answer_that_comes_too_late_counts_as_long_as_it_was_paid_for(serving: Serving) -> None:
    with ChatServer(stall()) as endpoint:
        served = serving(endpoint, model_options=((GPT, (("timeout", "0.3"),)),))
        key = key_of(served, 0.5)
        got = ask(served, key, max_tokens=200)
        assert (got.status_code, got.json()["error"]["code"]) == (504, "timeout")
        assert cost(10, 200) < settled(served)["spent"] < cost(100, 200)


def test_what_is_not_paid_by_tokens_is_refused_to_keys_with_a_budget(serving: Serving) -> None:
    with ChatServer(told((20, 10))) as endpoint:
        served = serving(endpoint)
        key = key_of(served, 1.0)
        changes: list[Change] = [
            {"web_search_options": {}},
            {"modalities": ["text", "audio"]},
            {"service_tier": "priority"},
        ]
        for change in changes:
            got = ask(served, key, **change)
            assert (got.status_code, got.json()["error"]["code"]) == (403, "price_unknown"), change
        hosted = ask(served, key, "responses", input="Hi", tools=[{"type": "web_search"}])
        assert hosted.json()["error"]["code"] == "price_unknown"
        later = ask(served, key, "responses", input="Hi", background=True)
        assert later.json()["error"]["code"] == "unsupported_parameter"
        own = {"type": "function", "function": {"name": "f", "parameters": {"type": "object"}}}
        assert ask(served, key, tools=[own]).status_code == 200
        assert len(endpoint.requests) == 1


def test_embeddings_are_paid_for_by_their_input(serving: Serving) -> None:
    with ChatServer() as endpoint:
        served = serving(endpoint)
        key = key_of(served, cost(100, 0))
        assert ask(served, key, "embeddings", input="x" * 20).status_code == 200
        too_long = ask(served, key, "embeddings", input="x" * 2000)
        assert too_long.json()["error"]["code"] == "insufficient_quota"
        assert settled(served)["spent"] < cost(60, 0)


def test_the_studio_pays_from_the_same_budget(serving: Serving) -> None:
    with ChatServer(stream(["Yes", "."], usage={"prompt_tokens": 30, "completion_tokens": 2})) as endpoint:
        served = serving(endpoint)
        key = key_of(served, cost(1500, 40))
        shown = {**CHANGES, "Authorization": f"Bearer {key}"}
        seat = {"kind": "model", "model": GPT, "name": "M", "sampling": {"max_tokens": 20}}
        begun = httpx2.post(f"{served.url}/api/conversations", json={"seats": [seat]}, headers=shown).json()
        url = f"{served.url}/api/conversations/{begun['id']}/messages"
        said = httpx2.post(url, json={"text": "Hi"}, headers=shown, timeout=30).text
        assert '"status":"done"' in said
        assert settled(served)["spent"] == pytest.approx(cost(30, 2))
        refused = httpx2.post(url, json={"text": "Hi " * 600}, headers=shown, timeout=30).text
        assert "this call may cost" in refused
        assert len(endpoint.requests) == 1


@given(st.text(max_size=200), st.integers(0, 3))
def test_the_input_is_never_bounded_by_less_than_its_bytes(text: str, images: int) -> None:
    parts = [{"type": "text", "text": text}, *[{"type": "image_url", "image_url": {"url": "data:"}}] * images]
    body = {"messages": [{"role": "user", "content": parts}]}
    size = len(orjson.dumps(body, default=str)) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))
    assert most_input(body, size, None) >= size + images * 40_000
    assert most_input(body, size, 1000) <= 1000
    assert most_input({"messages": [{"role": "user", "content": [{"type": "file"}]}]}, 10, 8192) == 8192
