"""The copula: planted correlations behind numbers, ranks, truth values and categories are found, and drawn again."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import polars as pl
import pytest

from personae.errors import InputError
from personae.population import Block, CopulaSource, Margin, Population, fit_copula, fit_tree

N = 50_000
PLANTED = np.array(
    [
        [1.0, 0.5, -0.3, 0.2, 0.4],
        [0.5, 1.0, -0.2, 0.1, 0.3],
        [-0.3, -0.2, 1.0, -0.4, 0.0],
        [0.2, 0.1, -0.4, 1.0, 0.25],
        [0.4, 0.3, 0.0, 0.25, 1.0],
    ]
)
LEVELS = ("never", "seldom", "often", "always")


def mixed(n: int, seed: int) -> pl.DataFrame:
    z = np.random.default_rng(seed).standard_normal((n, 5)) @ np.linalg.cholesky(PLANTED).T
    return pl.DataFrame(
        {
            "traits.big_five.openness": z[:, 0],
            "extensions.income": np.exp(10 + z[:, 1]),  # skewed
            "extensions.church": pl.Series(LEVELS).gather(np.digitize(z[:, 2], [-1.0, 0.2, 1.1])),
            "extensions.married": z[:, 3] > 0.6,
            "demographics.age": np.rint(45 + 12 * z[:, 4]).astype(int),
        }
    )


ORDER = {"extensions.church": LEVELS}


def test_a_planted_correlation_matrix_is_recovered_within_two_hundredths() -> None:
    found = fit_copula(mixed(N, 2), ordered=ORDER)
    assert np.abs(found.correlation - PLANTED).max() < 0.02
    z = np.random.default_rng(2).standard_normal((N, 5)) @ np.linalg.cholesky(PLANTED).T  # before it was bent and cut
    assert np.abs(found.correlation - np.corrcoef(z.T)).max() < 0.01


def test_people_drawn_have_the_planted_correlations_and_the_margins_of_the_data() -> None:
    data = mixed(N, 2)
    planted = replace(fit_copula(data, ordered=ORDER), correlation=PLANTED)
    drawn = Population(planted, N, seed=9).frame().drop("id")
    assert np.abs(fit_copula(drawn, ordered=ORDER).correlation - PLANTED).max() < 0.02
    for level in LEVELS:
        shares = [(frame["extensions.church"] == level).to_numpy().mean() for frame in (data, drawn)]
        assert abs(shares[0] - shares[1]) < 0.01
    seen, made = (np.quantile(frame["extensions.income"].to_numpy(), [0.1, 0.5, 0.9]) for frame in (data, drawn))
    assert np.allclose(seen, made, rtol=0.05)
    assert drawn["demographics.age"].dtype.is_integer()
    assert set(drawn["extensions.married"].unique()) == {True, False}


def test_a_category_without_order_is_put_where_its_neighbours_are() -> None:
    rng = np.random.default_rng(3)
    age = rng.uniform(0, 90, 20_000)
    stage = np.select([age < 18, age < 66], ["pupil", "worker"], "retired")  # alphabetical order is another one
    data = pl.DataFrame({"demographics.age": age, "demographics.occupation": stage})
    fitted = fit_copula(data)
    margin = fitted.margins[1]
    assert margin.values in (("pupil", "worker", "retired"), ("retired", "worker", "pupil"))
    assert abs(fitted.correlation[0, 1]) > 0.9


def test_empty_cells_are_set_aside_pair_by_pair() -> None:
    data = mixed(20_000, 4)
    holes = np.random.default_rng(0).random(20_000) < 0.3
    data = data.with_columns(
        pl.when(pl.Series(holes)).then(None).otherwise(pl.col("extensions.income")).alias("extensions.income")
    )
    assert abs(fit_copula(data, ordered=ORDER).correlation[0, 1] - 0.5) < 0.03


def test_correlations_that_cannot_be_are_refused() -> None:
    margins = tuple(Margin(f"extensions.{name}", (0.0, 1.0)) for name in "abc")
    with pytest.raises(InputError, match="cannot hold together"):
        CopulaSource(margins, np.array([[1, 0.9, -0.9], [0.9, 1, 0.9], [-0.9, 0.9, 1]]))
    with pytest.raises(InputError, match="does not fit"):
        CopulaSource(margins, np.eye(2))


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"style": ["a", "a"], "name": ["x", "y"]}, "says the same of everybody"),
        ({"stile": ["a", "b"]}, "no field"),
        ({"name": [f"n{i}" for i in range(300)]}, "300 categories"),
    ],
)
def test_data_that_cannot_be_fitted_are_refused(data: dict[str, list[str]], said: str) -> None:
    with pytest.raises(InputError, match=said):
        fit_copula(pl.DataFrame(data))


def test_values_never_leave_the_range_of_the_data() -> None:
    source = fit_copula(mixed(2000, 5), ordered=ORDER)
    data, drawn = mixed(2000, 5)["extensions.income"], source.draw(Block(0, 20_000, 20_000, 0))["extensions.income"]
    assert drawn.min() >= data.min()  # type: ignore[operator]
    assert drawn.max() <= data.max()  # type: ignore[operator]


def test_ratings_zeros_and_truth_values_as_numbers_are_recovered_as_well() -> None:
    """Ranks of people who are tied would give .40 for a planted .6 of a column of 0 and 1."""
    z = np.random.default_rng(2).standard_normal((N, 5)) @ np.linalg.cholesky(PLANTED).T
    data = pl.DataFrame(
        {
            "extensions.score": z[:, 0],
            "extensions.rating": np.digitize(z[:, 1], [-1.2, -0.3, 0.4, 1.3]) + 1,
            "extensions.income": np.where(z[:, 2] < -0.25, 0.0, np.exp(z[:, 2])),  # two fifths earn nothing
            "extensions.owner": (z[:, 3] > 1).astype(int),
            "extensions.party": pl.Series(list("dbaec")).gather(np.digitize(z[:, 4], [-0.9, -0.1, 0.5, 1.2])),
        }
    )
    fitted = fit_copula(data)
    party = fitted.correlation[:, 4] * np.sign(fitted.correlation[0, 4])  # which end is first cannot be known
    found = fitted.correlation.copy()
    found[:4, 4] = found[4, :4] = party[:4]
    assert np.abs(found - PLANTED).max() < 0.02
    drawn = Population(fitted, N, seed=1).frame().drop("id")
    assert np.abs(np.abs(fit_copula(drawn).correlation) - np.abs(PLANTED)).max() < 0.03
    assert set(drawn["extensions.rating"].unique()) == {1, 2, 3, 4, 5}
    assert set(drawn["extensions.owner"].unique()) == {0, 1}
    assert abs(float((drawn["extensions.income"] == 0).to_numpy().mean()) - 0.4) < 0.01


def test_survey_weights_give_the_population_and_not_the_sample() -> None:
    population = mixed(200_000, 6)
    chance = 1 / (1 + np.exp(-population["traits.big_five.openness"].to_numpy()))  # the open answer more often
    answered = np.random.default_rng(1).random(population.height) < chance
    sample = population.filter(answered).with_columns(pl.Series("weight", 1 / chance[answered]), id=pl.lit("x"))
    plain, weighted = (fit_copula(one, ordered=ORDER) for one in (sample.drop("weight"), sample))
    assert [margin.column for margin in weighted.margins] == population.columns
    assert plain.draw(Block(0, N, N, 1))["traits.big_five.openness"].to_numpy().mean() > 0.2
    drawn = weighted.draw(Block(0, N, N, 1))
    assert abs(drawn["traits.big_five.openness"].to_numpy().mean()) < 0.03
    married = [frame["extensions.married"].to_numpy().mean() for frame in (drawn, population)]
    assert abs(married[0] - married[1]) < 0.01
    assert np.abs(weighted.correlation - PLANTED).max() < 0.02


def test_what_is_no_number_is_an_empty_cell() -> None:
    x = np.random.default_rng(0).standard_normal(2000)
    data = pl.DataFrame({"extensions.x": np.where(x > 1.5, np.nan, x), "extensions.y": x})
    assert fit_copula(data).correlation[0, 1] > 0.99


def test_people_of_no_weight_are_not_drawn() -> None:
    data = pl.DataFrame({"style": ["a", "b", "c"] * 40, "name": ["x", "x", "y"] * 40, "weight": [1.0, 1.0, 0.0] * 40})
    data = data.with_columns(pl.when(pl.col("style") == "b").then(pl.lit("z")).otherwise("name").alias("name"))
    for source in (fit_copula(data), fit_tree(data)):
        assert set(source.draw(Block(0, 500, 500, 0))["style"]) == {"a", "b"}


def test_a_long_tail_keeps_its_length() -> None:
    rng = np.random.default_rng(4)
    income = np.where(rng.random(N) < 0.5, 0.0, np.exp(1.2 * rng.standard_normal(N)))
    data = pl.DataFrame({"extensions.income": income, "extensions.other": rng.standard_normal(N)})
    drawn = fit_copula(data).draw(Block(0, 4 * N, 4 * N, 2))["extensions.income"].to_numpy()
    assert drawn.mean() == pytest.approx(income.mean(), rel=0.02)
    assert np.quantile(drawn, [0.99, 0.999, 0.9995]) == pytest.approx(
        np.quantile(income, [0.99, 0.999, 0.9995]), rel=0.1
    )
    assert drawn.std() == pytest.approx(income.std(), rel=0.05)


def test_a_rare_category_is_found_without_bias() -> None:
    found = []
    for seed in range(6):
        rng = np.random.default_rng(seed)
        x = rng.standard_normal(20_000)
        y = -0.5 * x + np.sqrt(0.75) * rng.standard_normal(20_000)
        income = np.where(x < 0.2, 0.0, np.exp(x))
        data = pl.DataFrame({"extensions.income": income, "style": np.where(y > 2.8, "rare", "usual")})
        source = fit_copula(data, ordered={"style": ["usual", "rare"]})
        found.append(source.correlation[0, 1])
        share = source.draw(Block(0, N, N, 1))["style"].to_list().count("rare") / N
        assert share == pytest.approx(float((y > 2.8).mean()), abs=0.0015)
    assert np.mean(found) == pytest.approx(-0.5, abs=0.1)  # four standard errors: fifty people of each sample are rare


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"extensions.x": [1.0, float("inf"), 3.0, 4.0], "extensions.y": [1, 2, 3, 4]}, "infinite"),
        ({"goals": [["a"], ["b"]], "extensions.y": [1, 2]}, "holds lists"),
        ({}, "nothing to fit"),
        ({"extensions.x": pl.Series([], dtype=pl.Int64)}, "nothing to fit"),
    ],
)
def test_what_has_no_margin_is_refused(data: dict[str, Any], said: str) -> None:
    for fit in (fit_copula, fit_tree):
        with pytest.raises(InputError, match=said):
            fit(pl.DataFrame(data))
