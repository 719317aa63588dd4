"""Streams of the client: pieces as they come, one whole reply at the end, and never half of one."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator

import pytest

from personae.model import Endpoint, FailureKind, OpenAICompatible, ProviderError, Reply, Request, Usage
from support.chat_server import Act, ChatServer, completion, error_in_200, event, fail, html_page, reply, stall, stream
from support.clients import client_of, pieces_of, speaking

ASK = Request.of("Hello", system="You are Ada.")
STREAM_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n"
FIRST = STREAM_HEAD + event({"choices": [{"delta": {"content": "first"}}]})


async def test_a_stream_yields_pieces_and_then_the_reply_with_its_usage() -> None:
    usage = {
        "prompt_tokens": 20,
        "completion_tokens": 3,
        "prompt_tokens_details": {"cached_tokens": 8},
        "completion_tokens_details": {"reasoning_tokens": 1},
    }
    with ChatServer(plan=[stream(["Good ", "mor", "ning."], usage=usage)]) as server:
        async with client_of(server) as client:
            pieces, answer = await pieces_of(client, ASK)
    assert pieces == ["Good ", "mor", "ning."]
    assert (answer.text, answer.finish, answer.usage) == ("Good morning.", "stop", Usage(20, 3, 8, 1))
    assert (answer.model, answer.request_id) == ("served-model", "chatcmpl-1")
    assert (server.requests[0]["stream"], server.requests[0]["stream_options"]) == (True, {"include_usage": True})
    assert server.completed == 1


async def test_pieces_arrive_while_the_server_is_still_writing() -> None:
    async def answer(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(FIRST)
        await writer.drain()
        await asyncio.wait_for(first_seen.wait(), 10)
        writer.write(event({"choices": [{"delta": {}, "finish_reason": "stop"}]}))

    first_seen = asyncio.Event()
    async with speaking(answer) as url:
        client = OpenAICompatible("test/m", Endpoint(url, "m", timeout=20))
        arrived = client.stream(ASK)
        assert await anext(arrived) == "first"
        first_seen.set()
        last = await anext(arrived)
        await client.aclose()
    assert isinstance(last, Reply)
    assert last.text == "first"


async def test_comments_blank_lines_and_other_fields_are_passed_over() -> None:
    between = [b": OPENROUTER PROCESSING", b"event: ping", b"", b"id: 3\nretry: 10"]
    with ChatServer(plan=[stream(["Hi"], between=between)]) as server:
        async with client_of(server) as client:
            assert (await pieces_of(client, ASK))[1].text == "Hi"


async def test_a_stream_without_usage_and_closing_mark_is_whole_if_it_says_why_it_ended() -> None:
    with ChatServer(plan=[stream(["Hi"], usage=None, is_done=False)]) as server:
        async with client_of(server) as client:
            _, answer = await pieces_of(client, ASK)
    assert (answer.text, answer.usage) == ("Hi", Usage())


CUT_STREAMS: list[tuple[str, Act, FailureKind]] = [
    ("connection cut", stream(["Half an ", "ans"], is_cut=True), "bad_reply"),
    ("cleanly cut", stream(["Half an ", "ans"], finish=None, usage=None, is_done=False), "bad_reply"),
    ("closed without a reason", stream(["Half an ", "ans"], finish=None), "bad_reply"),
    ("without a word", stream([], finish=None, usage=None), "bad_reply"),
    ("broken event", stream(["Half"], between=[b'data: {"choices": ['], finish=None), "bad_reply"),
    ("event of another shape", stream(["Half"], between=[b'data: {"choices": [null]}']), "bad_reply"),
    ("event that is a list", stream(["Half"], between=[b"data: [1]"]), "bad_reply"),
    ("endless line", stream(["Half"], between=[b"data: " + b"x" * 2_000_000]), "bad_reply"),
    ("error event", stream(["Half"], between=[b'data: {"error": {"code": 503, "message": "gone"}}']), "overloaded"),
    ("error event, no code", stream(["Half"], between=[b'data: {"error": {"message": "gone"}}']), "overloaded"),
    ("finish reason error", stream(["Half"], finish="error"), "overloaded"),
    ("whole completion instead", reply(completion("Hi")), "bad_reply"),
    ("web page", html_page(), "bad_reply"),
    ("429", fail(429, retry_after=3), "rate_limited"),
    ("401", fail(401), "authentication"),
    ("error in 200", error_in_200(), "bad_reply"),
    ("stall", stall(), "timeout"),
]


@pytest.mark.parametrize(("act", "kind"), [case[1:] for case in CUT_STREAMS], ids=[case[0] for case in CUT_STREAMS])
async def test_a_stream_that_is_not_whole_ends_in_an_error_and_never_in_a_reply(act: Act, kind: FailureKind) -> None:
    arrived: list[str | Reply] = []
    with ChatServer(plan=[act]) as server:
        async with client_of(server, timeout=2.0 if kind == "timeout" else 30.0) as client:
            with pytest.raises(ProviderError) as caught:
                async for piece in client.stream(ASK):
                    arrived.append(piece)
    assert caught.value.kind == kind
    assert not any(isinstance(piece, Reply) for piece in arrived)


async def say_first_and_wait(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(FIRST)
    while await reader.read(1000):  # until the client leaves
        pass


async def test_a_stream_that_stalls_in_the_middle_ends_at_the_limit() -> None:
    async with speaking(say_first_and_wait) as url:
        client = OpenAICompatible("test/m", Endpoint(url, "m", timeout=2.0))
        arrived = client.stream(ASK)
        assert await anext(arrived) == "first"
        with pytest.raises(ProviderError) as caught:
            await anext(arrived)
        await client.aclose()
    assert caught.value.kind == "timeout"


async def test_a_stream_that_is_left_early_gives_its_connection_back() -> None:
    async with speaking(say_first_and_wait) as url:
        client = OpenAICompatible("test/m", Endpoint(url, "m", timeout=20))
        arrived = client.stream(ASK)
        assert isinstance(arrived, AsyncGenerator)
        assert await anext(arrived) == "first"
        await arrived.aclose()
        # Leaving the context waits for the server to see that the client has left; only then is the client closed.
    await client.aclose()
