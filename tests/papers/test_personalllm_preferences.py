"""PersonalLLM: planted users, tables of rewards, and fresh runs."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from personae.canonical import content_hash
from personae.errors import InputError
from personae.model import Model, Request, ScriptedModel, open_model
from personae.papers.personalllm_preferences import (
    PAPER,
    PLAIN,
    Preferences,
    PreferenceSettings,
    Users,
    built_in_bank,
    plain_scores,
    read_bank,
    representativeness,
)
from personae.papers.personalllm_preferences.study import Condition
from personae.study import Finding, run_study
from support.command_line import personae

SMALL = {"users": "6", "questions": "2", "crowd": "60", "shots": "1,3", "shown": "winning_only,losing_only"}


def pick(findings: Sequence[Finding], name: str, convention: str = "corrected", subject: str = "") -> Finding:
    (found,) = [
        one
        for one in findings
        if one.name == name and one.conventions[0] == convention and (not subject or one.subject == subject)
    ]
    return found


def run(given: Mapping[str, str], model: Model) -> tuple[list[Finding], pl.DataFrame]:
    study = Preferences(PreferenceSettings.read(given))
    table = run_study(study, {"subject": model}).table
    return study.measure(table), table


# Scores and users.


def test_scores_are_standardised_on_what_histories_are_made_of() -> None:
    bank = built_in_bank()
    train = bank.scores[: bank.train].reshape(-1, len(bank.scorers))
    assert np.allclose(train.mean(axis=0), 0)
    assert np.allclose(train.std(axis=0), 1)
    widened = replace(bank, raw=bank.raw * 5 + 3)
    assert np.allclose(widened.scores, bank.scores)  # the scale of a scorer decides nothing


def test_a_user_likes_best_what_the_weights_say() -> None:
    users = Users(built_in_bank(), crowd=50, new=3, history=5, alpha=0.1, seed=1)
    best, worst = users.liked
    for user in range(3):
        for place in range(5):
            rewards = users.bank.scores[users.rated[user, place]] @ users.weights[user]
            assert best[user, place] == rewards.argmax()
            assert worst[user, place] == rewards.argmin()
    assert users.rated.max() < users.bank.train  # nobody has rated a test question
    assert np.allclose(users.weights.sum(axis=1), 1)


def test_a_small_alpha_makes_users_of_one_concern() -> None:
    peaked, even = (
        Users(built_in_bank(), crowd=400, new=2, history=5, alpha=alpha, seed=1).weights.max(axis=1).mean()
        for alpha in (0.02, 5.0)
    )
    assert peaked > 0.85
    assert even < 0.35


@pytest.mark.parametrize("by", ["winning", "difference"])
def test_neighbours_care_for_the_same_and_strangers_do_not(by: str) -> None:
    users = Users(built_in_bank(), crowd=400, new=40, history=12, alpha=0.05, seed=2, similar_by=by)
    alike = [
        np.mean([users.weights[user] @ users.weights[other] for user in range(40) for other in others(user, 3)])
        for others in (users.neighbours, users.strangers)
    ]
    assert alike[0] > 3 * alike[1]
    assert all(other >= 40 for other in users.neighbours(0, 5))


def test_plain_measures_measure_what_they_are_called() -> None:
    names = list(PLAIN)
    texts = ["Yes.", "1. One.\n2. Two.", "Thank you, I am glad.", "It may perhaps depend.", "You must always!"]
    scores = plain_scores(texts)
    for name, place in (("brief", 0), ("listed", 1), ("warm", 2), ("careful", 3), ("sure", 4), ("lively", 4)):
        assert scores[:, names.index(name)].argmax() == place, name


def test_representativeness_is_the_distance_over_the_largest() -> None:
    assert representativeness([1, 0, 0, 0], [0, 0, 0, 2]) == 0
    assert representativeness([0.5, 0.5, 0], [0.5, 0, 0.5]) == pytest.approx(0.75)
    with pytest.raises(InputError):
        representativeness([1], [1])


# The prompt.


def test_examples_are_of_the_user_and_of_others_and_show_what_is_wanted() -> None:
    study = Preferences(PreferenceSettings.read({**SMALL, "shown": "winning_only,losing_only,winning_and_losing"}))
    question = study.bank.train
    asked = study.bank.questions[question].prompt
    for condition in study.conditions:
        prompt = study.prompt(condition, 0, question)
        assert asked in prompt
        shown = prompt.partition("Now a new question")[0] if condition.shots else ""
        sources = 0 if not condition.shots else 1 if condition.source == "own" else 2
        assert shown.count("Question:") == sources * condition.shots
        assert ("Liked:" in shown) == ("winning" in condition.shown)
        assert ("Disliked:" in shown) == ("losing" in condition.shown)
    scalar = Preferences(PreferenceSettings.read({**SMALL, "feedback": "scalar"}))
    assert re.search(r"Rated -?\d+\.\d\d:", scalar.prompt(Condition("own", 1, "winning_only"), 0, question))


# Fresh runs.


def copycat(request: Request) -> str:
    """Answers in the words of the first answer that the user liked; without one, in words of its own."""
    prompt = request.messages[-1].content
    if "Which of these" in prompt:
        return "A"
    liked = re.search(r"^Liked: (.*?)(?=^Question:|^What users|^Now a new|^Disliked:)", prompt, re.S | re.M)
    return liked[1].strip() if liked else "I do not know what to say to that."


def test_a_model_that_learns_from_examples_gains_by_them() -> None:
    findings, _ = run({**SMALL, "users": "12", "alpha": "0.02"}, ScriptedModel(copycat))
    gain = pick(findings, "gain.own.k1.winning_only")
    assert gain.low > 0
    assert gain.p_adjusted is not None
    zero = pick(findings, "score.zero_shot")
    assert gain.estimate == pytest.approx(pick(findings, "score.own.k1.winning_only").estimate - zero.estimate)
    assert pick(findings, "gain.own.k1.losing_only").estimate == pytest.approx(0)
    assert pick(findings, "winning_beats_losing").estimate == 1
    gains = [one.name.removeprefix("gain.") for one in findings if one.name.startswith("gain.")]
    assert gains == [
        *(f"{source}.k{shots}.{shown}" for source in ("own", "similar") for shots in (1, 3)
          for shown in ("losing_only", "winning_only")),
        "strangers.k1.winning_only", "strangers.k3.winning_only",
    ]  # fmt: skip
    assert pick(findings, "gap.own.k1.winning_only").estimate < pick(findings, "gap.zero_shot").estimate


def test_people_who_choose_by_place_are_found_out() -> None:
    findings, table = run({**SMALL, "personas": "10"}, ScriptedModel(copycat))
    assert table.filter(table["condition"] == "persona").height == 80
    assert pick(findings, "first_place.personas").estimate == 1
    assert pick(findings, "entropy.personas", "as_published").estimate > 1.5  # the order differs, the letter does not
    assert pick(findings, "agreement.personas").estimate == pytest.approx(1 / 8, abs=0.1)
    assert pick(findings, "self_agreement.personas").estimate == 0  # the reversed order has another answer first
    assert pick(findings, "spread.personas").estimate < 0
    assert pick(findings, "more_diverse").low > 0
    assert "people=10" in pick(findings, "agreement.matched").conventions


def test_people_with_tastes_of_their_own_are_diverse_and_uniform_ones_are_not() -> None:
    def taste(is_uniform: bool) -> Callable[[Request], str]:
        def choose(request: Request) -> str:
            prompt = request.messages[-1].content
            if "Which of these" not in prompt:
                return "Yes."
            options = dict(re.findall(r"^([A-H]) = (.*)$", prompt, re.M))
            person = "" if is_uniform else prompt.splitlines()[0]
            return str(min(options, key=lambda mark: content_hash([person, options[mark]])))

        return choose

    own, _ = run({**SMALL, "personas": "12"}, ScriptedModel(taste(is_uniform=False)))
    same, _ = run({**SMALL, "personas": "12"}, ScriptedModel(taste(is_uniform=True)))
    for findings in (own, same):
        assert pick(findings, "self_agreement.personas").estimate == 1
    assert pick(own, "spread.personas").low > 0.7
    assert pick(same, "spread.personas").estimate == 0
    assert pick(same, "more_diverse").low > 0.7
    assert pick(same, "more_diverse", "as_published").low > 1
    assert pick(same, "more_diverse").p_adjusted is not None
    assert abs(pick(own, "more_diverse").estimate) < 0.2


def test_users_differ_less_as_alpha_grows() -> None:
    study = Preferences(PreferenceSettings.read({**SMALL, "alphas": "0.01,1,20"}))
    row = {"model": "m", "condition": "zero_shot", "shots": 0, "shown": "", "person": "user-0"}
    scores = plain_scores(["Yes."])[0].tolist()
    table = pl.DataFrame([{**row, "question": study.bank.train, "answer.scores": scores}])
    findings = study.measure(table)
    agreement = [pick(findings, f"agreement.at_{alpha}").estimate for alpha in ("0.01", "1", "20")]
    assert agreement[0] < agreement[1] < agreement[2]


def test_the_simulated_respondent_runs_it() -> None:
    findings, table = run(SMALL, open_model("sim"))
    assert set(table["status"]) == {"ok"}
    assert pick(findings, "score.zero_shot").missing == 0
    assert pick(findings, "read.personas").estimate == 1


def test_the_published_size() -> None:
    study = Preferences(PreferenceSettings.read({**PAPER.full, "data": ""}))
    assert (study.settings.users, study.settings.crowd, study.settings.questions) == (1000, 10_000, 1)


def test_rewards_of_models_are_read_and_new_answers_are_scored_elsewhere(tmp_path: Path) -> None:
    rng, bank = np.random.default_rng(0), built_in_bank(12, 4)
    rows = []
    for number, one in enumerate(bank.questions):
        row: dict[str, object] = {"prompt": one.prompt, "split": "test" if number % 3 == 0 else "train"}
        for place, text in enumerate(one.answers, start=1):
            row |= {f"response_{place}": text, f"response_{place}_gemma_2b": float(rng.normal())}
            row |= {f"response_{place}_beaver_7b": float(5 * rng.normal())}
        rows.append(json.dumps({**row, "model_3": "openai/gpt-4o"}))
    (tmp_path / "bank.jsonl").write_text("\n".join(rows), encoding="utf-8")
    read = read_bank(str(tmp_path / "bank.jsonl"), 4)
    assert (read.scorers, read.train, read.reference) == (("gemma_2b", "beaver_7b"), 8, 2)
    given = {**SMALL, "data": str(tmp_path / "bank.jsonl"), "personas": "0"}
    findings, table = run(given, ScriptedModel(copycat))
    assert pick(findings, "score.zero_shot").missing == table.filter(table["condition"] == "zero_shot").height
    to_score = PAPER.tables["to_score"](table)
    assert to_score["hash"].n_unique() == to_score.select("hash", "question").unique()["hash"].n_unique()
    scored = to_score.unique("hash").with_columns(gemma_2b=pl.lit(1.0), beaver_7b=pl.lit(-1.0))
    scored.write_csv(tmp_path / "scored.csv")
    again = Preferences(PreferenceSettings.read({**given, "scored": str(tmp_path / "scored.csv")}))
    assert pick(again.measure(table), "score.zero_shot").missing == 0


def test_opinions_are_held_against_real_shares(tmp_path: Path) -> None:
    lines = ["question,share," + ",".join(PLAIN)]
    for option, share in enumerate((0.2, 0.3, 0.5)):
        lines.append(f"trust,{share}," + ",".join(str((option * 7 + place * 3) % 5) for place in range(len(PLAIN))))
    (tmp_path / "opinions.csv").write_text("\n".join(lines), encoding="utf-8")
    findings, _ = run({**SMALL, "opinions": str(tmp_path / "opinions.csv"), "personas": "0"}, ScriptedModel(copycat))
    assert 0 < pick(findings, "representativeness.trust", "as_published").estimate < 1


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"shots": "0"}, "no list of numbers"),
        ({"shots": "1.5"}, "no list of numbers"),
        ({"shown": "best"}, "not known"),
        ({"alphas": "x", "shots": "1"}, "no list of numbers"),
    ],
)
def test_bad_parameters_say_so(given: Mapping[str, str], message: str) -> None:
    with pytest.raises(InputError, match=message):
        run({**SMALL, **given}, ScriptedModel(copycat))


@pytest.mark.parametrize(
    ("content", "message"),
    [("prompt\nhello\n", "lacks response_1"), ("a,b\n1,2\n", "lacks prompt")],
)
def test_a_table_that_is_no_bank_is_refused(tmp_path: Path, content: str, message: str) -> None:
    (tmp_path / "bank.csv").write_text(content, encoding="utf-8")
    with pytest.raises(InputError, match=message):
        read_bank(str(tmp_path / "bank.csv"), 1)


def test_the_command_runs_and_reports(tmp_path: Path) -> None:
    words = [word for key, value in SMALL.items() for word in ("-P", f"{key}={value}")]
    said = personae(
        "paper", "run", "personalllm_preferences", "--model", "sim", "--folder", str(tmp_path), *words, "--json"
    )
    assert said.code == 0
    assert "SIMULATED" in (tmp_path / "report.html").read_text(encoding="utf-8")
