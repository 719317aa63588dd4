"""Every draw of a field has the distribution that it names, within its bounds, whatever it depends on."""

from __future__ import annotations

import datetime
import math
import re
from typing import Any

import numpy as np
import polars as pl
import pytest
from scipy import stats

from personae.errors import InputError
from personae.population import Block, read_recipe
from personae.population.numeric_draws import DISTRIBUTIONS

N = 20_000
PARAMETERS: dict[str, dict[str, float]] = {
    "beta": {"a": 2, "b": 3}, "binom": {"n": 9, "p": 0.3}, "burr12": {"c": 3, "d": 4}, "chi2": {"df": 3},
    "f": {"dfn": 3, "dfd": 12}, "fisk": {"c": 4}, "gamma": {"a": 2, "scale": 10}, "gengamma": {"a": 2, "c": 1.5},
    "genextreme": {"c": 0.1}, "genpareto": {"c": 0.1}, "geom": {"p": 0.3}, "gompertz": {"c": 1},
    "hypergeom": {"M": 50, "n": 10, "N": 7}, "invgamma": {"a": 4}, "invgauss": {"mu": 1},
    "johnsonsb": {"a": 1, "b": 2}, "johnsonsu": {"a": 1, "b": 2}, "lognorm": {"s": 0.5, "scale": 30_000},
    "loguniform": {"a": 1, "b": 10}, "lomax": {"c": 3}, "nakagami": {"nu": 1}, "nbinom": {"n": 3, "p": 0.3},
    "pareto": {"b": 3}, "poisson": {"mu": 3}, "powerlaw": {"a": 2}, "randint": {"low": 1, "high": 7},
    "skewnorm": {"a": 4}, "t": {"df": 5}, "trapezoid": {"c": 0.2, "d": 0.6}, "triang": {"c": 0.4},
    "truncexpon": {"b": 3}, "weibull_max": {"c": 1.5}, "weibull_min": {"c": 1.5},
}  # fmt: skip


def draw(fields: dict[str, Any], n: int = N, **more: Any) -> pl.DataFrame:
    return read_recipe({"fields": fields, **more}).population(size=n, seed=5).frame()


def one(field: dict[str, Any], n: int = N, above: dict[str, Any] | None = None) -> pl.Series:
    return draw({**(above or {}), "extensions.x": field}, n)["extensions.x"]


def is_distributed(values: pl.Series, distribution: Any) -> bool:
    """Kolmogorov's test at one in a million; the seed is fixed, so that it is no matter of luck."""
    return bool(stats.kstest(values.to_numpy(), distribution.cdf).pvalue > 1e-6)


@pytest.mark.parametrize("name", DISTRIBUTIONS)
def test_every_distribution_is_that_of_scipy(name: str) -> None:
    values = one({"draw": "scipy", "distribution": name, "parameters": PARAMETERS.get(name, {})}, 4000)
    distribution = getattr(stats, name)(**PARAMETERS.get(name, {}))
    if isinstance(getattr(stats, name), stats.rv_continuous):
        assert is_distributed(values, distribution)
        return
    assert values.dtype == pl.Int64
    levels, counts = np.unique(values.to_numpy(), return_counts=True)
    expected = distribution.pmf(levels) * len(values)
    often = expected >= 5
    assert stats.chisquare(counts[often], expected[often] * counts[often].sum() / expected[often].sum()).pvalue > 1e-6


def test_a_distribution_within_bounds_is_that_distribution_given_the_bounds() -> None:
    told = {"draw": "scipy", "distribution": "gamma", "parameters": {"a": 2, "scale": 10}, "low": 5, "high": 30}
    values = one(told)
    whole = stats.gamma(2, scale=10)
    low, high = whole.cdf([5, 30])
    assert 5 <= float(values.min()) <= float(values.max()) <= 30  # type: ignore[arg-type]
    assert stats.kstest(values.to_numpy(), lambda x: (whole.cdf(x) - low) / (high - low)).pvalue > 1e-6
    counts = one({"draw": "scipy", "distribution": "poisson", "parameters": {"mu": 3}, "low": 1, "high": 2})
    assert set(counts) == {1, 2}
    assert (counts == 1).mean() == pytest.approx(3 / (3 + 4.5), abs=0.015)


def test_a_truncated_normal_is_right_far_out_in_either_tail() -> None:
    for low, high in ((8.0, None), (None, -8.0), (10.0, 10.5), (-2.0, 1.0)):
        values = one({"draw": "normal", "low": low, "high": high})
        distribution = stats.truncnorm(-np.inf if low is None else low, np.inf if high is None else high)
        assert is_distributed(values, distribution), (low, high)
        assert values.n_unique() > 0.99 * N  # nobody is heaped on a bound
    with pytest.raises(InputError, match="nothing of a normal"):
        one({"draw": "normal", "low": 60, "high": 61})


def test_whole_numbers_at_the_bounds_are_as_frequent_as_those_beside_them() -> None:
    ages = one({"draw": "normal", "mean": 50, "sd": 1000, "low": 18, "high": 27, "whole": True})
    counts = ages.value_counts().sort("extensions.x")
    assert counts["extensions.x"].to_list() == list(range(18, 28))
    assert stats.chisquare(counts["count"].to_numpy()).pvalue > 1e-6
    logs = one({"draw": "normal", "mean": 1, "sd": 1, "low": 0, "high": 4, "log": True, "whole": True})
    assert set(logs) == {0, 1, 2, 3, 4}


def test_uniform_whole_numbers_stay_within_bounds_that_are_not_whole() -> None:
    assert set(one({"draw": "uniform", "low": 1.5, "high": 3.7, "whole": True}, 200)) == {2, 3}
    with pytest.raises(InputError, match="no whole number"):
        one({"draw": "uniform", "low": 1.2, "high": 1.8, "whole": True})


def test_a_probability_may_depend_on_other_fields() -> None:
    above = {"demographics.age": {"draw": "choice", "values": [20, 80]}}
    frame = draw({**above, "extensions.x": {"draw": "bernoulli", "p": "logistic(0.05 * {demographics.age} - 2)"}})
    for age in (20, 80):
        share = frame.filter(pl.col("demographics.age") == age)["extensions.x"].mean()
        assert share == pytest.approx(1 / (1 + math.exp(2 - 0.05 * age)), abs=0.02)
    with pytest.raises(InputError, match="which is not 0 to 1"):
        one({"draw": "bernoulli", "p": "{demographics.age} / 50"}, above=above)
    with pytest.raises(InputError, match="is no probability"):
        one({"draw": "bernoulli", "p": 1.2})


def test_mean_spread_and_bounds_may_be_formulas() -> None:
    above = {"demographics.age": {"draw": "choice", "values": [20, 80]}}
    told = {
        "draw": "normal",
        "mean": "{demographics.age}",
        "sd": "{demographics.age} / 20",
        "high": "{demographics.age}",
    }
    frame = draw({**above, "extensions.x": told, "extensions.count": {"draw": "poisson", "mean": "{demographics.age}"},
                  "extensions.at": {"draw": "uniform", "low": 0, "high": "{demographics.age}", "whole": True},
                  "extensions.hits": {"draw": "binomial", "n": "{demographics.age}", "p": 0.25}})  # fmt: skip
    for age in (20, 80):
        mine = frame.filter(pl.col("demographics.age") == age)
        below = stats.truncnorm(-np.inf, 0, loc=age, scale=age / 20)
        assert is_distributed(mine["extensions.x"], below)
        assert mine["extensions.count"].mean() == pytest.approx(age, rel=0.02)
        assert mine["extensions.at"].max() == age
        assert mine["extensions.hits"].mean() == pytest.approx(age / 4, rel=0.02)


def test_binomial_counts() -> None:
    found = one({"draw": "binomial", "n": 10, "p": 0.3})
    counts = np.bincount(found.to_numpy(), minlength=11)
    expected = stats.binom(10, 0.3).pmf(np.arange(11)) * N
    often = expected > 5
    assert stats.chisquare(counts[often], expected[often] * counts[often].sum() / expected[often].sum()).pvalue > 1e-6


def test_what_depends_on_an_empty_cell_is_empty() -> None:
    some = {"draw": "mixture", "parts": [{"share": 1, "use": {"draw": "constant", "value": 4}},
                                         {"share": 1, "use": {"draw": "missing"}}]}  # fmt: skip
    word = {"draw": "mixture", "parts": [{"share": 1, "use": {"draw": "constant", "value": "a"}},
                                         {"share": 1, "use": {"draw": "missing"}}]}  # fmt: skip
    e = "{extensions.e}"
    frame = draw(
        {
            "extensions.e": some,
            "extensions.w": word,
            "extensions.a": {"draw": "linear", "slopes": {"extensions.e": 1}, "whole": True},
            "extensions.b": {"draw": "normal", "mean": e, "whole": True},
            "extensions.c": {"draw": "poisson", "mean": e},
            "extensions.d": {"draw": "binomial", "n": e, "p": 0.5},
            "extensions.f": {"draw": "bernoulli", "p": f"{e} / 8"},
            "extensions.g": {"draw": "uniform", "low": 0, "high": e, "whole": True},
            "extensions.h": {"draw": "formula", "formula": f"{e} + 1", "whole": True},
        },
        500,
    )
    empty = frame["extensions.e"].is_null()
    assert 150 < empty.sum() < 350
    for name in "abcdfgh":
        assert frame[f"extensions.{name}"].is_null().equals(empty), name
        assert frame[f"extensions.{name}"].dtype in (pl.Int64, pl.Boolean)
    by = draw({"extensions.w": word, "style": {"draw": "choice", "by": "extensions.w", "shares": {"a": {"x": 1}}}}, 500)
    assert by["style"].is_null().equals(by["extensions.w"].is_null())


def test_a_mixture_has_its_shares_and_its_kinds() -> None:
    told = {
        "draw": "mixture",
        "parts": [
            {"share": 1, "use": {"draw": "constant", "value": 0}},
            {"share": 3, "use": {"draw": "scipy", "distribution": "gamma", "parameters": {"a": 2}}},
        ],
    }
    found = one(told)
    assert (found == 0).mean() == pytest.approx(0.25, abs=0.013)
    assert is_distributed(found.filter(found != 0), stats.gamma(2))


def test_a_case_is_asked_only_of_those_whom_it_fits() -> None:
    cases = {
        "draw": "cases",
        "cases": [{"when": "{extensions.n} > 0", "use": {"draw": "formula", "formula": "10 / {extensions.n}"}}],
        "otherwise": {"draw": "constant", "value": -1},
    }
    frame = draw({"extensions.n": {"draw": "choice", "values": [0, 2]}, "extensions.x": cases}, 50)
    assert set(frame.select("extensions.n", "extensions.x").rows()) == {(0, -1.0), (2, 5.0)}


def test_columns_have_one_type_whoever_is_in_a_block() -> None:
    rare = {
        "draw": "cases",
        "cases": [{"when": "{extensions.u} > 0.9999", "use": {"draw": "normal", "mean": "{extensions.u}"}}],
        "otherwise": {"draw": "constant", "value": 1},
    }
    source = read_recipe({"fields": {"extensions.u": {"draw": "uniform"}, "extensions.x": rare}}).source()
    kinds = {source.draw(Block(start, 20, 400, 1)).schema["extensions.x"] for start in range(0, 400, 20)}
    assert kinds == {pl.Float64()}


def test_dates_are_even_and_deltas_count_in_their_unit() -> None:
    hours = {"start": "2001-01-01T10:00", "end": "2001-01-01T13:59", "unit": "hours"}
    frame = draw(
        {
            "extensions.born": {"draw": "datetime", "start": "2001-01-01", "end": "2001-12-31"},
            "extensions.month": {"draw": "datetime", "start": "2001-03-15", "end": "2001-05-02", "unit": "months"},
            "extensions.hour": {"draw": "datetime", **hours},
            "extensions.later": {
                "draw": "timedelta", "after": "extensions.born", "least": 1, "most": 3, "unit": "months",
            },
            "extensions.before": {
                "draw": "timedelta", "after": "extensions.hour", "least": -2, "most": 0, "unit": "minutes",
            },
            "extensions.age": {"draw": "formula", "formula": "days({extensions.born}, {extensions.later})"},
        }
    )  # fmt: skip
    days = frame["extensions.born"].value_counts()
    assert days.height == 365
    assert stats.chisquare(days["count"].to_numpy()).pvalue > 1e-6
    assert set(frame["extensions.month"]) == {datetime.date(2001, month, 1) for month in (3, 4, 5)}
    assert {one.hour for one in frame["extensions.hour"]} == {10, 11, 12, 13}
    months = frame.select(
        (pl.col("extensions.later").dt.year() - 2001) * 12
        + pl.col("extensions.later").dt.month()
        - pl.col("extensions.born").dt.month()
    ).to_series()
    assert set(months) == {1, 2, 3}
    gaps = frame.select((pl.col("extensions.hour") - pl.col("extensions.before")).dt.total_minutes()).to_series()
    assert set(gaps) == {0, 1, 2}
    assert frame["extensions.age"].max() == 92


def test_dates_are_spelled_as_iso_does_in_personas() -> None:
    day = {"draw": "datetime", "start": "2001-01-01", "end": "2001-01-01"}
    recipe = read_recipe({"fields": {"extensions.d": day, "social_identity.joined": day}})
    person = next(recipe.population(size=1).personas())
    assert person.extensions["d"] == person.social_identity["joined"] == "2001-01-01"


def test_identifiers_are_uuids_of_the_seed() -> None:
    found = one({"draw": "uuid", "prefix": "p-"})
    form = re.compile(r"p-[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
    assert all(form.fullmatch(each) for each in found)
    assert found.n_unique() == N
    assert found.equals(one({"draw": "uuid", "prefix": "p-"}))
    assert {len(each) for each in one({"draw": "uuid", "short": True}, 20)} == {8}


def test_names_are_of_the_culture_and_gender_of_each() -> None:
    from personae.population import load_names

    frame = draw(
        {
            "extensions.culture": {"draw": "choice", "values": ["japanese", "spanish"]},
            "demographics.gender": {"draw": "choice", "values": ["Woman", "man", "nonbinary"]},
            "name": {"draw": "name", "by": "extensions.culture", "gender": "demographics.gender"},
        },
        3000,
    )
    table = load_names()
    for culture, gender, name in frame.drop("id").unique().rows():
        known = table.find(name)
        assert known is not None
        assert known.cultures == (culture,)
        assert gender == "nonbinary" or known.gender in ("either", {"Woman": "feminine", "man": "masculine"}[gender])
    assert frame.filter(pl.col("extensions.culture") == "japanese")["name"].n_unique() == len(table.tied("japanese"))
    with pytest.raises(InputError, match="there is no culture 'martian'"):
        one({"draw": "name", "culture": "martian"})


def test_truth_values_choose_tables_however_a_file_spells_them() -> None:
    above = {"extensions.votes": {"draw": "bernoulli", "p": 0.5}}
    for yes, no in (("true", "false"), ("True", "False")):
        shares = {yes: {"a": 1}, no: {"b": 1}}
        frame = draw({**above, "style": {"draw": "choice", "by": "extensions.votes", "shares": shares}}, 200)
        assert set(frame.select("extensions.votes", "style").rows()) == {(True, "a"), (False, "b")}


def test_decimals_round() -> None:
    found = one({"draw": "normal", "mean": 10, "sd": 3, "decimals": 1})
    assert all(abs(value * 10 - round(value * 10)) < 1e-9 for value in found)


@pytest.mark.parametrize(
    ("field", "said"),
    [
        ({"draw": "scipy", "distribution": "gama"}, "did you mean 'gamma'"),
        ({"draw": "scipy", "distribution": "__class__"}, "no distribution"),
        ({"draw": "scipy", "distribution": "rv_continuous"}, "no distribution"),
        ({"draw": "scipy", "distribution": "gamma"}, "gamma needs a"),
        ({"draw": "scipy", "distribution": "gamma", "parameters": {"a": -1}}, "cannot have the parameters"),
        ({"draw": "scipy", "distribution": "gamma", "parameters": {"a": 1, "b": 1}}, "has no 'b'"),
        ({"draw": "scipy", "distribution": "beta", "parameters": {"a": 1, "b": 1}, "low": 2}, "nothing of beta"),
        ({"draw": "normal", "sd": -1}, "below 0"),
        ({"draw": "normal", "mean": "age"}, "'age' is not known"),
        ({"draw": "normal", "mean": "{extensions.nix}"}, "not drawn above it"),
        ({"draw": "normal", "log": True, "high": 0}, "above 0"),
        ({"draw": "normal", "mean": 1e30, "whole": True}, "too large"),
        ({"draw": "poisson", "mean": -1}, "is not 0 to"),
        ({"draw": "binomial", "n": 1.5, "p": 0.1}, "no whole number"),
        ({"draw": "datetime", "start": "2001-13-01", "end": "2002-01-01"}, "no date or time"),
        ({"draw": "datetime", "start": "2002-01-01", "end": "2001-01-01"}, "is after end"),
        ({"draw": "datetime", "start": "2001-01-01T00:00+02:00", "end": "2002-01-01"}, "time zone"),
        ({"draw": "timedelta", "after": "extensions.a", "most": 3}, "not drawn above it"),
        ({"draw": "name"}, "of one culture"),
        ({"draw": "choice", "values": [1, "a"]}, "all texts, all numbers"),
        ({"draw": "choice", "values": ["a", "a"]}, "twice"),
        ({"draw": "mixture", "parts": [{"share": 1, "use": {"draw": "constant", "value": 0}},
                                       {"share": 1, "use": {"draw": "constant", "value": "none"}}]}, "numbers here"),
    ],
)  # fmt: skip
def test_what_cannot_be_drawn_is_refused(field: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError, match=said):
        one(field, 20)


def test_a_delta_from_what_is_no_date_is_refused() -> None:
    with pytest.raises(InputError, match="no date"):
        one({"draw": "timedelta", "after": "style", "most": 3}, 20, {"style": {"draw": "constant", "value": "x"}})
