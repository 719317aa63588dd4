"""Reliability of a scale: the published answers, answers of the same layout made here, and fresh runs on sim."""

from __future__ import annotations

import itertools
import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from personae.errors import InputError
from personae.instrument import load_instrument
from personae.model import Request, ScriptedModel, open_model
from personae.papers.scale_reliability import PAPER, ScaleReliability, ScaleReliabilitySettings, read_replay
from personae.papers.scale_reliability.findings import published_test
from personae.papers.scale_reliability.outliers import noise_points, outlier_share, outlier_share_on_grid
from personae.papers.scale_reliability.targets import CHARACTERS, EMOTIONS, POLES, pole_of_label
from personae.study import Finding, run_study
from support.command_line import personae

TRAITS = ("openness", "conscientiousness", "extraversion", "agreeableness", "neuroticism")
BFI = load_instrument("bfi-44")
SMALL = {"cases": "0"}


def pick(findings: Sequence[Finding], name: str, convention: str = "as_published") -> Finding:
    (found,) = [one for one in findings if one.name == name and one.conventions[0] == convention]
    return found


def run(given: Mapping[str, str], **sim: str) -> tuple[list[Finding], pl.DataFrame]:
    study = ScaleReliability(ScaleReliabilitySettings.read(given))
    table = run_study(study, {"subject": open_model("sim", sim)}).table
    return study.measure(table), table


# The published answers.


@pytest.mark.replay
def test_every_stored_trait_score_is_rebuilt_from_its_answers(replay: Callable[[str], Path]) -> None:
    found = read_replay(replay("061"), {})
    mismatches = pick(found.study.measure(found.table), "mismatches")
    assert (mismatches.estimate, mismatches.n, mismatches.missing) == (0.0, 12_500, 0)
    assert sum(len(answers) for answers in found.table["answers"].to_list()) == 110_000


@pytest.mark.replay
def test_the_published_figures_come_out(replay: Callable[[str], Path]) -> None:
    found = read_replay(replay("061"), {})
    findings = found.study.measure(found.table)
    names = {one.name for one in findings}
    claims = [claim for claim in PAPER.claims if claim.name in names]
    assert len(claims) >= 15
    for claim in claims:
        digits = len(f"{claim.value}".partition(".")[2])
        assert pick(findings, claim.name).estimate == pytest.approx(claim.value, abs=0.55 * 10**-digits), claim
    assert pick(findings, "factor.label.n.openness").note == "<"


# Files of the same layout.


def stored(name: str, rows: Sequence[tuple[Mapping[str, Any], Sequence[int]]]) -> dict[str, Any]:
    data = []
    for info, answers in rows:
        by_item = dict(zip(BFI.item_ids, answers, strict=True))
        scores = {}
        for scale in BFI.scales:
            signs = BFI.keying(scale)
            keyed = [by_item[item] if sign > 0 else 6 - by_item[item] for item, sign in signs.items()]
            scores[scale.trait.rpartition(".")[2].capitalize()] = sum(keyed) / len(keyed)
        shuffled = dict(sorted(by_item.items(), key=lambda pair: hash(pair[0]) % 7))
        data.append({"info": dict(info), "raw": shuffled, "data": scores})
    return {"meta": {"name_exp": name, "pending_tests": []}, "data": data}


def info(template: str = "t1", order: str = "f", **more: Any) -> dict[str, Any]:
    return {"template": template, "language": "En", "version": "v1", "label": "n", "order": order, **more}


def write(folder: Path, name: str, rows: Sequence[tuple[Mapping[str, Any], Sequence[int]]]) -> Path:
    path = folder / f"{name}.json"
    path.write_text(json.dumps(stored(name, rows)), encoding="utf-8")
    return path


def agreeing(level: int) -> list[int]:
    """Answers of somebody who scores the same on every trait."""
    signs: dict[str, int] = {}
    for scale in BFI.scales:
        signs |= BFI.keying(scale)
    return [level if signs[item] > 0 else 6 - level for item in BFI.item_ids]


def test_files_of_representations_are_read_by_their_name(tmp_path: Path) -> None:
    label = "a person of routine and familiarity"
    write(tmp_path, "save", [(info(), agreeing(3))])
    write(tmp_path, "personality_qa_cot", [(info(append_label=label, case="2"), agreeing(2))] * 3)
    write(tmp_path, "personality_portray", [(info(append_label="an adventurous person", case="1"), agreeing(5))] * 3)
    write(tmp_path, "character", [(info(append_label="Winson Churchill", case="5"), agreeing(4))] * 2)
    write(tmp_path, "environment", [(info(append_label="calmness", case="10"), agreeing(1))] * 2)
    found = read_replay(tmp_path, {})
    assert found.warnings == ()
    parts = found.table.group_by("part", "method", "cot", "target").len()
    assert set(parts.iter_rows()) == {
        ("factorial", "", False, "", 1),
        ("personality", "qa", True, "low_openness", 3),
        ("personality", "portray", False, "high_openness", 3),
        ("character", "", False, "Winston Churchill", 2),
        ("environment", "", False, "calmness", 2),
    }
    findings = found.study.measure(found.table)
    assert pick(findings, "level.personality.low_openness.openness").estimate == pytest.approx(2)
    assert pick(findings, "range.personality.openness").estimate == pytest.approx(3)
    assert pick(findings, "level.environment.calmness.neuroticism").n == 2
    assert pick(findings, "mismatches").n == 5 * 11
    assert not [one for one in findings if one.name.startswith("shift.")]  # there is no default of the same setting


def test_a_stored_score_that_its_answers_do_not_give_is_found(tmp_path: Path) -> None:
    path = write(tmp_path, "save", [(info(), agreeing(3)), (info(order="r"), agreeing(4))])
    data = json.loads(path.read_text(encoding="utf-8"))
    data["data"][0]["data"]["Openness"] += 0.1
    path.write_text(json.dumps(data), encoding="utf-8")
    found = read_replay(tmp_path, {})
    assert pick(found.study.measure(found.table), "mismatches").estimate == pytest.approx(0.1)


def test_answers_that_are_none_are_missing_and_named(tmp_path: Path) -> None:
    path = write(tmp_path, "save", [(info(), agreeing(3)), (info(order="r"), agreeing(4))])
    data = json.loads(path.read_text(encoding="utf-8"))
    data["data"][0]["raw"]["5"] = 7
    del data["data"][0]["raw"]["9"]
    path.write_text(json.dumps(data), encoding="utf-8")
    found = read_replay(tmp_path, {})
    assert "1 settings lack answers" in found.warnings[0]
    read = pick(found.study.measure(found.table), "read", "corrected")
    assert read.estimate == pytest.approx(86 / 88)


def test_other_files_are_named_and_an_empty_folder_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"Analysis/save/save\.json"):
        read_replay(tmp_path, {})
    (tmp_path / "a.json").write_text("[1]", encoding="utf-8")
    (tmp_path / "b.json").write_text("{", encoding="utf-8")
    write(tmp_path, "save", [(info(), agreeing(3))])
    assert len(read_replay(tmp_path, {}).warnings) == 2


# What is computed.


def test_a_level_that_differs_is_found_by_both_ways() -> None:
    rng = np.random.default_rng(0)
    mine, others = rng.normal(3.5, 0.5, 300), rng.normal(3.0, 0.5, 1200)
    found = published_test(mine, others)
    assert found.note == ">"
    assert found.estimate == pytest.approx(0.5, abs=0.1)
    assert "Student" in found.method
    assert published_test(others, mine).note == "<"
    assert published_test(rng.normal(3, 0.5, 300), others).note == "="


def test_unequal_variances_choose_welch() -> None:
    rng = np.random.default_rng(1)
    assert "Welch" in published_test(rng.normal(3, 0.2, 300), rng.normal(3, 0.9, 300)).method


def test_points_far_from_all_clusters_are_noise() -> None:
    rng = np.random.default_rng(2)
    cloud = rng.normal(0, 0.1, (200, 2))
    alone = np.array([[5.0, 5.0], [-4.0, 2.0]])
    found = noise_points(np.vstack([cloud, alone]))
    assert list(np.flatnonzero(found)) == [200, 201]
    assert noise_points(cloud[:10]).all()  # too few for any cluster


def test_noise_is_what_an_exhaustive_search_calls_noise() -> None:
    points = np.random.default_rng(3).normal(0, 0.6, (150, 2))
    near = np.linalg.norm(points[:, None] - points[None], axis=2) <= 0.3
    core = near.sum(axis=1) >= 20
    assert (noise_points(points) == ~(near & core[None]).any(axis=1)).all()


def test_outliers_of_the_data_are_found_and_the_grid_says_that_its_plane_is_arbitrary() -> None:
    rng = np.random.default_rng(4)
    scores = np.vstack([rng.normal(4, 0.15, (400, 5)), rng.uniform(1, 2, (8, 5)), [[np.nan] * 5]])
    found = outlier_share(scores)
    assert found.missing == 1
    assert found.estimate == pytest.approx(8 / 408, abs=0.01)
    grid = outlier_share_on_grid(scores)
    assert grid.low - 1e-9 <= grid.estimate <= grid.high + 1e-9
    assert "arbitrary" in grid.note


# The design.


def test_the_published_size_of_each_part() -> None:
    study = ScaleReliability(ScaleReliabilitySettings.read(PAPER.full))
    cells = list(study.design(np.random.default_rng(0)))
    parts = Counter(cell.factors["part"] for cell in cells)
    assert parts["environment"] == 16 * 10 * 16
    assert parts["character"] == 16 * 2 * 5 * 16
    assert parts["personality"] == 3 * 2 * 10 * 4 * 10
    assert parts["factorial"] == 5 * 3 * 5 * 2
    assert len({cell.key for cell in cells}) == len(cells)


def test_five_wordings_in_ten_languages_make_2500_settings(tmp_path: Path) -> None:
    data = BFI.model_dump()
    languages = ("en", "zh", "ko", "es", "fr", "de", "it", "ar", "ru", "ja")
    data["wordings"] = [
        {"key": f"{language}-{number}", "source": "made for a test", "language": language, "items": data["items"]}
        for language, number in itertools.product(languages, range(1, 6))
        if (language, number) != ("en", 1)
    ]
    study = ScaleReliability(ScaleReliabilitySettings.read(SMALL))
    object.__setattr__(study, "instrument", BFI.model_validate(data))
    assert len(list(study.design(np.random.default_rng(0)))) == 2500


def test_a_language_that_is_not_there_is_refused() -> None:
    study = ScaleReliability(ScaleReliabilitySettings.read({"languages": "en,ko", **SMALL}))
    with pytest.raises(InputError, match="no wording in 'ko'"):
        study.design(np.random.default_rng(0))


def test_published_labels_of_personalities_name_poles() -> None:
    assert pole_of_label("a more spontaneous and less reliable person") == "low_conscientiousness"
    assert pole_of_label("a person with emotional instability and diverse negative feelings") == "high_neuroticism"
    assert pole_of_label("Sauron") == "Sauron"


# Fresh runs.


def test_a_setting_is_two_blocks_of_one_conversation_in_json() -> None:
    model = ScriptedModel(lambda _: "{}")
    given = {**SMALL, "templates": "1", "wordings": "1", "attempts": "1"}
    run_study(ScaleReliability(ScaleReliabilitySettings.read(given)), {"subject": model}, workers=1)
    sizes = []
    for first, second in _pairs(model.requests):
        assert [one.role for one in second.messages] == ["user", "assistant", "user"]
        sizes.append(first.messages[0].content.count("\n("))
        assert sizes[-1] + second.messages[-1].content.count("\n(") == 44
        assert "JSON object" in first.messages[0].content
    assert all(17 <= size <= 27 for size in sizes)
    assert len(set(sizes)) > 3
    marks = {request.messages[0].content.split("levels from ")[1].split(" ")[0] for request in model.requests}
    assert marks == {"1", "a", "A", "i", "I"}


def _pairs(requests: Sequence[Request]) -> list[tuple[Request, Request]]:
    return [(requests[place], requests[place + 1]) for place in range(0, len(requests), 2)]


def test_order_bias_that_was_planted_is_found_and_no_order_is_flipped_twice() -> None:
    findings, table = run({**SMALL, "wordings": "1"}, order_bias="4")
    assert set(table["status"]) == {"ok"}
    answers = {
        order: np.array(table.filter(pl.col("order") == order)["answers"].to_list(), dtype=float).mean()
        for order in ("f", "r")
    }
    assert answers["r"] > answers["f"] + 0.5  # what stands first is agreement only where the words are turned
    names = {one.name for one in findings}
    assert {f"factor.order.r.{trait}" for trait in TRAITS} <= names
    assert pick(findings, "mean.openness").n == 50


def test_without_a_planted_effect_no_level_stands_after_correction() -> None:
    findings, _ = run({**SMALL, "repeats": "2"})
    effects = [one for one in findings if one.name.startswith("factor.") and one.conventions[0] == "corrected"]
    assert len(effects) == (5 + 3 + 5 + 2) * 5
    # Another wording is other items, whose difficulty differs; nothing else is planted.
    assert not any(one.is_significant(0.01) for one in effects if ".version." not in one.name)
    assert pick(findings, "retest.openness", "corrected").n == 150


def test_the_other_wording_is_read_and_scored() -> None:
    _, table = run({**SMALL, "templates": "1"})
    assert set(table["wording"]) == {"en/v1", "en/v2", "en/v3"}
    assert set(table["status"]) == {"ok"}


def test_who_is_portrayed_moves_the_scores_and_a_description_is_shared_by_the_runs_of_a_case() -> None:
    model = open_model("sim")
    study = ScaleReliability(ScaleReliabilitySettings.read({"templates": "1", "wordings": "1", "runs": "3"}))
    table = run_study(study, {"subject": model}).table
    findings = study.measure(table)
    assert table.filter(pl.col("part") == "environment")["target"].n_unique() == len(EMOTIONS)
    assert table.filter(pl.col("part") == "character")["target"].n_unique() == len(CHARACTERS)
    assert table.filter(pl.col("part") == "personality")["target"].n_unique() == len(POLES)
    for trait in TRAITS:
        portrayed = table.filter((pl.col("method") == "portray") & ~pl.col("cot"))
        means = {}
        for pole in ("low", "high"):
            rows = portrayed.filter(pl.col("target") == f"{pole}_{trait}")
            means[pole] = np.mean(_scores(rows, trait))
        assert means["high"] > means["low"] + 0.5
    shift = pick(findings, "shift.personality.low_extraversion.extraversion", "corrected")
    assert shift.p_adjusted is not None
    assert {f"cot.personality.{trait}" for trait in TRAITS} <= {one.name for one in findings}


def _scores(rows: pl.DataFrame, trait: str) -> list[float]:
    scale = BFI.scale(trait)
    found = []
    for answers in rows["answers"].to_list():
        by_item = dict(zip(BFI.item_ids, answers, strict=True))
        keyed = [by_item[item] if sign > 0 else 6 - by_item[item] for item, sign in BFI.keying(scale).items()]
        found.append(sum(keyed) / len(keyed))
    return found


def test_the_text_of_a_case_is_asked_for_alike_in_every_run() -> None:
    asked: dict[str, set[int | None]] = {}

    def answer(request: Request) -> str:
        said = request.messages[-1].content
        if "story of about 100 words" in said:
            asked.setdefault(said, set()).add(request.sampling.seed)
            return "A story."
        return "{}"

    given = {"templates": "1", "wordings": "1", "runs": "3", "cases": "2", "attempts": "1"}
    run_study(ScaleReliability(ScaleReliabilitySettings.read(given)), {"subject": ScriptedModel(answer)})
    assert len(asked) == len(EMOTIONS)
    assert all(len(seeds) == 2 for seeds in asked.values())  # two cases, whatever the runs


def test_the_command_runs_reports_and_replays(tmp_path: Path) -> None:
    arguments = ["--model", "sim", "-P", "runs=1", "--folder", str(tmp_path / "r")]
    ran = personae("paper", "run", "scale_reliability", *arguments)
    assert ran.code == 0, ran.err
    page = (tmp_path / "r" / "report.html").read_text(encoding="utf-8")
    assert "SIMULATED" in page
    assert "Settings that stand out" in page
    write(tmp_path, "save", [(info(template), agreeing(level)) for template, level in (("t1", 3), ("t2", 4))])
    replayed = personae("paper", "replay", "scale_reliability", str(tmp_path), "--json")
    assert replayed.code == 0, replayed.err
    assert "mean.openness" in replayed.out
