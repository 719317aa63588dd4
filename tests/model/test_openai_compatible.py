"""The client against a real server: what goes out, what comes back, and that the key stays where it belongs."""

from __future__ import annotations

import asyncio
import gc
import math
import time
from dataclasses import replace
from types import MappingProxyType
from typing import Any

import orjson
import pytest

from personae.errors import InputError, PersonaeError
from personae.model import (
    Endpoint,
    FailureKind,
    OpenAICompatible,
    ProviderError,
    Reply,
    Request,
    Sampling,
    Usage,
    open_client,
)
from support.chat_server import (
    Act,
    ChatServer,
    closed_port,
    completion,
    fail,
    html_page,
    raw,
    reply,
    reset,
    stall,
)
from support.clients import client_of, speaking
from support.values import FULL_REQUEST

pytestmark = pytest.mark.usefixtures("every_transport")

ASK = Request.of("Hello", system="You are Ada.")
KEY = "sk-canary-5eb63bbbe01eeed093cb22bb8f5acdc3"


# What goes out


async def test_the_question_arrives_in_the_format_of_the_endpoint() -> None:
    with ChatServer("Good morning.") as server:
        async with client_of(server) as client:
            answer = await client.generate(ASK)
    assert answer.text == "Good morning."
    assert server.paths == ["POST /v1/chat/completions"]
    assert server.requests == [
        {
            "model": "m",
            "messages": [{"role": "system", "content": "You are Ada."}, {"role": "user", "content": "Hello"}],
        }
    ]
    assert server.headers[0]["content-type"] == "application/json"
    assert (server.completed, server.peak) == (1, 1)


async def test_everything_that_is_set_arrives() -> None:
    with ChatServer() as server:
        async with client_of(server, max_tokens_field="max_completion_tokens") as client:
            await client.generate(FULL_REQUEST)
    body = server.requests[0]
    assert (body["temperature"], body["top_p"], body["seed"], body["n"]) == (0.7, 0.9, 0, 2)
    assert (body["max_completion_tokens"], body["stop"]) == (50, ["END"])
    assert (body["logprobs"], body["top_logprobs"]) == (True, 5)
    assert body["response_format"]["json_schema"]["name"] == "rating"
    assert "max_tokens" not in body


async def test_further_fields_are_sent_along_and_the_seed_may_be_kept_back() -> None:
    with ChatServer() as server:
        async with client_of(server, extra_body={"top_k": 40}, send_seed=False) as client:
            await client.generate(Request.of("Hello", sampling=Sampling(seed=1)))
    assert server.requests[0]["top_k"] == 40
    assert "seed" not in server.requests[0]


async def test_the_key_goes_into_its_header_and_without_a_key_there_is_none() -> None:
    with ChatServer() as server:
        for key in (KEY, ""):
            async with client_of(server, api_key=key) as client:
                await client.generate(ASK)
    assert server.headers[0]["authorization"] == f"Bearer {KEY}"
    assert "authorization" not in server.headers[1]


async def test_many_calls_are_made_at_once() -> None:
    with ChatServer(lambda body: body["messages"][-1]["content"], delay=0.1) as server:
        async with client_of(server) as client:
            asked = [str(index) for index in range(40)]
            replies = await asyncio.gather(*(client.generate(Request.of(text)) for text in asked))
    assert [answer.text for answer in replies] == asked
    assert server.peak > 5


# What comes back


async def test_usage_and_names_are_read_with_cached_and_reasoning_tokens() -> None:
    usage = {
        "prompt_tokens": 20,
        "completion_tokens": 9,
        "prompt_tokens_details": {"cached_tokens": 16},
        "completion_tokens_details": {"reasoning_tokens": 5},
    }
    with ChatServer(completion("Hi", model="m-2025-01-01", usage=usage)) as server:
        async with client_of(server) as client:
            answer = await client.generate(ASK)
    assert answer.usage == Usage(20, 9, 16, 5)
    assert (answer.model, answer.request_id, answer.is_cached) == ("m-2025-01-01", "chatcmpl-1", False)
    assert 0 < answer.seconds < 30


async def test_the_request_id_of_the_header_serves_where_the_body_has_none() -> None:
    body = completion("Hi")
    del body["id"]
    with ChatServer(plan=[reply(body, headers={"x-request-id": "req-7"}), fail(500, x_request_id="req-8")]) as server:
        async with client_of(server) as client:
            assert (await client.generate(ASK)).request_id == "req-7"
            with pytest.raises(ProviderError, match="req-8") as caught:
                await client.generate(ASK)
    assert (caught.value.request_id, caught.value.status) == ("req-8", 500)


CONTENTS: list[tuple[Any, str]] = [
    ("", ""),
    (None, ""),
    ([{"type": "text", "text": "Hi"}], "Hi"),
    ("Grüße 👋\x00", "Grüße 👋\x00"),
    ("x" * 1_000_000, "x" * 1_000_000),
]


@pytest.mark.parametrize(("content", "text"), CONTENTS, ids=["empty", "null", "parts", "unicode", "long"])
async def test_any_content_is_a_text(content: Any, text: str) -> None:
    with ChatServer(completion(content)) as server:
        async with client_of(server) as client:
            assert (await client.generate(ASK)).text == text


async def test_alternatives_and_refusals_are_told_apart() -> None:
    with ChatServer(completion("one", others=("two", "three"), refusal="but I would rather not")) as server:
        async with client_of(server) as client:
            answer = await client.generate(ASK)
    assert (answer.text, answer.alternatives, answer.refusal) == ("one", ("two", "three"), "but I would rather not")


async def test_a_completion_is_read_whatever_its_content_type_says() -> None:
    act = replace(reply(completion("Hi")), content_type="text/plain")
    with ChatServer(act) as server:
        async with client_of(server) as client:
            assert (await client.generate(ASK)).text == "Hi"


# What goes wrong (every fault of a server stands in test_retry)


async def test_a_stalled_connection_ends_at_the_limit() -> None:
    with ChatServer(stall()) as server:
        async with client_of(server, timeout=0.2) as client:
            loop = asyncio.get_running_loop()
            started = loop.time()
            with pytest.raises(ProviderError, match=r"no answer within 0\.2 s") as caught:
                await client.generate(ASK)
            assert 0.15 < loop.time() - started < 5
    assert caught.value.kind == "timeout"


async def test_a_port_where_nobody_listens_is_unreachable() -> None:
    with closed_port() as port:
        client = OpenAICompatible("test/m", Endpoint(f"http://127.0.0.1:{port}/v1", "m"))
        for call in (client.generate(ASK), client.check(), client.embed(["a"]), client.list_models()):
            with pytest.raises(ProviderError) as caught:
                await call
            assert caught.value.kind == "unreachable"
        await client.aclose()


async def test_a_host_that_does_not_exist_is_unreachable() -> None:
    client = OpenAICompatible("test/m", Endpoint("http://no-such-host.invalid/v1", "m", timeout=20))
    with pytest.raises(ProviderError) as caught:
        await client.generate(ASK)
    await client.aclose()
    assert caught.value.kind in ("unreachable", "timeout")  # a resolver that hangs is a timeout


async def test_a_server_that_speaks_no_http_is_an_error_of_the_provider() -> None:
    async def mumble(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 mail.example.org ESMTP\r\n\r\n")

    async with speaking(mumble) as url:
        client = OpenAICompatible("test/m", Endpoint(url, "m"))
        with pytest.raises(ProviderError) as caught:
            await client.generate(ASK)
        await client.aclose()
    assert caught.value.is_retryable


WRONG_URLS = [
    "",
    "localhost:8000/v1",
    "ftp://host/v1",
    "http://",
    "http:///v1",
    "https://:443/v1",
    "http://[::1/v1",
    "http://host:port/v1",
    "http://host:99999/v1",
    "http://host/v1?key=value",
    "http://host/v1#model",
]


@pytest.mark.parametrize("url", WRONG_URLS)
def test_a_wrong_base_url_is_refused_before_any_call(url: str) -> None:
    with pytest.raises(InputError) as caught:
        OpenAICompatible("test/m", Endpoint(url, "m"))
    assert caught.value.where == "test/m"
    assert caught.value.remedy


@pytest.mark.parametrize("url", ["http://host", "https://host/v1/", "http://[::1]:8000/v1", "http://host:8000/a/b"])
def test_other_base_urls_are_taken_and_a_slash_at_their_end_is_not(url: str) -> None:
    assert OpenAICompatible("test/m", Endpoint(url, "m")).endpoint.base_url == url.rstrip("/")


# Scores


def token(text: str, probability: float) -> dict[str, Any]:
    return {"token": text, "logprob": math.log(probability)}


async def test_choices_are_scored_by_the_first_token_and_its_spellings_add_up() -> None:
    rivals = [token("A", 0.4), token(" A", 0.2), token("B", 0.1), token("\n", 0.05)]
    with ChatServer(completion("A", logprobs=[{**rivals[0], "top_logprobs": rivals}])) as server:
        async with client_of(server) as client:
            asked = replace(Request.of("A or B?", sampling=Sampling(temperature=1, n=3)), choices=("A", "B", "C"))
            scores = await client.score(asked)
    assert scores == pytest.approx({"A": math.log(0.6), "B": math.log(0.1)})
    body = server.requests[0]
    assert (body["max_tokens"], body["temperature"], body["logprobs"], body["top_logprobs"]) == (1, 0, True, 20)
    assert "n" not in body


async def test_an_endpoint_that_reports_no_log_probabilities_cannot_score() -> None:
    with ChatServer("A") as server:
        async with client_of(server) as client:
            with pytest.raises(ProviderError) as caught:
                await client.score(replace(ASK, choices=("A", "B")))
    assert caught.value.kind == "unsupported"


# Embeddings and models


async def test_texts_are_embedded_in_their_order_whatever_the_order_of_the_rows() -> None:
    def backwards(texts: list[str]) -> dict[str, Any]:
        rows = [{"index": index, "embedding": [len(text), 0.5]} for index, text in enumerate(texts)]
        return {"data": rows[::-1]}

    with ChatServer(vectors=backwards) as server:
        async with client_of(server) as client:
            assert await client.embed(["a", "bbb", "cc"]) == [[1.0, 0.5], [3.0, 0.5], [2.0, 0.5]]
    assert server.paths == ["POST /v1/embeddings"]


BAD_VECTORS: list[Act] = [
    raw(b"{}"),
    raw(b'{"data": []}'),
    raw(b'{"data": [{"index": 0, "embedding": [1]}]}'),
    raw(b'{"data": [{"index": 0, "embedding": null}, {"index": 1, "embedding": [1]}]}'),
    raw(b'{"data": [{"index": 0, "embedding": ["x"]}, {"index": 1, "embedding": [1]}]}'),
    raw(b'{"data": 5}'),
    html_page(),
]


@pytest.mark.parametrize("act", BAD_VECTORS, ids=lambda act: act.payload.decode())
async def test_what_is_no_list_of_vectors_is_a_bad_reply(act: Act) -> None:
    with ChatServer(vectors=act) as server:
        async with client_of(server) as client:
            with pytest.raises(ProviderError) as caught:
                await client.embed(["a", "b"])
    assert caught.value.kind == "bad_reply"


async def test_models_are_listed_in_order() -> None:
    with ChatServer(models=["b", "a"]) as server:
        async with client_of(server) as client:
            assert await client.list_models() == ["a", "b"]


async def test_what_is_no_list_of_models_is_a_bad_reply() -> None:
    with ChatServer(models=html_page()) as server:
        async with client_of(server) as client:
            with pytest.raises(ProviderError) as caught:
                await client.list_models()
    assert caught.value.kind == "bad_reply"


@pytest.mark.parametrize("act", [raw(b"{}"), fail(404), fail(500), fail(429), html_page()])
async def test_an_endpoint_without_a_list_of_models_passes_the_check(act: Act) -> None:
    with ChatServer(models=act) as server:
        async with client_of(server) as client:
            await client.check()
    assert server.requests == []


@pytest.mark.parametrize(("act", "kind"), [(fail(401), "authentication"), (stall(), "timeout")])
async def test_an_endpoint_that_refuses_the_key_or_hangs_does_not(act: Act, kind: FailureKind) -> None:
    with ChatServer(models=act) as server:
        async with client_of(server, timeout=2.0 if kind == "timeout" else 30.0) as client:
            with pytest.raises(ProviderError) as caught:
                await client.check()
    assert caught.value.kind == kind


async def test_a_key_that_is_needed_and_missing_is_told_without_a_call() -> None:
    with ChatServer() as server:
        async with client_of(server, key_variable="OPENAI_API_KEY") as client:
            with pytest.raises(ProviderError, match="OPENAI_API_KEY is not set") as caught:
                await client.check()
    assert (caught.value.kind, server.paths) == ("authentication", [])


# Identity


def test_the_identity_tells_endpoint_model_and_options_apart() -> None:
    def identity(url: str = "http://a/v1", model: str = "m", **options: Any) -> str:
        return OpenAICompatible("test/m", Endpoint(url, model, **options)).identity

    variants = [
        identity(),
        identity(url="http://b/v1"),
        identity(model="n"),
        identity(extra_body={"top_k": 1}),
        identity(send_seed=False),
        identity(max_tokens_field="max_completion_tokens"),
    ]
    assert len(set(variants)) == len(variants)
    assert identity(extra_body=MappingProxyType({"top_k": 1})) == identity(extra_body={"top_k": 1})
    assert identity(timeout=1.0) == identity(api_key="k" * 20) == identity(key_variable="X") == identity()


# Connections


async def test_connections_are_kept_between_calls_and_given_back_at_the_end() -> None:
    with ChatServer() as server:
        client = OpenAICompatible("test/m", Endpoint(server.url, "m"))
        for _ in range(3):
            await client.generate(ASK)
        await client.aclose()
        await client.aclose()  # harmless
        await client.generate(ASK)  # and it can be asked again
        await client.aclose()
    assert server.completed == 4


async def test_a_client_that_was_never_asked_can_be_closed() -> None:
    await OpenAICompatible("test/m", Endpoint("http://host/v1", "m")).aclose()


@pytest.mark.filterwarnings("ignore::ResourceWarning")  # the first loop ends without closing the client
def test_a_client_can_be_asked_from_a_second_loop() -> None:
    async def ask_and_close() -> Reply:
        answer = await client.generate(ASK)
        await client.aclose()
        return answer

    with ChatServer() as server:
        client = OpenAICompatible("test/m", Endpoint(server.url, "m"))
        assert asyncio.run(client.generate(ASK)).text == "Hello."
        assert asyncio.run(ask_and_close()).text == "Hello."
        gc.collect()


async def test_every_error_is_one_that_a_user_can_act_upon() -> None:
    with ChatServer(plan=[fail(500), html_page(), reset()]) as server:
        async with client_of(server) as client:
            for _ in range(3):
                with pytest.raises(PersonaeError) as caught:
                    await client.generate(ASK)
                assert caught.value.remedy
                assert caught.value.where == "test/m"


@pytest.mark.parametrize("way", ["relay", "generate"])
async def test_a_call_that_may_be_left_ends_at_the_endpoint_when_it_is_cancelled(way: str) -> None:
    with ChatServer("late", delay=60.0) as server:
        client = open_client(f"{server.url}#m", {})
        client.may_be_left = True
        asked = Request.of("Hello")
        body = orjson.dumps({"messages": [{"role": "user", "content": "Hello"}]})
        call = client.relay("/chat/completions", body) if way == "relay" else client.generate(asked)
        task = asyncio.ensure_future(call)
        deadline = time.monotonic() + 20
        while not server._in_flight and time.monotonic() < deadline:
            await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        while server._in_flight and time.monotonic() < deadline:
            await asyncio.sleep(0.01)
        assert (server._in_flight, server.completed) == (0, 0)
        await client.aclose()
