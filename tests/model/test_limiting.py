"""Limits: rates that no minute exceeds, a concurrency that finds the server's, a breaker that waits for it."""

from __future__ import annotations

import asyncio
import gc
import time
from collections.abc import Awaitable, Callable
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from personae.errors import InputError
from personae.model import Message, ProviderError, Reply, Request, Retrying, RetryPolicy, Usage, open_model
from personae.model.breaker import CircuitBreaker
from personae.model.concurrency import AdaptiveConcurrency
from personae.model.limiting import Deadlined, Limited, Limiter, Limits, limiter_of
from personae.model.rate import Rate
from support.limited_server import LimitedServer

ASK = Request.of("How are you?")


class Clock:
    """Time that passes only when somebody sleeps."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds
        await asyncio.sleep(0)


class Scripted:
    """A client that does what it is told, call by call."""

    name = "scripted"

    def __init__(self, answer: Callable[[int], Awaitable[Reply]]) -> None:
        self.calls = 0
        self._answer = answer

    async def generate(self, request: Request) -> Reply:
        self.calls += 1
        return await self._answer(self.calls)


def good(tokens: int = 5) -> Reply:
    return Reply("4", usage=Usage(10, tokens))


# Rates


@settings(deadline=None)
@given(
    st.integers(1, 6000),
    st.lists(st.tuples(st.floats(0, 5), st.integers(1, 3)), min_size=1, max_size=80),
)
def test_no_minute_has_more_than_the_rate_however_it_is_laid(per_minute: int, asked: list[tuple[float, int]]) -> None:
    clock = Clock()
    rate = Rate(per_minute, clock=clock)
    granted: list[float] = []
    for pause, count in asked:
        clock.now += pause
        granted += [clock.now + rate.reserve(1) for _ in range(count)]
    assert granted == sorted(granted)  # in the order in which they were asked for
    for begin in granted:
        assert sum(begin <= moment < begin + 60 - 1e-6 for moment in granted) <= max(1, per_minute)


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(1, 400), st.integers(0, 400)), min_size=1, max_size=60))
def test_what_is_reserved_and_not_used_is_given_back_to_the_last_unit(calls: list[tuple[int, int]]) -> None:
    clock = Clock()
    settled, plain = Rate(6000, clock=clock), Rate(6000, clock=clock)
    for reserved, used in calls:
        settled.reserve(reserved)
        settled.settle(reserved, used)
        plain.reserve(used)
    assert settled.reserve(1) == pytest.approx(plain.reserve(1))


def test_an_idle_endpoint_saves_up_one_second_and_no_more() -> None:
    clock = Clock()
    rate = Rate(600, clock=clock)
    clock.now += 3600
    assert [rate.reserve(1) for _ in range(10)] == [0.0] * 10
    assert rate.reserve(1) > 0


def test_a_call_larger_than_the_bucket_waits_until_it_is_full_and_those_after_it_pay() -> None:
    clock = Clock()
    rate = Rate(600, clock=clock)  # 10 at once, 590 a minute
    assert rate.reserve(100) == 0.0
    assert rate.reserve(1) == pytest.approx(91 / (590 / 60))


# Concurrency


async def enter_all(gate: AdaptiveConcurrency, count: int) -> list[float]:
    return [await gate.enter() for _ in range(count)]


async def test_one_refusal_for_all_calls_that_were_under_way_decreases_once() -> None:
    clock = Clock()
    gate = AdaptiveConcurrency(100, clock=clock)
    began = await enter_all(gate, 100)
    clock.now += 1
    for moment in began[:40]:
        gate.leave(moment, was_turned_away=True)
    assert gate.limit == pytest.approx(70.0)
    clock.now += 1
    later = await gate.enter()
    clock.now += 1
    gate.leave(later, was_turned_away=True)
    assert gate.limit < 50


async def test_after_a_round_of_successes_there_is_room_for_one_more_up_to_the_most() -> None:
    clock = Clock()
    gate = AdaptiveConcurrency(20, clock=clock)
    began = await enter_all(gate, 20)
    clock.now += 1
    gate.leave(began[0], was_turned_away=True)
    assert gate.limit == pytest.approx(14.0)
    for moment in began[1:16]:
        gate.leave(moment, output_tokens=5)
    assert 14.9 < gate.limit < 15.1
    for _ in range(400):
        gate.leave(await gate.enter(), output_tokens=5)
    assert gate.limit == 20


async def test_it_never_goes_below_one_and_never_stops_letting_in() -> None:
    clock = Clock()
    gate = AdaptiveConcurrency(4, clock=clock)
    for _ in range(50):
        moment = await asyncio.wait_for(gate.enter(), 1)
        clock.now += 1
        gate.leave(moment, was_turned_away=True)
    assert gate.limit == 1.0
    assert gate.in_flight == 0


async def test_whoever_waits_is_let_in_in_turn_and_whoever_is_cancelled_gives_the_place_back() -> None:
    gate = AdaptiveConcurrency(1)
    began = await gate.enter()
    order: list[int] = []

    async def wait(number: int) -> None:
        moment = await gate.enter()
        order.append(number)
        gate.leave(moment, output_tokens=1)

    tasks = [asyncio.create_task(wait(number)) for number in range(5)]
    await asyncio.sleep(0)
    tasks[1].cancel()
    await asyncio.sleep(0)
    gate.leave(began, output_tokens=1)
    await asyncio.gather(*tasks, return_exceptions=True)
    assert order == [0, 2, 3, 4]
    assert gate.in_flight == 0


async def test_cancelled_in_the_moment_of_being_let_in_no_place_is_lost() -> None:
    gate = AdaptiveConcurrency(1)
    began = await gate.enter()
    task = asyncio.create_task(gate.enter())
    await asyncio.sleep(0)
    gate.leave(began, output_tokens=1)  # gives the task its place
    task.cancel()  # which it no longer wants
    await asyncio.gather(task, return_exceptions=True)
    assert gate.in_flight == 0
    assert await asyncio.wait_for(gate.enter(), 1)


async def test_a_server_that_queues_is_asked_less() -> None:
    clock = Clock()
    gate = AdaptiveConcurrency(64, clock=clock)
    for size, seconds in ((8, 1.0), (8, 1.0), *[(64, 8.0)] * 4):  # eight calls a second, however many
        began = await enter_all(gate, min(size, int(gate.limit)))
        clock.now += seconds
        for moment in began:
            gate.leave(moment, output_tokens=100)
    assert gate.limit < 60


async def test_long_answers_are_not_taken_for_a_queue() -> None:
    clock = Clock()
    gate = AdaptiveConcurrency(16, clock=clock)
    for tokens in (10, 10, 1000, 1000, 1000):
        began = await enter_all(gate, 16)
        clock.now += 0.01 * (32 + tokens)
        for moment in began:
            gate.leave(moment, output_tokens=tokens)
    assert gate.limit == 16


# The breaker


def fault(kind: Any = "unreachable", retry_after: float | None = None) -> ProviderError:
    return ProviderError(kind, "nobody there", model="scripted", retry_after=retry_after)


async def test_a_server_that_comes_back_costs_no_call() -> None:
    clock = Clock()

    async def answer(call: int) -> Reply:
        if clock.now < 1060:
            raise fault()
        return good()

    limiter = Limiter(clock=clock, sleep=clock.sleep)
    model = Retrying(Limited(Scripted(answer), limiter), RetryPolicy(attempts=5), sleep=clock.sleep)
    replies = await asyncio.gather(*(model.generate(ASK) for _ in range(50)))
    assert [reply.text for reply in replies] == ["4"] * 50


async def test_between_two_tries_the_pauses_grow_and_one_call_tries_at_a_time() -> None:
    clock = Clock()
    tries: list[float] = []

    async def answer(call: int) -> Reply:
        tries.append(clock.now)
        raise fault()

    limiter = Limiter(Limits(patience=120), clock=clock, sleep=clock.sleep)
    model = Limited(Scripted(answer), limiter)
    failed = await asyncio.gather(*(model.generate(ASK) for _ in range(40)), return_exceptions=True)
    assert all(isinstance(one, ProviderError) for one in failed)
    again = await asyncio.gather(*(model.generate(ASK) for _ in range(3)), return_exceptions=True)
    assert {one.kind for one in again if isinstance(one, ProviderError)} == {"down"}
    assert clock.now - 1000 >= 120
    pauses = [after - before for before, after in pairwise(tries[9:])]  # ten failed together, then one tries at a time
    assert len(pauses) >= 5
    assert all(pause >= least for pause, least in zip(pauses, (1, 2, 4, 8, 16), strict=False))


async def test_an_endpoint_that_is_given_up_ends_the_run_and_says_what_to_do() -> None:
    clock = Clock()

    async def answer(call: int) -> Reply:
        raise fault("overloaded")

    limiter = Limiter(Limits(patience=60), clock=clock, sleep=clock.sleep)
    model = Retrying(Limited(Scripted(answer), limiter), RetryPolicy(attempts=50), sleep=clock.sleep)
    with pytest.raises(ProviderError) as caught:
        await model.generate(ASK)
    assert caught.value.kind == "down"
    assert caught.value.is_hopeless
    assert "run the same command again" in caught.value.remedy


@pytest.mark.parametrize("kind", ["bad_request", "rate_limited", "bad_reply", "context_length"])
async def test_an_endpoint_that_refuses_is_there(kind: Any) -> None:
    async def answer(call: int) -> Reply:
        raise fault(kind)

    limiter = Limiter()
    for _ in range(30):
        with pytest.raises(ProviderError) as caught:
            await Limited(Scripted(answer), limiter).generate(ASK)
        assert caught.value.kind == kind
    assert limiter.breaker.is_closed


async def test_a_try_that_is_cancelled_lets_another_one_try() -> None:
    clock = Clock()
    breaker = CircuitBreaker(2, clock=clock, sleep=clock.sleep)
    for _ in range(2):
        breaker.failed(fault(), was_try=False)
    assert await breaker.wait("m")
    breaker.abandoned()
    assert await breaker.wait("m")
    breaker.succeeded()
    assert not await breaker.wait("m")


# All of it


async def test_after_a_refusal_with_a_time_the_whole_endpoint_pauses() -> None:
    clock = Clock()
    asked: list[float] = []

    async def answer(call: int) -> Reply:
        asked.append(clock.now)
        if call == 1:
            raise fault("rate_limited", retry_after=30)
        return good()

    limiter = Limiter(clock=clock, sleep=clock.sleep)
    model = Limited(Scripted(answer), limiter)
    with pytest.raises(ProviderError):
        await model.generate(ASK)
    await model.generate(ASK)
    assert asked[1] - asked[0] >= 30


async def test_tokens_are_reserved_as_they_are_expected_and_settled_as_they_were() -> None:
    clock = Clock()

    async def answer(call: int) -> Reply:
        return good(90)  # 100 tokens with the prompt

    limiter = Limiter(Limits(tpm=6000), clock=clock, sleep=clock.sleep)
    model = Limited(Scripted(answer), limiter)
    for _ in range(300):
        await model.generate(ASK)
    assert 240 <= clock.now - 1000 <= 360  # 30,000 tokens at 6,000 a minute


async def test_a_call_that_fails_gives_its_tokens_back() -> None:
    clock = Clock()

    async def answer(call: int) -> Reply:
        raise fault("bad_request")

    limiter = Limiter(Limits(tpm=6000), clock=clock, sleep=clock.sleep)
    for _ in range(100):
        with pytest.raises(ProviderError):
            await Limited(Scripted(answer), limiter).generate(ASK)
    assert clock.now - 1000 < 5


async def test_a_call_without_an_answer_in_time_is_given_up_and_not_repeated() -> None:
    async def answer(call: int) -> Reply:
        await asyncio.sleep(30)
        return good()

    client = Scripted(answer)
    model = Deadlined(Retrying(Limited(client, Limiter())), 0.05)
    with pytest.raises(ProviderError, match=r"deadline of 0\.05 s") as caught:
        await model.generate(ASK)
    assert caught.value.kind == "timeout"
    assert client.calls == 1
    assert model.name == "scripted"


def test_models_of_one_endpoint_share_a_limiter_as_long_as_one_lives() -> None:
    first = limiter_of("http://a/v1#m", Limits(rpm=3))
    assert limiter_of("http://a/v1#m", Limits(rpm=3)) is first
    assert limiter_of("http://a/v1#m", Limits()) is not first
    assert limiter_of("http://b/v1#m", Limits(rpm=3)) is not first
    mark = id(first)
    first.mark = "old"  # type: ignore[attr-defined]
    del first
    gc.collect()
    assert not hasattr(limiter_of("http://a/v1#m", Limits(rpm=3)), "mark"), mark


@pytest.mark.parametrize("option", ["rpm", "tpm", "max_concurrency", "deadline", "patience"])
@pytest.mark.parametrize("value", ["0", "-1", "many", "nan"])
def test_options_that_make_no_sense_are_refused(option: str, value: str) -> None:
    with pytest.raises(InputError, match=option):
        open_model("http://127.0.0.1:9/v1#m", {option: value})


def run_many(model: Any, calls: int, workers: int) -> float:
    """Seconds that so many calls take."""

    async def go() -> None:
        numbers = iter(range(calls))

        async def worker() -> None:
            for number in numbers:
                await model.generate(Request((Message("user", f"Question {number}"),)))

        await asyncio.gather(*(worker() for _ in range(workers)))
        await model.aclose()

    started = time.monotonic()
    asyncio.run(go())
    return time.monotonic() - started


def test_against_a_server_of_known_capacity_refusals_become_rare_and_hardly_a_place_stays_empty() -> None:
    with LimitedServer(16, seconds=0.05) as server:
        model = open_model(f"{server.url}#capacity", {"attempts": "50"})
        took = run_many(model, 1200, 64)
        late = [moment for moment in server.turned_away if moment > server.answered[400]]
        assert len(late) < 0.12 * 800
        assert 1200 / took > 0.5 * 16 / 0.05  # the slack is for the machine; unloaded it is 80 % and more
        assert len(server.answered) == 1200


def test_a_storm_of_refusals_with_a_time_to_wait_passes_without_a_failed_call() -> None:
    with LimitedServer(4, seconds=0.01, retry_after="0.2") as server:
        model = open_model(f"{server.url}#storm", {"attempts": "50"})
        run_many(model, 150, 32)
        assert len(server.answered) == 150
        assert server.most_at_once <= 4


def test_a_set_rate_is_kept() -> None:
    with LimitedServer(1000, seconds=0.0) as server:
        model = open_model(f"{server.url}#rate", {"rpm": "1200"})
        run_many(model, 60, 32)
        for begin in server.answered:
            assert sum(begin <= moment < begin + 1 for moment in server.answered) <= 2 * 20 + 4
        assert not server.turned_away


def test_a_server_that_goes_away_and_comes_back_costs_time_and_no_call() -> None:
    with LimitedServer(1000, seconds=0.02) as server:
        model = open_model(f"{server.url}#away", {"attempts": "3"})

        async def outage() -> None:
            await asyncio.sleep(0.3)
            server.is_down = True
            await asyncio.sleep(2.0)
            server.is_down = False

        async def go() -> list[Reply]:
            numbers = iter(range(400))
            replies: list[Reply] = []

            async def worker() -> None:
                for number in numbers:
                    replies.append(await model.generate(Request((Message("user", f"Question {number}"),))))

            await asyncio.gather(outage(), *(worker() for _ in range(16)))
            await model.aclose()  # type: ignore[attr-defined]
            return replies

        assert len(asyncio.run(go())) == 400
