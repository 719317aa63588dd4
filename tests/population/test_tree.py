"""The tree of dependence: a planted chain is found, its tables are drawn again, and what never occurs never does."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from personae.errors import InputError
from personae.population import Population, fit_tree

N = 20_000


def chain(seed: int) -> pl.DataFrame:
    rng = np.random.default_rng(seed)
    age = rng.uniform(0, 90, N)
    work = np.where(age < 18, "pupil", np.where(rng.random(N) < 0.3, "nurse", "smith"))
    style = np.where(work == "nurse", "kind", np.where(rng.random(N) < 0.5, "kind", "curt"))
    return pl.DataFrame({"style": style, "demographics.age": age, "demographics.occupation": work})


def test_the_edges_are_those_that_were_planted() -> None:
    edges = {frozenset(edge) for edge in fit_tree(chain(0)).edges}
    assert edges == {
        frozenset(("style", "demographics.occupation")),
        frozenset(("demographics.age", "demographics.occupation")),
    }


def test_people_drawn_have_the_joint_shares_of_the_data() -> None:
    data, drawn = chain(1), Population(fit_tree(chain(1)), N, seed=2).frame()
    for columns in (["style", "demographics.occupation"], ["style"], ["demographics.occupation"]):
        seen = {row[:-1]: row[-1] / N for row in data.group_by(columns).len().rows()}
        made = {row[:-1]: row[-1] / N for row in drawn.group_by(columns).len().rows()}
        assert set(made) == set(seen)  # no combination that never occurs
        assert max(abs(seen[key] - made[key]) for key in seen) < 0.02
    ages = [np.quantile(frame["demographics.age"].to_numpy(), [0.25, 0.5, 0.75]) for frame in (data, drawn)]
    assert np.abs(ages[0] - ages[1]).max() < 2
    pupils = drawn.filter(pl.col("demographics.occupation") == "pupil")["demographics.age"].to_numpy()
    assert pupils.max() < 25  # within the twelfth in which the bound lies


def test_weights_count() -> None:
    data = pl.DataFrame({"style": ["a", "b"] * 50, "name": ["x", "y"] * 50, "weight": [3.0, 1.0] * 50})
    drawn = Population(fit_tree(data), 8000).frame()
    assert abs((drawn["style"] == "a").to_numpy().mean() - 0.75) < 0.02
    assert drawn.filter(pl.col("style") == "a")["name"].unique().to_list() == ["x"]


def test_empty_cells_are_refused() -> None:
    with pytest.raises(InputError, match="empty for somebody"):
        fit_tree(pl.DataFrame({"style": ["a", None], "name": ["x", "y"]}))
