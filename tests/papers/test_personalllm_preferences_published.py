"""PersonalLLM: what the authors published, in the layouts that they published it in."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from personae.errors import InputError
from personae.papers.personalllm_preferences import PAPER, REWARD_MODELS, read_bank, read_replay
from personae.study import Finding, compare
from support.command_line import personae

RUN = {
    "eval_type": "pairwise_pref",
    "algorithm": "ZeroShotAlgorithm",
    "num_shots": "0",
    "responses_to_include": "none",
    "debug": "False",
    "total_score": "-1.0",
    "win_rate_against_bestresponse": "4.0",
    "win_rate_against_gpt4o": "8.0",
    "time_taken": "1122.8",
    "seed": "27",
    "csv_output": "scores/score_df_ZeroShotAlgorithm_2024-08-15-09-34.csv",
    "mean_test_gemma_2b": "-1.2",
    "vllm_model_name": "meta-llama/Meta-Llama-3-8B-Instruct",
    "user_embedding_type": "winning",
    "user_embedding_computed_from_n_pr": "10.0",
    "n_similar_users_to_retrieve": "10.0",
    "meta_learning_dataset": "andrewsiah/MetaLearningPrefDs1k",
}
"""A row of all_scores.csv as the authors' script writes it, a few of its columns left out."""
WIDE = {"gemma_2b": 5}
META = {"algorithm": "MetaLearnKShotICLAlgorithm", "num_shots": "3", "responses_to_include": "winning_only"}


def runs(*changes: Mapping[str, str]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(RUN))
    writer.writeheader()
    writer.writerows({**RUN, **one} for one in changes)
    return text.getvalue()


def measured(folder: Path, given: Mapping[str, str] | None = None) -> list[Finding]:
    found = read_replay(folder, given or {})
    return found.study.measure(found.table)


def pick(findings: Sequence[Finding], name: str, convention: str = "as_published") -> Finding:
    (found,) = [one for one in findings if one.name == name and one.conventions[0] == convention]
    return found


def has_section(findings: Sequence[Finding]) -> bool:
    return all(any(section.holds(one) for section in PAPER.plan.sections) for one in findings)


@pytest.mark.replay
def test_published_aggregates_come_out(replay: Callable[[str], Path]) -> None:
    compared = compare(measured(replay("053")), PAPER.claims)
    assert len(compared) == 16 * 3 + 1
    for one in compared:
        assert one.difference == pytest.approx(0, abs=5.1e-5), one.claim.name


def test_every_run_of_the_whole_file_has_a_name_of_its_own(tmp_path: Path) -> None:
    near = {**META, "user_embedding_type": "win_minus_lose", "user_embedding_computed_from_n_pr": "50.0"}
    text = runs(
        {},
        {"time_taken": "1132.4"},  # the same run once more
        {"algorithm": "KShotICLAlgorithm", "num_shots": "3", "responses_to_include": "losing_only"},
        {
            "algorithm": "KShotICLAlgorithm",
            "num_shots": "3",
            "responses_to_include": "losing_only",
            "total_score": "-.7",
        },
        {"algorithm": "KShotICLAlgorithm", "num_shots": "3", "responses_to_include": "losing_as_winning_only"},
        {**near, "n_similar_users_to_retrieve": "50.0", "total_score": "-.3"},
        {**near, "n_similar_users_to_retrieve": "300.0", "total_score": "-.4"},
        {"vllm_model_name": "mistralai/Mistral-7B-Instruct-v0.2", "total_score": "-.9"},
        {"algorithm": "TestAlgorithm"},
    )
    (tmp_path / "all_scores.csv").write_text(text, encoding="utf-8")
    findings = measured(tmp_path)
    scores = {(one.subject, one.name): one.estimate for one in findings if one.name.startswith("score.")}
    assert scores == {
        ("Llama-3-8B", "score.zero_shot"): -1.0,
        ("Llama-3-8B", "score.similar.k3.losing_only"): -1.0,  # the first run; the later one is a difference to it
        ("Llama-3-8B", "score.similar.k3.losing_as_winning_only"): -1.0,
        ("Llama-3-8B", "score.meta.k3.winning_only.win_minus_lose.of50.near50.MetaLearningPrefDs1k"): -0.3,
        ("Llama-3-8B", "score.meta.k3.winning_only.win_minus_lose.of50.near300.MetaLearningPrefDs1k"): -0.4,
        ("Mistral-7B-Instruct-v0.2", "score.zero_shot"): -0.9,
        ("Llama-3-8B", "score.TestAlgorithm"): -1.0,
    }
    assert pick(findings, "again.similar.k3.losing_only", "corrected").estimate == pytest.approx(0.3)
    assert sum(one.name.startswith("again.") for one in findings) == 1
    assert has_section(findings)


def test_seeds_are_averaged_and_other_feedback_is_told(tmp_path: Path) -> None:
    text = runs(
        {},
        {"seed": "28", "total_score": "-.8", "win_rate_against_gpt4o": "10"},
        {"eval_type": "reward", "total_score": "-2"},
    )
    (tmp_path / "all_scores.csv").write_text(text, encoding="utf-8")
    (tmp_path / "other.csv").write_text("a\n1\n", encoding="utf-8")
    found = read_replay(tmp_path, {})
    assert len(found.warnings) == 2
    findings = found.study.measure(found.table)
    assert pick(findings, "win_reference.zero_shot").estimate == pytest.approx(9)
    assert pick(findings, "win_reference.zero_shot").n == 2000
    assert pick(findings, "score.zero_shot").estimate == pytest.approx(-0.9)
    assert pick(measured(tmp_path, {"feedback": "scalar"}), "score.zero_shot").estimate == -2


def test_the_first_version_of_the_file_has_generators_and_no_shots(tmp_path: Path) -> None:
    head = "eval_type,generator,debug,total_score,win_rate_against_bestresponse,win_rate_against_gpt4o,seed\n"
    (tmp_path / "all_scores.csv").write_text(head, encoding="utf-8")
    with pytest.raises(InputError, match="nothing that was published"):
        read_replay(tmp_path, {})
    (tmp_path / "all_scores.csv").write_text(head + "reward,ZeroShotAlgorithm,False,-1.5,4,9,42\n", encoding="utf-8")
    with pytest.raises(InputError, match="no rows of pairwise feedback, but of reward"):
        read_replay(tmp_path, {})
    assert pick(measured(tmp_path, {"feedback": "scalar"}), "score.zero_shot").estimate == -1.5


def test_scored_answers_give_the_interval_that_aggregates_lack(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    rewards = rng.normal(-1, 1, 200).round(6)
    rows = [
        {
            "person_weight": "[0.9, 0.1]",
            "prompt_1": "why?",
            "response_1_a": "x, \n y",
            "chosen_1": "a",
            "person_id": number,
            "best_response_reward": 1.0,
            "gpt4o_reward": -0.5,
            "persona_weighted_score": reward,
        }
        for number, reward in enumerate(rewards.tolist())
    ]
    name = "score_df_ZeroShotAlgorithm_2024-08-15-09-34.csv"
    pl.DataFrame(rows).write_csv(tmp_path / name)
    (tmp_path / "all_scores.csv").write_text(runs({"total_score": str(rewards.mean())}), encoding="utf-8")
    findings = measured(tmp_path)
    scored = pick(findings, "scored.zero_shot")
    assert scored.estimate == pytest.approx(pick(findings, "score.zero_shot").estimate)
    assert scored.n == 200
    assert scored.low < scored.estimate < scored.high
    assert pick(findings, "scored_win_reference.zero_shot").estimate == pytest.approx(100 * (rewards > -0.5).mean())
    assert has_section(findings)
    # Without the table of runs the date of the file tells runs apart, and few answers are no published figure.
    (tmp_path / "all_scores.csv").unlink()
    pl.DataFrame(rows[:3]).write_csv(tmp_path / name)
    found = read_replay(tmp_path, {})
    assert [one for one in found.warnings if "3 answers" in one]
    assert pick(found.study.measure(found.table), "scored.zero_shot.2024-08-15-09-34").n == 3


def test_the_base_of_users_is_described(tmp_path: Path) -> None:
    rows = [
        {"person_id": 0, "person_weight": [1.0, 0.0], "prompt_1": "a", "prompt_2": "b", "chosen_1": "a", "length": 2},
        {"person_id": 1, "person_weight": [0.5, 0.5], "prompt_1": "a", "prompt_2": None, "chosen_1": "b", "length": 1},
    ]
    pl.DataFrame(rows).write_parquet(tmp_path / "train-00000-of-00001.parquet")
    findings = measured(tmp_path)
    assert pick(findings, "users").estimate == 2
    assert pick(findings, "rated").estimate == 1.5
    assert pick(findings, "concerns", "corrected").estimate == pytest.approx(1.5)  # one scorer, and two
    assert pick(findings, "first_better", "corrected").estimate == 0.5
    assert has_section(findings)
    pl.DataFrame([{**rows[0], "person_weight": [0.7, 0.7]}]).write_parquet(tmp_path / "train-00000-of-00001.parquet")
    with pytest.raises(InputError, match=r"row 1.*no list of shares|no list of shares.*"):
        read_replay(tmp_path, {})


def questions(count: int, rng: np.random.Generator, *, is_mixed: bool = False) -> list[dict[str, object]]:
    """Rows of the data set, with the answers of the third model always scored best by the first scorer."""
    rows: list[dict[str, object]] = []
    for number in range(count):
        models = [f"maker/model-{place}" for place in range(7)] + ["openai/gpt-4o"]
        if is_mixed:
            models = [models[int(place)] for place in rng.permutation(8)]
        row: dict[str, object] = {"prompt": f"question {number}", "subset": "mt", "prompt_id": number}
        for place, model in enumerate(models, start=1):
            row |= {f"response_{place}": f"{number} by {model}", f"response_{place}_model": model}
            row |= {
                f"response_{place}_{one}": float(rng.normal(0, 1 + 4 * (one == "gemma_2b"))) for one in REWARD_MODELS
            }
            if model == "maker/model-2":
                row[f"response_{place}_gemma_2b"] = 100.0
        rows.append(row)
    return rows


def data_set(folder: Path, *, is_mixed: bool = False) -> Path:
    rng = np.random.default_rng(3)
    (folder / "data").mkdir()
    pl.DataFrame(questions(6, rng, is_mixed=is_mixed)).write_parquet(folder / "data" / "train-00000-of-00001.parquet")
    pl.DataFrame(questions(3, rng, is_mixed=is_mixed)).write_parquet(folder / "data" / "test-00000-of-00001.parquet")
    return folder


@pytest.mark.parametrize("is_mixed", [False, True])
def test_the_data_set_is_read_by_split_and_model(tmp_path: Path, *, is_mixed: bool) -> None:
    bank = read_bank(str(data_set(tmp_path, is_mixed=is_mixed)), 20)
    assert (bank.train, len(bank.questions), bank.scorers) == (6, 9, REWARD_MODELS)
    third, reference = bank.models.index("maker/model-2"), bank.reference
    assert bank.models[reference] == "openai/gpt-4o"
    for number, one in enumerate(bank.questions):
        assert one.answers[third].endswith("model-2")
        assert one.answers[reference].endswith("gpt-4o")
        assert bank.raw[number, third, 0] == 100.0


def test_the_data_set_replays_without_a_model(tmp_path: Path) -> None:
    findings = measured(data_set(tmp_path), {"alphas": "0.01,5", "crowd": "40"})
    sizes = {name: pick(findings, name).estimate for name in ("questions.all", "questions.train", "answers", "scorers")}
    assert sizes == {"questions.all": 9, "questions.train": 6, "answers": 8, "scorers": 10}
    assert (
        pick(findings, "agreement.at_0.01", "corrected").estimate
        < pick(findings, "agreement.at_5", "corrected").estimate
    )
    assert pick(findings, "scales", "corrected").estimate > 5
    assert has_section(findings)


def test_an_answer_or_score_that_is_missing_is_named(tmp_path: Path) -> None:
    rows = questions(4, np.random.default_rng(0))
    path = tmp_path / "bank.jsonl"
    for column, value, message in (
        ("response_3", None, "response_3 of question 2"),
        ("response_5_beaver_7b", None, "response_5_beaver_7b of question 2"),
        ("response_5_beaver_7b", "high", "response_5_beaver_7b"),
    ):
        changed = [dict(row) for row in rows]
        changed[1][column] = value
        if value == "high":
            changed = [{**row, column: "high"} for row in rows]
        path.write_text("\n".join(map(json.dumps, changed)), encoding="utf-8")
        read_bank.cache_clear()
        with pytest.raises(InputError) as caught:
            read_bank(str(path), 1)
        assert message in str(caught.value)


def test_a_pointer_in_place_of_a_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "train.parquet").write_text("version https://git-lfs.github.com/spec/v1\noid x\n", encoding="utf-8")
    (tmp_path / "all_scores.csv").write_text(runs({}), encoding="utf-8")
    found = read_replay(tmp_path, {})
    assert "git-lfs" in found.warnings[0]
    with pytest.raises(InputError, match="no such folder"):
        read_replay(tmp_path / "nowhere", {})


def test_the_command_replays_the_data_set(tmp_path: Path) -> None:
    said = personae(
        "paper",
        "replay",
        "personalllm_preferences",
        str(data_set(tmp_path)),
        "-P",
        "crowd=20",
        "--folder",
        str(tmp_path / "out"),
    )
    assert said.code == 0, said.err
    assert "10402" in said.out.replace(",", "").replace(".00", "")
