"""Dirichlet people, segments, quotas, Sobol points and far-apart choices: planted shares and spreads are there."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from numpy.typing import NDArray

from personae.errors import InputError
from personae.population import (
    Axis,
    Block,
    CoverSource,
    DirichletSource,
    Population,
    Segment,
    SegmentSource,
    Taste,
    choose_apart,
    quotas,
)


def test_dirichlet_weights_have_the_moments_of_the_distribution() -> None:
    alpha = (2.0, 1.0, 0.5)
    weights, _ = DirichletSource(("a", "b", "c"), (Taste(1.0, alpha),)).weights(np.random.default_rng(0), 40_000)
    total = sum(alpha)
    mean = np.array(alpha) / total
    assert np.allclose(weights.sum(axis=1), 1)
    assert np.allclose(weights.mean(axis=0), mean, atol=0.006)
    assert np.allclose(weights.var(axis=0), mean * (1 - mean) / (total + 1), atol=0.004)


def test_a_tiny_alpha_gives_people_of_one_concern_and_never_nobody() -> None:
    weights, _ = DirichletSource.symmetric([f"r{i}" for i in range(10)], 0.01).weights(np.random.default_rng(1), 5000)
    assert np.isfinite(weights).all()
    assert np.median(weights.max(axis=1)) > 0.95
    assert np.allclose(weights.mean(axis=0), 0.1, atol=0.02)  # fair between scorers


def test_a_mixture_has_its_shares() -> None:
    source = DirichletSource(("a", "b"), (Taste(1, (50.0, 1.0)), Taste(3, (1.0, 50.0))))
    frame = Population(source, 8000).frame()
    assert abs((frame["extensions.taste"] == 0).mean() - 0.25) < 0.02  # type: ignore[operator]
    assert frame.filter(pl.col("extensions.taste") == 0)["extensions.preference.a"].mean() > 0.9  # type: ignore[operator]


@pytest.mark.parametrize("tastes", [(), (Taste(0.0, (1.0, 1.0)),), (Taste(1.0, (1.0,)),), (Taste(1.0, (0.0, 1.0)),)])
def test_parameters_that_do_not_fit_are_refused(tastes: tuple[Taste, ...]) -> None:
    with pytest.raises(InputError, match="dirichlet"):
        DirichletSource(("a", "b"), tastes)


def test_segments_have_exact_counts_in_random_order() -> None:
    source = SegmentSource([Segment("a", 0.13, {"style": "x"}), Segment("b", 0.5), Segment("c", 0.37)])
    frame = Population(source, 100, seed=4).frame()
    counts = dict(frame["extensions.segment"].value_counts().rows())
    assert counts == {"a": 13, "b": 50, "c": 37}
    assert frame["extensions.segment"].to_list() != sorted(frame["extensions.segment"])
    assert set(frame.filter(pl.col("extensions.segment") == "b")["style"]) == {None}


def test_segments_by_chance_vary_as_a_simple_random_sample_does() -> None:
    source = SegmentSource([Segment("a", 0.3), Segment("b", 0.7)], exact=False)
    shares = [(Population(source, 500, seed=s).frame()["extensions.segment"] == "a").mean() for s in range(60)]
    assert np.mean(shares) == pytest.approx(0.3, abs=0.01)  # type: ignore[arg-type]
    assert np.std(shares) == pytest.approx(np.sqrt(0.21 / 500), rel=0.35)  # type: ignore[arg-type]


def test_quotas_give_every_combination_its_count() -> None:
    plan = quotas({("woman", "old"): 3, ("man", "old"): 1, ("man", "young"): 0}, ["demographics.gender", "style"])
    rows = Population(plan, 4).frame().select("demographics.gender", "style").rows()
    assert sorted(rows) == [("man", "old"), ("woman", "old"), ("woman", "old"), ("woman", "old")]


def test_segments_need_names_of_their_own_and_shares() -> None:
    with pytest.raises(InputError, match="different names"):
        SegmentSource([Segment("a", 1), Segment("a", 1)])
    with pytest.raises(InputError, match="share 0"):
        SegmentSource([Segment("a", 0)])


def test_sobol_people_fill_every_part_of_the_space() -> None:
    source = CoverSource({"traits.big_five.openness": Axis(), "traits.big_five.extraversion": Axis()})
    frame = source.draw(Block(0, 256, 256, 1))
    z = frame.to_numpy()
    cells = np.floor((z + 2) / 4 * 8).astype(int).clip(0, 7)
    counts = np.bincount(cells[:, 0] * 8 + cells[:, 1], minlength=64)
    assert counts.min() == counts.max() == 4  # chance would leave some of 64 cells empty or crowded
    later = source.draw(Block(128, 128, 256, 1))
    assert np.allclose(later.to_numpy(), z[128:])


def test_normal_sobol_people_have_the_normal_quantiles() -> None:
    z = CoverSource({"traits.a.b": Axis(-6, 6, "normal")}).draw(Block(0, 1024, 1024, 0))["traits.a.b"].to_numpy()
    assert np.mean(z) == pytest.approx(0, abs=0.01)
    assert np.std(z) == pytest.approx(1, abs=0.01)


def test_people_chosen_apart_cover_more_than_people_chosen_by_chance() -> None:
    rng = np.random.default_rng(0)
    people = pl.DataFrame({"traits.a.b": rng.standard_normal(400), "traits.a.c": rng.standard_normal(400)})
    z = people.to_numpy()

    def nearest(rows: NDArray[np.int64]) -> float:
        d = np.linalg.norm(z[rows][:, None] - z[rows][None], axis=2)
        return float(d[np.triu_indices(len(rows), 1)].min())

    chosen = choose_apart(people, 12)
    assert len(set(chosen.tolist())) == 12
    by_chance = [nearest(rng.choice(400, 12, replace=False)) for _ in range(50)]
    assert nearest(chosen) > max(by_chance)


def test_more_than_there_are_cannot_be_chosen() -> None:
    with pytest.raises(InputError, match="cannot be chosen"):
        choose_apart(pl.DataFrame({"style": ["a"]}), 2)
