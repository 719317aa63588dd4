"""Diversity, distances, copies, re-identification and stereotypes: what was planted is found, and nothing else."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from personae.errors import InputError
from personae.population import read_recipe
from personae.population.privacy import anonymity, copied_runs, near_copies
from personae.population.quality import coverage, describe_fields, distances_to_target, diversity, homogenisation
from personae.population.report import report_people
from personae.population.stereotypes import associations, group_words
from personae.text.marked_words import count_words, marked_words
from support.command_line import personae

RECIPE = {
    "fields": {
        "demographics.age": {"draw": "normal", "mean": 45, "sd": 15, "low": 18, "high": 90},
        "demographics.gender": {"draw": "choice", "values": ["woman", "man"]},
        "demographics.occupation": {"draw": "choice", "values": ["nurse", "smith", "cook", "judge"]},
        "traits.big_five.openness": {"draw": "normal"},
    }
}


def town(n: int, seed: int) -> pl.DataFrame:
    return read_recipe(RECIPE).population(size=n, seed=seed).frame().drop("id")


def rng() -> np.random.Generator:
    return np.random.default_rng(0)


def test_entropy_mean_and_missing_are_those_of_the_columns() -> None:
    frame = pl.DataFrame({"style": ["a", "a", "b", None], "traits.a.b": [1.0, 3.0, None, 2.0]})
    number, text = describe_fields(frame)
    assert (text.missing, text.levels, text.commonest) == (1, 2, "a")
    assert text.entropy == pytest.approx(0.9183, abs=1e-4)
    assert (number.mean, number.missing) == (2.0, 1)
    weighted = describe_fields(frame.with_columns(pl.Series("weight", [0.0, 1.0, 1.0, 1.0])))[1]
    assert weighted.entropy == 1.0


def test_the_effective_number_is_that_of_kinds_of_people() -> None:
    kinds = pl.DataFrame({f"extensions.f{k}": [f"{row % 4}" for row in range(200)] for k in range(3)})
    found = diversity(kinds, rng=rng())
    assert found.effective.estimate == pytest.approx(4, abs=0.01)
    assert found.nearest.estimate == 0
    assert found.distance.estimate == pytest.approx(0.75, abs=0.02)


def test_people_made_alike_are_told_from_people_as_they_are() -> None:
    reference = town(1500, 1)
    same = homogenisation(town(1500, 2), reference, rng=rng())
    assert same.low <= 0 <= same.high
    narrow = town(1500, 3).with_columns(
        pl.lit("nurse").alias("demographics.occupation"), pl.col("traits.big_five.openness") / 4
    )
    found = homogenisation(narrow, reference, rng=rng())
    assert found.low > 0.2


def test_a_sample_of_the_target_is_within_noise_and_a_shifted_one_is_not() -> None:
    target = town(5000, 4)
    for one in distances_to_target(town(1000, 5), target, rng=rng()):
        assert one.value.estimate < 1.5 * one.value.details["noise_95"] + 0.01, one.name
    shifted = town(1000, 6).with_columns(pl.col("traits.big_five.openness") + 1)
    found = {(one.name, one.measure): one.value for one in distances_to_target(shifted, target, rng=rng())}
    moved = found["traits.big_five.openness", "Wasserstein, SD"]
    assert moved.estimate == pytest.approx(1.0, abs=0.1)
    assert found["traits.big_five.openness", "total variation"].estimate == pytest.approx(0.38, abs=0.05)


def test_a_broken_dependence_shows_in_pairs_only() -> None:
    target = pl.DataFrame({"style": ["a", "b"] * 500, "name": ["x", "y"] * 500})
    broken = pl.DataFrame({"style": ["a", "b"] * 500, "name": ["x", "x", "y", "y"] * 250})
    found = {one.name: one.value.estimate for one in distances_to_target(broken, target, rng=rng())}
    assert found["style"] == found["name"] == 0
    assert found["style x name"] == pytest.approx(0.5)


def test_coverage_counts_the_target() -> None:
    target = pl.DataFrame({"style": ["a"] * 8 + ["b"] * 2})
    assert coverage(pl.DataFrame({"style": ["a"]}), target) == 0.8


def test_groups_of_quasi_identifiers_are_counted() -> None:
    people = pl.DataFrame({"demographics.age": [20, 20, 30, 40], "style": ["a", "a", "a", "b"]})
    found = anonymity(people, ["demographics.age", "style"])
    assert found.k == 1
    assert found.unique.estimate == 0.5
    assert found.risk == 0.75
    assert set(found.smallest) == {(30, "a"), (40, "b")}
    with pytest.raises(InputError, match="not among the columns"):
        anonymity(people, ["demographics.home"])


def numbers(n: int, seed: int) -> pl.DataFrame:
    z = np.random.default_rng(seed).standard_normal((n, 6))
    return pl.DataFrame({f"traits.a.t{k}": z[:, k] for k in range(6)})


def test_copies_of_real_people_are_suspects_and_new_people_are_not() -> None:
    real = numbers(1000, 1)
    fresh = near_copies(numbers(500, 2), real, rng=rng())
    lists = [frame.with_columns(pl.Series("goals", [["b", "a"]] * frame.height)) for frame in (real, numbers(50, 2))]
    assert near_copies(lists[1], lists[0], rng=rng()).identical.estimate == 0
    assert fresh.nearer.low <= 0.07
    assert fresh.identical.estimate == 0
    copied = real.sample(500, seed=3).with_columns(pl.all() + 0.001)
    found = near_copies(copied, real, rng=rng())
    assert found.nearer.estimate > 0.4  # half of the real people are held out
    exact = near_copies(real, real, rng=rng())
    assert 0.4 < exact.identical.estimate < 0.6


def test_runs_of_words_from_real_texts_are_counted() -> None:
    real = ["my grandmother kept bees behind the old mill near the river for forty years"]
    texts = ["They kept bees behind the old mill near the river and sang.", "A nurse from Leeds."]
    assert copied_runs(texts, real, words=5).tolist() == [9, 0]


def test_marked_words_are_the_log_odds_of_the_formula() -> None:
    target, other = count_words(["a a a b"]), count_words(["a b b b c"])
    prior = target + other
    assert marked_words(target, other, prior, least=-99)[0].word == "a"
    z = next(word.z for word in marked_words(target, other, prior, least=-99) if word.word == "a")
    # y1=3 n1=4, y2=1 n2=5, a=4 of 9
    delta = np.log(7 / (4 + 9 - 3 - 4)) - np.log(5 / (5 + 9 - 1 - 4))
    assert z == pytest.approx(delta / np.sqrt(1 / 7 + 1 / 5))
    with pytest.raises(InputError, match="lacks"):
        marked_words(target, other, target)


@pytest.mark.replay
def test_published_marked_words_are_found_again(replay: Callable[[str], Path]) -> None:
    """text-davinci-003, Black against White personas: as many words are marked as in the published table, or more."""
    table = pl.read_csv(replay("006/data/dv3/dv3_main_generations.csv"))
    words = {race: count_words(table.filter(pl.col("race") == race)["text"]) for race in table["race"].unique()}
    races = [race for race in words if "Black" in race], [race for race in words if "White" in race]
    prior = sum(words.values(), start=type(words[races[0][0]])())
    found = marked_words(words[races[0][0]], words[races[1][0]], prior)
    assert len(found) >= 19
    assert {"black", "dark", "deep"} & {word.word for word in found[:25]}


def test_words_and_facts_that_hang_on_a_group_are_found() -> None:
    generator = np.random.default_rng(1)
    gender = generator.choice(["woman", "man"], 600)
    work = np.where(gender == "woman", "nurse", generator.choice(["nurse", "smith", "judge"], 600))
    people = pl.DataFrame(
        {
            "demographics.gender": gender,
            "demographics.occupation": work,
            "style": generator.choice(["plain", "curt"], 600),
            "description": [f"A {'gentle' if g == 'woman' else 'strong'} person of the town." for g in gender],
        }
    )
    fair = people.with_columns(pl.Series("demographics.occupation", generator.choice(["nurse", "smith", "judge"], 600)))
    found = associations(
        people.drop("description"), ["demographics.gender"], target=fair.drop("description"), rng=rng()
    )
    assert found[0].columns == ("demographics.gender", "demographics.occupation")
    assert found[0].excess is not None
    assert found[0].excess > 0.4
    assert abs(found[1].strength.estimate) < 0.15
    marked = {one.group: [word.word for word in one.words] for one in group_words(people, "demographics.gender")}
    assert marked == {"woman": ["gentle"], "man": ["strong"]} or marked == {"man": ["strong"], "woman": ["gentle"]}


def test_the_page_says_all_of_it_without_script_or_network() -> None:
    people = town(400, 7).with_columns(pl.lit("<script>alert(1)</script> a person").alias("description"))
    page = report_people(
        people,
        title="A <town>",
        rng=rng(),
        target=town(800, 8),
        target_name="census",
        identifiers=["demographics.age", "demographics.gender"],
        groups=["demographics.gender"],
    )
    assert "<script" not in page
    assert "http://" not in page.replace("http://www.w3.org", "")
    for words in (
        "A &lt;town&gt;",
        "effective number",
        "Who could be found",
        "<svg",
        "census",
        "How far from the target",
        "Copies of real people",
        "Who is there twice",
        "What hangs on a group",
    ):
        assert words in page


def test_the_commands_describe_compare_dedup_and_report(tmp_path: Path) -> None:
    for name, seed in (("a", 1), ("b", 2)):
        people = town(300, seed)
        pl.concat([people, people.head(20)]).write_parquet(tmp_path / f"{name}.parquet")
    a, b = str(tmp_path / "a.parquet"), str(tmp_path / "b.parquet")
    described = personae("population", "describe", a, "--json")
    assert described.code == 0, described.err
    assert json.loads(described.out)["data"]["people"] == 320
    compared = personae("population", "compare", a, b, "--json")
    assert compared.code == 0, compared.err
    assert json.loads(compared.out)["data"]["distances"]
    shorter = str(tmp_path / "c.parquet")
    slim = personae("population", "dedup", a, "--by", "exact", "--to", shorter, "--json")
    assert slim.code == 0, slim.err
    assert pl.read_parquet(shorter).height == json.loads(slim.out)["data"]["kept"] <= 300
    assert personae("population", "dedup", a, "--by", "chance").code == 3
    page = tmp_path / "page.html"
    told = personae("population", "report", a, "--target", b, "--group", "demographics.gender", "--to", str(page))
    assert told.code == 0, told.err
    assert "Who is in it" in page.read_text(encoding="utf-8")
