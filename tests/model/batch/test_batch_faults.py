"""Batches: what goes wrong with one, and with one request of it, against a real server of both protocols."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Literal

import pytest

from personae.errors import InputError, StorageError
from personae.model import (
    FailureKind,
    ProviderError,
    Request,
    Sampling,
)
from support.batch_server import BatchServer, Fate
from support.batches import Protocol, ask, model_of, protocols, submissions, texts_of, until
from support.chat_server import Act, cut_body, cut_json, fail, html_page, reset

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
