"""Running totals: what was done, what it cost, and what is not known."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from personae.model import STATUSES, Reply, Status, Usage
from personae.study import Tally


def test_a_new_tally_has_done_nothing() -> None:
    tally = Tally()
    assert (tally.done, tally.calls, tally.cached_calls, tally.failed_calls, tally.cost) == (0, 0, 0, 0, 0.0)
    assert tally.total is None
    assert tally.usage == Usage()
    assert tally.cost_text() == "$0.00"


@settings(deadline=None)
@given(st.integers(0, 1000), st.lists(st.sampled_from(STATUSES)))
def test_done_is_what_any_start_finished_in_whatever_way(resumed: int, statuses: Sequence[Status]) -> None:
    tally = Tally(resumed=resumed)
    for status in statuses:
        tally.statuses[status] += 1
    assert tally.done == resumed + len(statuses)


def test_calls_tokens_and_money_are_summed() -> None:
    tally = Tally()
    tally.count_reply(Reply("a", usage=Usage(10, 5, 4, 2)), 0.25)
    tally.count_reply(Reply("b", usage=Usage(1, 1), is_cached=True), 0.0)
    tally.count_failure()
    assert (tally.calls, tally.cached_calls, tally.failed_calls) == (3, 1, 1)
    assert tally.usage == Usage(11, 6, 4, 2)
    assert tally.cost == pytest.approx(0.25)


@pytest.mark.parametrize(
    ("costs", "text"),
    [
        ([], "$0.00"),
        ([0.0], "$0.00"),
        ([1.2, 0.04], "$1.24"),
        ([None], "unknown"),
        ([None, 0.0], "unknown"),
        ([None, 2.5], "over $2.50"),
        ([2.5, None, 2.5], "over $5.00"),
    ],
)
def test_a_cost_is_never_shown_as_known_when_a_part_is_not(costs: list[float | None], text: str) -> None:
    tally = Tally()
    for cost in costs:
        tally.count_reply(Reply("x"), cost)
    assert tally.cost_text() == text


def test_two_tallies_share_nothing() -> None:
    one, other = Tally(), Tally()
    one.statuses["ok"] += 1
    one.count_reply(Reply("x", usage=Usage(1)), 1.0)
    assert (other.done, other.usage, other.cost) == (0, Usage(), 0.0)
