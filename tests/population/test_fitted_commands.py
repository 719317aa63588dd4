"""Weighting, choosing and asking from the command line: margins are met, the cost is told, bad targets are refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from support.command_line import personae

RNG = np.random.default_rng(3)
N = 600
PEOPLE = pl.DataFrame(
    {
        "id": [f"p{row}" for row in range(N)],
        "demographics.gender": RNG.choice(["woman", "man"], N, p=[0.7, 0.3]),
        "demographics.age": RNG.integers(18, 90, N),
        "extensions.smoker": RNG.random(N) < 0.2,
        "extensions.children": RNG.integers(0, 3, N),
    }
)


@pytest.fixture
def people(tmp_path: Path) -> Path:
    path = tmp_path / "people.parquet"
    PEOPLE.write_parquet(path)
    return path


def test_people_are_weighted_to_margins_of_texts_truth_values_and_numbers(people: Path, tmp_path: Path) -> None:
    targets = {
        "demographics.gender": {"woman": 51, "man": 49},
        "extensions.smoker": {"true": 0.25, "false": 0.75},
        "extensions.children": {"0": 1, "1": 1, "2": 2},
    }
    (tmp_path / "t.json").write_text(json.dumps(targets))
    to = tmp_path / "weighted.parquet"
    said = personae("population", "weight", str(people), str(tmp_path / "t.json"), "--to", str(to), "--json")
    assert said.code == 0, said.err
    weighted = pl.read_parquet(to)
    share = float(weighted.filter(pl.col("extensions.smoker"))["weight"].sum()) / float(weighted["weight"].sum())
    assert abs(share - 0.25) < 1e-8
    assert said.data["largest_error"] < 1e-8
    assert 0 < said.data["effective_n"] < N
    assert {row["value"] for row in said.data["margins"]} == {"woman", "man", True, False, 2}
    shown = personae("population", "weight", str(people), str(tmp_path / "t.json"), "--to", str(to))
    assert "effective n" in shown.out


def test_margins_that_cannot_be_met_write_nothing_unless_the_miss_is_accepted(tmp_path: Path) -> None:
    people, targets, to = tmp_path / "p.csv", tmp_path / "t.yaml", tmp_path / "w.csv"
    people.write_text("style,name\n" + "a,x\n" * 20 + "b,y\n" * 20)
    targets.write_text("style: {a: 0.7, b: 0.3}\nname: {x: 0.4, y: 0.6}\n")
    refused = personae("population", "weight", str(people), str(targets), "--to", str(to), "--json")
    assert refused.code == 3
    assert "missed by 0.3" in refused.error["message"]
    assert not to.exists()
    taken = personae("population", "weight", str(people), str(targets), "--to", str(to), "--largest", "3", "--json")
    assert taken.code == 0
    assert any("missed" in warning for warning in taken.envelope["warnings"])


@pytest.mark.parametrize(
    ("targets", "said"),
    [
        ("", "no table of shares"),
        ("[1, 2]", "no table of shares"),
        ("nix: {a: 1}", "not among the columns"),
        ("demographics.gender: 3", "has no shares"),
        ("demographics.gender: {woman: x, man: 1}", "is no number"),
        ("demographics.gender: {woman: -1, man: 2}", "share of 'woman'"),
        ("demographics.gender: {woman: 1}", "'man', which has no target"),
        ("demographics.gender: {woman: 1, man: 1, other: 1}", "'other' is wanted"),
    ],
)
def test_bad_targets_name_their_place(people: Path, tmp_path: Path, targets: str, said: str) -> None:
    (tmp_path / "t.yaml").write_text(targets)
    to = tmp_path / "w.parquet"
    refused = personae("population", "weight", str(people), str(tmp_path / "t.yaml"), "--to", str(to), "--json")
    assert refused.code == 3
    assert said in f"{refused.error['message']} {refused.error['where']}"
    assert not to.exists()


def test_the_few_who_are_chosen_differ_more_than_any_few(people: Path, tmp_path: Path) -> None:
    from personae.population.quality import diversity

    to = tmp_path / "few.parquet"
    said = personae("population", "choose", str(people), "--count", "8", "--to", str(to), "--json")
    assert said.code == 0, said.err
    few = pl.read_parquet(to)
    assert few["id"].to_list() == [f"p{row}" for row in said.data["rows"]]

    def spread(frame: pl.DataFrame) -> float:
        return diversity(frame.drop("id"), rng=np.random.default_rng(0)).nearest.estimate

    assert spread(few) > 1.5 * np.mean([spread(PEOPLE.sample(8, seed=seed)) for seed in range(10)])
    assert personae("population", "choose", str(people), "--count", "601", "--to", str(to)).code == 3
    assert personae("population", "choose", str(people), "--count", "2", "--column", "nix", "--to", str(to)).code == 3


def test_what_is_asked_can_be_people_again(people: Path, tmp_path: Path) -> None:
    band = (
        """SELECT *, CASE WHEN "demographics.age" < 40 THEN 'young' ELSE 'old' END AS "extensions.band" FROM people"""
    )
    to, targets = tmp_path / "banded.parquet", tmp_path / "t.yaml"
    asked = personae("population", "query", str(people), band, "--to", str(to), "--json")
    assert asked.data["count"] == N
    targets.write_text("extensions.band: {young: 1, old: 1}\n")
    weighted = personae("population", "weight", str(to), str(targets), "--to", str(tmp_path / "w.jsonl"), "--json")
    assert weighted.code == 0, weighted.err
    refused = personae("population", "query", str(people), "SELECT 1 AS one", "--to", str(tmp_path / "x.txt"), "--json")
    assert refused.code == 3


DESIGN: dict[str, Any] = {
    "name": "patients",
    "cross": {
        "levels": {"personal_identity.mood": ["plain", "angry"], "personal_identity.language": ["A", "B", "C"]},
        "exclude": [{"personal_identity.mood": "angry", "personal_identity.language": "A"}],
        "add": [{"personal_identity.mood": "dazed"}],
        "replicates": 2,
    },
    "fields": {"demographics.age": {"draw": "uniform", "low": 18, "high": 90, "whole": True}},
}


def test_a_recipe_may_cross_levels_and_draw_the_rest(tmp_path: Path) -> None:
    (tmp_path / "design.json").write_text(json.dumps(DESIGN))
    to = tmp_path / "design.jsonl"
    said = personae("population", "sample", str(tmp_path / "design.json"), "--to", str(to), "--json")
    assert said.data["people"] == 12, said.err
    rows = [json.loads(line) for line in to.read_text(encoding="utf-8").splitlines()]
    cells = [(row["personal_identity"]["mood"], row["personal_identity"].get("language")) for row in rows]
    assert cells[:6] == [*(("plain", c) for c in "ABC"), ("angry", "B"), ("angry", "C"), ("dazed", None)]
    assert cells[6:] == cells[:6]
    assert rows[0]["provenance"]["personal_identity.mood"] == {"by": "factorial design"}  # given
    assert rows[0]["provenance"]["*"]["origin"] == "sampled"
    more = personae("population", "sample", str(tmp_path / "design.json"), "--to", str(to), "--size", "13", "--json")
    assert more.code == 3
    (tmp_path / "design.json").write_text(json.dumps({**DESIGN, "reject": [{"demographics.age": {"max": 80}}]}))
    assert personae("population", "sample", str(tmp_path / "design.json"), "--to", str(to)).code == 0
    old = [json.loads(line) for line in to.read_text(encoding="utf-8").splitlines()]
    again = [(row["personal_identity"]["mood"], row["personal_identity"].get("language")) for row in old]
    assert again == cells  # drawn again in their place
    assert min(row["demographics"]["age"] for row in old) > 80
    (tmp_path / "design.json").write_text(json.dumps({**DESIGN, "reject": [{"personal_identity.mood": "dazed"}]}))
    refused = personae("population", "sample", str(tmp_path / "design.json"), "--to", str(to))
    assert refused.code == 3
    assert "exclude" in refused.err


@pytest.mark.parametrize("how", ["rows", "copula", "tree"])
def test_a_recipe_may_fit_a_file_and_keeps_its_terms(people: Path, tmp_path: Path, how: str) -> None:
    heavy = PEOPLE.with_columns(
        pl.when(pl.col("demographics.gender") == "man").then(9.0).otherwise(1.0).alias("w"),
    )
    heavy.write_parquet(people)
    recipe = {
        "name": "like",
        "size": 4000,
        "rows": {
            "file": people.name,
            "how": how,
            "weight": "w",
            "columns": {name: name for name in ("demographics.gender", "demographics.age", "extensions.children")},
            "licence": "cc0-1.0",
            "consent": "research",
        },
        "fields": {"style": {"draw": "choice", "values": ["plain", "curt"]}},
    }
    (tmp_path / "like.json").write_text(json.dumps(recipe))
    to = tmp_path / "like"
    said = personae("population", "sample", str(tmp_path / "like.json"), "--to", str(to), "--json")
    assert said.code == 0, said.err
    share = personae(
        "population", "query", str(to), """SELECT avg(("demographics.gender" = 'man')::INT) FROM people""", "--json"
    ).data["rows"][0][0]
    men = float((PEOPLE["demographics.gender"] == "man").to_numpy().mean())
    assert abs(share - 9 * men / (9 * men + 1 - men)) < 0.03
    card = (to / "README.md").read_text(encoding="utf-8")
    assert f"of {people.name}" in card or f"by {people.name}" in card
    assert "licence: cc0-1.0, consent: research" in card
    assert card.count("cc0-1.0") == 3  # the columns of the file, and no other
    if how != "copula":
        recipe["rows"]["order"] = {"extensions.children": [0, 1, 2]}  # type: ignore[index]
        (tmp_path / "like.json").write_text(json.dumps(recipe))
        assert personae("population", "sample", str(tmp_path / "like.json"), "--to", str(to)).code == 3


CELLS = """
cells = [
  { set = { "demographics.gender" = "woman", "extensions.smoker" = true }, share = 10 },
  { set = { "demographics.gender" = "woman", "extensions.smoker" = false }, share = 41 },
  { set = { "demographics.gender" = "man", "extensions.smoker" = true }, share = 20 },
  { set = { "demographics.gender" = "man", "extensions.smoker" = false }, share = 29 },
]
"extensions.children" = { 0 = 1, 1 = 1, 2 = 2 }
"""


def test_cells_and_margins_are_reached_and_told_with_intervals(people: Path, tmp_path: Path) -> None:
    (tmp_path / "t.toml").write_text(CELLS)
    to, targets = tmp_path / "w.parquet", str(tmp_path / "t.toml")
    said = personae("population", "weight", str(people), targets, "--to", str(to), "--json")
    assert said.code == 0, said.err
    weighted = pl.read_parquet(to)
    mine = weighted.filter((pl.col("demographics.gender") == "man") & pl.col("extensions.smoker"))["weight"].sum()
    assert float(mine) / N == pytest.approx(0.2, abs=1e-8)
    before = personae("population", "margins", str(people), targets, "--json")
    after = personae("population", "margins", str(to), targets, "--json")
    assert before.data["outside"] > 0
    assert after.data["outside"] == 0
    assert after.data["largest"] < 1e-8
    assert after.data["effective_n"] == pytest.approx(said.data["effective_n"])
    assert set(before.data["total_variation"]) == {"demographics.gender, extensions.smoker", "extensions.children"}
    shown = personae("population", "margins", str(people), targets)
    assert "woman / True" in shown.out
    assert "outside" in shown.out


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("cells = 3", "no list of cells"),
        ("cells = [{ share = 1 }]", "sets nothing"),
        ('cells = [{ set = { "demographics.gender" = "man" }, share = true }]', "is no number"),
        ('cells = [{ set = { "demographics.gender" = "man" }, share = 1 }, { set = { id = "x" }, share = 1 }]',
         "other"),
        ('cells = [{ set = { "demographics.gender" = "man" }, share = 1 }, '
         '{ set = { "demographics.gender" = "Man" }, share = 1 }]', "twice"),
        ("cells = [{ set = { nix = 1 }, share = 1 }]", "not among the columns"),
        ("a = = 1", "not TOML"),
    ],
)  # fmt: skip
def test_bad_cells_name_their_place(people: Path, tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "t.toml").write_text(text)
    refused = personae("population", "margins", str(people), str(tmp_path / "t.toml"), "--json")
    assert refused.code == 3
    assert said in f"{refused.error['message']} {refused.error['where']}"


@pytest.mark.parametrize("how", ["rows", "copula", "tree"])
def test_rows_of_a_file_are_raked_to_other_margins_first(people: Path, tmp_path: Path, how: str) -> None:
    recipe: dict[str, Any] = {
        "size": 8000,
        "rows": {
            "file": people.name,
            "how": how,
            "columns": {name: name for name in PEOPLE.columns[1:]},
            "margins": {"demographics.gender": {"woman": 20, "man": 80}, "extensions.smoker": {"true": 1, "false": 1}},
        },
    }
    (tmp_path / "r.json").write_text(json.dumps(recipe))
    to = tmp_path / "drawn.jsonl"
    said = personae("population", "sample", str(tmp_path / "r.json"), "--to", str(to), "--json")
    assert said.code == 0, said.err
    rows = [json.loads(line) for line in to.read_text(encoding="utf-8").splitlines()]
    assert np.mean([row["demographics"]["gender"] == "man" for row in rows]) == pytest.approx(0.8, abs=0.02)
    assert np.mean([row["extensions"]["smoker"] for row in rows]) == pytest.approx(0.5, abs=0.025)
    assert "raked to demographics.gender, extensions.smoker" in rows[0]["provenance"]["demographics.gender"]["by"]
    recipe["rows"]["margins"] = {"demographics.gender": {"woman": 1}}
    (tmp_path / "r.json").write_text(json.dumps(recipe))
    refused = personae("population", "sample", str(tmp_path / "r.json"), "--to", str(to), "--json")
    assert refused.code == 3
    assert "'man', which has no target" in refused.error["message"]
    recipe["rows"]["margins"] = {"style": {"a": 1}}
    (tmp_path / "r.json").write_text(json.dumps(recipe))
    refused = personae("population", "sample", str(tmp_path / "r.json"), "--to", str(to), "--json")
    assert "not among the columns" in refused.error["message"]
