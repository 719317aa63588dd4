"""The API key goes into one header and nowhere else: no name, no representation, no error, no file."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from personae.errors import InputError
from personae.model import Cached, Endpoint, OpenAICompatible, ProviderError, Request, ResponseCache, cache_key
from support.chat_server import Act, ChatServer, cut_json, error_in_200, fail, raw, reset, stall, stream
from support.clients import client_of, pieces_of

ASK = Request.of("Hello")
KEY = "sk-canary-5eb63bbbe01eeed093cb22bb8f5acdc3"


def echo_everything(server: ChatServer) -> Callable[[dict[str, Any]], str]:
    """A server that repeats the headers it was sent, as debugging proxies do."""
    return lambda _: f"You sent {server.headers[-1]}"


LEAKS: list[Act] = [
    fail(401, f"Incorrect API key provided: {KEY}."),
    fail(500, "x" * 280 + KEY),
    fail(429, KEY, code=KEY),
    raw(f"<html>{KEY}</html>".encode(), content_type="text/html"),
    raw(("<html>" + "x" * 100 + KEY).encode(), content_type="text/html"),
    raw(f"Bearer {KEY}".encode(), status=502, content_type="text/plain"),
    error_in_200(f"upstream refused {KEY}"),
    raw(b'{"choices": "' + KEY.encode() + b'"}'),
    cut_json(KEY),
    stream(["Hi"], between=[b"data: " + KEY.encode()]),
    stream(["Hi"], between=[b'data: {"error": "' + KEY.encode() + b'"}']),
    stream(["Hi"], between=[b"data: " + KEY.encode() + b"x" * 1_000_000]),
    reset(),
    stall(),
]


@pytest.mark.parametrize("act", LEAKS)
@pytest.mark.parametrize("is_streamed", [False, True])
async def test_no_error_tells_the_key(act: Act, is_streamed: bool) -> None:
    with ChatServer(plan=[act]) as server:
        async with client_of(server, api_key=KEY, timeout=0.2) as client:
            with pytest.raises(ProviderError) as caught:
                if is_streamed:
                    async for _ in client.stream(ASK):
                        pass
                else:
                    await client.generate(ASK)
    told = "".join(traceback.format_exception(caught.value))
    for shown in (str(caught.value), repr(caught.value), str(vars(caught.value)), told):
        assert "canary" not in shown


async def test_neither_names_nor_representations_nor_files_hold_the_key(tmp_path: Path) -> None:
    server = ChatServer(lambda _: echo_everything(server)({}))
    cache = ResponseCache(tmp_path)
    with server:
        async with client_of(server, api_key=KEY, extra_body={"top_k": 1}) as client:
            model = Cached(client, cache, client.identity)
            answer = await model.generate(ASK)
            streamed = (await pieces_of(client, ASK))[1]
            shown = [repr(client), repr(client.endpoint), str(client.endpoint), client.identity, model.name]
            shown += [repr(answer), repr(streamed), cache_key(client.identity, ASK)]
    assert "Bearer [key]" in answer.text  # the server did try
    assert not [text for text in shown if "canary" in text]
    kept = [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()]
    cache.close()
    kept += [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()]
    assert any(b"You sent" in content for content in kept)
    assert not any(b"canary" in content for content in kept)


@pytest.mark.parametrize("key", ["x", "EMPTY", "none", "ollama"])
async def test_a_placeholder_for_a_key_tears_no_word_out_of_a_reply(key: str) -> None:
    with ChatServer("extra EMPTY none ollama") as server:
        async with client_of(server, api_key=key) as client:
            assert (await client.generate(ASK)).text == "extra EMPTY none ollama"


@pytest.mark.parametrize("key", [KEY + "\n", KEY + "\r\nX-Evil: 1", KEY + "\x00", "“" + KEY + "”"])
def test_a_key_that_no_header_can_hold_is_refused_without_being_told(key: str) -> None:
    with pytest.raises(InputError) as caught:
        OpenAICompatible("test/m", Endpoint("http://host/v1", "m", api_key=key, key_variable="OPENAI_API_KEY"))
    assert caught.value.where == "OPENAI_API_KEY"
    assert "canary" not in str(caught.value)


@pytest.mark.parametrize("url", [f"http://user:{KEY}@host/v1", f"https://{KEY}@host/v1", f"http://host/v1?key={KEY}"])
def test_a_base_url_that_holds_a_secret_is_refused_without_telling_it(url: str) -> None:
    with pytest.raises(InputError) as caught:
        OpenAICompatible(f"{url}#m", Endpoint(url, "m"))
    assert "canary" not in str(caught.value)
    assert "host/v1" in str(caught.value)
