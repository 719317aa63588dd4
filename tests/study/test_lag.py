"""A run says when it is itself what it waits for, once, and only when it matters."""

from __future__ import annotations

import asyncio
import io
import time

import pytest

import personae.study.lag as lag
from personae.model import BreakerPolicy, ProviderError, limiter_of
from personae.study import Plain, Quiet, describe
from personae.study.lag import LagProbe, watching_lag
from personae.study.tally import Tally


@pytest.mark.parametrize(
    ("late", "cpu", "calls", "is_told"),
    [
        (0.01, 0.3, 500.0, False),
        (0.2, 0.3, 500.0, True),
        (0.01, 0.95, 500.0, True),
        (0.5, 1.0, 0.2, False),  # nobody is asked: all is answered by a cache, or one long answer is awaited
    ],
)
def test_it_warns_of_a_late_loop_or_a_full_core_while_calls_are_made(
    late: float, cpu: float, calls: float, is_told: bool
) -> None:
    tally = Tally()
    LagProbe(tally, Quiet()).judge(late, cpu, calls)
    assert bool(tally.warnings) == is_told


def test_it_warns_once_with_figures_and_a_remedy() -> None:
    tally, stream = Tally(), io.StringIO()
    watcher = Plain(stream)
    watcher.start(tally)
    probe = LagProbe(tally, watcher)
    for _ in range(3):
        probe.judge(0.15, 0.97, 1200.0)
    assert len(tally.warnings) == 1
    assert stream.getvalue().count("warning: the client is the bottleneck") == 1
    for part in ("97% of a core", "1200 calls a second", "150 ms late", "--shard"):
        assert part in tally.warnings[0]


@pytest.mark.parametrize("is_busy", [True, False])
async def test_a_loop_that_is_kept_busy_is_noticed(monkeypatch: pytest.MonkeyPatch, is_busy: bool) -> None:
    monkeypatch.setattr(lag, "_EVERY_SECONDS", 0.01)
    monkeypatch.setattr(lag, "_WINDOW", 5)
    tally = Tally()
    with watching_lag(tally, Quiet(), is_wanted=True):
        end = time.monotonic() + (8.0 if is_busy else 0.6)
        while time.monotonic() < end and not tally.warnings:
            tally.calls += 5
            if is_busy:
                time.sleep(0.12)  # somebody who does not give the loop back
            await asyncio.sleep(0 if is_busy else 0.05)
    assert bool(tally.warnings) == is_busy


async def test_the_probe_ends_with_the_run_and_costs_next_to_nothing() -> None:
    tally = Tally()
    before, tasks = time.thread_time(), len(asyncio.all_tasks())
    with watching_lag(tally, Quiet(), is_wanted=True):
        await asyncio.sleep(1.0)
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert len(asyncio.all_tasks()) == tasks
    assert time.thread_time() - before < 0.05
    with watching_lag(tally, Quiet(), is_wanted=False):
        assert len(asyncio.all_tasks()) == tasks


async def test_an_endpoint_that_is_waited_for_is_named_in_the_line_of_progress(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lag, "_EVERY_SECONDS", 0.01)
    limiter = limiter_of("http://there/v1")
    assert BreakerPolicy().failures == 10
    for _ in range(10):
        assert limiter.enter()
    for _ in range(10):
        limiter.failed(ProviderError("unreachable", "nobody there"), 0.0, 0, is_probe=False)
    tally = Tally()
    with watching_lag(tally, Quiet(), is_wanted=True):
        await asyncio.sleep(0.05)
        assert "http://there/v1 does not answer" in describe(tally, 1.0)
        limiter.breaker.answered()
        await asyncio.sleep(0.05)
    assert tally.awaited == ""
