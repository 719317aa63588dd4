"""Segments, quotas, covering designs and Dirichlet mixtures as a recipe writes them down: exact where they say so."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import polars as pl
import pytest
from scipy import stats
from scipy.spatial.distance import pdist

from personae.errors import InputError
from personae.population import BLOCK, CoverSource, Population, read_recipe
from personae.population.covering import MOST_APART, Axis

SEGMENTS: dict[str, Any] = {
    "kinds": [
        {
            "name": "young",
            "share": 1,
            "set": {"demographics.residence": "city", "goals": ["travel"]},
            "joint": [
                {
                    "columns": ["traits.big_five.openness", "traits.big_five.neuroticism"],
                    "correlation": [[1, 0.6], [0.6, 1]],
                    "mean": [0.5, 0],
                }
            ],
            "fields": {"demographics.age": {"draw": "uniform", "low": 18, "high": 30, "whole": True}},
        },
        {
            "name": "settled",
            "share": 2,
            "set": {"demographics.residence": "town"},
            "fields": {"demographics.age": {"draw": "uniform", "low": 40, "high": 60, "whole": True}},
        },
    ]
}


def frame_of(n: int, **recipe: Any) -> pl.DataFrame:
    return read_recipe(recipe).population(size=n, seed=3).frame()


def test_segments_have_their_shares_exactly_and_give_what_they_give() -> None:
    n = BLOCK + 1_001  # over more than one block
    frame = frame_of(n, segments=SEGMENTS, fields={"style": {"draw": "text", "text": "{demographics.residence}!"}})
    assert Counter(frame["extensions.segment"]) == {"young": n // 3, "settled": n - n // 3}
    young, settled = (frame.filter(pl.col("extensions.segment") == name) for name in ("young", "settled"))
    assert set(young["demographics.residence"]) == {"city"}
    assert set(settled["style"]) == {"town!"}
    assert young["demographics.age"].max() == 30
    assert settled["demographics.age"].min() == 40
    assert settled["goals"].null_count() == settled.height
    assert young["goals"].to_list()[0] == ["travel"]
    r = np.corrcoef(young["traits.big_five.openness"], young["traits.big_five.neuroticism"])[0, 1]
    assert r == pytest.approx(0.6, abs=0.035)
    assert young["traits.big_five.openness"].mean() == pytest.approx(0.5, abs=0.05)
    assert settled["traits.big_five.openness"].null_count() == settled.height


def test_segments_by_chance_vary_as_a_random_sample_does() -> None:
    told = {**SEGMENTS, "exact": False, "column": "extensions.group"}
    recipe = read_recipe({"segments": told})
    counts = [
        recipe.population(size=300, seed=seed).frame()["extensions.group"].to_list().count("young")
        for seed in range(200)
    ]
    assert np.mean(counts) == pytest.approx(100, abs=2.5)
    assert np.std(counts) == pytest.approx(np.sqrt(300 * 2 / 9), rel=0.25)


def test_quotas_of_cells_and_margins_are_exact_and_independent() -> None:
    n = 6_000
    quotas = {
        "cells": [
            {"set": {"demographics.gender": "woman", "demographics.age": 30}, "share": 10},
            {"set": {"demographics.gender": "man", "demographics.age": 30}, "share": 20},
            {"set": {"demographics.gender": "woman", "demographics.age": 70}, "share": 30},
        ],
        "margins": {"extensions.region": {"north": 1, "south": 2}, "style": {"plain": 0.5, "long": 0.5}},
    }
    frame = frame_of(n, quotas=quotas)
    cells = Counter(frame.select("demographics.gender", "demographics.age").rows())
    assert cells == {("woman", 30): 1000, ("man", 30): 2000, ("woman", 70): 3000}
    assert Counter(frame["extensions.region"]) == {"north": 2000, "south": 4000}
    assert Counter(frame["style"]) == {"plain": 3000, "long": 3000}
    for one, other in (("extensions.region", "style"), ("demographics.gender", "style")):
        table = frame.group_by(one, other).len().pivot(other, index=one, values="len").drop(one).to_numpy()
        assert stats.chi2_contingency(table).pvalue > 1e-6


def test_quotas_stay_exact_when_people_are_rejected() -> None:
    frame = frame_of(
        900,
        quotas={"margins": {"demographics.gender": {"woman": 1, "man": 2}}},
        fields={"demographics.age": {"draw": "uniform", "low": 0, "high": 99, "whole": True}},
        reject=["{demographics.gender} == 'man' and {demographics.age} > 4", "{demographics.age} < 1"],
    )
    assert Counter(frame["demographics.gender"]) == {"woman": 300, "man": 600}
    ages = frame.filter(pl.col("demographics.gender") == "man")["demographics.age"]
    counts = np.bincount(ages.to_numpy(), minlength=5)
    assert counts[0] == 0
    assert len(counts) == 5
    assert stats.chisquare(counts[1:]).pvalue > 1e-6


def test_who_cannot_be_drawn_in_their_place_is_named() -> None:
    with pytest.raises(InputError, match=r"rejected after .* such as {'demographics.gender': 'man'}"):
        frame_of(
            10,
            quotas={"margins": {"demographics.gender": {"woman": 1, "man": 1}}},
            fields={"style": {"draw": "constant", "value": "a"}},
            reject=[{"demographics.gender": "man", "style": "a"}],
        )


def test_a_factorial_design_keeps_its_combinations_when_people_are_rejected() -> None:
    frame = read_recipe(
        {
            "cross": {"levels": {"style": ["a", "b"], "demographics.gender": ["woman", "man"]}, "replicates": 5,
                      "exclude": ["{style} == 'b' and {demographics.gender} == 'man'"]},
            "fields": {"demographics.age": {"draw": "uniform", "low": 0, "high": 9, "whole": True}},
            "reject": ["{demographics.age} < 5 and {style} == 'a'"],
        }
    ).population().frame()  # fmt: skip
    cells = Counter(frame.select("style", "demographics.gender").rows())
    assert cells == {("a", "woman"): 5, ("a", "man"): 5, ("b", "woman"): 5}
    assert frame.filter(pl.col("style") == "a")["demographics.age"].min() == 5


def test_rejection_draws_from_the_distribution_given_what_is_left() -> None:
    frame = frame_of(
        20_000,
        fields={"extensions.a": {"draw": "normal"}, "extensions.b": {"draw": "normal"}},
        reject=["{extensions.a} + {extensions.b} < 1"],  # keeps a fourth
    )
    sums = (frame["extensions.a"] + frame["extensions.b"]).to_numpy()
    given = stats.truncnorm(1 / np.sqrt(2), np.inf, scale=np.sqrt(2))
    assert stats.kstest(sums, given.cdf).pvalue > 1e-6


def test_a_sobol_design_covers_numbers_and_categories_evenly() -> None:
    axes = {
        "traits.big_five.openness": {},
        "demographics.age": {"low": 18, "high": 81, "whole": True},
        "style": ["a", "b", "c", "d"],
    }
    frame = frame_of(1024, cover={"axes": axes})
    assert set(Counter(frame["style"]).values()) == {256}
    assert set(Counter(frame["demographics.age"]).values()) == {16}
    quarter = np.floor(frame["traits.big_five.openness"].to_numpy() + 2).astype(int)
    assert set(Counter(zip(quarter, frame["style"], strict=True)).values()) == {64}
    shorter = frame_of(100, cover={"axes": axes})
    assert shorter.drop("id").equals(frame.head(100).drop("id"))


def test_a_maximin_design_has_nobody_near_another() -> None:
    axes: dict[str, Any] = {f"traits.big_five.{name}": {} for name in ("openness", "neuroticism", "extraversion")}
    apart = frame_of(40, cover={"how": "maximin", "axes": axes}).drop("id").to_numpy()
    sobol = frame_of(40, cover={"axes": axes}).drop("id").to_numpy()
    chance = np.random.default_rng(0).uniform(-2, 2, (40, 3))
    assert pdist(apart, "cityblock").min() > 1.5 * pdist(sobol, "cityblock").min()
    assert pdist(apart, "cityblock").min() > 2 * pdist(chance, "cityblock").min()
    assert np.abs(apart[0]).max() < 0.5  # the middle first
    with pytest.raises(InputError, match="4000 people at most"):
        read_recipe({"size": MOST_APART + 1, "cover": {"how": "maximin", "axes": axes}})
    with pytest.raises(InputError, match="too many to hold"):
        Population(CoverSource({"traits.a.b": Axis()}, "maximin"), MOST_APART + 1).frame()


def test_a_dirichlet_mixture_has_the_moments_of_its_kinds() -> None:
    tastes = [{"name": "even", "share": 3, "alpha": 2}, {"name": "brief", "share": 1, "alpha": [1, 8, 1]}]
    frame = frame_of(20_000, dirichlet={"scorers": ["kind", "brief", "funny"], "tastes": tastes})
    columns = [f"extensions.preference.{name}" for name in ("kind", "brief", "funny")]
    assert np.allclose(frame.select(columns).to_numpy().sum(axis=1), 1)
    for name, share, alpha in (("even", 0.75, [2, 2, 2]), ("brief", 0.25, [1, 8, 1])):
        mine = frame.filter(pl.col("extensions.taste") == name)
        assert mine.height / frame.height == pytest.approx(share, abs=0.013)
        known = stats.dirichlet(alpha)
        assert mine.select(columns).to_numpy().mean(axis=0) == pytest.approx(known.mean(), abs=0.012)
        assert mine.select(columns).to_numpy().var(axis=0) == pytest.approx(known.var(), rel=0.12)
    unnamed = frame_of(50, dirichlet={"scorers": ["a", "b"], "tastes": [{"alpha": 1}]})
    assert set(unnamed["extensions.taste"]) == {0}


def test_everybody_can_tell_where_each_field_is_from() -> None:
    recipe = read_recipe(
        {
            "name": "panel",
            "licence": "cc0-1.0",
            "segments": SEGMENTS,
            "quotas": {"margins": {"extensions.region": {"north": 1}}},
            "cover": {"axes": {"traits.big_five.extraversion": {}}},
            "dirichlet": {"scorers": ["a", "b"], "tastes": [{"alpha": 1}]},
            "fields": {"name": {"draw": "constant", "value": "x"}},
        }
    )
    sources = recipe.source().provenance
    assert sources["*"].by == "recipe panel"
    assert sources["goals"].by == "2 segments by quota"
    assert (sources["extensions.region"].origin, sources["extensions.region"].by) == (
        "given",
        "quotas of extensions.region",
    )
    assert sources["traits.big_five.extraversion"].by == "covering design (sobol)"
    assert "Dirichlet" in sources["extensions.preference.a"].by
    assert {one.licence for one in sources.values()} == {"cc0-1.0"}
    first, again = (recipe.population(size=60, seed=1) for _ in range(2))
    assert first.frame().equals(again.frame())
    assert not first.frame().equals(recipe.population(size=60, seed=2).frame())


def test_recipes_of_other_parts_are_other_sources() -> None:
    quotas = {"margins": {"style": {"a": 1, "b": 1}}}
    first, other = read_recipe({"quotas": quotas}), read_recipe({"quotas": {"margins": {"style": {"a": 1, "b": 2}}}})
    assert first.source().describe() != other.source().describe()


@pytest.mark.parametrize(
    ("recipe", "said"),
    [
        ({"segments": {"kinds": []}}, "at least 1"),
        ({"segments": {"kinds": [{"name": "a", "share": 0}]}}, "greater than 0"),
        ({"segments": {"kinds": [{"name": "a", "share": 1}, {"name": "a", "share": 1}]}}, "two segments called 'a'"),
        ({"segments": {"kinds": [{"name": "a", "share": 1, "set": {"stile": "x"}}]}}, "no field"),
        ({"segments": {"kinds": [{"name": "a", "share": 1, "set": {"style": "x"},
                                  "fields": {"style": {"draw": "constant", "value": "y"}}}]}}, "gives style twice"),
        ({"segments": {"kinds": [{"name": "a", "share": 1, "fields": {"style": {"draw": "text", "text": "{name}"}}}]}},
         "not drawn above"),
        ({"segments": {"kinds": [{"name": "a", "share": 1, "set": {"style": "x"}}]},
          "fields": {"style": {"draw": "constant", "value": "y"}}}, "drawn twice"),
        ({"quotas": {}}, "cells or margins"),
        ({"quotas": {"margins": {"style": {"a": -1}}}}, "greater than 0"),
        ({"quotas": {"margins": {"style": {}}}}, "at least 1"),
        ({"quotas": {"cells": [{"set": {"style": "a"}, "share": 1}, {"set": {"name": "a"}, "share": 1}]}},
         "same fields"),
        ({"quotas": {"cells": [{"set": {"style": "a"}, "share": 1}] * 2}}, "there twice"),
        ({"quotas": {"cells": [{"set": {"style": "a"}, "share": 1}], "margins": {"style": {"a": 1}}}}, "by itself"),
        ({"cover": {"axes": {}}}, "at least 1"),
        ({"cover": {"axes": {"traits.a.b": {"low": 2, "high": 1}}}}, "not below"),
        ({"cover": {"axes": {"style": ["a", "a"]}}}, "no different values"),
        ({"cover": {"axes": {"traits.a.b": {"shape": "normal", "low": 90, "high": 91}}}}, "z-scores"),
        ({"dirichlet": {"scorers": ["a"], "tastes": [{"alpha": 1}]}}, "at least 2"),
        ({"dirichlet": {"scorers": ["a", "b"], "tastes": [{"alpha": [1, 2, 3]}]}}, "does not fit 2 scorers"),
        ({"dirichlet": {"scorers": ["a", "b"], "tastes": [{"alpha": 0}]}}, "does not fit"),
        ({"quotas": {"margins": {"style": {"a": 1}}}, "reject": [{"style": "a"}]}, "the design gives"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_with_its_place(recipe: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError, match=said):
        read_recipe(recipe)


def test_a_column_of_numbers_here_and_texts_there_is_refused() -> None:
    kinds = [
        {"name": "a", "share": 1, "set": {"extensions.x": 1}},
        {"name": "b", "share": 1, "set": {"extensions.x": "y"}},
    ]
    with pytest.raises(InputError, match="numbers in the segment a and texts in b"):
        frame_of(4, segments={"kinds": kinds})


def test_a_segment_says_where_its_draw_failed() -> None:
    bad = {"draw": "formula", "formula": "1 / ({traits.big_five.openness} * 0)"}
    kind = {**SEGMENTS["kinds"][0], "fields": {"extensions.x": bad}}
    with pytest.raises(InputError, match=r"segment young: extensions\.x: formula"):
        frame_of(5, segments={"kinds": [kind]})


def test_numbers_that_are_keys_of_shares_are_numbers() -> None:
    frame = frame_of(
        40,
        quotas={"margins": {"demographics.age": {"30": 1, "60": 1}}},
        fields={
            "traits.big_five.openness": {"draw": "choice", "shares": {"-1": 1, "1.5": 1}},
            "style": {"draw": "choice", "by": "demographics.age", "shares": {"30": {"a": 1}, "60": {"b": 1}}},
        },
        reject=["{demographics.age} + {traits.big_five.openness} > 61"],
    )
    assert frame.schema["demographics.age"] == pl.Int64
    assert frame.schema["traits.big_five.openness"] == pl.Float64
    assert Counter(frame.select("demographics.age", "style").rows()) == {(30, "a"): 20, (60, "b"): 20}
    with pytest.raises(InputError, match=r"demographics\.age: 'old' is no number"):
        frame_of(4, quotas={"margins": {"demographics.age": {"old": 1}}})
    with pytest.raises(InputError, match="'high' is no number"):
        frame_of(4, fields={"traits.big_five.openness": {"draw": "choice", "values": ["high", "low"]}})
