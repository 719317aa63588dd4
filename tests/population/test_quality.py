"""Diversity, distances, copies, re-identification and stereotypes: what was planted is found, and nothing else."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from personae.errors import InputError
from personae.population import read_recipe
from personae.population.fields import named_like
from personae.population.privacy import anonymity, near_copies
from personae.population.quality import describe_fields, diversity
from personae.population.report import _edges, report_people
from personae.population.stereotypes import associations
from personae.population.targets import TOGETHER, coverage, distances_to_target, homogenisation
from personae.population.texts import text_diversity
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
    target = pl.DataFrame({"style": ["a", "b"] * 500, "appearance": ["x", "y"] * 500})
    broken = pl.DataFrame({"style": ["a", "b"] * 500, "appearance": ["x", "x", "y", "y"] * 250})
    found = {one.name: one.value.estimate for one in distances_to_target(broken, target, rng=rng())}
    assert found["style"] == found["appearance"] == 0
    assert found["style x appearance"] == pytest.approx(0.5)


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


def test_people_who_copied_nobody_are_seldom_suspects() -> None:
    """The nearest twentieth is itself estimated, and its error belongs to the interval."""
    held = 0
    for seed in range(40):
        found = near_copies(numbers(300, 2 * seed), numbers(600, 2 * seed + 1), rng=rng())
        held += found.nearer.low <= 0.05
    assert held >= 37


def test_every_real_person_among_many_is_found() -> None:
    """Wherever in the data the person stands, and however many there are: nobody is left out by a sample."""
    real = numbers(12_000, 1).with_columns(pl.Series("goals", [["a", "b"]] * 12_000))
    planted = real[[11, 6_000, 11_999]].with_columns(pl.Series("goals", [["b", "a"]] * 3))
    people = pl.concat([numbers(3000, 2).with_columns(pl.Series("goals", [["a", "b"]] * 3000)), planted])
    found = near_copies(people, real, rng=rng())
    assert found.identical.estimate == 3 / 3003
    assert [(one.person, one.real, one.distance) for one in found.closest[:3]] == [
        (3000, 11, 0.0),
        (3001, 6_000, 0.0),
        (3002, 11_999, 0.0),
    ]
    assert found.identical_by_chance.estimate == 0


def test_few_closed_fields_make_people_alike_by_chance_and_it_is_told() -> None:
    few = pl.DataFrame({"style": ["a", "b"] * 50 + ["c"]})
    found = near_copies(few, few, rng=rng())
    assert found.identical.estimate == 1
    assert found.identical_by_chance.estimate == pytest.approx(100 / 101)


def test_truth_values_lists_and_categories_are_described_and_compared() -> None:
    people = pl.DataFrame(
        {
            "extensions.smoker": [True, False, False, None],
            "goals": [["rest", "learn"], ["rest"], [], None],
            "style": pl.Series(["a", "b", "a", "a"], dtype=pl.Categorical()),
            "traits.a.b": [1.0, float("nan"), 2.0, 3.0],
        }
    )
    found = {one.column: one for one in describe_fields(people)}
    assert set(found) == set(people.columns)
    assert (found["extensions.smoker"].missing, found["extensions.smoker"].commonest) == (1, "False")
    assert (found["goals"].kind, found["goals"].missing, found["goals"].levels) == ("list", 2, 2)
    assert found["goals"].entropy == pytest.approx(0.9183, abs=1e-4)
    assert (found["traits.a.b"].missing, found["traits.a.b"].mean) == (1, 2.0)
    names = {one.name for one in distances_to_target(people, people, rng=rng())}
    assert {"extensions.smoker", "style", "extensions.smoker x style"} <= names


def test_weights_count_wherever_people_are_compared() -> None:
    """A sample of too many women, weighted back, is as far from the target as chance, and not farther."""
    target = town(6000, 1)
    skewed = pl.concat([target.head(2000), target.tail(2000).filter(pl.col("demographics.gender") == "woman")])
    share = float((skewed["demographics.gender"] == "woman").to_numpy().mean())
    weight = pl.when(pl.col("demographics.gender") == "woman").then(0.5 / share).otherwise(0.5 / (1 - share))
    weighted = skewed.with_columns(weight.alias("weight"))

    def gap(people: pl.DataFrame, name: str) -> float:
        columns = ["demographics.gender", "demographics.occupation"]
        return next(
            one.value.estimate - one.value.details["noise_95"]
            for one in distances_to_target(people, target, rng=rng(), columns=columns)
            if one.name == name
        )

    for name in ("demographics.gender", "demographics.gender x demographics.occupation"):
        assert gap(skewed, name) > 0.05
        assert gap(weighted, name) < 0
    two = pl.DataFrame({"style": ["a"] * 90 + ["b"] * 10, "weight": [1 / 9] * 90 + [1.0] * 10})
    assert diversity(two, rng=rng()).effective.estimate == pytest.approx(2, abs=1e-6)
    assert diversity(two, rng=rng()).distance.estimate == pytest.approx(0.5, abs=0.03)
    even = pl.DataFrame({"style": ["a", "b"] * 50})
    assert abs(homogenisation(two, even, rng=rng()).estimate) < 0.03
    assert homogenisation(two.drop("weight"), even, rng=rng()).low > 0.4


def test_what_hangs_on_a_group_counts_weights() -> None:
    people = pl.DataFrame({"style": ["a", "a", "b", "b"] * 50, "name": ["x", "y", "x", "y"] * 50})
    kept = people.with_columns(
        pl.when((pl.col("style") == "a") == (pl.col("name") == "x")).then(1.0).otherwise(0.0).alias("weight")
    )
    plain, tied = (associations(frame, ["style"], rng=rng())[0].strength.estimate for frame in (people, kept))
    assert plain < 0.1
    assert tied > 0.95


def test_a_dependence_of_three_that_no_pair_shows_is_seen_by_all_together() -> None:
    generator = np.random.default_rng(5)
    a, b, free = generator.integers(0, 2, (3, 2000))

    def people(c: np.ndarray[tuple[int, ...], np.dtype[np.int64]]) -> pl.DataFrame:
        return pl.DataFrame({f"extensions.{n}": [str(v) for v in col] for n, col in zip("abc", (a, b, c), strict=True)})

    target = people(a ^ b)
    found = {one.name: one.value for one in distances_to_target(people(free), target, rng=rng())}
    for name, value in found.items():
        if name != TOGETHER:
            assert value.estimate < value.details["noise_95"] + 0.02
    assert found[TOGETHER].low > found[TOGETHER].details["noise_95"]
    same = distances_to_target(people(a ^ b), target, rng=rng())[-1].value
    assert same.estimate < same.details["noise_95"]


def test_two_samples_of_one_town_are_seldom_told_apart() -> None:
    """The target is a sample too: its own error belongs to the noise."""
    seen, told = 0, 0
    for seed in range(12):
        found = distances_to_target(town(400, 2 * seed), town(400, 2 * seed + 1), rng=rng())
        seen += len(found)
        told += sum(one.value.estimate > one.value.details["noise_95"] for one in found)
    assert told / seen < 0.12


def test_texts_are_measured_where_people_are_nothing_else(tmp_path: Path) -> None:
    pytest.importorskip("sklearn")
    rich = [
        f"A {job} of {place} who {deed}."
        for job in ("nurse", "judge", "smith", "cook")
        for place in ("Leeds", "Oslo", "Quito")
        for deed in ("keeps bees", "paints at night", "never sleeps", "sings bass")
    ]
    poor = ["A nurse of Leeds who keeps bees."] * 40 + rich[:8]
    found, beside = text_diversity(rich, rng=rng()), text_diversity(poor, rng=rng())
    for name, one in found.items():
        assert one.estimate > 1.2 * beside[name].estimate, name
        assert one.low <= one.estimate <= one.high
    path, target, page = tmp_path / "a.csv", tmp_path / "b.csv", tmp_path / "page.html"
    pl.DataFrame({"description": poor}).write_csv(path)
    pl.DataFrame({"description": rich}).write_csv(target)
    told = personae("population", "report", str(path), "--target", str(target), "--to", str(page))
    assert told.code == 0, told.err
    words = page.read_text(encoding="utf-8")
    for said in ("How different their texts are", "homogenisation of texts", "Who is there twice", "a.csv", "personae"):
        assert said in words
    described = personae("population", "describe", str(path), "--json").data
    assert described["texts"]["distinct words"]["n"] == 48
    with pytest.raises(InputError, match="too few"):
        text_diversity(["a", "b"], rng=rng())


@pytest.mark.parametrize("option", ["--column", "--group", "--identifier"])
def test_a_column_that_is_not_there_is_named(tmp_path: Path, option: str) -> None:
    town(30, 1).write_parquet(tmp_path / "a.parquet")
    page = tmp_path / "page.html"
    refused = personae("population", "report", str(tmp_path / "a.parquet"), option, "nix", "--to", str(page), "--json")
    assert refused.code == 3
    assert refused.error["where"] == "nix"
    assert not page.exists()


def test_pieces_of_whole_numbers_hold_as_many_each() -> None:
    """Ages of which each is as frequent show a flat line, whatever their range."""
    for low, high in ((18, 90), (0, 4), (1, 101), (5, 5)):
        edges = _edges(np.arange(low, high + 1).astype(float))
        counts = np.histogram(np.arange(low, high + 1), bins=edges)[0]
        assert len(set(counts[:-1].tolist())) <= 1
        assert counts.sum() == high - low + 1
        assert len(counts) <= 41
    assert len(_edges(np.array([0.1, 0.7, 2.3]))) == 21
    assert len(_edges(np.array([]))) == 2


def test_ids_that_several_people_have_are_told(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"id": "x", "name": "A"}\n{"id": "x", "name": "B"}\n{"id": "y", "name": "C"}\n')
    told = personae("population", "describe", str(tmp_path / "a.jsonl"))
    assert told.code == 0
    assert "2 people share an id with somebody, first 'x'" in told.err


def test_the_interval_of_the_mean_distance_holds_the_truth_as_often_as_it_says() -> None:
    """Two of independent columns of shares .2 and .5 differ on average by (.32 + .5) / 2."""
    held = 0
    for seed in range(60):
        z = np.random.default_rng(seed).random((60, 2))
        people = pl.DataFrame({"style": [str(v < 0.2) for v in z[:, 0]], "appearance": [str(v < 0.5) for v in z[:, 1]]})
        one = diversity(people, rng=rng()).distance
        held += one.low <= 0.41 <= one.high
    assert 52 <= held <= 60


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


@pytest.mark.parametrize(("levels", "n", "shift"), [(2, 1000, 0.0), (2, 1000, 0.02), (20, 300, 0.0), (20, 300, 0.3)])
def test_the_interval_of_a_distance_holds_the_truth_as_often_as_it_says(levels: int, n: int, shift: float) -> None:
    rng = np.random.default_rng(levels)
    target = np.full(levels, 1 / levels)
    shares = target * (1 + 2 * shift * np.where(np.arange(levels) % 2, 1, -1))
    truth = 0.5 * float(np.abs(shares - target).sum())
    every = pl.DataFrame({"style": np.repeat([f"s{level}" for level in range(levels)], 4000 // levels)})
    held = 0
    for _ in range(120):
        people = pl.DataFrame({"style": [f"s{level}" for level in rng.choice(levels, n, p=shares)]})
        found = distances_to_target(people, every, rng=rng)[0].value
        held += found.low - 1e-12 <= truth <= found.high + 1e-12
    assert held >= 104  # of 114 that are expected, three standard errors


def test_names_do_not_make_people_different() -> None:
    twins = pl.DataFrame({"name": [f"P{number}" for number in range(40)], "style": ["a"] * 40})
    found = diversity(twins, rng=np.random.default_rng(0))
    assert (found.distance.estimate, round(found.effective.estimate, 6)) == (0.0, 1.0)
    named = diversity(twins.select("name"), rng=np.random.default_rng(0))
    assert named.distance.estimate == 1.0  # nothing else is told


def test_a_copy_under_another_name_is_a_copy() -> None:
    rng = np.random.default_rng(0)
    real = pl.DataFrame({"name": [f"R{k}" for k in range(60)], "demographics.age": rng.permutation(60)})
    copied = real.head(20).with_columns(name=pl.lit("X"))
    assert near_copies(copied, real, rng=rng).identical.estimate == 1.0


def test_a_target_of_microdata_is_held_against_people_by_what_its_columns_mean() -> None:
    people = pl.DataFrame({"id": ["a"], "demographics.age": [30], "demographics.gender": ["f"], "goals": [["rest"]]})
    target = pl.DataFrame({"id": ["x"], "Age": [40], "sex": ["m"], "weight": [2.0], "Job": ["cook"]})
    assert named_like(target, people).columns == ["id", "demographics.age", "demographics.gender", "weight", "Job"]
    assert named_like(people, target).columns == ["id", "Age", "sex", "goals"]
    assert named_like(people, people).columns == people.columns
    both = pl.DataFrame({"age": [1], "Age": [2]})
    assert named_like(both, people.select("demographics.age")).columns == ["demographics.age", "Age"]
