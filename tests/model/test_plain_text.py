"""Texts that are continued without a chat template, against a real server."""

from __future__ import annotations

from typing import Any

import pytest
from aiohttp import web

from personae.errors import InputError
from personae.model import OpenAICompatible, ProviderError, Reply, Request, Sampling, open_model
from personae.model.plain_text import as_chat, plain_body
from personae.model.providers import find_endpoint
from support.chat_server import ChatServer


class CompletionServer(ChatServer):
    """Continues every text with the same words."""

    bodies: list[dict[str, Any]]

    def add_routes(self, app: web.Application) -> None:
        self.bodies = []
        app.router.add_post("/v1/completions", self._complete)

    async def _complete(self, request: web.Request) -> web.Response:
        body = await request.json()
        self.bodies.append(body)
        if body["prompt"] == "broken":
            return web.json_response({"choices": [{}]})
        choices = [{"index": index, "text": f" and so on {index}", "finish_reason": "stop"} for index in range(2)]
        usage = {"prompt_tokens": 3, "completion_tokens": 4}
        return web.json_response({"id": "cmpl-1", "model": "base-7b", "choices": choices, "usage": usage})


def base_model(server: ChatServer) -> OpenAICompatible:
    return OpenAICompatible("base", find_endpoint(f"{server.url}#base", {"plain": "true"}))


async def test_a_text_goes_out_as_it_stands_and_comes_back_continued() -> None:
    with CompletionServer() as server:
        model = base_model(server)
        ask = Request.of("Candidate: I", sampling=Sampling(temperature=0.5, max_tokens=9, seed=4, stop=("\n",)))
        found = await model.generate(ask)
        streamed = [piece async for piece in model.stream(ask)]
        await model.aclose()
    assert (found.text, found.alternatives) == (" and so on 0", (" and so on 1",))
    assert (found.model, found.usage.output_tokens) == ("base-7b", 4)
    assert server.bodies[0] == {
        "model": "base", "prompt": "Candidate: I", "temperature": 0.5, "max_tokens": 9, "seed": 4, "stop": ["\n"],
    }  # fmt: skip
    assert isinstance(streamed[-1], Reply)
    assert streamed[0] == " and so on 0"


async def test_something_else_than_a_completion_is_a_bad_reply() -> None:
    with CompletionServer() as server:
        model = base_model(server)
        with pytest.raises(ProviderError) as caught:
            await model.generate(Request.of("broken"))
        await model.aclose()
    assert caught.value.kind == "bad_reply"


def test_a_plain_model_is_another_one_for_the_cache() -> None:
    names = [open_model("http://127.0.0.1:9/v1#m", options) for options in ({}, {"plain": "false"}, {"plain": "true"})]
    chat, also_chat, plain = (getattr(one, "identity", "") for one in names)
    assert chat == also_chat != plain


def test_batches_and_other_protocols_have_no_plain_texts() -> None:
    with pytest.raises(InputError, match="no plain texts"):
        find_endpoint("openai/gpt-4o-mini", {"plain": "true", "batch": "true"})
    with pytest.raises(InputError, match="not known"):
        find_endpoint("anthropic/claude", {"plain": "true"})


def test_bodies() -> None:
    chat = {"model": "m", "messages": [{"role": "system", "content": "a"}, {"role": "user", "content": "b"}], "n": 2}
    assert plain_body(chat) == {"model": "m", "n": 2, "prompt": "a\n\nb"}
    assert as_chat(b"nonsense") == b"nonsense"
