"""Weights by columns: margins to 1e-8, joint cells exactly, errors with intervals, populations made from margins."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest

from personae.errors import InputError
from personae.population import margin_errors, post_stratify, rake, synthesise

RNG = np.random.default_rng(11)
N = 3000
GENDER = RNG.choice(["woman", "man"], N, p=[0.7, 0.3])
AGE = np.where(RNG.random(N) < np.where(GENDER == "woman", 0.6, 0.3), "old", "young")
PEOPLE = pl.DataFrame({"demographics.gender": GENDER, "extensions.age": AGE})
TARGETS: dict[str, dict[str, float]] = {
    "demographics.gender": {"woman": 51, "man": 49},
    "extensions.age": {"young": 0.55, "old": 0.45},
}


def test_raked_people_have_the_margins_wanted_and_say_what_it_costs() -> None:
    found = rake(PEOPLE, TARGETS)
    assert found.is_converged
    assert found.largest_error < 1e-8
    report = margin_errors(found.people, TARGETS)
    assert report.largest < 1e-8
    assert not report.outside
    assert found.effective_n < N
    assert found.design_effect == pytest.approx(N / found.effective_n)
    assert found.to_json()["n"] == N


def test_unweighted_people_are_off_and_the_report_says_where() -> None:
    report = margin_errors(PEOPLE, TARGETS)
    share = float((GENDER == "woman").mean())
    assert report.total_variation("demographics.gender") == pytest.approx(share - 0.51)
    assert {row.column for row in report.outside} == {"demographics.gender"} | (
        {"extensions.age"} if len(report.outside) > 2 else set()
    )
    woman = report.rows[0]
    assert woman.reached.low < share < woman.reached.high
    assert woman.to_json()["error"] == pytest.approx(share - 0.51)


def test_values_without_a_target_and_empty_cells_are_told() -> None:
    odd = pl.DataFrame({"style": ["a", "b", None]})
    report = margin_errors(odd, {"style": {"a": 1.0}})
    assert [(row.value, row.wanted) for row in report.rows] == [("a", 1.0), ("b", 0.0)]
    assert report.rows[0].reached.missing == 1
    with pytest.raises(InputError, match="'b', which has no target"):
        rake(odd, {"style": {"a": 1.0}})
    with pytest.raises(InputError, match="empty"):
        rake(odd.filter(pl.col("style").is_null() | (pl.col("style") == "a")), {"style": {"a": 1.0}})


def test_design_weights_are_where_raking_begins() -> None:
    heavy = PEOPLE.with_columns(pl.when(pl.col("extensions.age") == "old").then(9.0).otherwise(1.0).alias("weight"))
    found = rake(heavy, {"demographics.gender": {"woman": 0.5, "man": 0.5}})
    old = found.people.filter(pl.col("extensions.age") == "old")["weight"].mean()
    young = found.people.filter(pl.col("extensions.age") == "young")["weight"].mean()
    assert old > 5 * young  # type: ignore[operator]


def test_joint_cells_are_reached_exactly() -> None:
    shares = {("woman", "old"): 0.2, ("woman", "young"): 0.3, ("man", "old"): 0.1, ("man", "young"): 0.4}
    columns = ["demographics.gender", "extensions.age"]
    found = post_stratify(PEOPLE, columns, shares).people
    for cell, share in shares.items():
        mine = found.filter((pl.col(columns[0]) == cell[0]) & (pl.col(columns[1]) == cell[1]))["weight"].to_numpy()
        assert mine.sum() / found["weight"].to_numpy().sum() == pytest.approx(share, abs=1e-12)
    with pytest.raises(InputError, match="has no target"):
        post_stratify(PEOPLE, columns, {("woman", "old"): 1.0})
    with pytest.raises(InputError, match="nobody has it"):
        post_stratify(PEOPLE, columns, {**shares, ("other", "old"): 0.1})


def test_a_population_made_of_margins_has_them_and_the_samples_dependence() -> None:
    made = synthesise(PEOPLE, TARGETS, 10_000, rng=np.random.default_rng(0))
    assert made.height == 10_000
    assert margin_errors(made, TARGETS).largest < 2e-4  # whole people

    def odds(frame: pl.DataFrame) -> float:
        n = {key: value for *key_, value in frame.group_by(frame.columns).len().rows() for key in [tuple(key_)]}
        return float(n["woman", "old"] * n["man", "young"] / (n["woman", "young"] * n["man", "old"]))

    assert odds(made) == pytest.approx(odds(PEOPLE), rel=0.02)


def test_a_value_that_the_sample_lacks_needs_a_small_count() -> None:
    targets: dict[str, dict[str, float]] = {
        "demographics.gender": {"woman": 0.5, "man": 0.4, "other": 0.1},
        "extensions.age": {"young": 1, "old": 1},
    }
    with pytest.raises(InputError, match="where the table has none"):
        synthesise(PEOPLE, targets, 100, rng=np.random.default_rng(0))
    made = synthesise(PEOPLE, targets, 1000, rng=np.random.default_rng(0), small=0.5)
    assert (made["demographics.gender"] == "other").sum() == pytest.approx(100, abs=2)


def test_shares_weights_and_people_that_are_none_are_refused_with_their_place() -> None:
    people = pl.DataFrame({"style": ["a", "a", "b"], "name": ["x", "y", "y"]})
    for targets, said in (
        ({"style": {"a": -1.0, "b": 2.0}}, "style: the share of 'a'"),
        ({"style": {"a": float("nan"), "b": 2.0}}, "style: the share of 'a'"),
        ({"style": {"a": 0.0, "b": 0.0}}, "style: wants nobody"),
        ({"style": {"a": 1.0, "b": 1.0, "c": 1.0}}, "style: 'c' is wanted and nobody has it"),
        ({}, "no shares"),
    ):
        with pytest.raises(InputError, match=said):
            rake(people, targets)
    for weights, said in (
        ([1.0, float("nan"), 1.0], "row 2"),
        ([1.0, 1.0, -1.0], "row 3"),
        ([0.0, 0.0, 1.0], "'a' is wanted and nobody has it"),
    ):
        with pytest.raises(InputError, match=said):
            rake(people.with_columns(pl.Series("weight", weights)), {"style": {"a": 1.0, "b": 1.0}})
    with pytest.raises(InputError, match="nobody to weight"):
        rake(people.clear(), {"style": {"a": 1.0}})


def test_margins_that_contradict_each_other_end_soon_and_say_so() -> None:
    """Everybody of style a is called x: margins that want fewer x than a cannot be reached by any weights."""
    people = pl.DataFrame({"style": ["a", "b"] * 100_000, "name": ["x", "y"] * 100_000})
    found = rake(people, {"style": {"a": 0.7, "b": 0.3}, "name": {"x": 0.4, "y": 0.6}})
    assert not found.is_converged
    assert found.largest_error == pytest.approx(0.3)
    assert found.rounds <= 300
    assert margin_errors(found.people, {"style": {"a": 0.7, "b": 0.3}}).largest == pytest.approx(0.3)


def test_people_of_whom_nothing_is_said_may_have_a_share() -> None:
    people = pl.DataFrame({"style": ["a", "a", "b", None]})
    found = rake(people, {"style": {"a": 0.4, "b": 0.4, None: 0.2}})
    assert found.people["weight"].to_list() == pytest.approx([0.8, 0.8, 1.6, 0.8])


def test_the_report_is_plain_json() -> None:
    plain = margin_errors(PEOPLE, TARGETS).to_json()
    assert [row["column"] for row in plain["rows"]] == ["demographics.gender"] * 2 + ["extensions.age"] * 2
    assert plain["largest"] == max(abs(row["error"]) for row in plain["rows"])


def test_margins_and_cells_are_reached_together() -> None:
    targets: dict[Any, dict[Any, float]] = {
        "demographics.gender": {"woman": 51, "man": 49},
        ("demographics.gender", "extensions.age"): {
            ("woman", "old"): 21, ("woman", "young"): 30, ("man", "old"): 9, ("man", "young"): 40,
        },
    }  # fmt: skip
    found = rake(PEOPLE, targets)
    report = margin_errors(found.people, targets)
    assert found.is_converged
    assert report.largest < 1e-8
    assert {row.column for row in report.rows} == {"demographics.gender", "demographics.gender, extensions.age"}


def test_the_share_of_people_of_whom_nothing_is_said_is_told() -> None:
    odd = pl.DataFrame({"style": ["a", "a", "a", None]})
    targets = {"style": {"a": 0.5, None: 0.5}}
    report = margin_errors(odd, targets)
    assert [(row.value, row.reached.estimate, row.reached.missing) for row in report.rows] == [
        ("a", 0.75, 0),
        (None, 0.25, 0),
    ]
    assert margin_errors(rake(odd, targets).people, targets).largest < 1e-8


def test_an_interval_of_a_weighted_share_covers_the_truth_as_often_as_it_says() -> None:
    rng = np.random.default_rng(5)
    held, runs = 0, 400
    for _ in range(runs):
        style = rng.choice(["a", "b"], 200, p=[0.3, 0.7])
        weight = rng.gamma(2.0, size=200)  # that has nothing to do with style
        row = margin_errors(pl.DataFrame({"style": style, "weight": weight}), {"style": {"a": 0.3, "b": 0.7}}).rows[0]
        held += row.reached.low <= 0.3 <= row.reached.high
    assert 0.91 < held / runs < 0.985


@pytest.mark.parametrize(
    ("columns", "shares", "said"),
    [
        (["style", "nix"], {("a", "x"): 1.0}, "not among the columns"),
        (["style", "name"], {("a", "x"): float("nan"), ("b", "y"): 1.0}, "share of"),
        (["style", "name"], {("a", "x"): -1.0, ("b", "y"): 2.0}, "share of"),
        (["style", "name"], {("a", "x"): 0.0, ("b", "y"): 0.0}, "wants nobody"),
        (["style", "goals"], {("a", "x"): 1.0}, "holds lists"),
        (["style", "name"], {("a", "x"): 1.0, ("b", "y"): 1.0, ("a", "y"): 1.0}, "nobody has it"),
    ],
)
def test_cells_that_are_none_are_refused(columns: list[str], shares: dict[tuple[str, str], float], said: str) -> None:
    people = pl.DataFrame({"style": ["a", "b"], "name": ["x", "y"], "goals": [["x"], ["y"]]})
    with pytest.raises(InputError, match=said):
        post_stratify(people, columns, shares)
