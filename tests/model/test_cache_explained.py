"""Why a call missed: the one field that was changed is the one that is named, whatever else is in the cache."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from personae.errors import InputError
from personae.model import (
    CACHE_FILE,
    Message,
    Miss,
    Reply,
    Request,
    ResponseCache,
    Sampling,
    Schema,
    cache_key,
    differences_between,
    explain_misses,
    why_not_kept,
)
from personae.model.cache import is_worth_keeping
from support.values import FULL_REQUEST, replies, requests, texts

HERE = "http://here/v1#m#0123456789ab"


def fill(folder: Path, calls: Sequence[tuple[str, Request, str]]) -> Path:
    cache = ResponseCache(folder)

    async def keep() -> None:
        for identity, request, text in calls:
            await cache.keep(cache_key(identity, request), identity, request, Reply(text))

    asyncio.run(keep())
    cache.close()
    return folder / CACHE_FILE


def others(count: int, last: str) -> list[tuple[str, Request, str]]:
    """Entries that ask the same of other personas, as most entries do."""
    sampling = Sampling(seed=99)
    return [(HERE, Request.of(last, system=f"You are person {n}.", sampling=sampling), "x") for n in range(count)]


CHANGED: dict[str, tuple[str, Request]] = {
    "identity.base_url": ("http://there/v1#m#0123456789ab", FULL_REQUEST),
    "identity.model": ("http://here/v1#n#0123456789ab", FULL_REQUEST),
    "identity.options": ("http://here/v1#m#ba9876543210", FULL_REQUEST),
    "messages[0]": (
        HERE,
        replace(FULL_REQUEST, messages=(Message("system", "You are Eva."), *FULL_REQUEST.messages[1:])),
    ),
    "messages[1].role": (
        HERE,
        replace(
            FULL_REQUEST,
            messages=(FULL_REQUEST.messages[0], Message("assistant", "Rate yourself."), FULL_REQUEST.messages[2]),
        ),
    ),
    "messages[2]": (HERE, replace(FULL_REQUEST, messages=(*FULL_REQUEST.messages[:2], Message("assistant", "On?")))),
    "sampling.temperature": (HERE, replace(FULL_REQUEST, sampling=replace(FULL_REQUEST.sampling, temperature=0.8))),
    "sampling.top_p": (HERE, replace(FULL_REQUEST, sampling=replace(FULL_REQUEST.sampling, top_p=None))),
    "sampling.max_tokens": (HERE, replace(FULL_REQUEST, sampling=replace(FULL_REQUEST.sampling, max_tokens=51))),
    "sampling.seed": (HERE, FULL_REQUEST.with_seed(1)),
    "sampling.stop": (HERE, replace(FULL_REQUEST, sampling=replace(FULL_REQUEST.sampling, stop=()))),
    "sampling.n": (HERE, replace(FULL_REQUEST, sampling=replace(FULL_REQUEST.sampling, n=1))),
    "sampling.top_logprobs": (HERE, replace(FULL_REQUEST, sampling=replace(FULL_REQUEST.sampling, top_logprobs=0))),
    "schema": (HERE, replace(FULL_REQUEST, schema=Schema("rating", {"type": "string"}))),
    "choices": (HERE, replace(FULL_REQUEST, choices=("yes", "maybe"))),
    "replicate": (HERE, replace(FULL_REQUEST, replicate=4)),
}


@pytest.mark.parametrize("field", CHANGED)
def test_the_field_that_differs_is_named_among_many_that_ask_the_same(tmp_path: Path, field: str) -> None:
    last = FULL_REQUEST.messages[-1].content
    path = fill(tmp_path, [(HERE, FULL_REQUEST, "x"), *others(300, last)])  # the nearest is not among the latest
    (found,) = explain_misses(path, [Miss(*CHANGED[field])])
    assert found.reason == "differs"
    assert [one.field for one in found.differences] == [field]
    assert field in str(found)


def test_a_further_message_is_named(tmp_path: Path) -> None:
    path = fill(tmp_path, [(HERE, FULL_REQUEST, "x")])
    longer = replace(FULL_REQUEST, messages=(*FULL_REQUEST.messages, Message("user", "On kindness.")))
    (found,) = explain_misses(path, [Miss(HERE, longer)])
    (one,) = found.differences
    assert (one.field, one.wanted, one.kept) == ("messages[3]", "user: On kindness.", "none")


def test_the_first_differing_place_is_shown_with_a_little_around_it() -> None:
    head = "You are a very patient person who lives in a small town and "
    one, other = Request.of(head + "likes tea." + "z" * 500), Request.of(head + "loves tea." + "z" * 500)
    (found,) = differences_between(("m", one), ("m", other))
    assert found.field == "messages[0]"
    assert "likes tea" in found.wanted
    assert "loves tea" in found.kept
    assert f"at letter {len(head) + 2}" in found.wanted
    assert len(found.wanted) < 100
    (found,) = differences_between(("m", Request.of("abc")), ("m", Request.of("abcd")))
    assert (found.wanted, found.kept) == ("'abc' at letter 4", "'abcd'")


@given(texts, requests, texts, requests)
def test_there_are_differences_exactly_where_keys_differ(a: str, ask: Request, b: str, other: Request) -> None:
    found = differences_between((a, ask), (b, other))
    assert bool(found) == (cache_key(a, ask) != cache_key(b, other))
    assert differences_between((a, ask), (a, ask)) == ()
    assert len({one.field for one in found}) == len(found)


@given(st.sampled_from(["http://h/v1", "x"]), st.text("a#", max_size=4), st.text("b#", max_size=4))
def test_identities_of_any_form_differ_in_something(url: str, one: str, other: str) -> None:
    found = differences_between((url + one, FULL_REQUEST), (url + other, FULL_REQUEST))
    assert bool(found) == (one != other)


def test_without_the_same_question_the_nearest_of_the_same_identity_is_taken(tmp_path: Path) -> None:
    ask = Request.of("How are you today?", system="You are Ada.", sampling=Sampling(seed=1))
    path = fill(
        tmp_path,
        [
            ("http://elsewhere/v1#m#1", Request.of("How are you, friend?", system="You are Ada."), "x"),
            (HERE, replace(ask, messages=(ask.messages[0], Message("user", "How are you?"))), "x"),
            *others(20, "Something else."),
        ],
    )
    (found,) = explain_misses(path, [Miss(HERE, ask)])
    assert [one.field for one in found.differences] == ["messages[1]"]


def test_of_entries_with_as_many_differences_the_one_that_asked_the_same_of_the_same_is_nearest(tmp_path: Path) -> None:
    ask = Request.of("How are you?", system="You are Ada.", sampling=Sampling(seed=1))
    other = Request.of("How are you?", system="You are Eva.", sampling=Sampling(seed=1))
    path = fill(tmp_path, [(HERE, other, "x"), (HERE, ask.with_seed(2), "x"), (HERE, replace(other, replicate=0), "x")])
    (found,) = explain_misses(path, [Miss(HERE, ask)])
    assert [one.field for one in found.differences] == ["sampling.seed"]


def test_where_nothing_is_alike_that_is_said(tmp_path: Path) -> None:
    path = fill(tmp_path, [("http://elsewhere/v1#m#1", Request.of("How are you?"), "x")])
    found = explain_misses(path, [Miss(HERE, Request.of("Who are you?")), Miss(HERE, Request(()))])
    assert [(one.reason, str(one)) for one in found] == [("unlike", "nothing like it is cached")] * 2


def test_what_is_cached_is_said_to_be(tmp_path: Path) -> None:
    path = fill(tmp_path, [(HERE, FULL_REQUEST, "x")])
    (found,) = explain_misses(path, [Miss(HERE, FULL_REQUEST)])
    assert found.reason == "cached"


def test_a_call_is_not_explained_by_its_own_reply_nor_by_later_ones(tmp_path: Path) -> None:
    path = fill(tmp_path, [(HERE, FULL_REQUEST, "mine"), (HERE, FULL_REQUEST.with_seed(8), "later")])
    early = Miss(HERE, FULL_REQUEST, Reply("mine"), until=1.0)
    late = Miss(HERE, FULL_REQUEST, Reply("mine"), until=4e9)
    foreign = Miss(HERE, FULL_REQUEST, Reply("another"), until=4e9)
    found = explain_misses(path, [early, late, foreign])
    assert [one.reason for one in found] == ["unlike", "differs", "cached"]
    assert [one.field for one in found[1].differences] == ["sampling.seed"]
    assert "--no-cache" in str(found[2])


@pytest.mark.parametrize(
    ("before", "why"),
    [
        (Reply("Half", finish="length"), "truncated"),
        (Reply("x", finish="filtered"), "filtered"),
        (Reply(" "), "empty"),
        (Reply("", finish="unknown"), "empty"),
        ("overloaded: busy", "failed"),
        ("", "failed"),
    ],
)
def test_a_reply_that_was_not_worth_keeping_is_the_reason(tmp_path: Path, before: Reply | str, why: str) -> None:
    path = fill(tmp_path, [(HERE, FULL_REQUEST.with_seed(8), "x")])
    (found,) = explain_misses(path, [Miss(HERE, FULL_REQUEST, Reply("now"), before, 4e9)])
    assert (found.reason, found.not_kept) == ("not kept", "")
    assert why in str(found)
    reply = before if isinstance(before, Reply) else None
    (found,) = explain_misses(path, [Miss(HERE, FULL_REQUEST, reply, None, 4e9)])
    assert (found.reason, found.not_kept) == ("differs", why)


@given(replies)
def test_a_reply_is_not_kept_for_a_reason_or_is_kept(reply: Reply) -> None:
    assert (why_not_kept(reply) == "") == is_worth_keeping(reply)


def test_several_calls_are_explained_in_their_order(tmp_path: Path) -> None:
    path = fill(tmp_path, [(HERE, FULL_REQUEST, "x"), *others(200, "Rate yourself.")])
    asked = [
        Miss(HERE, FULL_REQUEST.with_seed(5)),
        Miss("http://nowhere/v1#m#0", Request.of("never asked")),
        Miss(HERE, Request.of("Rate yourself.", system="You are person 7.", sampling=Sampling(seed=98))),
        Miss(HERE, FULL_REQUEST),
    ]
    found = explain_misses(path, asked)
    assert [one.reason for one in found] == ["differs", "unlike", "differs", "cached"]
    assert [one.field for one in found[2].differences] == ["sampling.seed"]


def test_no_more_than_the_latest_entries_are_looked_through(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = fill(tmp_path, [(HERE, FULL_REQUEST, "x"), *others(50, "Something else.")])
    monkeypatch.setattr("personae.model.cache_explained.MOST_LOOKED_AT", 50)
    (found,) = explain_misses(path, [Miss("http://there/v1#m#0123456789ab", FULL_REQUEST)])
    assert found.reason == "unlike"
    monkeypatch.setattr("personae.model.cache_explained.MOST_LOOKED_AT", 51)
    (found,) = explain_misses(path, [Miss("http://there/v1#m#0123456789ab", FULL_REQUEST)])
    assert [one.field for one in found.differences] == ["identity.base_url"]


def test_without_a_cache_that_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError):
        explain_misses(tmp_path / CACHE_FILE, [Miss(HERE, FULL_REQUEST)])
