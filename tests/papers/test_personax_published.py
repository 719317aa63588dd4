"""PersonaX: tables of people and matrices of p values as the authors' notebooks name their columns."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from personae.errors import InputError
from personae.papers.personax import PAPER, read_replay
from personae.papers.personax.findings import TRAITS
from personae.study import Finding

N = 150


def pick(findings: Sequence[Finding], name: str, way: str = "corrected") -> Finding:
    (found,) = [one for one in findings if one.name == name and one.conventions[0] == way]
    return found


def scores(rng: np.random.Generator, *raters: str) -> dict[str, list[int]]:
    return {f"{rater}_{trait}": rng.integers(1, 10, N).tolist() for rater in raters for trait in TRAITS}


def athletes(rng: np.random.Generator) -> pl.DataFrame:
    """Columns of 5_cleaned.csv; conscientiousness depends on the league."""
    league = rng.choice(["NBA", "NFL", "MLB"], N)
    table = pl.DataFrame(
        {
            "Unnamed: 0": list(range(N)),
            "Name": [f"n{number}" for number in range(N)],
            **scores(rng, "final"),
            "Birthyear": rng.integers(1960, 2003, N),
            "Birthmonth": rng.integers(1, 13, N),
            "Birthday": rng.integers(1, 29, N),
            "Type": league,
            "Latitude": rng.normal(size=N),
            "Height": rng.normal(190, 10, N),
        }
    )
    return table.with_columns(final_c=pl.Series(rng.integers(1, 4, N) + 5 * (league == "NBA")))


def test_athletes_are_known_by_their_columns_and_birthdays_are_controls(tmp_path: Path) -> None:
    athletes(np.random.default_rng(0)).write_csv(tmp_path / "5_cleaned.csv")
    found = read_replay(tmp_path, {})
    assert set(found.table["model"]) == {"AthlePersona"}
    attributes = {name for name in found.table.columns if name.startswith("attribute.")}
    expected = ("birth_year", "birth_month", "birth_day", "league", "latitude", "height")
    assert attributes == {f"attribute.{one}" for one in expected}
    findings = found.study.measure(found.table)
    assert pick(findings, "strength.g_square.c.league").is_significant()
    controls = pick(findings, "false_alarms.kci")
    assert controls.n == 10  # five traits by day and month, which are left out of the share of dependent pairs
    assert pick(findings, "dependent.kci").n == 5 * 4


def test_tables_are_of_single_scores_as_published_and_of_thirds_here(tmp_path: Path) -> None:
    table = athletes(np.random.default_rng(0))
    parity = pl.Series([2 + 2 * (number % 4) + (league == "NBA") for number, league in enumerate(table["Type"])])
    table.with_columns(final_a=parity).write_csv(tmp_path / "5_cleaned.csv")
    found = read_replay(tmp_path, {})
    findings = found.study.measure(found.table)
    # The league of each is in whether a score is odd: single scores show it, thirds of them hide it.
    assert not pick(findings, "strength.chi_square.a.league").is_significant()
    published = pick(findings, "dependent.chi_square", "as_published")
    assert published.n == 5 * 2  # league and birth year; days and months are controls
    assert published.estimate >= 2 / 10  # of agreeableness and, in both, of conscientiousness
    corrected = pick(findings, "dependent.chi_square")
    assert (corrected.n, round(corrected.n * corrected.estimate)) == (5, 1)  # years have too many levels, scores thirds


def test_public_figures_have_three_raters_and_features_of_the_face(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    columns = {
        **scores(rng, "final", "4o", "DS", "gemini"),
        "Year": rng.integers(1940, 2000, N),
        "Month": rng.integers(1, 13, N),
        "Day": rng.integers(1, 29, N),
        "Day index": rng.integers(1, 366, N),
        "Day_sin": rng.normal(size=N),
        "Height(cm)": [None if number % 7 == 0 else 170.0 + number for number in range(N)],
        "Occupation_idx": rng.integers(0, 5, N),
        "Big_Nose": rng.integers(0, 2, N),
    }
    pl.DataFrame(columns).write_csv(tmp_path / "5_cleaned_with_missing.csv")
    found = read_replay(tmp_path, {})
    assert set(found.table["model"]) == {"CelebPersona"}
    assert set(found.table["rater"]) == {"final", "4o", "DS", "gemini"}
    attributes = {name.removeprefix("attribute.") for name in found.table.columns if name.startswith("attribute.")}
    assert {"birth_year", "height", "occupation", "big_nose", "day_index"} <= attributes
    findings = found.study.measure(found.table)
    assert pick(findings, "people", "as_published").n == N
    assert pick(findings, "false_alarms.rcit").n == 5 * 4
    assert pick(findings, "strength.kci.o.height").missing == len(range(0, N, 7))


def test_embeddings_of_the_hub_are_vectors_and_long_ones_are_reduced(tmp_path: Path) -> None:
    rng = np.random.default_rng(2)
    hidden = rng.normal(size=N)
    image = np.outer(hidden, rng.normal(size=100)) + 0.05 * rng.normal(size=(N, 100))
    table = pl.DataFrame(scores(rng, "final")).with_columns(
        final_n=pl.Series(np.clip(5 + 2 * hidden, 1, 9).round()),
        image_embedding=pl.Series(image.tolist()),
        **{f"text_{place}": pl.Series(rng.normal(size=N)) for place in range(9)},
    )
    (tmp_path / "celebpersona" / "data").mkdir(parents=True)
    table.write_parquet(tmp_path / "celebpersona" / "data" / "train-00000-of-00001.parquet")
    found = read_replay(tmp_path, {})
    assert set(found.table["model"]) == {"CelebPersona"}
    assert any("100 numbers are reduced to 32" in warning for warning in found.warnings)
    assert len(found.table["attribute.image_embedding"][0]) == 32
    assert len(found.table["attribute.text"][0]) == 9
    findings = found.study.measure(found.table)
    assert pick(findings, "strength.kci.n.image_embedding").is_significant()
    assert not pick(findings, "strength.kci.n.text").is_significant()


def test_scores_that_are_no_numbers_are_named(tmp_path: Path) -> None:
    table = athletes(np.random.default_rng(0)).with_columns(pl.col("final_e").cast(pl.String))
    changed = table.with_columns(
        final_e=pl.when(pl.int_range(pl.len()) == 4).then(pl.lit("high")).otherwise(pl.col("final_e"))
    )
    changed.write_csv(tmp_path / "people.csv")
    with pytest.raises(InputError, match=r"'high' is no score.*|row 5"):
        read_replay(tmp_path, {})
    empty = table.with_columns(
        final_e=pl.when(pl.int_range(pl.len()) == 4).then(pl.lit("")).otherwise(pl.col("final_e"))
    )
    empty.write_csv(tmp_path / "people.csv", quote_style="always")
    assert read_replay(tmp_path, {}).table["trait.e"].null_count() == 1


def test_matrices_of_p_values_are_measured_with_failed_tests_apart(tmp_path: Path) -> None:
    rows = [
        {"": "final_o", "Birthyear": 0.0, "Birthday": 0.5, "Type": 0.001},
        {"": "final_c", "Birthyear": 0.2, "Birthday": 0.01, "Type": 0.04},
    ]
    pl.DataFrame(rows).write_csv(tmp_path / "athlete_rcit_matrix.csv")
    found = read_replay(tmp_path, {})
    findings = found.study.measure(found.table)
    assert {one.subject for one in findings} == {"AthlePersona"}
    assert pick(findings, "published_dependent.rcit.final", "as_published").estimate == 3 / 4
    # The 0 is missing; of .5, .001, .2, .01, .04 those below .05 after correction are .001 and .01, the latter a day.
    corrected = pick(findings, "published_dependent.rcit.final")
    assert corrected.n == 3
    assert corrected.estimate == pytest.approx(1 / 3)
    assert pick(findings, "published_zero.rcit.final").estimate == pytest.approx(1 / 6)
    assert pick(findings, "published_false_alarms.rcit.final").estimate == 0.5
    assert all(any(section.holds(one) for section in PAPER.plan.sections) for one in findings)


def test_matrices_may_lie_the_other_way_round(tmp_path: Path) -> None:
    rows = [{"": "Big_Nose", "4o_o": 0.01, "DS_o": 0.9}, {"": "Occupation_idx", "4o_o": 0.2, "DS_o": 0.8}]
    pl.DataFrame(rows).write_csv(tmp_path / "8_chisquare_matrix.csv")
    found = read_replay(tmp_path, {})
    findings = found.study.measure(found.table)
    assert {one.subject for one in findings} == {"CelebPersona"}
    assert pick(findings, "published_dependent.chi_square.4o", "as_published").estimate == 0.5
    assert pick(findings, "published_dependent.chi_square.DS", "as_published").estimate == 0
    pl.DataFrame([{"": "a", "b": 0.1}]).write_csv(tmp_path / "8_chisquare_matrix.csv")
    with pytest.raises(InputError, match="names no trait"):
        read_replay(tmp_path, {})
    pl.DataFrame([{"": "a", "4o_o": 1.5}]).write_csv(tmp_path / "8_chisquare_matrix.csv")
    with pytest.raises(InputError, match="no p value"):
        read_replay(tmp_path, {})
