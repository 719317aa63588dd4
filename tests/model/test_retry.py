"""Retries: what may pass is asked again with growing patience, what cannot is not, and nobody waits for real."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from personae.model import (
    HOPELESS,
    RETRYABLE,
    Endpoint,
    FailureKind,
    OpenAICompatible,
    ProviderError,
    Reply,
    Request,
    Retrying,
    RetryPolicy,
    ScriptedModel,
)
from support.chat_server import (
    Act,
    ChatServer,
    completion,
    cut_body,
    cut_json,
    error_in_200,
    fail,
    html_page,
    raw,
    reply,
    reset,
    stall,
)

pytestmark = pytest.mark.usefixtures("every_transport")

ASK = Request.of("Hello")


class Clock:
    """Takes the place of sleeping and keeps the times asked for."""

    def __init__(self) -> None:
        self.waits: list[float] = []

    async def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)


def failing(times: int, kind: FailureKind = "overloaded", *, retry_after: float | None = None) -> ScriptedModel:
    errors = [ProviderError(kind, "busy", retry_after=retry_after) for _ in range(times)]
    return ScriptedModel([*errors, "fine"])


@pytest.mark.parametrize("kind", sorted(RETRYABLE))
async def test_what_may_pass_is_asked_again(kind: FailureKind) -> None:
    clock, model = Clock(), failing(2, kind)
    answer = await Retrying(model, RetryPolicy(attempts=3), sleep=clock.sleep).generate(ASK)
    assert answer.text == "fine"
    assert model.requests == [ASK] * 3
    assert len(clock.waits) == 2


NOT_RETRYABLE: list[FailureKind] = [
    "authentication",
    "not_found",
    "bad_request",
    "context_length",
    "unsupported",
    "not_recorded",
]


@pytest.mark.parametrize("kind", NOT_RETRYABLE)
async def test_what_cannot_pass_is_not(kind: FailureKind) -> None:
    clock, model = Clock(), failing(1, kind)
    with pytest.raises(ProviderError) as caught:
        await Retrying(model, sleep=clock.sleep).generate(ASK)
    assert caught.value.kind == kind
    assert (len(model.requests), clock.waits) == (1, [])


@pytest.mark.parametrize("attempts", [1, 2, 5])
async def test_the_calls_are_counted_with_the_first(attempts: int) -> None:
    clock, model = Clock(), failing(9)
    with pytest.raises(ProviderError):
        await Retrying(model, RetryPolicy(attempts=attempts), sleep=clock.sleep).generate(ASK)
    assert (len(model.requests), len(clock.waits)) == (attempts, attempts - 1)


async def test_the_last_error_is_the_one_that_is_told() -> None:
    model = ScriptedModel([ProviderError("timeout", "first"), ProviderError("overloaded", "last")])
    with pytest.raises(ProviderError, match="last"):
        await Retrying(model, RetryPolicy(attempts=2), sleep=Clock().sleep).generate(ASK)


async def test_other_errors_pass_at_once() -> None:
    clock = Clock()
    with pytest.raises(ValueError, match="a fault of ours"):
        await Retrying(ScriptedModel([ValueError("a fault of ours")]), sleep=clock.sleep).generate(ASK)
    assert clock.waits == []


async def waits_of(policy: RetryPolicy, seed: int, *, asked: float | None = None) -> list[float]:
    clock = Clock()
    model = failing(policy.attempts - 1, retry_after=asked)
    await Retrying(model, policy, seed=seed, sleep=clock.sleep).generate(ASK)
    return clock.waits


@given(st.integers(1, 12), st.floats(0.01, 5), st.floats(0.01, 60), st.integers(0, 2**31))
def test_each_wait_lies_below_its_bound(attempts: int, base: float, most: float, seed: int) -> None:
    waits = asyncio.run(waits_of(RetryPolicy(attempts, base, most), seed))
    for index, wait in enumerate(waits):
        assert 0 <= wait <= min(most, base * 2**index)


def test_waits_fill_the_whole_range_below_their_bound() -> None:
    # Full jitter: uniform on 0 to 0.5. Standard error of the mean of 2,000 waits: 0.5 / sqrt(24000) = 0.0032.
    first = [asyncio.run(waits_of(RetryPolicy(attempts=2, base_seconds=0.5), seed))[0] for seed in range(2000)]
    assert abs(sum(first) / len(first) - 0.25) < 0.016
    assert min(first) < 0.01
    assert max(first) > 0.49


def test_the_same_seed_waits_alike_and_another_one_does_not() -> None:
    policy = RetryPolicy(attempts=6)
    first, again, other = (asyncio.run(waits_of(policy, seed)) for seed in (0, 0, 1))
    assert first == again != other


@given(st.floats(0, 120), st.integers(0, 2**31))
def test_a_wait_that_the_provider_asks_for_is_a_lower_bound(asked: float, seed: int) -> None:
    waits = asyncio.run(waits_of(RetryPolicy(attempts=4), seed, asked=asked))
    assert all(asked <= wait <= asked + 3.0 for wait in waits)


async def test_a_thousand_attempts_end_like_five() -> None:
    clock = Clock()
    with pytest.raises(ProviderError):
        await Retrying(failing(5000), RetryPolicy(attempts=2000), sleep=clock.sleep).generate(ASK)
    assert len(clock.waits) == 1999
    assert max(clock.waits) <= 30


async def test_being_cancelled_while_waiting_ends_the_call() -> None:
    model = failing(5)
    task = asyncio.ensure_future(Retrying(model, RetryPolicy(base_seconds=1000, most_seconds=1000)).generate(ASK))
    await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert len(model.requests) == 1


# End to end: a real server that misbehaves once, and a client that is wrapped.

FAULTS: list[tuple[str, Act, FailureKind]] = [
    ("no key", fail(401), "authentication"),
    ("no money", fail(402, "Insufficient Balance"), "authentication"),
    ("not allowed", fail(403), "authentication"),
    ("flagged", fail(403, "your input was flagged"), "bad_request"),
    ("no such model", fail(404), "not_found"),
    ("no such field", fail(400, "unknown field: top_k"), "bad_request"),
    ("too long", fail(400, code="context_length_exceeded"), "context_length"),
    ("slow", fail(408), "timeout"),
    ("slow upstream", fail(504), "timeout"),
    ("rate", fail(429, retry_after=1), "rate_limited"),
    ("quota", fail(429, code="insufficient_quota"), "authentication"),
    ("broken", fail(500), "overloaded"),
    ("away", fail(503), "overloaded"),
    ("overloaded", fail(529), "overloaded"),
    ("error in 200", error_in_200(), "overloaded"),
    ("rate in 200", error_in_200("slow down", 429), "rate_limited"),
    ("cut JSON", cut_json(), "bad_reply"),
    ("cut body", cut_body(), "bad_reply"),
    ("web page", html_page(), "bad_reply"),
    ("nothing", raw(b""), "bad_reply"),
    ("other JSON", raw(b'{"hello": "world"}'), "bad_reply"),
    ("broken off", reply(completion("Half", finish="error")), "overloaded"),
    ("stall", stall(), "timeout"),
    ("reset", reset(), "unreachable"),
]


def test_the_faults_below_leave_no_kind_out_that_a_server_can_cause() -> None:
    assert {kind for _, _, kind in FAULTS} == RETRYABLE | HOPELESS | {"bad_request", "context_length"}


@pytest.mark.parametrize(("act", "kind"), [fault[1:] for fault in FAULTS], ids=[fault[0] for fault in FAULTS])
async def test_every_fault_of_a_server_has_its_kind_and_is_repeated_only_if_it_may_pass(
    act: Act, kind: FailureKind
) -> None:
    clock = Clock()
    with ChatServer("fine", plan=[act]) as server:
        client = OpenAICompatible("test/m", Endpoint(server.url, "m", timeout=2.0 if kind == "timeout" else 30.0))
        model = Retrying(client, RetryPolicy(attempts=3), sleep=clock.sleep)
        if kind in RETRYABLE:
            assert (await model.generate(ASK)).text == "fine"
        else:
            with pytest.raises(ProviderError) as caught:
                await model.generate(ASK)
            assert (caught.value.kind, caught.value.where) == (kind, "test/m")
        await client.aclose()
    calls = 2 if kind in RETRYABLE else 1
    assert (len(server.requests), len(clock.waits)) == (calls, calls - 1)


@pytest.mark.parametrize(("act", "kind"), [fault[1:] for fault in FAULTS], ids=[fault[0] for fault in FAULTS])
async def test_the_bare_client_tells_the_kind_at_the_first_try(act: Act, kind: FailureKind) -> None:
    with ChatServer("fine", plan=[act]) as server:
        client = OpenAICompatible("test/m", Endpoint(server.url, "m", timeout=2.0 if kind == "timeout" else 30.0))
        with pytest.raises(ProviderError) as caught:
            await client.generate(ASK)
        await client.aclose()
    assert len(server.requests) == 1
    # A reset may be noticed while writing or while reading; both kinds may pass.
    assert caught.value.kind in ({"unreachable", "overloaded"} if act.way == "reset" else {kind})
    assert caught.value.remedy


async def survive(acts: Sequence[Act], expected: int) -> list[Reply]:
    clock = Clock()
    with ChatServer("fine", plan=acts) as server:
        client = OpenAICompatible("test/m", Endpoint(server.url, "m", timeout=2.0))
        model = Retrying(client, RetryPolicy(attempts=5), sleep=clock.sleep)
        replies = [await model.generate(ASK) for _ in range(expected)]
        await client.aclose()
    return replies


async def test_a_client_survives_one_bad_thing_after_the_other() -> None:
    acts = [
        fail(429, retry_after=2),
        fail(500),
        cut_json(),
        stall(),
        reply(completion("")),
        cut_body(),
        reply(completion(None, refusal="I cannot help with that.")),
        reset(),
        error_in_200(),
    ]
    empty, refused, whole = await survive(acts, 3)
    assert (empty.text, empty.refusal) == ("", "")
    assert (refused.text, refused.refusal) == ("", "I cannot help with that.")
    assert whole.text == "fine"


@pytest.mark.parametrize(("header", "least"), [("2", 2.0), ("0", 0.0), ("0.5", 0.5), ("100000", 120.0), ("-5", 0.0)])
async def test_the_header_retry_after_is_obeyed(header: str, least: float) -> None:
    clock = Clock()
    with ChatServer("fine", plan=[fail(429, retry_after=header)]) as server:
        client = OpenAICompatible("test/m", Endpoint(server.url, "m"))
        await Retrying(client, sleep=clock.sleep).generate(ASK)
        await client.aclose()
    assert len(clock.waits) == 1
    assert least <= clock.waits[0] <= least + 0.5


async def test_milliseconds_are_understood_and_preferred() -> None:
    clock = Clock()
    with ChatServer("fine", plan=[fail(429, retry_after=7, retry_after_ms="1500")]) as server:
        client = OpenAICompatible("test/m", Endpoint(server.url, "m"))
        await Retrying(client, sleep=clock.sleep).generate(ASK)
        await client.aclose()
    assert 1.5 <= clock.waits[0] <= 2.0


@pytest.mark.parametrize("header", ["soon", "", "nan", "inf", "Wed, 21 Oct 2015 07:28:00 GMT"])
async def test_a_date_or_nonsense_counts_as_not_asked(header: str) -> None:
    with ChatServer("fine", plan=[fail(429, retry_after=header)]) as server:
        client = OpenAICompatible("test/m", Endpoint(server.url, "m"))
        with pytest.raises(ProviderError) as caught:
            await client.generate(ASK)
        await client.aclose()
    assert caught.value.retry_after is None
