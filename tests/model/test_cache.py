"""The response cache: nothing paid for is asked twice, and nothing half or foreign is ever given back."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import apsw
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from personae.canonical import content_hash
from personae.errors import StorageError
from personae.model import (
    Cached,
    Finish,
    Model,
    ProviderError,
    Reply,
    Request,
    ResponseCache,
    Sampling,
    ScriptedModel,
    cache_key,
    cost_of,
    open_model,
)
from personae.model.cache import is_worth_keeping
from support.chat_server import ChatServer, completion, say
from support.values import FULL_REPLY, FULL_REQUEST, replies, requests, texts

ASK = Request.of("Hello", sampling=Sampling(seed=0))


@pytest.fixture
def cache(tmp_path: Path) -> Iterator[ResponseCache]:
    cache = ResponseCache(tmp_path / "cache")
    yield cache
    cache.close()


def cached(
    cache: ResponseCache, *script: str | Reply | Exception, identity: str = "id"
) -> tuple[Cached, ScriptedModel]:
    model = ScriptedModel(script)
    return Cached(model, cache, identity), model


async def test_the_same_request_is_asked_once(cache: ResponseCache) -> None:
    model, script = cached(cache, "first", "second")
    replies = [await model.generate(ASK) for _ in range(3)]
    assert [reply.text for reply in replies] == ["first"] * 3
    assert [reply.is_cached for reply in replies] == [False, True, True]
    assert len(script.requests) == 1


async def test_a_cached_reply_is_the_first_one_but_for_the_mark(cache: ResponseCache) -> None:
    whole = replace(FULL_REPLY, finish="stop")
    model, _ = cached(cache, whole)
    assert await model.generate(FULL_REQUEST) == whole
    assert await model.generate(FULL_REQUEST) == replace(whole, is_cached=True)
    assert cost_of("openai/gpt-4o", await model.generate(FULL_REQUEST)) == 0.0


def unset(field: str) -> Sampling:
    default: dict[str, Any] = {field: getattr(Sampling(), field)}
    return replace(FULL_REQUEST.sampling, **default)


CHANGES: dict[str, Request] = {
    "words": replace(FULL_REQUEST, messages=FULL_REQUEST.messages[:1]),
    "schema": replace(FULL_REQUEST, schema=None),
    "choices": replace(FULL_REQUEST, choices=()),
    "replicate": replace(FULL_REQUEST, replicate=0),
    **{field.name: replace(FULL_REQUEST, sampling=unset(field.name)) for field in fields(Sampling)},
}


@pytest.mark.parametrize("change", CHANGES)
async def test_a_request_that_differs_in_anything_is_asked(cache: ResponseCache, change: str) -> None:
    model, script = cached(cache, "first", "second")
    await model.generate(FULL_REQUEST)
    assert (await model.generate(CHANGES[change])).text == "second"
    assert len(script.requests) == 2


async def test_two_identities_do_not_share(cache: ResponseCache) -> None:
    here, _ = cached(cache, "here", identity="http://a/v1#m")
    there, _ = cached(cache, "there", identity="http://b/v1#m")
    assert [(await model.generate(ASK)).text for model in (here, there, here, there)] == ["here", "there"] * 2
    assert len(cache) == 2


@given(texts, requests, texts, requests)
def test_keys_are_equal_exactly_when_identity_and_request_are(a: str, ask: Request, b: str, other: Request) -> None:
    assert (cache_key(a, ask) == cache_key(b, other)) == (a == b and content_hash(ask) == content_hash(other))
    assert (cache_key(a, ask) == cache_key(b, ask)) == (a == b)


def test_identity_and_request_do_not_run_into_each_other() -> None:
    assert cache_key("a", Request.of("b")) != cache_key("ab", Request.of(""))


async def test_two_endpoints_two_models_and_two_options_do_not_share(cache: ResponseCache) -> None:
    with ChatServer("from here") as here, ChatServer("from there") as there:
        opened = [
            open_model(f"{here.url}#m", cache=cache),
            open_model(f"{there.url}#m", cache=cache),
            open_model(f"{here.url}#n", cache=cache),
            open_model(f"{here.url}#m", {"extra_body": '{"top_k": 1}'}, cache=cache),
            open_model(f"{here.url}#m", {"send_seed": "false"}, cache=cache),
            open_model(f"{here.url}#m", {"max_tokens_field": "max_completion_tokens"}, cache=cache),
        ]
        texts = [(await model.generate(ASK)).text for model in opened]
        assert texts == ["from here", "from there", *["from here"] * 4]
        assert len(cache) == len(opened)
        for model in opened:
            assert (await model.generate(ASK)).is_cached
            await close(model)
        assert here.completed + there.completed == len(opened)


async def test_options_that_change_no_answer_share(cache: ResponseCache) -> None:
    with ChatServer("Hi") as server:
        for options in ({}, {"timeout": "7"}, {"attempts": "2"}):
            model = open_model(f"{server.url}#m", options, cache=cache)
            await model.generate(ASK)
            await close(model)
        assert server.completed == 1


async def test_a_slash_at_the_end_of_a_url_is_not_another_endpoint(cache: ResponseCache) -> None:
    with ChatServer("Hi") as server:
        for url in (server.url, server.url + "/"):
            model = open_model(f"{url}#m", cache=cache)
            await model.generate(ASK)
            await close(model)
        assert server.completed == 1


async def close(model: Model) -> None:
    aclose = getattr(model, "aclose", None)
    assert aclose is not None
    await aclose()


NOT_KEPT = [
    Reply("Half an ans", finish="length"),
    Reply("[removed]", finish="filtered"),
    Reply(""),
    Reply(" \n"),
    Reply("", finish="unknown"),
    Reply("", finish="length", refusal="I cannot"),
]


@pytest.mark.parametrize("reply", NOT_KEPT)
async def test_what_is_cut_filtered_or_empty_is_asked_again(cache: ResponseCache, reply: Reply) -> None:
    assert not is_worth_keeping(reply)
    model, script = cached(cache, reply, "whole")
    assert await model.generate(ASK) == reply
    assert (await model.generate(ASK)).text == "whole"
    assert len(script.requests) == 2


KEPT = [Reply("Hello"), Reply("Hello", finish="unknown"), Reply("I'm sorry, I can't."), Reply("", refusal="I cannot")]


@pytest.mark.parametrize("reply", KEPT)
async def test_a_refusal_is_an_answer_and_kept_like_one(cache: ResponseCache, reply: Reply) -> None:
    assert is_worth_keeping(reply)
    model, _ = cached(cache, reply, "second draw")
    await model.generate(ASK)
    assert await model.generate(ASK) == replace(reply, is_cached=True)


async def test_cut_filtered_and_empty_replies_of_a_server_are_not_kept(cache: ResponseCache) -> None:
    finishes: list[tuple[str, str]] = [("Half", "length"), ("x", "content_filter"), ("", "stop"), ("Whole", "stop")]
    with ChatServer(plan=[say_finished(text, finish) for text, finish in finishes]) as server:
        model = open_model(f"{server.url}#m", cache=cache)
        found = [await model.generate(ASK) for _ in range(6)]
        await close(model)
    assert [reply.text for reply in found] == ["Half", "x", "", "Whole", "Whole", "Whole"]
    assert [reply.is_cached for reply in found] == [False] * 4 + [True] * 2
    assert (server.completed, len(cache)) == (4, 1)


def say_finished(text: str, finish: str) -> Any:
    act = say(text)
    return replace(act, payload=json.dumps(completion(text, finish=finish)).encode())


async def test_a_failure_is_not_kept(cache: ResponseCache) -> None:
    model, _ = cached(cache, ProviderError("overloaded", "busy"), "fine")
    with pytest.raises(ProviderError):
        await model.generate(ASK)
    assert len(cache) == 0
    assert (await model.generate(ASK)).text == "fine"


async def test_replies_survive_closing_and_reopening(tmp_path: Path) -> None:
    first = ResponseCache(tmp_path)
    await cached(first, "kept")[0].generate(ASK)
    first.close()
    second = ResponseCache(tmp_path)
    reply = await cached(second)[0].generate(ASK)
    second.close()
    assert (reply.text, reply.is_cached) == ("kept", True)


async def test_two_processes_may_share_a_folder_and_the_first_reply_stays(tmp_path: Path) -> None:
    one, two = ResponseCache(tmp_path), ResponseCache(tmp_path)
    key = cache_key("id", ASK)
    await one.keep(key, "id", ASK, Reply("first"))
    one.settle()
    assert two.find(key) == Reply("first", is_cached=True)
    await two.keep(key, "id", ASK, Reply("second"))
    assert one.find(key) == Reply("first", is_cached=True)
    assert len(one) == len(two) == 1
    one.close()
    two.close()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25, deadline=None)
@given(st.lists(st.tuples(requests, replies), min_size=1, max_size=5))
def test_whatever_is_kept_is_found_as_it_was(tmp_path: Path, calls: list[tuple[Request, Reply]]) -> None:
    cache = ResponseCache(tmp_path)
    try:
        asyncio.run(keep_and_find(cache, calls))
    finally:
        cache.close()


async def keep_and_find(cache: ResponseCache, calls: list[tuple[Request, Reply]]) -> None:
    expected: dict[str, Reply] = {}
    for request, reply in calls:
        key = cache_key("id", request)
        expected.setdefault(key, cache.find(key) or replace(reply, is_cached=True))
        await cache.keep(key, "id", request, reply)
    for key, reply in expected.items():
        assert cache.find(key) == reply


async def test_the_file_can_be_read_with_ordinary_tools(cache: ResponseCache, tmp_path: Path) -> None:
    await cached(cache, "Hi", identity="http://a/v1#m")[0].generate(ASK)
    cache.settle()
    connection = apsw.Connection(str(tmp_path / "cache" / "replies.sqlite"))
    rows = list(connection.execute("SELECT key, identity, request ->> 'messages', reply ->> 'text' FROM replies"))
    connection.close()
    asked = '[{"content":"Hello","role":"user"}]'
    assert rows == [(cache_key("http://a/v1#m", ASK), "http://a/v1#m", asked, "Hi")]


FINISHES: list[Finish] = ["stop", "length", "filtered", "unknown"]


@given(st.sampled_from(FINISHES), texts, texts)
def test_what_is_kept_has_words_and_was_not_cut(finish: Finish, text: str, refusal: str) -> None:
    is_kept = is_worth_keeping(Reply(text, finish=finish, refusal=refusal))
    assert is_kept == (finish not in ("length", "filtered") and (text.strip() != "" or refusal != ""))


def test_a_folder_is_made_with_its_parents(tmp_path: Path) -> None:
    ResponseCache(tmp_path / "a" / "b").close()
    assert (tmp_path / "a" / "b" / "replies.sqlite").is_file()


def test_a_folder_that_cannot_be_made_is_told_with_a_remedy(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    for folder in (tmp_path / "file", tmp_path / "file" / "cache"):
        with pytest.raises(StorageError) as caught:
            ResponseCache(folder)
        assert "PERSONAE_CACHE_DIR" in caught.value.remedy
        assert caught.value.where == str(folder)


async def test_a_cache_with_an_empty_identity_still_tells_requests_apart(cache: ResponseCache) -> None:
    model, script = cached(cache, "a", "b", identity="")
    await model.generate(ASK)
    await model.generate(replace(ASK, replicate=1))
    assert len(script.requests) == 2


async def test_what_is_wanted_in_one_turn_is_looked_up_by_one_query(
    cache: ResponseCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(5):
        await cache.keep(f"key {number}", "id", ASK, Reply(f"answer {number}"))
    asked: list[str] = []
    read = cache._log.read

    def watched(sql: str, row: Sequence[Any]) -> list[tuple[Any, ...]]:
        asked.append(sql)
        return read(sql, row)

    monkeypatch.setattr(cache._log, "read", watched)
    found = await asyncio.gather(*(cache.look_up(f"key {number}") for number in range(1200)))
    assert [reply and reply.text for reply in found] == [f"answer {n}" if n < 5 else None for n in range(1200)]
    assert all(reply is None or reply.is_cached for reply in found)
    assert len(asked) == 1
    await cache.look_up("key 0")
    assert len(asked) == 2


async def test_one_key_wanted_twice_in_one_turn_is_found_twice(cache: ResponseCache) -> None:
    await cache.keep("key", "id", ASK, Reply("answer"))
    first, second = await asyncio.gather(cache.look_up("key"), cache.look_up("key"))
    assert first == second == Reply("answer", is_cached=True)


async def test_a_look_up_that_fails_tells_everyone_who_waits(tmp_path: Path) -> None:
    cache = ResponseCache(tmp_path)
    cache.close()
    outcomes = await asyncio.gather(cache.look_up("a"), cache.look_up("b"), return_exceptions=True)
    assert all(isinstance(outcome, Exception) for outcome in outcomes)


async def test_one_who_gave_up_does_not_keep_the_others_waiting(cache: ResponseCache) -> None:
    await cache.keep("key", "id", ASK, Reply("answer"))
    impatient, patient = asyncio.create_task(cache.look_up("key")), asyncio.create_task(cache.look_up("key"))
    await asyncio.sleep(0)
    impatient.cancel()
    assert (await asyncio.wait_for(patient, 5)) == Reply("answer", is_cached=True)


def test_runs_in_several_threads_may_share_a_cache(cache: ResponseCache) -> None:
    asyncio.run(cache.keep("key", "id", ASK, Reply("answer")))

    async def many() -> int:
        return sum([(await cache.look_up("key")) is not None for _ in range(200)])

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(lambda _: asyncio.run(many()), range(4))) == [200] * 4
