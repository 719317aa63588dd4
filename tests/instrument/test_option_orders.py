"""Orders of options, and what is left of an answer when its place is averaged out."""

from __future__ import annotations

import math
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from personae.errors import InputError
from personae.instrument import (
    Administration,
    administer_over_orders,
    load_instrument,
    make_form,
    option_orders,
    over_orders,
)
from personae.model import Request, ScriptedModel, open_model
from support.questionnaires import small_instrument


@given(st.integers(2, 5), st.sampled_from(["swap", "cyclic", "all"]))
def test_every_order_names_every_option_once(count: int, plan: str) -> None:
    orders = option_orders(count, plan)
    assert all(sorted(order) == list(range(count)) for order in orders)
    assert len(set(orders)) == len(orders) == {"swap": 2, "cyclic": count, "all": math.factorial(count)}[plan]


@given(st.integers(2, 6))
def test_cyclic_orders_put_each_option_at_each_place_once(count: int) -> None:
    for place in range(count):
        assert sorted(order[place] for order in option_orders(count, "cyclic")) == list(range(count))


def test_a_shuffled_order_is_seeded_and_reaches_all() -> None:
    drawn = [option_orders(3, "shuffled", np.random.default_rng(seed))[0] for seed in range(200)]
    assert drawn[7] == option_orders(3, "shuffled", np.random.default_rng(7))[0]
    assert len(Counter(drawn)) == 6
    with pytest.raises(ValueError, match="rng"):
        option_orders(3, "shuffled")


@pytest.mark.parametrize(("count", "plan", "said"), [(1, "swap", "two"), (9, "all", "cyclic"), (3, "snake", "swap")])
def test_what_is_no_plan_is_refused(count: int, plan: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        option_orders(count, plan)


def test_an_order_that_leaves_an_option_out_is_refused() -> None:
    with pytest.raises(InputError, match="name every place"):
        make_form(small_instrument(), Administration(option_order=(0, 1, 2, 3, 3)))


def test_whoever_takes_the_first_option_is_found_out() -> None:
    orders = option_orders(4, "cyclic")
    found = over_orders([1, 2, 3, 4], orders, [order[0] + 1 for order in orders])
    assert found.first.estimate == 1
    assert found.agreement == 0.25
    assert found.value is None
    assert found.mean == pytest.approx(2.5)


def test_whoever_reads_the_words_is_not() -> None:
    orders = option_orders(4, "cyclic")
    found = over_orders([1, 2, 3, 4], orders, [3, 3, None, 3])
    assert (found.value, found.agreement, found.answered, found.missing) == (3, 1.0, 3, 1)
    assert found.first.missing == 1
    assert found.shares == {3: 1.0}


def test_without_an_answer_nothing_is_said() -> None:
    found = over_orders([1, 2], option_orders(2), [None, None])
    assert found.value is None
    assert math.isnan(found.mean)
    assert found.shares == {}


async def test_each_order_is_asked_and_scored_by_value() -> None:
    def first(request: Request) -> str:
        return request.messages[-1].content.split("Response options:\n")[1][0]

    model = ScriptedModel(first)
    how = Administration(mode="item_wise", option_marks="letters")
    given_ = await administer_over_orders(small_instrument(), model, how, plan="cyclic")
    assert [one.values for one in given_.given] == [[value] * 4 for value in (1, 2, 3, 4, 5)]
    assert all(one.first.estimate == 1 for one in given_.items.values())
    assert given_.values == [None] * 4


async def test_a_planted_preference_for_the_first_option_is_recovered() -> None:
    shares = {}
    for bias in (0.0, 6.0):
        model = open_model("sim", {"order_bias": str(bias)})
        given_ = await administer_over_orders(load_instrument("bfi-10"), model, plan="cyclic")
        shares[bias] = sum(one.first.estimate for one in given_.items.values()) / 10
    assert 0.1 < shares[0.0] < 0.3
    assert shares[6.0] > 0.5
