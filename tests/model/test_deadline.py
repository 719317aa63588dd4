"""A deadline ends a call with all its tries and waits, for good."""

from __future__ import annotations

import asyncio

import pytest

from personae.model import (
    Deadlined,
    Limited,
    Limiter,
    Limits,
    ProviderError,
    Reply,
    Request,
    Retrying,
    ScriptedModel,
    identity_of,
)
from support.virtual_time import run_virtually

ASK = Request.of("Hello?")


class Slow:
    name = "test/slow"

    async def generate(self, request: Request) -> Reply:
        await asyncio.sleep(100)
        return Reply("late")


class Refusing:
    name = "test/refusing"

    async def generate(self, request: Request) -> Reply:
        raise ProviderError("rate_limited", "not now", retry_after=60.0)


class TimingOut:
    name = "test/odd"

    async def generate(self, request: Request) -> Reply:
        raise TimeoutError("of its own")


def test_an_answer_in_time_is_handed_on() -> None:
    model = ScriptedModel(["fine"])
    assert run_virtually(Deadlined(model, 5.0).generate(ASK)).text == "fine"
    assert identity_of(Deadlined(model, 5.0)) == identity_of(model)


@pytest.mark.parametrize("model", [Slow(), Refusing()])
def test_tries_and_waits_between_them_are_bounded_together(model: Slow | Refusing) -> None:
    async def run() -> float:
        with pytest.raises(ProviderError) as caught:
            await Deadlined(Retrying(model), 5.0).generate(ASK)
        assert caught.value.kind == "timeout"
        assert not caught.value.is_retryable
        assert not caught.value.is_hopeless
        assert "-M deadline=SECONDS" in caught.value.remedy
        return asyncio.get_running_loop().time()

    assert run_virtually(run()) == pytest.approx(5.0, abs=0.01)


def test_the_wait_for_a_slot_counts_and_nobody_is_left_in_line() -> None:
    async def run() -> None:
        limiter = Limiter(limits=Limits(concurrency=1))
        limited = Limited(Slow(), lambda: limiter)
        first = asyncio.create_task(limited.generate(ASK))
        await asyncio.sleep(1)
        with pytest.raises(ProviderError):
            await Deadlined(limited, 5.0).generate(ASK)
        assert (await first).text == "late"
        assert limiter.in_flight == 0

    run_virtually(run())


def test_a_timeout_of_another_origin_is_not_taken_for_the_deadline() -> None:
    with pytest.raises(TimeoutError, match="of its own"):
        run_virtually(Deadlined(TimingOut(), 5.0).generate(ASK))
