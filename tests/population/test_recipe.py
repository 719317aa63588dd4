"""Recipes: every draw has the distribution that it names, and what cannot be drawn is refused with its place."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from personae.errors import InputError
from personae.population import Block, load_recipe, read_recipe

N = 20_000


def draw(fields: dict[str, Any], n: int = N, **more: Any) -> pl.DataFrame:
    return read_recipe({"fields": fields, **more}).population(size=n, seed=5).frame()


def test_shares_are_those_asked_for() -> None:
    found = draw({"style": {"draw": "choice", "shares": {"a": 1, "b": 3, "c": 0}}})["style"]
    assert abs((found == "a").to_numpy().mean() - 0.25) < 0.012  # four standard errors
    assert "c" not in found.to_list()


def test_shares_may_depend_on_another_field() -> None:
    frame = draw(
        {
            "demographics.gender": {"draw": "choice", "values": ["woman", "man"]},
            "demographics.occupation": {
                "draw": "choice",
                "by": "demographics.gender",
                "shares": {"woman": {"nurse": 0.9, "smith": 0.1}, "man": {"nurse": 0.2, "smith": 0.8}},
            },
        }
    )
    for gender, share in (("woman", 0.9), ("man", 0.2)):
        mine = frame.filter(pl.col("demographics.gender") == gender)["demographics.occupation"]
        assert abs((mine == "nurse").to_numpy().mean() - share) < 0.017


def test_numbers_of_choice_stay_numbers() -> None:
    assert draw({"demographics.age": {"draw": "choice", "values": [20, 30]}})["demographics.age"].dtype.is_integer()


def test_a_truncated_normal_keeps_its_bounds_and_heaps_nobody_on_them() -> None:
    ages = draw({"extensions.x": {"draw": "normal", "mean": 40, "sd": 20, "low": 18, "high": 90}})["extensions.x"]
    assert ages.min() >= 18  # type: ignore[operator]
    assert ages.max() <= 90  # type: ignore[operator]
    assert (ages == 18).sum() == 0
    from scipy.stats import truncnorm

    expected = truncnorm.mean(-1.1, 2.5, 40, 20)
    assert abs(float(ages.mean()) - expected) < 0.5  # type: ignore[arg-type]


def test_the_other_draws_have_their_means() -> None:
    frame = draw(
        {
            "extensions.uniform": {"draw": "uniform", "low": 2, "high": 4},
            "extensions.die": {"draw": "uniform", "low": 1, "high": 6, "whole": True},
            "extensions.count": {"draw": "poisson", "mean": 3},
            "extensions.money": {"draw": "normal", "mean": 2, "sd": 0.5, "log": True},
            "extensions.line": {"draw": "linear", "intercept": 1, "slopes": {"extensions.uniform": 2}, "sd": 0.1},
        }
    )
    means = {name: float(frame[f"extensions.{name}"].mean()) for name in ("uniform", "die", "count", "money", "line")}  # type: ignore[arg-type]
    assert means["uniform"] == pytest.approx(3, abs=0.02)
    assert means["die"] == pytest.approx(3.5, abs=0.05)
    assert set(frame["extensions.die"].unique()) == {1, 2, 3, 4, 5, 6}
    assert means["count"] == pytest.approx(3, abs=0.05)
    assert means["money"] == pytest.approx(np.exp(2 + 0.125), rel=0.02)
    assert means["line"] == pytest.approx(7, abs=0.04)


def test_numbers_that_go_together_have_the_correlation_asked_for() -> None:
    frame = (
        read_recipe(
            {
                "joint": [
                    {
                        "columns": ["traits.big_five.openness", "traits.big_five.neuroticism"],
                        "correlation": [[1, -0.4], [-0.4, 1]],
                    }
                ]
            }
        )
        .population(size=N)
        .frame()
    )
    r = np.corrcoef(frame["traits.big_five.openness"], frame["traits.big_five.neuroticism"])[0, 1]
    assert abs(r + 0.4) < 0.025


def test_cases_apply_in_order_and_who_fits_none_has_nothing() -> None:
    frame = draw(
        {
            "demographics.age": {"draw": "uniform", "low": 0, "high": 90, "whole": True},
            "demographics.occupation": {
                "draw": "cases",
                "cases": [
                    {"when": {"demographics.age": {"max": 15}}, "use": {"draw": "constant", "value": "pupil"}},
                    {"when": {"demographics.age": {"max": 66}}, "use": {"draw": "constant", "value": "worker"}},
                ],
            },
            "description": {"draw": "text", "text": "A {demographics.occupation} of {demographics.age}."},
        }
    )
    for age, work, text in frame.select("demographics.age", "demographics.occupation", "description").rows():
        assert work == ("pupil" if age <= 15 else "worker" if age <= 66 else None)
        assert text == (f"A {work} of {age}." if work else None)


def test_several_of_a_list_are_different_and_as_many_as_wanted() -> None:
    lists = draw({"goals": {"draw": "several", "values": ["a", "b", "c"], "least": 1, "most": 3}}, 500)["goals"]
    assert {len(one) for one in lists} == {1, 2, 3}
    assert all(len(set(one)) == len(one) for one in lists.to_list())


def test_rejected_people_are_counted_and_drawn_again() -> None:
    source = read_recipe(
        {"fields": {"style": {"draw": "choice", "values": ["a", "b"]}}, "reject": [{"style": "b"}]}
    ).source()
    block = Block(0, 1000, 1000, 0)
    assert set(source.draw(block)["style"]) == {"a"}
    share = block.counts["rejected by condition 1"] / block.counts["drawn"]
    assert abs(share - 0.5) < 0.06


def test_a_change_below_does_not_move_the_fields_above() -> None:
    first = {"style": {"draw": "choice", "values": ["a", "b"]}}
    more = {**first, "name": {"draw": "choice", "values": ["x", "y"]}}
    assert draw(first, 100)["style"].equals(draw(more, 100)["style"])


def test_rows_of_a_file_come_together(tmp_path: Path) -> None:
    (tmp_path / "census.csv").write_text("age,job,w\n20,student,1\n70,retired,3\n")
    (tmp_path / "town.yaml").write_text(
        "size: 4000\nrows:\n  file: census.csv\n  weight: w\n"
        "  columns: {age: demographics.age, job: demographics.occupation}\n"
        "fields:\n  style: {draw: choice, values: [plain]}\n"
    )
    recipe = load_recipe(tmp_path / "town.yaml")
    frame = recipe.population(tmp_path).frame()
    pairs = set(frame.select("demographics.age", "demographics.occupation").rows())
    assert pairs == {(20, "student"), (70, "retired")}
    assert abs((frame["demographics.age"] == 70).to_numpy().mean() - 0.75) < 0.03


def test_yaml_toml_and_json_say_the_same(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("size: 5\nfields:\n  style: {draw: choice, values: [a, b]}\n")
    (tmp_path / "a.toml").write_text('size = 5\n[fields.style]\ndraw = "choice"\nvalues = ["a", "b"]\n')
    (tmp_path / "a.json").write_text('{"size": 5, "fields": {"style": {"draw": "choice", "values": ["a", "b"]}}}')
    one, two, three = (load_recipe(tmp_path / f"a.{end}") for end in ("yaml", "toml", "json"))
    assert one == two == three


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({}, "draws nothing"),
        ({"fields": {"stile": {"draw": "constant", "value": "a"}}}, "no field"),
        ({"fields": {"style": {"draw": "chance"}}}, "draw"),
        ({"fields": {"style": {"draw": "choice"}}}, "needs values"),
        ({"fields": {"style": {"draw": "choice", "shares": {"a": -1}}}}, "not negative"),
        ({"fields": {"style": {"draw": "choice", "values": ["a"], "shares": {"b": 1}}}}, "none of the values"),
        ({"fields": {"style": {"draw": "text", "text": "{name}"}}}, "not drawn above"),
        ({"fields": {"extensions.x": {"draw": "normal", "low": 2, "high": 1}}}, "not below"),
        ({"fields": {"goals": {"draw": "several", "values": ["a"], "most": 2}}}, "cannot be drawn"),
        ({"fields": {"style": {"draw": "constant", "value": "a"}}, "reject": [{"name": "a"}]}, "not drawn"),
        ({"fields": {"style": {"draw": "constant", "value": "a"}}, "sizee": 4}, "Extra"),
        (
            {"joint": [{"columns": ["traits.a.b", "traits.a.c"], "correlation": [[1, 2], [2, 1]]}]},
            "cannot hold together",
        ),
        ([1], "valid dictionary"),
    ],
)
def test_what_is_no_recipe_is_refused_with_its_place(data: Any, said: str) -> None:
    with pytest.raises(InputError, match=said):
        read_recipe(data)


def test_a_value_without_shares_is_named() -> None:
    recipe = read_recipe(
        {
            "fields": {
                "style": {"draw": "choice", "values": ["a", "b"]},
                "name": {"draw": "choice", "by": "style", "shares": {"a": {"x": 1}}},
            }
        }
    )
    with pytest.raises(InputError, match="has no shares for 'b'"):
        recipe.population(size=100).frame()


def test_a_file_that_is_missing_or_broken_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        load_recipe(tmp_path / "none.yaml")
    (tmp_path / "bad.toml").write_text("a = = 1")
    with pytest.raises(InputError, match="is not TOML"):
        load_recipe(tmp_path / "bad.toml")


@settings(max_examples=60, deadline=None)
@given(
    st.dictionaries(st.text("abcd", min_size=1, max_size=3), st.floats(0, 10), min_size=1).filter(
        lambda shares: sum(shares.values()) > 1e-6
    ),
    st.integers(0, 2**40),
)
def test_nobody_is_drawn_who_has_no_share(shares: dict[str, float], seed: int) -> None:
    found = (
        read_recipe({"fields": {"style": {"draw": "choice", "shares": shares}}}).population(size=50, seed=seed).frame()
    )
    assert all(shares[value] > 0 for value in found["style"])


def test_a_number_may_be_tested_beside_another_column() -> None:
    fields = {
        "demographics.age": {"draw": "uniform", "low": 18, "high": 80, "whole": True},
        "extensions.years": {"draw": "uniform", "low": 0, "high": 60, "whole": True},
        "style": {
            "draw": "cases",
            "cases": [
                {"when": {"extensions.years": {"min": 40, "below": "demographics.age"}},
                 "use": {"draw": "constant", "value": "old hand"}}
            ],
            "otherwise": {"draw": "constant", "value": "other"},
        },
    }  # fmt: skip
    whole = draw(fields)
    assert (whole["demographics.age"] < whole["extensions.years"]).any()
    hands = whole["style"] == "old hand"
    assert hands.any()
    assert ((whole["extensions.years"] >= 40) & (whole["extensions.years"] < whole["demographics.age"])).equals(hands)
    kept = draw(fields, reject=[{"demographics.age": {"below": "extensions.years"}}])
    assert (kept["demographics.age"] >= kept["extensions.years"]).all()
    assert (kept["demographics.age"] == kept["extensions.years"]).any()  # equal is not below
    above = draw(fields, reject=[{"extensions.years": {"above": "demographics.age"}}])
    assert above.drop("id").equals(kept.drop("id"))


@pytest.mark.parametrize(
    ("test", "said"),
    [
        ({"below": "extensions.nix"}, "extensions.nix, which is not drawn"),
        ({}, "needs min, max"),
        ({"below": "style"}, "no number"),
    ],
)
def test_a_comparison_with_what_is_no_number_is_refused(test: dict[str, Any], said: str) -> None:
    fields = {
        "demographics.age": {"draw": "uniform", "low": 18, "high": 80, "whole": True},
        "style": {"draw": "choice", "values": ["a", "b"]},
    }
    with pytest.raises(InputError, match=said):
        draw(fields, 50, reject=[{"demographics.age": test}])
