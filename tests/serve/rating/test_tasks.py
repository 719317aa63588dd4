"""Tasks: what is compared with what, how often, in which order and on which side."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from personae.errors import InputError
from personae.serve.rating import Task, Text, make_tasks
from personae.serve.rating.tasks import is_swapped, order_for


def texts(count: int, group: str = "") -> list[Text]:
    return [Text(f"{group}{number}", f"text {number} of {group or 'all'}", group) for number in range(count)]


def pairs_of(tasks: list[Task]) -> list[frozenset[str]]:
    return [frozenset(text.id for text in task.texts) for task in tasks]


def test_groups_are_compared_with_each_other_only() -> None:
    made = make_tasks("pairwise", [*texts(3, "a"), *texts(2, "b")], pairs=100, rng=np.random.default_rng(0))
    assert len(made) == 6
    assert all({text.group for text in task.texts} == {"a", "b"} for task in made)


def test_without_groups_every_pair_occurs_once() -> None:
    made = make_tasks("pairwise", texts(5), pairs=100, rng=np.random.default_rng(0))
    assert len(set(pairs_of(made))) == len(made) == 10


@given(st.integers(2, 9), st.integers(2, 9), st.integers(1, 30), st.integers(0, 5))
def test_a_part_of_the_pairs_uses_texts_about_equally_often(first: int, second: int, pairs: int, seed: int) -> None:
    made = make_tasks(
        "pairwise", [*texts(first, "a"), *texts(second, "b")], pairs=pairs, rng=np.random.default_rng(seed)
    )
    assert len(made) == min(pairs, first * second)
    assert len(set(pairs_of(made))) == len(made)
    for group, size in (("a", first), ("b", second)):
        used = Counter(text.id for task in made for text in task.texts if text.group == group)
        assert len(used) >= min(size, len(made)) - 1
        assert max(used.values()) - min(used.values()) <= 2


def test_a_scale_takes_texts_one_by_one() -> None:
    made = make_tasks("likert", texts(4), pairs=1, rng=np.random.default_rng(0))
    assert [task.texts[0].id for task in made] == ["0", "1", "2", "3"]


@pytest.mark.parametrize(
    "bad", [[], [Text("1", "alone")], [Text("1", "a", "x"), Text("1", "b", "y")], [Text("1", " "), Text("2", "b")]]
)
def test_what_cannot_be_compared_is_refused(bad: list[Text]) -> None:
    with pytest.raises(InputError):
        make_tasks("pairwise", bad, pairs=5, rng=np.random.default_rng(0))


def test_many_texts_do_not_take_for_ever() -> None:
    made = make_tasks("pairwise", texts(5000), pairs=200, rng=np.random.default_rng(0))
    assert len(made) == 200


def test_each_rater_has_an_order_of_their_own_that_stays() -> None:
    made = make_tasks("pairwise", texts(8), pairs=100, rng=np.random.default_rng(0))
    assert order_for("ann", 1, made) == order_for("ann", 1, made[::-1])
    assert order_for("ann", 1, made) != order_for("bob", 1, made)
    assert order_for("ann", 1, made) != order_for("ann", 2, made)


def test_sides_are_as_a_fair_coin() -> None:
    made = make_tasks("pairwise", texts(2), pairs=1, rng=np.random.default_rng(0))
    swapped = sum(is_swapped(f"rater {number}", 0, made[0]) for number in range(2000))
    assert 900 < swapped < 1100
    assert not is_swapped("ann", 0, Task("t1", (Text("1", "alone"),)))
