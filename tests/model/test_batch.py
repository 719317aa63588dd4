"""Batches behind the same call, against a real server of both protocols: gathered, rejoined, never paid for twice."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import orjson
import pytest

from personae.errors import InputError, StorageError
from personae.model import (
    FailureKind,
    ProviderError,
    Reply,
    Request,
    ResponseCache,
    Sampling,
    Usage,
    cost_of,
    open_model,
    request_key,
)
from personae.model.batch_store import FILE
from personae.model.served import Served, ServedMessages
from personae.study import run_study
from support.batch_server import BatchServer, Fate
from support.chat_server import Act, cut_body, cut_json, fail, html_page, reset
from support.studies import TESTS, SmallStudy

Protocol = Literal["openai", "anthropic"]
BOTH: list[Protocol] = ["openai", "anthropic"]
KEY = "sk-canary-5eb63bbbe01eeed093cb22bb8f5acdc3"

protocols = pytest.mark.parametrize("protocol", BOTH)


@pytest.fixture
def server() -> Iterator[BatchServer]:
    with BatchServer() as server:
        yield server


@asynccontextmanager
async def model_of(
    server: BatchServer, protocol: Protocol, folder: Path, *, cache: ResponseCache | None = None, **options: object
) -> AsyncIterator[Served | ServedMessages]:
    words = {"batch": "true", "batch_wait": "0.1", "poll": "0.1", "attempts": "1"}
    words |= {name: str(value) for name, value in options.items()}
    name, url = ("anthropic/m", server.url) if protocol == "anthropic" else (f"{server.url}#m", "")
    model = open_model(name, words, base_url=url, cache=cache, batch_folder=folder)
    assert isinstance(model, (Served, ServedMessages))
    try:
        yield model
    finally:
        await model.aclose()


async def ask(model: Served | ServedMessages, *texts: str) -> list[Reply | BaseException]:
    return await asyncio.gather(*(model.generate(Request.of(text)) for text in texts), return_exceptions=True)


def texts_of(replies: list[Reply | BaseException]) -> list[str]:
    return [reply.text if isinstance(reply, Reply) else repr(reply) for reply in replies]


async def until(is_true: Any, seconds: float = 10.0) -> None:
    end = time.monotonic() + seconds
    while not is_true():
        assert time.monotonic() < end, "it did not happen"
        await asyncio.sleep(0.01)


def submissions(server: BatchServer) -> int:
    return len(server.batches)


# Gathering


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


# What goes wrong


FATES: dict[str, Fate] = {
    "expired": "expired",
    "cancelled": "cancelled",
    "lost": "lost",
    "overloaded": (529, "overloaded_error", "Overloaded"),
    "long": (400, "invalid_request_error", "prompt is too long: context length exceeded"),
    "bad": (400, "invalid_request_error", "no such field"),
    "limited": (429, "rate_limit_error", "slow down"),
}
KINDS: dict[str, FailureKind] = {
    "expired": "overloaded",
    "cancelled": "bad_request",
    "lost": "bad_reply",
    "overloaded": "overloaded",
    "long": "context_length",
    "bad": "bad_request",
    "limited": "rate_limited",
}


@protocols
async def test_each_request_has_its_own_fate(protocol: Protocol, tmp_path: Path) -> None:
    with BatchServer(fates=FATES.get) as server:
        async with model_of(server, protocol, tmp_path) as model:
            found = await ask(model, "fine", *FATES)
    assert texts_of(found[:1]) == ["FINE"]
    kinds = {word: error.kind for word, error in zip(FATES, found[1:], strict=True) if isinstance(error, ProviderError)}
    assert kinds == KINDS
    assert submissions(server) == 1


@protocols
async def test_what_may_pass_is_asked_again_in_another_batch(protocol: Protocol, tmp_path: Path) -> None:
    seen: list[str] = []

    def fate(text: str) -> Fate | None:
        seen.append(text)
        return "expired" if text.startswith("late") and seen.count(text) == 1 else None

    with BatchServer(fates=fate) as server:
        async with model_of(server, protocol, tmp_path, attempts=3) as model:
            replies = await ask(model, "late 1", "early", "late 2")
    assert texts_of(replies) == ["LATE 1", "EARLY", "LATE 2"]
    assert sorted(server.asked) == ["early", "late 1", "late 1", "late 2", "late 2"]


async def test_a_batch_that_fails_validation_fails_clearly(server: BatchServer, tmp_path: Path) -> None:
    server.ending = "failed"
    server.errors = [{"code": "invalid_json_line", "line": 2, "message": "This line is not parseable."}]
    async with model_of(server, "openai", tmp_path, attempts=3) as model:
        for error in await ask(model, "one", "two"):
            assert isinstance(error, ProviderError)
            assert error.kind == "bad_request"
            assert "line 2: This line is not parseable. (invalid_json_line)" in str(error)
            assert "batch_0" in str(error)
        assert submissions(server) == 1
        server.ending = "completed"
        assert texts_of(await ask(model, "one")) == ["ONE"]  # and it is not remembered


async def test_a_queue_that_is_full_may_have_room_later(server: BatchServer, tmp_path: Path) -> None:
    server.ending = "failed"
    server.errors = [{"code": "token_limit_exceeded", "message": "Enqueued token limit reached"}]
    async with model_of(server, "openai", tmp_path) as model:
        (error,) = await ask(model, "one")
    assert isinstance(error, ProviderError)
    assert (error.kind, error.is_retryable) == ("rate_limited", True)


@pytest.mark.parametrize(("ending", "kind"), [("expired", "overloaded"), ("cancelled", "bad_request")])
async def test_what_a_batch_leaves_undone_has_the_kind_of_its_end(
    ending: Literal["expired", "cancelled"], kind: FailureKind, tmp_path: Path
) -> None:
    with BatchServer(fates=lambda text: "lost" if text == "undone" else None) as server:
        server.ending = ending
        async with model_of(server, "openai", tmp_path) as model:
            done, undone = await ask(model, "done", "undone")
    assert texts_of([done]) == ["DONE"]
    assert isinstance(undone, ProviderError)
    assert undone.kind == kind


@protocols
async def test_a_refusal_to_make_a_batch_reaches_everybody_and_leaves_nothing(
    server: BatchServer, protocol: Protocol, tmp_path: Path
) -> None:
    server.refusals = [fail(401, "Incorrect API key provided")]
    async with model_of(server, protocol, tmp_path) as model:
        found = await ask(model, "one", "two")
        assert [error.kind for error in found if isinstance(error, ProviderError)] == ["authentication"] * 2
        assert texts_of(await ask(model, "one", "two")) == ["ONE", "TWO"]
    assert submissions(server) == 1
    assert not [path for path in server.paths if path.startswith("GET") and "limit=100" in path]


TROUBLES: list[Act] = [fail(500), fail(429), html_page(), reset(), cut_json()]


@protocols
@pytest.mark.parametrize("act", TROUBLES, ids=["500", "429", "html", "reset", "half"])
async def test_a_look_that_fails_is_repeated(server: BatchServer, protocol: Protocol, act: Act, tmp_path: Path) -> None:
    server.troubles = [act, act]
    async with model_of(server, protocol, tmp_path) as model:
        assert texts_of(await ask(model, "one")) == ["ONE"]
    assert submissions(server) == 1


@pytest.mark.parametrize("act", [cut_body("x" * 100_000), fail(503), reset()], ids=["cut", "503", "reset"])
async def test_a_download_that_breaks_off_is_repeated_and_answers_are_handed_out_once(act: Act, tmp_path: Path) -> None:
    with BatchServer(fates=lambda text: (400, "x", "no such field") if text == "bad" else None) as server:
        server.broken = [None, act, None, act]  # the file of answers arrives, the file of errors does not
        async with model_of(server, "openai", tmp_path) as model:
            bad = asyncio.create_task(ask(model, "bad"))
            assert texts_of(await ask(model, "one")) == ["ONE"]
            assert not bad.done()
            again = asyncio.create_task(ask(model, "one"))  # another call now: the old batch must not answer it
            (error,) = await bad
            assert texts_of(await again) == ["ONE"]
    assert isinstance(error, ProviderError)
    assert error.kind == "bad_request"
    assert sorted(server.asked) == ["bad", "one", "one"]


@protocols
async def test_a_batch_that_the_endpoint_forgot_is_made_again(
    server: BatchServer, protocol: Protocol, tmp_path: Path
) -> None:
    server.is_held = True
    async with model_of(server, protocol, tmp_path, attempts=3) as model:
        task = asyncio.create_task(ask(model, "one"))
        await until(lambda: server.batches and server.batches[0].polls)
        server.batches[0].id = "another"
        await until(lambda: submissions(server) == 2)
        server.is_held = False
        assert texts_of(await task) == ["ONE"]


@pytest.mark.parametrize("late", [fail(500), fail(502), reset(), html_page()], ids=["500", "502", "reset", "html"])
@protocols
async def test_a_batch_that_was_made_without_our_hearing_of_it_is_found_again(
    server: BatchServer, protocol: Protocol, late: Act, tmp_path: Path
) -> None:
    async with model_of(server, protocol, tmp_path, attempts=4) as model:
        await ask(model, "before")
        server.late = [late]
        assert texts_of(await ask(model, "one", "two")) == ["ONE", "TWO"]
    assert server.asked == ["before", "one", "two"]


async def test_state_that_cannot_be_kept_means_that_nothing_is_submitted(server: BatchServer, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    async with model_of(server, "openai", tmp_path / "file") as model:
        (error,) = await ask(model, "one")
    assert isinstance(error, StorageError)
    assert (server.paths, server.batches) == ([], [])


async def test_what_cannot_be_asked_joins_no_batch(server: BatchServer, tmp_path: Path) -> None:
    async with model_of(server, "anthropic", tmp_path) as model:
        with pytest.raises(InputError, match="temperature"):
            await model.generate(Request.of("hot", sampling=Sampling(temperature=1.7)))
        assert texts_of(await ask(model, "mild")) == ["MILD"]
    assert server.asked == ["mild"]


# Coming back


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


# Together with the rest


async def test_the_cache_comes_first_and_keeps_what_a_batch_brings(
    server: BatchServer, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    cache = ResponseCache(tmp_path / "cache")
    async with model_of(server, "openai", tmp_path, cache=cache) as model:
        await ask(model, "one")
        again, new = await ask(model, "one", "two")
    assert caplog.messages == []  # nothing is left behind, so nothing is said
    cache.close()
    assert isinstance(again, Reply)
    assert isinstance(new, Reply)
    assert (again.is_cached, new.is_cached) == (True, False)
    assert server.asked == ["one", "two"]


async def test_live_and_batched_answers_share_one_cache(server: BatchServer, tmp_path: Path) -> None:
    cache = ResponseCache(tmp_path / "cache")
    async with model_of(server, "openai", tmp_path, cache=cache) as model:
        await ask(model, "one")
    live = open_model(f"{server.url}#m", cache=cache)
    assert isinstance(live, Served)
    assert (await live.generate(Request.of("one"))).is_cached
    await live.aclose()
    cache.close()
    assert server.requests == []


def test_one_role_is_batched_while_another_is_live(server: BatchServer, tmp_path: Path) -> None:
    from personae.study import Cell, Lab, Observation

    async def observe(cell: Cell, lab: Lab) -> Observation:
        said = (await lab.model().generate(Request.of(f"subject {cell.factors['person']}"))).text
        judged = (await lab.model("judge").generate(Request.of(f"judge {said}"))).text
        return Observation("ok", {"answers": [judged]})

    options = {"batch": "true", "batch_wait": "0.2", "poll": "0.1"}
    models = {
        "subject": open_model(f"{server.url}#m", options, batch_folder=tmp_path),
        "judge": open_model(f"{server.url}#j"),
    }
    study = SmallStudy(persons=20, roles=("subject", "judge"), how=observe)
    outcome = run_study(study, models, folder=tmp_path / "run", workers=64)
    assert outcome.is_complete
    assert sorted(row[0] for row in outcome.table["answers"]) == sorted(f"JUDGE SUBJECT {n}" for n in range(20))
    assert [len(batch.requests) for batch in server.batches] == [20]
    assert len(server.requests) == 20


# Killed


RUN = """
import sys
from pathlib import Path
from personae.model import open_model
from personae.study import run_study
from support.studies import SmallStudy

name, url, folder, run, persons = sys.argv[1:]
options = {"batch": "true", "batch_wait": "0.3", "poll": "0.2"}
model = open_model(name, options, base_url=url, batch_folder=Path(folder))
study = SmallStudy(persons=int(persons), questions=1)
outcome = run_study(study, {"subject": model}, folder=Path(run), workers=64)
sys.exit(0 if outcome.is_complete else 9)
"""


def start_run(server: BatchServer, protocol: Protocol, folder: Path, persons: int) -> subprocess.Popen[bytes]:
    name, url = ("anthropic/m", server.url) if protocol == "anthropic" else (f"{server.url}#m", "")
    path = os.pathsep.join([str(TESTS), os.environ.get("PYTHONPATH", "")])
    return subprocess.Popen(
        [sys.executable, "-c", RUN, name, url, str(folder), str(folder / "run"), str(persons)],
        env={**os.environ, "PYTHONPATH": path},
        stderr=subprocess.PIPE,
    )


def finish(process: subprocess.Popen[bytes]) -> None:
    _, said = process.communicate(timeout=60)
    assert process.returncode == 0, said.decode()


@protocols
async def test_a_run_that_is_killed_while_its_batch_is_worked_on_rejoins_it(
    server: BatchServer, protocol: Protocol, tmp_path: Path
) -> None:
    server.is_held = True
    process = start_run(server, protocol, tmp_path, 30)
    await until(lambda: server.batches and server.batches[0].polls > 1, 60)
    process.kill()
    process.wait()
    assert process.stderr is not None
    process.stderr.close()
    server.is_held = False
    await asyncio.to_thread(finish, start_run(server, protocol, tmp_path, 30))
    assert len(server.asked) == len(set(server.asked)) == 30
    assert submissions(server) == 1


@protocols
async def test_a_run_that_is_killed_while_it_submits_finds_out_whether_the_batch_was_made(
    server: BatchServer, protocol: Protocol, tmp_path: Path
) -> None:
    server.making = 3600
    process = start_run(server, protocol, tmp_path, 30)
    await until(lambda: server.batches, 60)  # made, and the client does not know yet
    process.kill()
    process.wait()
    assert process.stderr is not None
    process.stderr.close()
    server.making = 0
    await asyncio.to_thread(finish, start_run(server, protocol, tmp_path, 30))
    assert submissions(server) == 1


async def test_a_run_that_is_interrupted_says_which_batch_runs_on(server: BatchServer, tmp_path: Path) -> None:
    server.is_held = True
    process = start_run(server, "openai", tmp_path, 10)
    await until(lambda: server.batches and server.batches[0].polls, 60)
    process.send_signal(signal.SIGINT)
    _, said = await asyncio.to_thread(process.communicate, timeout=60)
    assert process.returncode != 0
    assert b"batch batch_0" in said
    assert b"runs on" in said
    server.is_held = False
    await asyncio.to_thread(finish, start_run(server, "openai", tmp_path, 10))
    assert submissions(server) == 1


# Options and secrets


@pytest.mark.parametrize("option", ["poll", "batch_wait", "batch_size"])
def test_an_option_of_batches_alone_is_refused(option: str) -> None:
    with pytest.raises(InputError, match=option) as caught:
        open_model("openai/m", {option: "5"})
    assert "batch=true" in caught.value.remedy


@pytest.mark.parametrize("wrong", [{"poll": "0"}, {"batch_wait": "soon"}, {"batch_size": "0"}, {"batch": "perhaps"}])
def test_a_wrong_option_is_refused(wrong: dict[str, str]) -> None:
    with pytest.raises(InputError):
        open_model("openai/m", {"batch": "true", **wrong})


def test_a_service_without_batches_says_so() -> None:
    with pytest.raises(InputError, match="deepseek takes no batches") as caught:
        open_model("deepseek/m", {"batch": "true"})
    assert "openai" in caught.value.remedy


def test_opening_makes_no_file(tmp_path: Path) -> None:
    open_model("openai/m", {"batch": "true"}, batch_folder=tmp_path / "state")
    assert list(tmp_path.iterdir()) == []


async def test_the_folder_of_the_cache_is_the_default(server: BatchServer, monkeypatch: pytest.MonkeyPatch) -> None:
    from personae.settings import cache_dir

    model = open_model(f"{server.url}#m", {"batch": "true", "batch_wait": "0.1", "poll": "0.1"})
    assert isinstance(model, Served)
    await model.generate(Request.of("one"))
    await model.aclose()
    assert (cache_dir() / FILE).is_file()


@protocols
async def test_the_key_is_in_no_file_and_goes_to_no_other_address(
    protocol: Protocol, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)
    with BatchServer(
        lambda _: f"You sent {KEY}.", fates=lambda text: (401, "x", KEY) if text == "bad" else None
    ) as server:
        async with model_of(server, protocol, tmp_path) as model:
            good, bad, _ = await ask(model, "good", "bad", "kept")
            kept = [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()]
    assert texts_of([good]) == ["You sent [key]."]
    assert "canary" not in repr(bad)
    assert kept
    assert not any(b"canary" in content for content in kept)
