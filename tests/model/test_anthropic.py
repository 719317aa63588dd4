"""The client of the Messages API against a real server: headers, faults, streams, and a key that shows nowhere."""

from __future__ import annotations

import asyncio
import traceback
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import orjson
import pytest

from personae.errors import InputError
from personae.model import (
    Anthropic,
    Cached,
    Endpoint,
    FailureKind,
    ProviderError,
    Reply,
    Request,
    ResponseCache,
    Sampling,
    Schema,
    Scores,
    Usage,
    ask_structured,
    cost_of,
    open_model,
)
from personae.model.served import ServedMessages
from support.chat_server import Act, cut_body, cut_json, html_page, raw, reply, reset, stall
from support.messages_server import MessagesServer, error_body, events, frame, message, refuse, tool_use

pytestmark = pytest.mark.usefixtures("every_transport")

ASK = Request.of("Hello", system="You are Ada.")
KEY = "sk-ant-canary-5eb63bbbe01eeed093cb22bb8f5acdc3"


@asynccontextmanager
async def client_of(server: MessagesServer, *, cache_control: bool = False, **options: Any) -> AsyncIterator[Anthropic]:
    options = {"api_key": KEY, "key_header": "x-api-key", **options}
    client = Anthropic("anthropic/m", Endpoint(server.url, "m", **options), cache_control=cache_control)
    try:
        yield client
    finally:
        await client.aclose()


async def test_a_model_is_opened_by_its_name_and_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    with MessagesServer("Good morning.") as server:
        monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)
        monkeypatch.setenv("ANTHROPIC_BASE_URL", server.url.removesuffix("/v1"))  # as Anthropic's own clients have it
        model = open_model("anthropic/claude-test", {"cache_control": "true"})
        assert isinstance(model, ServedMessages)
        answer = await model.generate(ASK)
        await model.check()
        streamed = [piece async for piece in model.stream(ASK)]
        await model.aclose()
    assert answer.text == "Good morning."
    assert streamed[0] == "Good morning."
    assert server.paths == ["POST /v1/messages", "GET /v1/models?limit=1000", "POST /v1/messages"]
    assert server.headers[0]["x-api-key"] == KEY
    assert server.headers[0]["anthropic-version"] == "2023-06-01"
    assert "authorization" not in server.headers[0]
    assert server.requests[0]["model"] == "claude-test"
    assert server.requests[0]["system"][0]["cache_control"] == {"type": "ephemeral"}


async def test_a_key_that_is_missing_is_told_without_a_call() -> None:
    model = open_model("anthropic/m")
    assert isinstance(model, ServedMessages)
    with pytest.raises(ProviderError, match="ANTHROPIC_API_KEY is not set") as caught:
        await model.check()
    assert caught.value.is_hopeless


@pytest.mark.parametrize("option", ["max_tokens_field", "send_seed"])
def test_options_of_chat_completions_are_refused(option: str) -> None:
    with pytest.raises(InputError, match=option) as caught:
        open_model("anthropic/m", {option: "true"})
    assert "cache_control" in caught.value.remedy
    with pytest.raises(InputError, match="cache_control"):
        open_model("openai/m", {"cache_control": "true"})


def test_it_claims_no_scores_and_no_seed() -> None:
    model = open_model("anthropic/m")
    assert not isinstance(model, Scores)
    assert isinstance(model, ServedMessages)
    assert "no-seed" in model.identity
    others = [open_model("anthropic/n"), open_model("anthropic/m", {"extra_body": '{"top_k": 4}'})]
    assert len({model.identity, *(other.identity for other in others if isinstance(other, ServedMessages))}) == 3
    marked = open_model("anthropic/m", {"cache_control": "true"})
    assert isinstance(marked, ServedMessages)
    assert marked.identity == model.identity  # it changes the bill, not the answer


async def test_what_is_unknown_costs_an_unknown_sum_and_usage_counts_the_prompt_cache() -> None:
    usage = {"input_tokens": 1, "cache_read_input_tokens": 20, "cache_creation_input_tokens": 4, "output_tokens": 6}
    with MessagesServer(message("Hi", usage=usage)) as server:
        async with client_of(server) as client:
            answer = await client.generate(ASK)
    assert answer.usage == Usage(25, 6, 20)
    assert cost_of("anthropic/no-such-model", answer) is None


async def test_a_schema_is_answered_through_the_tool() -> None:
    schema = Schema("rating", {"type": "object", "properties": {"rating": {"type": "integer"}}, "required": ["rating"]})
    with MessagesServer(message(tool_use({"rating": 4}), stop="tool_use")) as server:
        async with client_of(server) as client:
            found = await ask_structured(client, Request(ASK.messages, schema=schema))
    assert (found.status, found.value) == ("ok", {"rating": 4})
    assert server.requests[0]["tool_choice"] == {"type": "tool", "name": "rating"}


async def test_a_streamed_schema_yields_json() -> None:
    request = Request(ASK.messages, schema=Schema("rating", {"type": "object"}))
    with MessagesServer(events(['{"rat', 'ing": 4}'], is_tool=True, stop="tool_use")) as server:
        async with client_of(server) as client:
            *pieces, last = [piece async for piece in client.stream(request)]
    assert pieces == ['{"rat', 'ing": 4}']
    assert isinstance(last, Reply)
    assert orjson.loads(last.text) == {"rating": 4}


async def test_a_refusal_is_not_kept(tmp_path: Path) -> None:
    with MessagesServer(plan=[reply(message(stop="refusal")), "Fine."]) as server:
        async with client_of(server) as client:
            cache = ResponseCache(tmp_path)
            model = Cached(client, cache, client.identity)
            assert (await model.generate(ASK)).refusal
            assert (await model.generate(ASK)).text == "Fine."
            assert (await model.generate(ASK)).is_cached
            cache.close()


FAULTS: list[tuple[Act, FailureKind]] = [
    (refuse(401, "authentication_error", "invalid x-api-key"), "authentication"),
    (refuse(403, "permission_error"), "authentication"),
    (refuse(404, "not_found_error", "model: claude-9"), "not_found"),
    (refuse(400, "invalid_request_error", "prompt is too long: 9 tokens > 8 maximum"), "context_length"),
    (refuse(413, "request_too_large", "Request exceeds the maximum size"), "context_length"),
    (refuse(400, "invalid_request_error", "max_tokens: Field required"), "bad_request"),
    (refuse(400, "invalid_request_error", "Your credit balance is too low"), "authentication"),
    (refuse(429, "rate_limit_error", retry_after="7"), "rate_limited"),
    (refuse(500, "api_error", "Internal server error"), "overloaded"),
    (refuse(529, "overloaded_error", "Overloaded"), "overloaded"),
    (Act("whole", 307, headers={"Location": "http://127.0.0.1:9/v1/messages"}), "bad_request"),
    (html_page(), "bad_reply"),
    (raw(b"{}"), "bad_reply"),
    (cut_json(), "bad_reply"),
    (cut_body(), "bad_reply"),
    (reset(), "unreachable"),
    (stall(), "timeout"),
]


@pytest.mark.parametrize(("act", "kind"), FAULTS, ids=lambda one: one if isinstance(one, str) else str(one.status))
@pytest.mark.parametrize("is_streamed", [False, True])
async def test_every_fault_has_its_kind(act: Act, kind: FailureKind, is_streamed: bool) -> None:
    with MessagesServer(plan=[act]) as server:
        async with client_of(server, timeout=2.0 if kind == "timeout" else 30.0) as client:
            with pytest.raises(ProviderError) as caught:
                if is_streamed:
                    async for _ in client.stream(ASK):
                        pass
                else:
                    await client.generate(ASK)
    assert caught.value.kind == kind
    assert caught.value.where == "anthropic/m"


async def test_an_error_in_a_reply_of_status_200_has_its_kind() -> None:
    with MessagesServer(plan=[reply(error_body("overloaded_error"))]) as server:
        async with client_of(server) as client:
            with pytest.raises(ProviderError) as caught:
                await client.generate(ASK)
    assert caught.value.kind == "overloaded"


async def test_a_wait_and_the_id_of_the_call_are_read_from_the_headers() -> None:
    with MessagesServer(plan=[refuse(429, "rate_limit_error", retry_after="7")]) as server:
        async with client_of(server) as client:
            with pytest.raises(ProviderError, match="req_7") as caught:
                await client.generate(ASK)
    assert (caught.value.retry_after, caught.value.request_id, caught.value.status) == (7.0, "req_7", 429)


async def test_an_overloaded_server_is_asked_again() -> None:
    with MessagesServer("Hi", plan=[refuse(529, "overloaded_error", retry_after="0")]) as server:
        model = open_model("anthropic/m", base_url=server.url)
        assert isinstance(model, ServedMessages)
        assert (await model.generate(ASK)).text == "Hi"
        await model.aclose()
    assert len(server.requests) == 2


async def test_what_the_api_cannot_do_is_said_without_a_call() -> None:
    with MessagesServer() as server:
        async with client_of(server) as client:
            for sampling in (Sampling(n=2), Sampling(top_logprobs=3)):
                with pytest.raises(ProviderError) as caught:
                    await client.generate(Request.of("Hello", sampling=sampling))
                assert caught.value.kind == "unsupported"
            with pytest.raises(InputError):
                await client.generate(Request.of("Hello", sampling=Sampling(temperature=1.5)))
    assert server.paths == []


# The key


LEAKS: list[Act] = [
    refuse(401, "authentication_error", f"invalid x-api-key {KEY}"),
    refuse(500, "api_error", "x" * 280 + KEY),
    raw(f"<html>{KEY}</html>".encode(), content_type="text/html"),
    raw(b'{"content": "' + KEY.encode() + b'"}'),
    reply(error_body("api_error", KEY)),
    events(["Hi"], between=[b"data: " + KEY.encode() + b"\n\n"]),
    events(["Hi"], between=[frame("error", error={"type": "api_error", "message": KEY})]),
]


@pytest.mark.parametrize("act", LEAKS)
@pytest.mark.parametrize("is_streamed", [False, True])
async def test_no_error_tells_the_key(act: Act, is_streamed: bool) -> None:
    with MessagesServer(plan=[act]) as server:
        async with client_of(server, timeout=0.5) as client:
            with pytest.raises(ProviderError) as caught:
                if is_streamed:
                    async for _ in client.stream(ASK):
                        pass
                else:
                    await client.generate(ASK)
    told = "".join(traceback.format_exception(caught.value))
    assert not [shown for shown in (repr(caught.value), str(vars(caught.value)), told) if "canary" in shown]


async def test_neither_representation_nor_reply_holds_the_key() -> None:
    with MessagesServer(f"You sent {KEY}.") as server:
        async with client_of(server) as client:
            answer = await client.generate(ASK)
            *_, streamed = [piece async for piece in client.stream(ASK)]
            shown = [repr(client), repr(client.endpoint), client.identity, repr(answer), repr(streamed)]
    assert answer.text == "You sent [key]."
    assert not [text for text in shown if "canary" in text]


async def test_the_key_is_not_taken_to_another_host() -> None:
    with MessagesServer() as other:
        away = Act("whole", 307, headers={"Location": f"{other.url}/messages"})
        with MessagesServer(plan=[away, away]) as server:
            async with client_of(server) as client:
                for call in (client.generate(ASK), anext(aiter(client.stream(ASK)))):
                    with pytest.raises(ProviderError):
                        await call
    assert other.paths == []


async def test_many_calls_are_made_at_once() -> None:
    with MessagesServer(lambda body: body["messages"][-1]["content"][0]["text"], delay=0.1) as server:
        async with client_of(server) as client:
            asked = [str(index) for index in range(40)]
            replies = await asyncio.gather(*(client.generate(Request.of(text)) for text in asked))
    assert [answer.text for answer in replies] == asked
    assert server.peak > 5
