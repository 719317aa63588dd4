"""A limiter shares an endpoint out: first come first served, nothing lost, nothing stuck. In virtual time."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from personae.model import (
    BreakerPolicy,
    Limited,
    Limiter,
    Limits,
    ProviderError,
    Reply,
    Request,
    Retrying,
    RetryPolicy,
    Usage,
    identity_of,
    limiter_of,
    limiters_here,
)
from support.virtual_time import run_virtually

ASK = Request.of("Hello?")


class Server:
    """A model that takes a second and bears so many calls at once; what is over is refused."""

    name = "test/server"
    identity = "test/server#1"

    def __init__(self, capacity: float = 1e9, *, seconds: float = 1.0, retry_after: float | None = None) -> None:
        self.capacity = capacity
        self.seconds = seconds
        self.retry_after = retry_after
        self.is_down = False
        self.in_flight = self.peak = 0
        self.started: list[float] = []
        self.answered = self.refused = 0
        self.asked: list[str] = []

    async def generate(self, request: Request) -> Reply:
        loop = asyncio.get_running_loop()
        self.started.append(loop.time())
        self.asked.append(request.messages[-1].content)
        if self.is_down:
            raise ProviderError("unreachable", "nobody there")
        if self.in_flight >= self.capacity:
            self.refused += 1
            raise ProviderError("rate_limited", "too many", retry_after=self.retry_after)
        self.in_flight += 1
        self.peak = max(self.peak, self.in_flight)
        try:
            await asyncio.sleep(self.seconds)
        finally:
            self.in_flight -= 1
        self.answered += 1
        return Reply("ok", usage=Usage(input_tokens=20, output_tokens=30))


def simulate(run: Callable[[], Awaitable[None]]) -> None:
    async def main() -> None:
        await run()

    run_virtually(main())


async def ask_all(model: Limited | Retrying, count: int, workers: int) -> list[Reply]:
    """As a run does it: so many workers, each with one call at a time."""
    left = iter(range(count))
    replies: list[Reply] = []

    async def work() -> None:
        for number in left:
            replies.append(await model.generate(Request.of(str(number))))

    await asyncio.gather(*[work() for _ in range(workers)])
    return replies


def test_an_endpoint_that_bears_all_is_asked_all_at_once() -> None:
    async def run() -> None:
        server, limiter = Server(), Limiter()
        await ask_all(Limited(server, lambda: limiter), 1000, 256)
        assert server.peak == 256
        assert limiter.in_flight == 0

    simulate(run)


def test_no_more_than_the_asked_concurrency_goes_at_once_first_come_first_served() -> None:
    async def run() -> None:
        server, limiter = Server(), Limiter(limits=Limits(concurrency=7))
        await ask_all(Limited(server, lambda: limiter), 100, 40)
        assert server.peak == 7
        assert server.asked == [str(number) for number in range(100)]
        assert server.started[-1] == pytest.approx(14.0, abs=0.1)

    simulate(run)


@pytest.mark.parametrize("capacity", [1, 2, 8, 50])
@pytest.mark.parametrize("retry_after", [None, 0.5, 5.0])
def test_refusals_become_rare_and_the_capacity_is_used(capacity: int, retry_after: float | None) -> None:
    async def run() -> None:
        server, limiter = Server(capacity, retry_after=retry_after), Limiter()
        model = Retrying(Limited(server, lambda: limiter), RetryPolicy(attempts=100))
        await ask_all(model, capacity * 200, 64)  # converge
        begun, answered, refused = limiter.now(), server.answered, server.refused
        await ask_all(model, capacity * 500, 64)
        seconds = limiter.now() - begun
        assert (server.answered - answered) / seconds >= 0.8 * capacity
        assert (server.refused - refused) <= 0.06 * (server.answered - answered)

    simulate(run)


def test_a_refusal_with_retry_after_pauses_the_whole_endpoint_and_nobody_comes_back_together() -> None:
    async def run() -> None:
        server, limiter = Server(1, retry_after=10.0), Limiter()
        model = Retrying(Limited(server, lambda: limiter), RetryPolicy(attempts=50))
        first = asyncio.create_task(ask_all(model, 4, 4))
        await asyncio.sleep(0.5)
        server.capacity = 100
        late = asyncio.create_task(ask_all(model, 20, 20))
        await asyncio.gather(first, late)
        after = [at for at in server.started if at > 0.5]
        assert min(after) >= 10.0
        assert len({round(at, 2) for at in after}) > 10

    simulate(run)


def test_a_storm_of_refusals_without_a_word_is_ridden_out() -> None:
    async def run() -> None:
        server, limiter = Server(), Limiter()
        model = Retrying(Limited(server, lambda: limiter))  # five attempts, as usual
        running = asyncio.create_task(ask_all(model, 2000, 64))
        await asyncio.sleep(5)
        server.capacity = 0
        await asyncio.sleep(10)
        assert server.refused < 400
        server.capacity = 1000
        assert len(await running) == 2000

    simulate(run)


@pytest.mark.parametrize("rpm", [30, 600])
def test_no_minute_sees_more_calls_than_rpm(rpm: int) -> None:
    async def run() -> None:
        server, limiter = Server(seconds=0.2), Limiter(limits=Limits(rpm=rpm))
        await ask_all(Limited(server, lambda: limiter), rpm * 4, 50)
        for start in server.started:
            assert sum(start <= at < start + 60 - 1e-3 for at in server.started) <= rpm
        assert server.started[-1] <= 4 * 60 * 1.05

    simulate(run)


def test_tokens_a_minute_are_reserved_on_estimate_and_settled_on_usage() -> None:
    async def run() -> None:
        server, limiter = Server(seconds=0.2), Limiter(limits=Limits(tpm=6000))
        await ask_all(Limited(server, lambda: limiter), 600, 50)  # 50 tokens each, 562 expected at first
        begun = limiter.now()
        await ask_all(Limited(server, lambda: limiter), 600, 50)
        minutes = (limiter.now() - begun) / 60
        assert 600 * 50 / 6000 * 0.98 <= minutes <= 600 * 50 / 6000 * 1.15

    simulate(run)


def test_a_call_larger_than_the_limit_is_made_all_the_same() -> None:
    async def run() -> None:
        limiter = Limiter(limits=Limits(tpm=10))
        replies = await ask_all(Limited(Server(), lambda: limiter), 2, 2)
        assert len(replies) == 2

    simulate(run)


@settings(deadline=None, max_examples=60)
@given(seed=st.integers(0, 10**6), concurrency=st.integers(1, 5), rpm=st.sampled_from([None, 600]))
def test_cancelled_calls_give_their_slots_back(seed: int, concurrency: int, rpm: int | None) -> None:
    async def run() -> None:
        draw = random.Random(seed)
        server, limiter = Server(3), Limiter(limits=Limits(concurrency=concurrency, rpm=rpm, tpm=100_000))
        model = Retrying(Limited(server, lambda: limiter), RetryPolicy(attempts=100))
        tasks = [asyncio.create_task(model.generate(Request.of(str(number)))) for number in range(30)]
        for _ in range(25):
            await asyncio.sleep(draw.choice([0.0, 0.0, 0.3]))
            draw.choice(tasks).cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        assert limiter.in_flight == server.in_flight == 0
        assert server.peak <= concurrency
        assert len(await ask_all(model, 5, 5)) == 5

    simulate(run)


def test_a_call_cancelled_in_the_moment_it_was_let_through_gives_its_slot_back() -> None:
    async def run() -> None:
        server, limiter = Server(), Limiter(limits=Limits(concurrency=1))
        model = Limited(server, lambda: limiter)
        first = asyncio.create_task(model.generate(ASK))
        await asyncio.sleep(0.1)
        second = asyncio.create_task(model.generate(ASK))
        await asyncio.sleep(0)
        first.cancel()
        await asyncio.sleep(0)  # the slot is handed on ...
        second.cancel()  # ... to one that goes away at once
        await asyncio.gather(first, second, return_exceptions=True)
        assert limiter.in_flight == 0
        await model.generate(ASK)

    simulate(run)


def test_a_fault_of_the_model_itself_gives_the_slot_back() -> None:
    class Broken(Server):
        async def generate(self, request: Request) -> Reply:
            raise ZeroDivisionError

    async def run() -> None:
        limiter = Limiter(limits=Limits(concurrency=1))
        for _ in range(3):
            with pytest.raises(ZeroDivisionError):
                await Limited(Broken(), lambda: limiter).generate(ASK)
        assert limiter.in_flight == 0

    simulate(run)


@pytest.mark.parametrize(("workers", "outage"), [(32, 20.0), (8, 120.0), (12, 3.0)])
def test_an_endpoint_that_dies_and_comes_back_costs_no_call(workers: int, outage: float) -> None:
    async def run() -> None:
        server, limiter = Server(), Limiter("http://there/v1")
        model = Retrying(Limited(server, lambda: limiter))
        running = asyncio.create_task(ask_all(model, 40 * workers, workers))
        await asyncio.sleep(10)
        server.is_down = True
        before = len(server.started)
        await asyncio.sleep(outage)
        assert "http://there/v1 does not answer" in limiter.describe()
        assert len(server.started) - before < 4 * workers + 20  # probes, no hammering
        server.is_down = False
        assert len(await running) == 40 * workers
        assert limiter.describe() == ""
        assert limiter.in_flight == 0

    simulate(run)


def test_an_endpoint_that_stays_away_ends_the_run_for_all_who_wait() -> None:
    async def run() -> None:
        server, limiter = Server(), Limiter("http://there/v1")
        server.is_down = True
        model = Retrying(Limited(server, lambda: limiter))
        calls = [asyncio.create_task(model.generate(ASK)) for _ in range(20)]
        ended = await asyncio.gather(*calls, return_exceptions=True)
        assert all(isinstance(end, ProviderError) and end.kind == "unreachable" for end in ended)
        hopeless = [end for end in ended if isinstance(end, ProviderError) and end.is_hopeless]
        assert len(hopeless) == 20
        assert "run the same command again" in str(hopeless[0])
        assert 300 <= limiter.now() <= 400
        asked = len(server.started)
        with pytest.raises(ProviderError) as caught:  # nobody waits once it was given up
            await model.generate(ASK)
        assert caught.value.is_hopeless
        assert len(server.started) <= asked + 1
        await asyncio.sleep(60)
        server.is_down = False
        assert (await model.generate(ASK)).text == "ok"

    simulate(run)


def test_one_prompt_that_breaks_the_server_does_not_hold_up_the_others() -> None:
    class Picky(Server):
        async def generate(self, request: Request) -> Reply:
            if request.messages[-1].content == "poison":
                raise ProviderError("overloaded", "a bug of the server", status=500)
            return await super().generate(request)

    async def run() -> None:
        limiter = Limiter(breaker=BreakerPolicy(failures=2))
        model = Retrying(Limited(Picky(), lambda: limiter))
        for _ in range(4):  # one worker: nobody else can prove that the server is up
            with pytest.raises(ProviderError) as caught:
                await model.generate(Request.of("poison"))
            assert not caught.value.is_hopeless
            assert (await model.generate(ASK)).text == "ok"

    simulate(run)


def test_all_who_ask_one_endpoint_with_one_key_share_a_limiter_and_its_strictest_bounds() -> None:
    async def run() -> None:
        one = limiter_of("http://a/v1", Limits(concurrency=9))
        assert limiter_of("http://a/v1", Limits(concurrency=4)) is one
        assert limiter_of("http://a/v1", Limits(rpm=10)) is one
        assert one.concurrency.limit == 4
        assert limiter_of("http://b/v1") is not one
        assert limiter_of("http://a/v1", key="other") is not one
        assert len(limiters_here()) == 3

    simulate(run)


def test_each_event_loop_has_limiters_of_its_own() -> None:
    found: list[Limiter] = []
    model = Limited(Server(), partial(limiter_of, "http://a/v1"))
    for _ in range(2):

        async def run() -> None:
            await model.generate(ASK)
            found.extend(limiters_here())

        simulate(run)
    assert len(found) == 2
    assert found[0] is not found[1]


def test_waiting_does_not_change_who_answers() -> None:
    model = Limited(Server(), Limiter)
    assert (model.name, identity_of(model)) == ("test/server", "test/server#1")


def test_a_call_that_meets_no_bound_costs_next_to_nothing() -> None:
    class Instant(Server):
        async def generate(self, request: Request) -> Reply:
            return reply

    async def cost(model: Limited | Instant) -> float:
        best = 1.0
        for _ in range(5):
            started = time.process_time()
            for _ in range(5000):
                await model.generate(ASK)
            best = min(best, (time.process_time() - started) / 5000)
        return best

    async def run() -> None:
        limiter = Limiter()
        bare, limited = await cost(Instant()), await cost(Limited(Instant(), lambda: limiter))
        assert limited - bare < 10e-6  # 1.2 microseconds when measured

    reply = Reply("ok")
    asyncio.run(run())
