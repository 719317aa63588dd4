"""Shares of variance of nested units: planted truth, REML as oracle, what cannot be told."""

from __future__ import annotations

import math

import numpy as np
import pytest

from personae.errors import InputError
from personae.stats import nested_shares


def drawn(
    rng: np.random.Generator, groups: int, units: int, readings: int, sd: tuple[float, float, float]
) -> tuple[list[float], list[str], list[str]]:
    values, outer, inner = [], [], []
    for group in range(groups):
        of_group = rng.normal(0, sd[0])
        for unit in range(units):
            of_unit = rng.normal(0, sd[1])
            for _ in range(readings):
                values.append(float(of_group + of_unit + rng.normal(0, sd[2])))
                outer.append(f"g{group}")
                inner.append(f"u{unit}")
    return values, outer, inner


def test_planted_components_are_recovered() -> None:
    rng = np.random.default_rng(1)
    found = nested_shares(*drawn(rng, 120, 4, 6, (1.0, 0.5, 1.0)))
    assert found.groups.estimate == pytest.approx(1 / 2.25, abs=0.08)
    assert found.units.estimate == pytest.approx(0.25 / 2.25, abs=0.04)
    assert found.groups.low < 1 / 2.25 < found.groups.high
    assert sum(one.estimate for one in found) == pytest.approx(1)
    assert all(one.p_value is not None and one.p_value < 1e-6 for one in found[:2])


def test_it_is_reml_of_a_mixed_model_where_the_design_is_balanced() -> None:
    formula = pytest.importorskip("statsmodels.formula.api")
    pd = pytest.importorskip("pandas")
    values, outer, inner = drawn(np.random.default_rng(5), 10, 3, 5, (1.0, 0.7, 1.2))
    found = nested_shares(values, outer, inner)
    frame = pd.DataFrame({"y": values, "g": outer, "u": inner})
    fit = formula.mixedlm("y ~ 1", frame, groups="g", re_formula="1", vc_formula={"u": "0 + C(u)"}).fit(reml=True)
    parts = np.array([float(fit.cov_re.iloc[0, 0]), float(fit.vcomp[0]), float(fit.scale)])
    assert [one.estimate for one in found] == pytest.approx((parts / parts.sum()).tolist(), abs=2e-3)


def test_without_groups_p_is_even_and_the_share_small() -> None:
    rng = np.random.default_rng(2)
    found = [nested_shares(*drawn(rng, 8, 3, 5, (0.0, 0.6, 1.0))) for _ in range(120)]
    p_values = [one.groups.p_value for one in found]
    assert np.mean([p is not None and p < 0.05 for p in p_values]) == pytest.approx(0.05, abs=0.05)
    assert np.mean([one.groups.estimate for one in found]) < 0.06


def test_an_unbalanced_design_is_estimated_too() -> None:
    rng = np.random.default_rng(3)
    values, outer, inner = drawn(rng, 120, 5, 6, (1.0, 0.6, 1.0))
    kept = rng.random(len(values)) < 0.6
    found = nested_shares(*([one[i] for i in np.flatnonzero(kept)] for one in (values, outer, inner)))
    assert found.groups.estimate == pytest.approx(1 / 2.36, abs=0.08)
    assert found.units.estimate == pytest.approx(0.36 / 2.36, abs=0.04)


def test_units_of_two_groups_may_be_called_alike_and_missing_values_are_counted() -> None:
    values, outer, inner = drawn(np.random.default_rng(0), 5, 3, 4, (1.0, 0.1, 0.1))
    assert nested_shares([*values, math.nan], [*outer, "g0"], [*inner, "u0"]).groups.missing == 1
    renamed = [f"{group}-{unit}" for group, unit in zip(outer, inner, strict=True)]
    assert nested_shares(values, outer, renamed).groups == nested_shares(values, outer, inner).groups


def test_what_cannot_be_told_is_said() -> None:
    assert "groups" in nested_shares([1, 2, 3, 4], list("aabb"), list("uvuv")).groups.note
    assert "two units" in nested_shares([1, 2, 3, 4, 5, 6], list("aabbcc"), list("uuuuuu")).groups.note
    assert "two values" in nested_shares([1, 2, 3, 4, 5, 6], list("aabbcc"), list("uvuvuv")).groups.note
    constant = nested_shares([1.0] * 12, list("aaaabbbbcccc"), list("uuvvuuvvuuvv"))
    assert "same" in constant.rest.note
    with pytest.raises((InputError, ValueError)):
        nested_shares([1, 2], ["a"], ["u", "v"])
