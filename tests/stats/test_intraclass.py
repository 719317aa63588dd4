"""Intraclass correlation: the published example, an independent implementation, planted truth."""

from __future__ import annotations

import math
from typing import Literal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from personae.errors import InputError
from personae.stats import icc

FORMS: tuple[Literal["A1", "C1", "Ak", "Ck"], ...] = ("A1", "C1", "Ak", "Ck")

# Shrout & Fleiss (1979), table 2: six targets, four judges.
JUDGES = np.array([[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]], dtype=float)


@pytest.mark.parametrize(("form", "value"), [("A1", 0.29), ("C1", 0.71), ("Ak", 0.62), ("Ck", 0.91)])
def test_the_example_of_shrout_and_fleiss(form: Literal["A1", "C1", "Ak", "Ck"], value: float) -> None:
    found = icc(JUDGES, form=form)
    assert found.estimate == pytest.approx(value, abs=0.005)
    assert found.low < found.estimate < found.high
    assert (found.n, found.missing) == (6, 0)


@pytest.mark.oracle
@pytest.mark.filterwarnings("ignore")  # the other implementation's own
def test_estimates_and_intervals_are_those_of_pingouin() -> None:
    pingouin = pytest.importorskip("pingouin")
    import pandas as pd

    frame = pd.DataFrame(JUDGES).melt(ignore_index=False, var_name="rater", value_name="score").reset_index()
    table = pingouin.intraclass_corr(frame, targets="index", raters="rater", ratings="score").set_index("Type")
    interval = next(name for name in table.columns if str(name).startswith("CI95"))
    names = list(table.index)
    for form, candidates in (("A1", ("ICC2", "ICC(A,1)")), ("C1", ("ICC3", "ICC(C,1)"))):
        row = table.loc[next(name for name in candidates if name in names)]
        found = icc(JUDGES, form=form)  # type: ignore[arg-type]
        assert found.estimate == pytest.approx(row["ICC"], abs=1e-6)
        assert (found.low, found.high) == pytest.approx(tuple(row[interval]), abs=0.006)


def draw(rng: np.random.Generator, n: int, raters: int, *, bias: float) -> NDArray[np.float64]:
    """Targets of variance 1, raters whose leniency has variance bias squared, noise of variance 1."""
    leniency = rng.normal(0, bias, size=raters)
    values: NDArray[np.float64] = rng.normal(size=n)[:, None] + leniency + rng.normal(size=(n, raters))
    return values


@pytest.mark.parametrize(("form", "truth"), [("C1", 1 / 2), ("Ck", 4 / 5)])
def test_the_interval_of_consistency_covers(form: Literal["C1", "Ck"], truth: float) -> None:
    rng, held = np.random.default_rng(0), 0
    for _ in range(2000):
        found = icc(draw(rng, 30, 4, bias=0.5), form=form)
        held += found.low <= truth <= found.high
    assert 0.93 < held / 2000 < 0.97


@pytest.mark.parametrize(("form", "truth"), [("A1", 1 / 2.25), ("Ak", 4 / (4 + 1.25))])
def test_the_interval_of_agreement_covers(form: Literal["A1", "Ak"], truth: float) -> None:
    rng, held = np.random.default_rng(1), 0
    for _ in range(2000):
        found = icc(draw(rng, 30, 4, bias=0.5), form=form)
        held += found.low <= truth <= found.high
    assert 0.93 < held / 2000 < 0.98  # Satterthwaite's approximation is slightly conservative with few raters


@given(st.integers(0, 10_000), st.floats(-50, 50))
def test_the_order_of_targets_and_a_shift_of_all_change_nothing(seed: int, shift: float) -> None:
    rng = np.random.default_rng(seed)
    rows = draw(rng, 12, 3, bias=1.0)
    for form in FORMS:
        assert icc(rows[rng.permutation(12)] + shift, form=form).estimate == pytest.approx(
            icc(rows, form=form).estimate
        )


def test_leniency_hurts_agreement_and_not_consistency() -> None:
    rows = draw(np.random.default_rng(2), 40, 3, bias=0.0)
    lenient = rows + np.array([0.0, 3.0, -3.0])
    assert icc(lenient, form="C1").estimate == pytest.approx(icc(rows, form="C1").estimate)
    assert icc(lenient, form="A1").estimate < icc(rows, form="A1").estimate - 0.2


def test_rows_that_miss_a_rating_are_set_aside() -> None:
    holed = np.vstack([JUDGES, [np.nan, 1, 2, 3]])
    found = icc(holed)
    assert (found.n, found.missing) == (6, 1)
    assert found.estimate == icc(JUDGES).estimate


@pytest.mark.parametrize("rows", [np.ones((5, 3)), JUDGES[:1], JUDGES[:, :1]])
def test_without_variation_or_company_there_is_none(rows: NDArray[np.float64]) -> None:
    found = icc(rows)
    assert math.isnan(found.estimate)
    assert found.note


@pytest.mark.parametrize("form", FORMS)
def test_identical_raters_agree_perfectly(form: Literal["A1", "C1", "Ak", "Ck"]) -> None:
    found = icc(np.repeat(JUDGES[:, :1], 3, axis=1), form=form)
    assert (found.estimate, found.low, found.high) == pytest.approx((1.0, 1.0, 1.0))


@pytest.mark.parametrize("form", FORMS)
def test_targets_that_do_not_differ_have_none_and_say_so(form: Literal["A1", "C1", "Ak", "Ck"]) -> None:
    for rows in ([[1, 2], [1, 2], [1, 2]], [[1, 9], [9, 1], [2, 8], [8, 2]]):
        found = icc(np.array(rows, dtype=float), form=form, level=0.9)
        assert math.isnan(found.estimate)
        assert "do not differ" in found.note
        assert found.level == 0.9


def test_raters_who_disagree_by_system_give_values_or_nan_and_no_failure() -> None:
    for form in FORMS:
        found = icc(np.array([[1.0, 9.0], [9.0, 1.5], [2.0, 8.0], [8.0, 2.0]]), form=form)
        assert math.isnan(found.estimate) or found.estimate < 0


def test_an_unknown_form_and_a_level_that_is_none_are_refused() -> None:
    with pytest.raises(InputError, match="form"):
        icc(JUDGES, form="B1")  # type: ignore[arg-type]
    with pytest.raises(InputError, match="level"):
        icc(JUDGES, level=95)
