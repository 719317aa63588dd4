"""Fair-PP [31] as a whole: planted segments, regions, refusals, written questions, preference rows, replay."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from scipy.spatial.distance import jensenshannon

from personae.errors import InputError
from personae.model import Model, Request, ScriptedModel
from personae.papers.fair_pp import (
    PAPER,
    FairPP,
    FairSettings,
    read_replay,
)
from personae.papers.fair_pp.answers import answers_of
from personae.papers.fair_pp.export import preference_rows, write_preferences, write_published
from personae.papers.fair_pp.questions import (
    read_questions,
)
from personae.papers.fair_pp.segments import KEYS, REGIONS
from personae.papers.fair_pp.taxonomy import taxonomy
from personae.papers.fair_pp.weights import js_distance
from personae.papers.fair_pp.writing import fault_of
from personae.study import Finding, run_study
from support.command_line import personae
from support.findings import pick


def run(settings: Mapping[str, str], model: Model) -> tuple[list[Finding], pl.DataFrame]:
    study = FairPP(FairSettings.read(settings))
    table = run_study(study, dict.fromkeys(study.roles, model)).table
    return study.measure(table), table


FIRST = ("achieved", "given to society", "One rule", "effort", "ustom", "conscience")
"""What marks the first pole of each dimension, in either of our wordings."""


def sides_shown(request: Request) -> tuple[int, str]:
    """Which letter the first pole has: 0 for A; and what is asked."""
    text = request.messages[-1].content
    a, b = (next(line for line in text.splitlines() if line.startswith(mark)) for mark in ("A. ", "B. "))
    marks = [any(mark in line for mark in FIRST) or "under one rule" in line for line in (a, b)]
    assert marks[0] != marks[1], text
    return int(marks[1]), text


def system_of(request: Request) -> str:
    return " ".join(message.content for message in request.messages if message.role == "system")


def principled(request: Request) -> str:
    """Activists and pragmatists take the second pole, conservatives the first, others by the dimension."""
    place, text = sides_shown(request)
    system = system_of(request)
    if "Progressive" in system or "Pragmatists" in system:
        first = False
    elif "Backbone" in system:
        first = True
    else:
        first = not any(mark in text for mark in ("The law", "ustom", "traditions"))
    return "AB"[place if first else 1 - place]


def test_planted_segments_come_out_whatever_the_order() -> None:
    findings, table = run({"questions": "245", "target": "1"}, ScriptedModel(principled))
    assert pick(findings, "differ.progressive_activists.civic_pragmatists").estimate == 0
    assert pick(findings, "differ.progressive_activists.backbone_conservatives").estimate == 1
    assert pick(findings, "differ.progressive_activists.loyal_nationals").estimate == pytest.approx(3 / 5, abs=0.01)
    assert pick(findings, "kappa.established_liberals.loyal_nationals").estimate == 1
    assert "one category" in pick(findings, "kappa.progressive_activists.civic_pragmatists").note
    assert pick(findings, "floor.differ.loyal_nationals").estimate == 0
    assert pick(findings, "order.loyal_nationals").estimate == 0
    assert pick(findings, "read_differently").estimate == 0
    assert pick(findings, "differ.positioned.loyal_nationals").estimate == 0
    assert pick(findings, "differ.nobody.backbone_conservatives").estimate == pytest.approx(2 / 5, abs=0.01)
    assert pick(findings, "js.nobody.loyal_nationals", "as_published").estimate == 0
    assert pick(findings, "js.nobody.backbone_conservatives", "as_published").estimate == pytest.approx(
        js_distance([3, 2, 0], [5, 0, 0])
    )
    assert pick(findings, "differ.positioned_in_role.progressive_activists").estimate == 0  # the target
    assert pick(findings, "anchor.a.loyal_nationals.d2").estimate == 1
    assert pick(findings, "anchor.b.loyal_nationals.d4").estimate == 1
    assert pick(findings, "tier.6").estimate == pytest.approx(3 / 5)
    assert pick(findings, "tier.2").estimate == pytest.approx(2 / 5)
    assert pick(findings, "weight.7").note == "no item is in this tier"
    assert pick(findings, "weight.6").estimate / pick(findings, "weight.2").estimate == pytest.approx(3 * 98 / 147)
    assert pick(findings, "records", "as_published").estimate == 7 * 245
    assert pick(findings, "topics", "as_published").estimate == 98
    assert pick(findings, "accuracy.base").estimate < pick(findings, "accuracy.wdpo").low
    assert pick(findings, "accuracy.wdpo").estimate > 0.95
    assert pick(findings, "accuracy.role_play").estimate == 1
    assert pick(findings, "to_target.wdpo").estimate < pick(findings, "to_others.wdpo").estimate
    gain = pick(findings, "gain.wdpo_over_base")
    assert gain.estimate > 0.2
    assert gain.p_adjusted is not None
    assert gain.p_adjusted >= (gain.p_value or 0)
    assert table.height == 245


def test_a_segment_counts_by_its_share() -> None:
    def only_one(request: Request) -> str:
        place, _ = sides_shown(request)
        return "AB"[place if "Traditionalists" in system_of(request) else 1 - place]

    findings, _ = run({"questions": "50"}, ScriptedModel(only_one))
    for way, share in (("as_published", 1 / 7), ("corrected", 0.18)):
        for cut in ("dimension.d3", "topic.fair_rewards", "group_type.minority"):
            assert pick(findings, f"population.{cut}", way).estimate == pytest.approx(share)


def test_five_regions_are_placed_and_may_be_different_models() -> None:
    study = FairPP(FairSettings.read({"questions": "20", "regions": "true"}))
    liberal = ScriptedModel(lambda request: "AB"[1 - sides_shown(request)[0]])
    models: dict[str, Model] = dict.fromkeys(study.roles, ScriptedModel(principled))
    models["europe"] = liberal
    findings = study.measure(run_study(study, models).table)
    assert pick(findings, "differ.europe.progressive_activists").estimate == 0
    assert pick(findings, "differ.east_asia.progressive_activists").estimate > 0
    placed = {one.name.split(".")[1] for one in findings if one.name.startswith("differ.")} - set(KEYS)
    assert placed == {"nobody", *REGIONS, *(f"{one}_in_role" for one in REGIONS)}


def test_a_third_answer_is_offered_and_is_none_of_the_two() -> None:
    def neither(request: Request) -> str:
        return "C" if request.messages[-1].content.count("\nC. N/A") == 1 else "A"

    findings, table = run({"questions": "10", "third": "true"}, ScriptedModel(neither))
    assert set(table["status"]) == {"ok"}
    assert pick(findings, "anchor.none.loyal_nationals.d1").estimate == 1
    assert pick(findings, "answered", "as_published").estimate == 0
    findings, _ = run({"questions": "10"}, ScriptedModel(neither))
    assert pick(findings, "answered", "as_published").estimate == 1


def test_answers_that_hang_on_the_order_are_no_preference() -> None:
    findings, table = run({"questions": "35"}, ScriptedModel(lambda _: "A"))
    assert pick(findings, "order.loyal_nationals").estimate == 1
    assert pick(findings, "anchor.a.loyal_nationals.d1", "as_published").estimate == 1
    assert pick(findings, "anchor.none.loyal_nationals.d1").estimate == 1
    assert not [one for one in findings if one.name == "accuracy.dpo" and one.conventions[0] == "corrected"]
    rows = list(preference_rows(table, FairSettings()))
    assert {part for _, part, _ in rows} == {"dropped"}
    assert {row["reason"] for _, _, row in rows} == {"hangs_on_order"}


def test_refusals_are_the_third_class_and_are_counted() -> None:
    findings, table = run({"questions": "10"}, ScriptedModel(lambda _: "I'm sorry, but I can't take sides."))
    assert set(table["status"]) == {"refused"}
    assert pick(findings, "answered", "as_published").estimate == 0
    assert pick(findings, "anchor.none.civic_pragmatists.d2", "as_published").estimate == 1
    assert {row["reason"] for _, _, row in preference_rows(table, FairSettings())} == {"no_answer"}


def test_a_writer_words_questions_and_useless_ones_are_told() -> None:
    def writer(request: Request) -> str:
        if request.schema is None:
            return "B"
        prompt = request.messages[-1].content
        assert any(f"Answer A stands for {pole}" in prompt for pole, _ in taxonomy().dimensions)
        same = "social norm" in prompt
        return json.dumps({"question": "What is fair?", "a": "This.", "b": "this." if same else "That."})

    _, table = run({"questions": "30", "wording": "reworded"}, ScriptedModel(writer))
    useless = table.filter(pl.col("status") == "unparsed")
    assert useless.height == 6
    assert useless["text"].null_count() == 6
    assert set(table.filter(pl.col("status") == "ok")["dimension"]) == {1, 2, 3, 5}
    assert len(answers_of(table).questions) == 24


def test_scenes_take_the_place_of_answers() -> None:
    def writer(request: Request) -> str:
        if request.schema is None:
            assert "Which of these two do you find fairer?" in request.messages[-1].content
            return "A"
        long = "Ada, a baker of 40, gets it. " * (1 if "conscience" in request.messages[-1].content else 3)
        return json.dumps({"a": "Bo, a smith of 50, gets it. He is glad.", "b": long})

    study = FairPP(FairSettings.read({"questions": "30", "wording": "scenes"}))
    assert study.roles == ("subject", "positioned", "writer")
    table = run_study(study, dict.fromkeys(study.roles, ScriptedModel(writer))).table
    kept = table.filter(pl.col("status") == "ok")
    assert set(kept["dimension"]) == {5}
    assert set(kept["a"]) == {"Bo, a smith of 50, gets it. He is glad."}
    assert table.filter(pl.col("status") == "unparsed").height == 24


def test_a_useless_question_is_told_why() -> None:
    assert fault_of("", "a", "b").endswith("empty")
    assert fault_of("x", "a" * 10, "b" * 21).startswith("an answer is more than twice")
    assert not fault_of("x", "a" * 10, "b" * 20)


def test_preference_rows_keep_groups_and_topics_apart_and_carry_both_weights(tmp_path: Path) -> None:
    _, table = run({"questions": "70"}, ScriptedModel(principled))
    counts = write_preferences(table, FairSettings(), tmp_path)
    assert sum(counts.values()) == 7 * 70
    assert {path.name for path in tmp_path.glob("*.jsonl")} == set(counts)
    parts: dict[str, set[Any]] = {"train": set(), "test": set()}
    for path in tmp_path.glob("*-*.jsonl"):
        rows = [json.loads(line) for line in path.read_text().splitlines()]
        part = path.stem.rpartition("-")[2]
        parts[part] |= {(row["group"], row["problem"]) for row in rows}
        assert all(row["chosen"] != row["rejected"] for row in rows)
        assert {row["origin"] for row in rows} == {"model"}
        if part == "train":
            assert np.mean([row["weight"] for row in rows]) == pytest.approx(1)
            by_tier = {row["tier"]: row["weight_as_published"] for row in rows}
            assert sum(by_tier.values()) == pytest.approx(1)
    assert not parts["train"] & parts["test"]


# Published tables.


def published(rows: int) -> pl.DataFrame:
    rng = np.random.default_rng(0)
    answers = rng.integers(0, 2, (rows, 7))
    return pl.DataFrame(
        {
            "Topic": ["t"] * rows,
            "Problem Category": ["c"] * rows,
            "Specific Problem": [f"problem {number % 10}" for number in range(rows)],
            "Group Type": ["g"] * rows,
            "Group": [f"group {number % 4}" for number in range(rows)],
            "Perspective": [1.1 + 0.1 * (number % 5) + number % 3 for number in range(rows)],
            "Question": [f"What of {number}? \nA. This one.\nB. That one.\nC. N/A" for number in range(rows)],
            **{f"gpt-4o-mini_role_{place + 1}_answer": answers[:, place] for place in range(7)},
            "Qwen2.5-7B-Instruct_answer": rng.integers(0, 3, rows),
            "majority_answer": answers[:, 0],
        }
    )


def test_the_published_layout_is_replayed(tmp_path: Path) -> None:
    table = published(120)
    table.write_csv(tmp_path / "Fair-PP.csv")
    (tmp_path / "other.csv").write_text("x\n1\n", encoding="utf-8")
    found = read_replay(tmp_path, {"target": "6"})
    assert any("other.csv" in warning for warning in found.warnings)
    assert set(found.table["model"]) == {"gpt-4o-mini"}
    findings = found.study.measure(found.table)
    assert pick(findings, "records", "as_published").estimate == 840
    first, second = (table[f"gpt-4o-mini_role_{place}_answer"].to_numpy() for place in (1, 2))
    distance = float(jensenshannon(np.bincount(first, minlength=3), np.bincount(second, minlength=3)))
    name = f"js.{KEYS[0]}.{KEYS[1]}"
    assert pick(findings, name, "as_published").estimate == pytest.approx(distance)
    assert pick(findings, name.replace("js", "differ")).estimate == pytest.approx(
        float((first != second).mean()), abs=0.05
    )
    assert not [one for one in findings if one.name.startswith(("floor", "order", "differ.nobody"))]
    placed = float(
        jensenshannon(np.bincount(table["Qwen2.5-7B-Instruct_answer"], minlength=3), np.bincount(first, minlength=3))
    )
    assert pick(findings, f"js.Qwen2_5-7B-Instruct.{KEYS[0]}", "as_published").estimate == pytest.approx(placed)
    assert not [one for one in findings if "majority" in one.name]
    assert pick(findings, "answered", "as_published").estimate == 1
    sizes = {claim.name: claim.value for claim in PAPER.claims}
    assert sizes["records"] == 7 * sizes["questions"]


def test_the_published_split_is_kept_and_a_question_counts_once(tmp_path: Path) -> None:
    table = published(60)
    table.head(45).write_csv(tmp_path / "Fair-PP_train.csv")
    table.tail(20).write_csv(tmp_path / "Fair-PP_test.csv")  # five of them are in both
    found = read_replay(tmp_path, {})
    assert found.table.height == 60
    assert any("5 questions" in warning for warning in found.warnings)
    answers = answers_of(found.table)
    assert answers.tests(0.5).sum() == 20  # the file that is read first keeps them
    findings = found.study.measure(found.table)
    assert pick(findings, "accuracy.dpo").n == 20
    table.write_csv(tmp_path / "Fair-PP.csv")
    whole = read_replay(tmp_path, {})
    assert whole.table.height == 60
    assert answers_of(whole.table).parts == answers.parts  # the parts are read before the whole
    (tmp_path / "Fair-PP_test.csv").unlink()
    assert answers_of(read_replay(tmp_path, {}).table).parts == ()


def test_a_question_that_comes_twice_in_one_file_is_two_items_and_in_two_files_one(tmp_path: Path) -> None:
    table = published(20)
    twice = pl.concat([table, table.head(3)])
    twice.write_csv(tmp_path / "Fair-PP.csv")
    assert read_replay(tmp_path, {}).table.height == 23, "the authors count rows"
    table.write_csv(tmp_path / "Fair-PP_copy.csv")
    assert read_replay(tmp_path, {}).table.height == 23


def test_what_trained_models_replied_is_measured_on_the_items_they_were_asked(tmp_path: Path) -> None:
    table = published(60)
    table.head(40).write_csv(tmp_path / "Fair-PP_train.csv")
    test = table.tail(20)
    test.write_csv(tmp_path / "Fair-PP_test.csv")
    target = test["gpt-4o-mini_role_6_answer"].to_list()
    for method, replies in (
        ("wdpo", ["A. This one." if code == 0 else "B" for code in target]),
        ("normal", ["B. That one."] * 19 + ["Both."]),
    ):
        name = f"Llama-3.2-3B-Instruct-{method}"
        asked = test.drop("Qwen2.5-7B-Instruct_answer").with_columns(pl.Series(name, replies))
        asked.write_csv(tmp_path / f"dpo_hf_test_{name}_6.csv")
    found = read_replay(tmp_path, {})
    assert found.table.height == 60
    findings = found.study.measure(found.table)
    who = "trained_6_dpo_Llama-3_2-3B-Instruct-"
    right = pick(findings, f"accuracy.{who}wdpo", "as_published")
    assert (right.estimate, right.n) == (1.0, 20)
    assert pick(findings, f"accuracy.{who}normal", "as_published").estimate == target[:19].count(1) / 20
    assert pick(findings, f"to_target.{who}wdpo", "as_published").estimate == pytest.approx(0, abs=1e-9)
    first = test["gpt-4o-mini_role_1_answer"].to_numpy()
    wanted = jensenshannon(np.bincount([1] * 19 + [2], minlength=3), np.bincount(first, minlength=3))
    assert pick(findings, f"js.{who}normal.{KEYS[0]}", "as_published").estimate == pytest.approx(float(wanted))
    (tmp_path / "dpo_hf_test_other_6.csv").write_bytes((tmp_path / "Fair-PP_test.csv").read_bytes())
    assert any("no column other" in warning for warning in read_replay(tmp_path, {}).warnings)


def test_the_published_case_study_is_read(tmp_path: Path) -> None:
    table = published(10)
    replies = {
        f"gpt-4o-mini_role_{place}_simulation": table[f"gpt-4o-mini_role_{place}_answer"].replace_strict(
            {0: "A", 1: "B."}
        )
        for place in range(1, 8)
    }
    table = table.drop([f"gpt-4o-mini_role_{place}_answer" for place in range(1, 8)]).with_columns(
        pl.Series("simulation_question", [f"A. Ann {n}.\nB. Bob.\nC. N/A\nWhich do you favor?" for n in range(10)]),
        *(column.alias(name) for name, column in replies.items()),
        *(pl.lit("C").alias(f"gpt-4o-mini_role_{place}") for place in range(1, 8)),
    )
    table.write_parquet(tmp_path / "train-00000-of-00001.parquet")
    found = read_replay(tmp_path, {})
    assert found.table["a"][3] == "Ann 3." and found.table["text"][0] == "Which do you favor?"
    assert pick(found.study.measure(found.table), "answered", "as_published").estimate == 1


def test_replies_in_the_published_layout_are_read_and_bad_rows_reported(tmp_path: Path) -> None:
    names = {f"gpt-4o-mini_role_{place}_answer": f"m_role_{place}" for place in range(1, 8)}
    table = (
        published(6).rename(names).with_columns(pl.col(one).replace_strict({0: "A.", 1: "B"}) for one in names.values())
    )
    table = table.with_columns(
        pl.when(pl.int_range(6) == 2).then(pl.lit("What?")).otherwise(pl.col("Question")).alias("Question")
    )
    table.write_csv(tmp_path / "replies.csv")
    found = read_replay(tmp_path, {})
    assert found.table.height == 5
    assert any("row 4" in warning for warning in found.warnings)
    (tmp_path / "replies.csv").unlink()
    with pytest.raises(InputError, match="no published answers"):
        read_replay(tmp_path, {})


def test_questions_of_a_file_are_put(tmp_path: Path) -> None:
    path = tmp_path / "q.csv"
    published(12).write_csv(path)
    study = FairPP(FairSettings.read({"data": str(path), "questions": "12"}))
    assert len(study.questions) == 12
    assert study.questions[1].a == "This one."
    path.write_text("Question\nx\n", encoding="utf-8")
    read_questions.cache_clear()
    with pytest.raises(InputError, match="lacks"):
        read_questions(path)


def test_what_a_run_writes_is_replayed_with_the_same_figures(tmp_path: Path) -> None:
    findings, table = run({"questions": "40"}, ScriptedModel(principled))
    assert write_published(table, tmp_path / "Fair-PP.csv") == 40
    found = read_replay(tmp_path, {})
    again = found.study.measure(found.table)
    same = ("js", "anchor", "tier", "weight", "population", "records", "topics", "accuracy")
    wanted = {one.name: one.estimate for one in findings if one.conventions[0] == "as_published"}
    checked = 0
    for one in again:
        if one.conventions[0] == "as_published" and one.name.split(".")[0] in same:
            assert one.estimate == pytest.approx(wanted[one.name], nan_ok=True), one.name
            checked += 1
    assert checked > 150


def test_the_command_runs_reports_and_writes_rows(tmp_path: Path) -> None:
    small = ["-P", "questions=20"]
    ran = personae("paper", "run", "fair_pp", "--model", "sim", *small, "--folder", str(tmp_path / "run"))
    assert ran.code == 0, ran.err
    assert "SIMULATED" in (tmp_path / "run" / "report.html").read_text(encoding="utf-8")
    replayed = personae("paper", "replay", "fair_pp", str(tmp_path / "run" / "preferences"), "--json")
    assert replayed.code == 0, replayed.err
    rows = [
        json.loads(line)
        for path in (tmp_path / "run" / "preferences").glob("*.jsonl")
        for line in path.read_text(encoding="utf-8").splitlines()
    ]
    assert len(rows) == 140
    assert {row["origin"] for row in rows} == {"SIMULATED"}
