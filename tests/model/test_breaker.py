"""A circuit opens after failures in a row, is probed by one call at a time, and closes with any answer."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from personae.model import Breaker, BreakerPolicy

POLICY = BreakerPolicy(failures=3, first_seconds=1.0, most_seconds=4.0, give_up_seconds=20.0)


def opened(at: float = 0.0) -> Breaker:
    breaker = Breaker(POLICY)
    for _ in range(3):
        breaker.failed(at, is_probe=False)
    assert breaker.state == "open"
    return breaker


def test_it_opens_after_so_many_failures_in_a_row_and_not_before() -> None:
    breaker = Breaker(POLICY)
    for _ in range(5):
        breaker.failed(0.0, is_probe=False)
        breaker.failed(0.0, is_probe=False)
        assert (breaker.state, breaker.wait(0.0)) == ("closed", 0.0)
        breaker.answered()
    assert opened().wait(0.0) == 1.0


def test_one_call_probes_and_the_others_wait_for_it() -> None:
    breaker = opened()
    assert breaker.wait(1.0) == 0.0
    assert breaker.enter()
    assert breaker.wait(100.0) == math.inf
    breaker.answered()
    assert (breaker.state, breaker.wait(100.0), breaker.failures) == ("closed", 0.0, 0)
    assert not breaker.enter()


def test_waits_between_probes_double_up_to_a_bound() -> None:
    breaker, now, waits = opened(), 0.0, []
    for _ in range(5):
        waits.append(breaker.wait(now))
        now += breaker.wait(now)
        breaker.enter()
        breaker.failed(now, is_probe=True)
    assert waits == [1.0, 2.0, 4.0, 4.0, 4.0]


def test_it_is_given_up_after_so_long_without_an_answer_and_one_answer_mends_it() -> None:
    breaker, now = opened(5.0), 5.0
    while not breaker.is_given_up:
        now += breaker.wait(now)
        breaker.enter()
        breaker.failed(now, is_probe=True)
        assert now < 40.0
    assert now - 5.0 >= 20.0
    breaker.answered()
    assert not breaker.is_given_up
    assert breaker.state == "closed"


def test_a_probe_that_was_cancelled_makes_room_for_the_next() -> None:
    breaker = opened()
    breaker.enter()
    breaker.left(1.5)
    assert breaker.wait(1.5) == 0.0
    assert breaker.enter()


def test_calls_that_were_in_flight_when_it_opened_do_not_delay_the_probe() -> None:
    breaker = opened()
    breaker.failed(0.9, is_probe=False)
    assert breaker.wait(1.0) == 0.0


def test_a_late_probe_of_a_circuit_that_closed_meanwhile_is_a_failure_like_others() -> None:
    breaker = opened()
    breaker.enter()
    breaker.answered()  # a call of before came back after all
    breaker.failed(50.0, is_probe=True)
    assert breaker.state == "closed"
    assert not breaker.is_given_up


@given(st.lists(st.sampled_from(["fail", "answer", "probe", "leave", "time"]), max_size=60))
def test_never_two_probes_and_never_stuck(acts: list[str]) -> None:
    breaker, now, is_out = Breaker(POLICY), 0.0, False
    for act in acts:
        if act == "fail":
            breaker.failed(now, is_probe=False)
        elif act == "answer":
            breaker.answered()
            is_out = False
        elif act == "probe" and breaker.wait(now) == 0.0:
            assert not is_out or breaker.state == "closed"
            is_out = breaker.enter()
        elif act == "leave" and is_out:
            breaker.left(now)
            is_out = False
        else:
            now += 1.0
        assert is_out == (breaker.state == "probing")
        assert is_out or breaker.wait(now) <= POLICY.most_seconds


def test_a_policy_says_when_it_opens() -> None:
    assert BreakerPolicy().failures == 10
    assert BreakerPolicy().give_up_seconds == pytest.approx(300.0)
