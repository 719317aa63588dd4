"""PersonaX: planted dependence and negative controls, failed tests, agreement of raters, latents, published tables."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from personae.errors import InputError
from personae.model import Model, Request, ScriptedModel, open_model
from personae.papers.personax import PAPER, Personax, PersonaxSettings, read_replay
from personae.papers.personax.figures import drawn_figures, read_figures
from personae.papers.personax.findings import TRAITS, measure_table
from personae.papers.personax.latents import (
    find_edges,
    mean_correlation,
    one_view,
    r_squared,
    shared_latents,
    synthesise,
    try_recovery,
)
from personae.papers.personax.study import LETTERS
from personae.study import Finding, run_study
from support.command_line import personae

NEGATIVE = ("birth_month", "birth_day")


def pick(findings: Sequence[Finding], name: str, way: str = "corrected") -> Finding:
    (found,) = [one for one in findings if one.name == name and one.conventions[0] == way]
    return found


def run(given: Mapping[str, str], model: Model) -> tuple[list[Finding], pl.DataFrame]:
    study = Personax(PersonaxSettings.read({"latent_runs": "0", **given}))
    table = run_study(study, dict.fromkeys(study.roles, model)).table
    return study.measure(table), table


def people_table(n: int, seed: int) -> pl.DataFrame:
    """People of whom extraversion depends on occupation, neuroticism on the face, and nothing on anything else."""
    rng = np.random.default_rng(seed)
    rows = []
    for number in range(n):
        occupation = str(rng.choice(["actor", "writer"]))
        face = rng.normal(size=3)
        scores = {trait: float(rng.normal(5, 1)) for trait in TRAITS}
        scores["e"] += 2.0 if occupation == "actor" else 0.0
        scores["n"] += 1.5 * float(face[1] ** 2)
        rows.append(
            {
                "model": "m",
                "person": number,
                "rater": "final",
                **{f"trait.{trait}": value for trait, value in scores.items()},
                "attribute.occupation": occupation,
                "attribute.face": face.tolist(),
                "attribute.height": float(rng.normal(175, 8)),
                "attribute.birth_month": float(rng.integers(1, 13)),
                "attribute.birth_day": float(rng.integers(1, 29)),
            }
        )
    return pl.DataFrame(rows)


def test_planted_dependence_is_found_and_birthdays_raise_no_alarm() -> None:
    findings = measure_table(people_table(200, 1), NEGATIVE)
    significant = {
        one.name.removeprefix("strength.").partition(".")[2]
        for one in findings
        if one.name.startswith("strength.") and one.is_significant()
    }
    assert significant == {"e.occupation", "n.face"}
    for test in ("kci", "rcit", "hsic"):
        assert pick(findings, f"strength.{test}.e.occupation").is_significant(), test
        assert pick(findings, f"strength.{test}.n.face").is_significant(), test
        assert pick(findings, f"dependent.{test}").estimate == pytest.approx(2 / 15)
        assert pick(findings, f"false_alarms.{test}").n == 10
        assert pick(findings, f"false_alarms.{test}").low <= 0.05
    assert pick(findings, "dependent.chi_square").estimate == pytest.approx(
        1 / 5
    )  # faces and heights are no categories
    assert pick(findings, "false_alarms.g_square").n == 5  # months are


def test_raters_who_believe_different_things_replicate_nothing() -> None:
    table = people_table(150, 4)
    first = table.with_columns(pl.lit("first").alias("rater"))
    shifted = (pl.col("attribute.height") - 175) / 4
    second = first.with_columns(
        pl.lit("second").alias("rater"),
        pl.Series("trait.e", np.random.default_rng(1).normal(5, 1, 150)),
        pl.Series("trait.n", np.random.default_rng(2).normal(5, 1, 150)),
        (pl.col("trait.o") + shifted).alias("trait.o"),
    )
    findings = measure_table(pl.concat([first, second]), NEGATIVE)
    assert pick(findings, "dependent_by_rater.kci.first").estimate == pytest.approx(2 / 15)  # e.occupation, n.face
    assert pick(findings, "dependent_by_rater.kci.second").estimate == pytest.approx(1 / 15)  # o.height
    assert (pick(findings, "replicated.kci").estimate, pick(findings, "replicated.kci").n) == (0, 3)
    same = measure_table(pl.concat([first, first.with_columns(pl.lit("second").alias("rater"))]), NEGATIVE)
    assert pick(same, "replicated.kci").estimate == 1
    alone = measure_table(first, NEGATIVE)
    assert not [one for one in alone if one.name.startswith(("replicated", "agreement"))]


def test_shuffled_people_raise_no_more_alarms_than_chance() -> None:
    found = [measure_table(people_table(120, seed), NEGATIVE) for seed in range(3)]
    for test in ("kci", "rcit", "chi_square", "g_square"):
        shares = [pick(one, f"shuffled.{test}") for one in found]
        assert sum(share.estimate * share.n for share in shares) / sum(share.n for share in shares) < 0.2, test
        assert shares[0].n == (25 if test in ("kci", "rcit") else 10)


def test_a_test_that_fails_is_dependence_as_published_and_missing_here() -> None:
    table = people_table(60, 2).with_columns(pl.lit(180.0).alias("attribute.height"))
    findings = measure_table(table, NEGATIVE)
    published, corrected = (pick(findings, "dependent.kci", way) for way in ("as_published", "corrected"))
    assert pick(findings, "failed.kci").estimate == pytest.approx(5 / 25)
    assert corrected.missing == 5
    assert published.n == 15
    assert published.estimate >= 5 / 15
    assert pick(findings, "strength.kci.o.height").note == "nothing varies"


def test_names_and_missing_values_are_no_obstacle() -> None:
    table = people_table(80, 3).with_columns(
        pl.Series("attribute.nickname", [f"n{number}" for number in range(80)]),
        pl.when(pl.int_range(80) < 20).then(None).otherwise(pl.col("attribute.height")).alias("attribute.height"),
        pl.when(pl.int_range(80) == 3).then(None).otherwise(pl.col("trait.o")).alias("trait.o"),
    )
    findings = measure_table(table, NEGATIVE)
    assert not [one for one in findings if one.name == "strength.kci.o.nickname"]
    assert (pick(findings, "strength.kci.c.height").n, pick(findings, "strength.kci.c.height").missing) == (60, 20)
    assert pick(findings, "strength.kci.o.height").n == 60
    assert pick(findings, "people", "as_published").estimate == 80


# Latents.


def test_shared_latents_come_back_where_one_measurement_mixes_them() -> None:
    found = [try_recovery(600, np.random.default_rng(seed)) for seed in range(2)]
    assert min(one["r2"] for one in found) > 0.85
    assert max(one["r2_one_view"] for one in found) < 0.75
    assert np.mean([one["edge_recall"] for one in found]) >= 0.9
    assert np.mean([one["edge_precision"] for one in found]) >= 0.9


def test_the_chain_has_no_edge_between_its_ends() -> None:
    data = synthesise(1500, np.random.default_rng(1))
    assert data.edges == {(0, 1), (1, 2)}
    assert find_edges(data.latents) == data.edges
    rng = np.random.default_rng(2)
    apart = tuple(rng.normal(size=(1500, 2)) for _ in range(3))
    assert find_edges(apart) == frozenset()


def test_measurements_without_anything_in_common_give_nothing_back() -> None:
    rng = np.random.default_rng(3)
    truth = rng.normal(size=(600, 2))
    views = tuple(rng.normal(size=(600, 8)) for _ in range(3))
    assert r_squared(truth, shared_latents(views, rng)) < 0.1
    assert r_squared(truth, one_view(views[0])) < 0.1


def test_the_mean_correlation_is_blind_to_order_and_sign_but_not_to_rotation() -> None:
    truth = np.random.default_rng(4).normal(size=(500, 2))
    assert mean_correlation(truth, -truth[:, ::-1]) == pytest.approx(1)
    turned = truth @ (np.array([[1.0, 1.0], [-1.0, 1.0]]) / np.sqrt(2))
    assert mean_correlation(truth, turned) < 0.8
    assert r_squared(truth, turned) == pytest.approx(1)


# Fresh runs.


def planted(request: Request) -> str:
    """Describe by name, and score actors extraverted."""
    text = request.messages[-1].content
    if request.schema is None:
        return (
            f"{'An actor it is. ' if 'well-known actor' in text else 'Somebody else. '}" + "They are well known. " * 12
        )
    score = 5 if "An actor" in text else 2
    keys = request.schema.definition["required"]
    return json.dumps({key: score if key == "extraversion" else 3 for key in keys})


def test_a_run_finds_what_the_raters_believe() -> None:
    findings, table = run({"people": "40", "raters": "2"}, ScriptedModel(planted))
    assert table.height == 80
    assert pick(findings, "agreement.a1.e").estimate == pytest.approx(1)
    assert pick(findings, "strength.hsic.e.occupation").is_significant()
    assert pick(findings, "strength.kci.o.occupation").note == "nothing varies"
    assert pick(findings, "level.o", "as_published").estimate == 3


def test_the_simulated_raters_agree_and_find_what_was_drawn_into_the_figures() -> None:
    findings, _ = run({"people": "50", "raters": "2"}, open_model("sim", {}))
    assert pick(findings, "strength.kci.e.occupation").is_significant()
    assert pick(findings, "agreement.ak.e").estimate > 0.5
    assert pick(findings, "false_alarms.kci").estimate <= 0.3


def test_refused_descriptions_are_missing() -> None:
    refusing = ScriptedModel(lambda _: "I'm sorry, but I can't describe people.")
    findings, table = run({"people": "10", "raters": "1"}, refusing)
    assert set(table["status"]) == {"refused"}
    assert findings == []  # nobody has a score: there is nothing to measure
    some = ScriptedModel(lambda request: "No." if "Figure 3 " in request.messages[-1].content else planted(request))
    findings, table = run({"people": "12", "raters": "1"}, some)
    assert pick(findings, "people", "as_published").missing == table.filter(table["status"] != "ok").height


def test_only_planted_attributes_shift_drawn_reputations() -> None:
    figures = drawn_figures(400, np.random.default_rng(0))
    assert {one.attributes["occupation"] for one in figures} == {"actor", "writer", "athlete", "musician"}
    assert all("birth_day" in one.attributes and len(one.attributes["face"]) == 4 for one in figures)
    assert drawn_figures(3, np.random.default_rng(0)) == figures[:3]
    assert sorted(LETTERS.values()) == sorted(TRAITS)


def test_figures_of_a_file_are_used_with_their_attributes(tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["name", "text", "league", "height", "face_1", "face_2"])
        for number in range(12):
            writer.writerow(
                [f"P{number}", "Plays well.", "north" if number % 2 else "south", 170 + number, 0.1, number]
            )
    figures = read_figures(path)
    assert figures[3].attributes == {"league": "north", "height": 173.0, "face": [0.1, 3.0]}
    subject = ScriptedModel(planted)
    run({"people": "12", "raters": "1", "data": str(path)}, subject)
    assert any("Plays well." in request.messages[-1].content for request in subject.requests)
    with pytest.raises(InputError, match="holds 12 figures"):
        run({"people": "13", "data": str(path)}, subject)
    path.write_text("who\nx\n", encoding="utf-8")
    read_figures.cache_clear()
    with pytest.raises(InputError, match="no column name"):
        read_figures(path)


# Published tables.


def test_a_table_of_final_scores_is_replayed(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    league = rng.choice(["a", "b"], 120)
    table = pl.DataFrame(
        {
            "name": [f"n{number}" for number in range(120)],
            **{f"final_{trait}": rng.normal(3, 1, 120) for trait in TRAITS},
            "league": league,
            "birth_day": rng.integers(1, 29, 120),
        }
    ).with_columns(pl.Series("final_c", rng.normal(3, 0.5, 120) + 2.0 * (league == "a")))
    table.write_csv(tmp_path / "AthlePersona.csv")
    (tmp_path / "other.csv").write_text("x\n1\n", encoding="utf-8")
    found = read_replay(tmp_path, {})
    assert set(found.table["model"]) == {"AthlePersona"}
    assert any("other.csv" in warning for warning in found.warnings)
    findings = found.study.measure(found.table)
    assert pick(findings, "people", "as_published").estimate == 120
    assert pick(findings, "strength.g_square.c.league").is_significant()
    assert {claim.value for claim in PAPER.claims} == {9444.0, 4181.0}
    with pytest.raises(InputError, match="final_e"):
        table.with_columns(pl.lit("high").alias("final_e")).write_csv(tmp_path / "AthlePersona.csv")
        read_replay(tmp_path, {})
    raters = {f"{rater}_{trait}": rng.normal(3, 1, 120) for rater in ("4o", "DS") for trait in TRAITS}
    both = table.with_columns(**raters)
    both.write_csv(tmp_path / "AthlePersona.csv")
    found = read_replay(tmp_path, {})
    assert found.sources["people"] == "120"
    assert set(found.table["rater"]) == {"final", "4o", "DS"}
    findings = found.study.measure(found.table)
    assert pick(findings, "strength.g_square.c.league").is_significant()  # final scores are tested, no mean with them
    assert pick(findings, "dependent_by_rater.g_square.DS").estimate == 0
    assert abs(pick(findings, "agreement.a1.o").estimate) < 0.3
    assert not [one for one in findings if "4o_o" in one.name]
    both.drop([f"final_{trait}" for trait in TRAITS]).write_csv(tmp_path / "AthlePersona.csv")
    assert set(read_replay(tmp_path, {}).table["rater"]) == {"4o", "DS"}
    (tmp_path / "AthlePersona.csv").unlink()
    with pytest.raises(InputError, match="holds no people"):
        read_replay(tmp_path, {})


def test_the_command_runs_and_reports(tmp_path: Path) -> None:
    small = ["-P", "people=12", "-P", "raters=2", "-P", "latent_runs=1", "-P", "latent_n=200"]
    models = ["--model", "sim"]
    ran = personae("paper", "run", "personax", *models, *small, "--folder", str(tmp_path / "run"))
    assert ran.code == 0, ran.err
    page = (tmp_path / "run" / "report.html").read_text(encoding="utf-8")
    assert "SIMULATED" in page
    assert "reputations" in page
