"""The bound on calls in flight finds what an endpoint bears, and stays there."""

from __future__ import annotations

import math
from collections import deque

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from personae.model import Concurrency


def rounds(bound: Concurrency, capacity: int, asked: int, count: int, *, pause: float = 0.0) -> tuple[int, int, float]:
    """Rounds of one second in which all go at once: answered, refused, bound at the end. What is over is refused."""
    answered = refused = 0
    for second in range(count):
        level, epoch = int(min(bound.limit, asked)), bound.epoch
        in_flight = level
        for _ in range(max(0, level - capacity)):
            bound.refused(second + 0.01, epoch, in_flight, pause)
            in_flight -= 1
            refused += 1
        for _ in range(min(level, capacity)):  # whoever is answered asks again at once
            bound.succeeded(second + 1.0, 1.0, 10, in_flight)
            answered += 1
    return answered, refused, bound.limit


@settings(deadline=None)
@given(capacity=st.integers(1, 300), asked=st.integers(1, 600))
def test_it_converges_near_a_planted_capacity(capacity: int, asked: int) -> None:
    bound = Concurrency()
    rounds(bound, capacity, asked, 60)
    answered, refused, _ = rounds(bound, capacity, asked, 200)
    reachable = min(capacity, asked)
    assert answered >= 0.8 * 200 * reachable
    assert refused <= 0.06 * (answered + refused)


@settings(deadline=None)
@given(capacity=st.integers(4, 100))
def test_where_a_refusal_costs_a_pause_the_refused_level_is_seldom_tried(capacity: int) -> None:
    bound = Concurrency()
    rounds(bound, capacity, 256, 80, pause=2.0)
    answered, refused, _ = rounds(bound, capacity, 256, 200, pause=2.0)
    assert refused <= 200 / 40 * max(2.0, 0.05 * capacity + 1) + 2
    assert answered >= 0.8 * 200 * capacity


def test_nothing_refused_leaves_it_where_it_was_asked() -> None:
    assert rounds(Concurrency(), 1000, 256, 20) == (256 * 20, 0, math.inf)
    assert rounds(Concurrency(32.0), 1000, 256, 20)[2] == 32.0


def test_one_round_trip_lowers_it_once() -> None:
    bound = Concurrency(100.0)
    fell = [bound.refused(0.0, 0, 100 - number) for number in range(100)]
    assert fell.count(True) == 1
    assert bound.limit >= 50.0


@given(st.lists(st.booleans(), max_size=300))
def test_it_is_never_under_one_nor_over_what_is_allowed(ends: list[bool]) -> None:
    bound = Concurrency(20.0)
    for number, is_refused in enumerate(ends):
        if is_refused:
            bound.refused(float(number), bound.epoch, int(bound.limit))
        else:
            bound.succeeded(float(number), 1.0, 5, int(bound.limit))
        assert 1.0 <= bound.limit <= 20.0


def test_after_a_storm_it_doubles_each_window_until_half_of_where_it_was() -> None:
    bound = Concurrency()
    rounds(bound, 256, 256, 3)
    for second in range(12):
        bound.refused(float(second), bound.epoch, int(min(bound.limit, 256)))
    assert bound.limit == 1.0
    rounds(bound, 256, 256, 9)
    assert bound.limit >= 128


def test_a_bound_that_nobody_reaches_does_not_rise() -> None:
    bound = Concurrency(100.0)
    bound.refused(0.0, 0, 50)
    low = bound.limit
    for number in range(200):
        bound.succeeded(float(number), 1.0, 10, 3)
    assert bound.limit == low


def test_the_strictest_upper_bound_holds() -> None:
    bound = Concurrency(50.0)
    bound.tighten(80.0)
    assert bound.limit == 50.0
    bound.tighten(10.0)
    assert (bound.limit, bound.most) == (10.0, 10.0)


def queueing(asked: int, count: int, *, servers: int, tokens: int = 10, slow: float = 1.0) -> Concurrency:
    """A server that works on so many calls at once, a second each, and lets the others queue in silence."""
    bound = Concurrency()
    serve(bound, asked=4, count=200, servers=servers, tokens=tokens, each=1.0, start=0.0)  # a quiet beginning
    serve(bound, asked=asked, count=count, servers=servers, tokens=tokens, each=slow, start=10_000.0)
    return bound


def serve(bound: Concurrency, *, asked: int, count: int, servers: int, tokens: int, each: float, start: float) -> None:
    free = [start] * servers
    flying: deque[tuple[float, float]] = deque()
    now = start
    for _ in range(count):
        while len(flying) < min(asked, int(min(bound.limit, 1e9))):
            free.sort()
            end = max(now, free[0]) + each
            free[0] = end
            flying.append((end, now))
        end, began = flying.popleft()
        now = max(now, end)
        bound.succeeded(now, now - began, tokens, len(flying) + 1)


def test_a_server_that_queues_in_silence_is_asked_less_but_never_too_little() -> None:
    bound = queueing(256, 40_000, servers=8)
    assert 8 <= bound.limit <= 64


def test_a_server_that_keeps_up_is_left_alone() -> None:
    assert queueing(256, 5_000, servers=256).limit == math.inf


def test_calls_that_are_slower_by_nature_do_not_lower_it_for_good() -> None:
    assert queueing(128, 20_000, servers=128, slow=5.0).limit >= 115


@pytest.mark.parametrize("tokens", [0, 1, 1000])
def test_length_of_replies_does_not_count_as_slowness(tokens: int) -> None:
    bound = Concurrency()
    now = 0.0
    for length in (tokens, 50):
        for _ in range(500):
            now += 0.1
            bound.succeeded(now, (length + 16) * 0.02, length, 10)
    assert bound.limit == math.inf
