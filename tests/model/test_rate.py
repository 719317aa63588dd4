"""Buckets never let more through than they say; what was reserved and not used comes back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from personae.model import Bucket, Request, Sampling, TokenEstimate, Usage

TIMES = st.floats(0, 100, allow_nan=False)


def drive(bucket: Bucket, amounts: list[float], pauses: list[float]) -> list[tuple[float, float]]:
    """Take each amount as soon as may be, after a pause each; when and what."""
    now, taken = 0.0, []
    for amount, pause in zip(amounts, pauses, strict=True):
        now += pause
        while (wait := bucket.wait(amount, now)) > 0:
            now += wait
        bucket.take(amount, now)
        taken.append((now, amount))
    return taken


def most_in_a_minute(taken: list[tuple[float, float]]) -> float:
    return max(sum(amount for at, amount in taken if start <= at < start + 60 - 1e-3) for start, _ in taken)


@given(
    limit=st.integers(1, 3000),
    pauses=st.lists(st.one_of(st.just(0.0), st.floats(0, 90)), min_size=1, max_size=400),
)
def test_no_minute_sees_more_calls_than_allowed(limit: int, pauses: list[float]) -> None:
    taken = drive(Bucket(limit, 0.0), [1.0] * len(pauses), pauses)
    assert most_in_a_minute(taken) <= limit


@given(
    limit=st.integers(2, 100_000),
    shares=st.lists(st.tuples(st.floats(0.001, 0.5), st.floats(0, 30)), min_size=1, max_size=200),
)
def test_no_minute_sees_more_tokens_than_allowed_when_sizes_are_known(
    limit: int, shares: list[tuple[float, float]]
) -> None:
    amounts = [max(0.1, share * limit) for share, _ in shares]
    bucket = Bucket(limit, 0.0, unit=0.0)
    bucket.wait(limit / 2, 0.0)  # the largest there will be
    taken = drive(bucket, amounts, [pause for _, pause in shares])
    assert most_in_a_minute(taken) <= limit * (1 + 1e-6) + 1e-3


@pytest.mark.parametrize("limit", [1, 7, 60, 600, 6000])
def test_somebody_who_always_wants_gets_nearly_all(limit: int) -> None:
    count = limit * 5
    taken = drive(Bucket(limit, 0.0), [1.0] * count, [0.0] * count)
    assert count * 60 / limit * 0.95 - 60 / limit <= taken[-1][0] <= count * 60 / limit * 1.05


def test_an_amount_over_the_limit_passes_alone_and_leaves_a_debt() -> None:
    bucket = Bucket(60, 0.0)
    (first, _), (second, _) = drive(bucket, [500.0, 1.0], [60.0, 0.0])
    assert first < 121  # a full bucket is enough
    assert second - first > 400


@given(calls=st.lists(st.tuples(st.floats(0, 50), st.floats(0, 50)), max_size=30))
def test_what_is_settled_is_what_was_used(calls: list[tuple[float, float]]) -> None:
    bucket = Bucket(6000, 0.0)
    full = bucket.level(0.0)
    for reserved, _ in calls:
        bucket.take(reserved, 0.0)
    for reserved, used in calls:
        bucket.settle(reserved, used, 0.0)
    used_in_all = sum(used for _, used in calls)
    # Nothing is made from nothing: it cannot hold more than it did, less what was used since it was full last.
    assert bucket.level(0.0) <= full
    if sum(reserved for reserved, _ in calls) >= 0 and all(used >= reserved for reserved, used in calls):
        assert bucket.level(0.0) == pytest.approx(full - used_in_all)


@given(calls=st.lists(st.tuples(st.floats(0, 50), st.floats(0, 1)), min_size=1, max_size=30))
def test_what_is_given_back_is_there_again(calls: list[tuple[float, float]]) -> None:
    bucket = Bucket(6000, 0.0)
    full = bucket.level(0.0)
    for reserved, _ in calls:
        bucket.take(reserved, 0.0)
    for reserved, share in calls:
        bucket.settle(reserved, reserved * share, 0.0)
    assert bucket.level(0.0) == pytest.approx(full - sum(reserved * share for reserved, share in calls))


def test_a_clock_that_goes_back_brings_nothing() -> None:
    bucket = Bucket(60, 100.0)
    bucket.take(1, 100.0)
    assert bucket.wait(1, 50.0) == pytest.approx(1.0)
    assert bucket.wait(1, 100.5) == pytest.approx(0.5)


def test_an_estimate_learns_letters_and_lengths_from_replies() -> None:
    estimate = TokenEstimate()
    request = Request.of("x" * 396, sampling=Sampling(max_tokens=300))
    assert estimate.expect(request) == pytest.approx(100 + 300)
    for _ in range(200):
        estimate.learn(request, Usage(input_tokens=150, output_tokens=20))
    assert estimate.expect(request) == pytest.approx(150 + 20, rel=0.02)
    longer = Request.of("x" * 796, sampling=Sampling(max_tokens=1000))
    assert estimate.expect(longer) == pytest.approx(300 + 1000, rel=0.02)  # another bound is another kind of call


def test_an_endpoint_that_tells_no_input_leaves_the_ratio_alone() -> None:
    estimate = TokenEstimate()
    request = Request.of("x" * 396)
    before = estimate.expect(request)
    estimate.learn(request, Usage(output_tokens=512))
    assert estimate.expect(request) == pytest.approx(before)
