"""Batches: whoever asks again rejoins what was submitted; whoever leaves says what runs on."""

from __future__ import annotations

import asyncio
import logging
import time
from pathlib import Path

import pytest

from personae.model import (
    Reply,
    open_model,
)
from personae.model.served import Served
from support.batch_server import BatchServer
from support.batches import Protocol, ask, model_of, protocols, submissions, texts_of, until


@protocols
async def test_who_asks_again_rejoins_the_batch(server: BatchServer, protocol: Protocol, tmp_path: Path) -> None:
    server.is_held = True
    async with model_of(server, protocol, tmp_path) as model:
        task = asyncio.create_task(ask(model, "one", "two", "three"))
        await until(lambda: server.batches and server.batches[0].polls)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    server.is_held = False
    async with model_of(server, protocol, tmp_path) as model:  # in another order, in several goes, one not at all
        assert texts_of(await ask(model, "three")) == ["THREE"]
        assert texts_of(await ask(model, "one", "four")) == ["ONE", "FOUR"]
    assert server.asked == ["one", "two", "three", "four"]
    assert server.batches[0].downloads in (1, 2)  # OpenAI has two files
    async with model_of(server, protocol, tmp_path) as model:
        (reply,) = await ask(model, "two")  # it was paid for and is still there
        assert isinstance(reply, Reply)
        assert (reply.text, reply.is_batched, reply.is_cached) == ("TWO", True, False)
    assert submissions(server) == 2


@protocols
async def test_leaving_tells_which_batch_runs_on_and_stays_out_of_the_way_before(
    server: BatchServer, protocol: Protocol, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    server.is_held = True
    with caplog.at_level(logging.WARNING):
        async with model_of(server, protocol, tmp_path, batch_wait=600) as model:
            task = asyncio.create_task(ask(model, "one", "two"))
            await asyncio.sleep(0.1)
            task.cancel()
            await asyncio.wait([task])
        assert (server.batches, caplog.messages) == ([], [])  # nothing was submitted, and nothing will be
        async with model_of(server, protocol, tmp_path) as model:
            task = asyncio.create_task(ask(model, "one", "two"))
            await until(lambda: server.batches and server.batches[0].polls)
            task.cancel()
            await asyncio.wait([task])
    (said,) = caplog.messages
    assert "batch_0" in said
    assert "2 requests" in said
    assert not [path for path in server.paths if "cancel" in path]


async def test_who_leaves_takes_its_request_along_and_no_other(server: BatchServer, tmp_path: Path) -> None:
    async with model_of(server, "openai", tmp_path, batch_wait=0.3) as model:
        stays = asyncio.create_task(ask(model, "stays"))
        leaves = asyncio.create_task(ask(model, "leaves"))
        await asyncio.sleep(0.05)
        leaves.cancel()
        assert texts_of(await stays) == ["STAYS"]
    assert server.asked == ["stays"]


@protocols
async def test_two_processes_that_ask_the_same_share_one_batch(
    server: BatchServer, protocol: Protocol, tmp_path: Path
) -> None:
    server.making = 0.3
    async with model_of(server, protocol, tmp_path) as first, model_of(server, protocol, tmp_path) as second:
        replies = await asyncio.gather(ask(first, "one", "two"), ask(second, "two", "one"))
    assert [texts_of(found) for found in replies] == [["ONE", "TWO"], ["TWO", "ONE"]]
    assert sorted(server.asked) == ["one", "two"]


def test_a_model_serves_one_loop_after_another(server: BatchServer, tmp_path: Path) -> None:
    options = {"batch": "true", "batch_wait": "0.1", "poll": "0.1"}
    model = open_model(f"{server.url}#m", options, batch_folder=tmp_path)
    assert isinstance(model, Served)

    async def go(*texts: str) -> list[str]:
        found = texts_of(await ask(model, *texts))
        await model.aclose()
        return found

    assert asyncio.run(go("one", "two")) == ["ONE", "TWO"]
    assert asyncio.run(go("three")) == ["THREE"]
    assert submissions(server) == 2


async def test_what_was_handed_out_is_forgotten_and_old_batches_are(
    server: BatchServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with model_of(server, "openai", tmp_path) as model:
        await ask(model, "one")
    async with model_of(server, "openai", tmp_path) as model:  # without a cache it is another call, as it would be live
        await ask(model, "one")
    assert server.asked == ["one", "one"]
    server.is_held = True
    async with model_of(server, "openai", tmp_path) as model:
        task = asyncio.create_task(ask(model, "two"))
        await until(lambda: submissions(server) == 3 and server.batches[2].polls)
        task.cancel()
        await asyncio.wait([task])
    server.is_held = False
    now = time.time()
    monkeypatch.setattr("personae.model.batch_store.time.time", lambda: now + 31 * 86_400)
    async with model_of(server, "openai", tmp_path) as model:
        await ask(model, "two")
    assert server.asked[2:] == ["two", "two"]
