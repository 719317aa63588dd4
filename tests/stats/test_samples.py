"""Reading samples: what is missing is counted, and what belongs together stays together."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from personae.errors import InputError
from personae.stats.samples import cluster_codes, take, take_clustered, take_pairs, take_rows, undefined

MAYBE = st.lists(st.one_of(st.floats(-9, 9), st.just(math.nan)), max_size=20)


@given(MAYBE)
def test_values_and_gaps_sum_to_what_was_given(values: list[float]) -> None:
    found = take(values)
    assert len(found.values) + found.missing == len(values)
    assert found.values.tolist() == [value for value in values if not math.isnan(value)]


@given(MAYBE)
def test_a_pair_needs_both(values: list[float]) -> None:
    first, second, missing = take_pairs(values, values[::-1])
    kept = [(a, b) for a, b in zip(values, values[::-1], strict=True) if not (math.isnan(a) or math.isnan(b))]
    assert list(zip(first.tolist(), second.tolist(), strict=True)) == kept
    assert missing == len(values) - len(kept)


@given(MAYBE, st.integers(1, 4))
def test_clusters_keep_step_with_their_values(values: list[float], kinds: int) -> None:
    names = [f"cluster {index % kinds}" for index in range(len(values))]
    found = take_clustered(values, names)
    kept = [(value, name) for value, name in zip(values, names, strict=True) if not math.isnan(value)]
    order = list(dict.fromkeys(name for _, name in kept))
    assert found.values.tolist() == [value for value, _ in kept]
    assert [order[code] for code in found.codes] == [name for _, name in kept]
    assert found.clusters == len(order)
    for code, name in enumerate(order):
        assert found.means[code] == pytest.approx(np.mean([value for value, other in kept if other == name]))


def test_without_clusters_every_row_is_its_own() -> None:
    assert cluster_codes(4, None, np.array([True, False, True, True])).tolist() == [0, 1, 2]


def test_rows_with_a_gap_are_set_aside() -> None:
    rows, kept, missing = take_rows([[1.0, 2.0], [math.nan, 1.0], [3.0, 4.0]])
    assert rows.tolist() == [[1.0, 2.0], [3.0, 4.0]]
    assert kept.tolist() == [True, False, True]
    assert missing == 1


def test_what_does_not_fit_together_is_refused_with_the_numbers() -> None:
    with pytest.raises(InputError, match="2 values are paired with 3"):
        take_pairs([1, 2], [1, 2, 3])
    with pytest.raises(InputError, match="2 values have 1 clusters"):
        take_clustered([1, 2], ["a"])
    for wrong in ([1.0, 2.0], 3.0, [[[1.0]]]):
        with pytest.raises(InputError, match="no matrix"):
            take_rows(wrong)


def test_what_cannot_be_computed_is_nan_and_says_why() -> None:
    found = undefined("nothing there", n=0, missing=2, method="mean")
    assert all(math.isnan(value) for value in (found.estimate, found.low, found.high))
    assert (found.n, found.missing, found.note) == (0, 2, "nothing there")
