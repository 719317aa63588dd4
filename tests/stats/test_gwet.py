"""Gwet's agreement on tables worked by hand, and where kappa-like measures fail."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from personae.errors import InputError
from personae.stats import gwet_ac, krippendorff_alpha


def test_a_table_worked_by_hand() -> None:
    # p_a = 3/4; shares .625 and .375; p_e = 2 * .625 * .375
    found = gwet_ac([[1, 1], [1, 1], [1, 2], [2, 2]])
    assert found.estimate == pytest.approx((0.75 - 0.46875) / (1 - 0.46875))
    assert (found.n, found.missing) == (4, 0)


def test_ordinal_weights_worked_by_hand() -> None:
    # categories 1 to 4: a step apart is worth 1 - 2/12, two 1 - 6/12, three 0; all weights sum to 4 + 5 + 2 = 11
    found = gwet_ac([[4, 3], [4, 4]], categories=[1, 2, 3, 4], weights="ordinal")
    agreed = (5 / 6 + 1) / 2
    chance = 11 / 12 * (0.75 * 0.25 + 0.25 * 0.75)
    assert found.estimate == pytest.approx((agreed - chance) / (1 - chance))


def test_one_category_that_is_common_does_not_take_agreement_away() -> None:
    ratings = np.full((50, 2), 4.0)
    ratings[0] = (4, 3)
    ratings[1] = (3, 4)
    assert krippendorff_alpha(ratings).estimate < 0.05
    assert gwet_ac(ratings, categories=[1, 2, 3, 4]).estimate > 0.9


def test_raters_at_random_agree_at_nought() -> None:
    ratings = np.random.default_rng(1).integers(1, 5, size=(4000, 3)).astype(float)
    for weights in ("identity", "ordinal", "linear", "quadratic"):
        assert abs(gwet_ac(ratings[:600], weights=weights).estimate) < 0.06


def test_units_with_one_rating_are_missing() -> None:
    found = gwet_ac([[1.0, 1.0], [2.0, float("nan")], [2.0, 2.0], [float("nan"), float("nan")]])
    assert (found.n, found.missing) == (2, 2)
    assert found.estimate == 1.0


@given(st.lists(st.lists(st.integers(1, 4), min_size=3, max_size=3), min_size=3, max_size=12))
def test_agreement_does_not_depend_on_who_is_first(rows: list[list[int]]) -> None:
    table = np.array(rows, dtype=float)
    a, b = (gwet_ac(one, categories=[1, 2, 3, 4], weights="ordinal").estimate for one in (table, table[:, ::-1]))
    assert a == pytest.approx(b)
    assert a <= 1.0 + 1e-12


def test_bad_input() -> None:
    with pytest.raises(InputError, match="matrix"):
        gwet_ac([1, 2])
    with pytest.raises(InputError, match="no category"):
        gwet_ac([[1, 9], [1, 1]], categories=[1, 2])
    with pytest.raises(InputError, match="unknown"):
        gwet_ac([[1, 2], [1, 1]], weights="cubic")  # type: ignore[arg-type]
    assert np.isnan(gwet_ac([[1, 1], [1, 1]]).estimate)
