"""Batches: calls that are made together go out together, none is paid for twice."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import orjson
import pytest

from personae.model import (
    Reply,
    Request,
    Sampling,
    Usage,
    cost_of,
    request_key,
)
from support.batch_server import BatchServer
from support.batches import Protocol, ask, model_of, protocols, submissions, texts_of


@protocols
async def test_calls_that_are_made_together_go_out_in_one_batch(
    server: BatchServer, protocol: Protocol, tmp_path: Path
) -> None:
    async with model_of(server, protocol, tmp_path) as model:
        asked = [f"question {number}" for number in range(50)]
        replies = await ask(model, *asked)
    assert texts_of(replies) == [text.upper() for text in asked]
    assert submissions(server) == 1
    assert server.asked == asked
    first = replies[0]
    assert isinstance(first, Reply)
    assert (first.finish, first.model, first.usage, first.is_batched, first.is_cached) == (
        "stop",
        "served-model",
        Usage(9, 3),
        True,
        False,
    )


@protocols
async def test_what_is_sent_is_what_would_be_sent_live(server: BatchServer, protocol: Protocol, tmp_path: Path) -> None:
    request = Request.of("Hello", system="You are Ada.", sampling=Sampling(0.5, max_tokens=9, seed=3))
    async with model_of(server, protocol, tmp_path) as model:
        await model.generate(request)
        body = model.client.body(request)
    assert server.batches[0].requests == {request_key(request): orjson.loads(orjson.dumps(body))}


@protocols
async def test_a_batch_that_is_full_does_not_wait(server: BatchServer, protocol: Protocol, tmp_path: Path) -> None:
    async with model_of(server, protocol, tmp_path, batch_size=10, batch_wait=600) as model:
        replies = await asyncio.wait_for(ask(model, *[f"q{number}" for number in range(30)]), 20)
    assert texts_of(replies) == [f"Q{number}" for number in range(30)]
    assert [len(batch.requests) for batch in server.batches] == [10, 10, 10]


async def test_a_batch_is_no_larger_in_bytes_than_the_endpoint_allows(
    server: BatchServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("personae.model.batch_service.OpenAIBatches.most_bytes", 2000)
    async with model_of(server, "openai", tmp_path) as model:
        await ask(model, *[f"{number} " + "x" * 500 for number in range(6)])
    assert submissions(server) > 1
    assert all(len(upload) <= 2000 for upload in server.uploads)
    assert len(server.asked) == 6


@protocols
async def test_the_wait_begins_anew_with_each_call(server: BatchServer, protocol: Protocol, tmp_path: Path) -> None:
    async with model_of(server, protocol, tmp_path, batch_wait=0.4) as model:
        tasks = []
        for number in range(6):
            tasks.append(asyncio.create_task(model.generate(Request.of(f"q{number}"))))
            await asyncio.sleep(0.15)
        await asyncio.gather(*tasks)
    assert submissions(server) == 1


@protocols
async def test_equal_calls_share_one_place_and_are_paid_for_once(
    server: BatchServer, protocol: Protocol, tmp_path: Path
) -> None:
    async with model_of(server, protocol, tmp_path) as model:
        replies = await ask(model, "same", "same", "other")
        assert server.asked == ["same", "other"]
        assert [reply.is_cached for reply in replies if isinstance(reply, Reply)] == [False, True, False]
        await ask(model, "same")  # later it is another call, as it would be live
    assert server.asked == ["same", "other", "same"]


def test_a_batch_costs_half() -> None:
    live = Reply("Hi", usage=Usage(1_000_000, 1_000_000))
    cost = cost_of("openai/gpt-4o-mini", live)
    assert cost
    assert cost_of("openai/gpt-4o-mini", replace(live, is_batched=True)) == cost / 2
    assert cost_of("anthropic/no-such-model", replace(live, is_batched=True)) is None


@protocols
async def test_polls_grow_apart_up_to_the_bound(server: BatchServer, protocol: Protocol, tmp_path: Path) -> None:
    server._seconds = 1.5
    async with model_of(server, protocol, tmp_path, poll=0.25) as model:
        await ask(model, "q")
    assert 2 <= server.batches[0].polls <= 8  # at 0.25 s apart; a busy machine makes fewer
