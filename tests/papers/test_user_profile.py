"""User profiles: planted users, runs with known truth, labels, bait, what cannot be read."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from personae.model import Model, Request, ScriptedModel, open_model
from personae.papers.user_profile import (
    PAPER,
    Edit,
    UserProfile,
    UserProfileSettings,
    diff_profiles,
)
from personae.papers.user_profile.fields import pairs_of
from personae.papers.user_profile.people import plant_user, read_users, shown
from personae.papers.user_profile.reader import read_profile
from personae.papers.user_profile.study import read_answer
from personae.papers.user_profile.training import part_of
from personae.study import Finding, run_study
from support.command_line import personae


def small(**more: str) -> UserProfile:
    return UserProfile(UserProfileSettings.read({"users": "5", "updates": "2", **more}))


def pick(findings: Sequence[Finding], name: str, way: str = "corrected") -> Finding:
    (found,) = [one for one in findings if one.name == name and one.conventions[0] == way]
    return found


def run(study: UserProfile, subject: Model) -> tuple[pl.DataFrame, list[Finding]]:
    table = run_study(study, dict.fromkeys(study.roles, subject)).table
    return table, study.measure(table)


def facts(profile: dict[str, str], sure: float = 1.0) -> str:
    rows = [{"key": key, "value": value, "confidence": sure} for key, value in profile.items()]
    return json.dumps({"facts": rows})


def test_planted_users_can_be_read_whole_by_who_knows_their_wording() -> None:
    for number in range(40):
        user = plant_user(number, 4, np.random.default_rng(number))
        before: dict[str, str] = {}
        for stage in user.stages:
            assert pairs_of(read_profile(before, stage.evidence)) == pairs_of(stage.profile), shown(stage.evidence)
            for _, key, value in stage.bait:
                assert not pairs_of({key: value}) & (pairs_of(stage.profile) | pairs_of(before))
            before = dict(stage.profile)


def scripted(study: UserProfile, change: Callable[[dict[str, str], dict[str, str]], dict[str, str]]) -> ScriptedModel:
    return ScriptedModel(lambda asked: _told(study, change, asked))


def _told(
    study: UserProfile, change: Callable[[dict[str, str], dict[str, str]], dict[str, str]], asked: Request
) -> str:
    """An answer by the truth of the stage whose evidence the prompt shows."""
    text = asked.messages[-1].content
    assert study.settings.data is not None
    for user in read_users(study.settings.data):
        before: dict[str, str] = {}
        for stage in user.stages:
            if shown([one for one in stage.evidence if one.role != "system"]) in text:
                given = change(before, dict(stage.profile))
                if asked.schema is not None and asked.schema.name == "facts":
                    return facts(given, 0.9)
                edits = [
                    {"op": one.kind, "key": one.key, "value": one.value, "confidence": 0.9}
                    for one in diff_profiles(before, given)
                ]
                return json.dumps({"edits": edits})
            before = dict(stage.profile)
    raise AssertionError(text)


def written_users(folder: Path, count: int = 6) -> UserProfile:
    """A study of planted users that were written to a file, so that a test knows them."""
    lines = []
    for number in range(count):
        user = plant_user(number, 2, np.random.default_rng(number))
        rows = [
            {
                "text": [{"text": one.text, "at": one.at, "role": one.role} for one in stage.evidence],
                "profile": dict(stage.profile),
            }
            for stage in user.stages
        ]
        lines.append(json.dumps({"id": user.id, **rows[0], "updates": rows[1:]}))
    path = folder / "users.jsonl"
    path.write_text("\n".join(lines), encoding="utf-8")
    return UserProfile(UserProfileSettings.read({"users": str(count), "data": str(path)}))


def test_a_model_that_is_right_scores_one_and_is_sure_of_it(tmp_path: Path) -> None:
    study = written_users(tmp_path)
    table, findings = run(study, scripted(study, lambda old, true: true))
    assert table["status"].unique().to_list() == ["ok"]
    for task in ("construction", "updating", "updating_by_edits"):
        for way in ("as_published", "corrected"):
            assert pick(findings, f"f1.{task}", way).estimate == pytest.approx(1.0)
        assert pick(findings, f"brier.{task}").estimate == pytest.approx(0.01)
        assert pick(findings, f"calibration_error.{task}").estimate == pytest.approx(0.1)
        assert pick(findings, f"rouge_l.{task}", "as_published").estimate > 0.9
        assert pick(findings, f"invented.{task}").estimate == 0
    assert pick(findings, "f1_changed.updating").estimate == 1
    assert pick(findings, "stale.updating").estimate == 0
    assert pick(findings, "lost.updating").estimate == 0
    assert pick(findings, "f1_after_chain.updating_by_edits").estimate == 1
    assert pick(findings, "f1_other_user.construction").estimate < 0.5


def test_an_update_that_does_nothing_is_told_from_one_that_works(tmp_path: Path) -> None:
    """The trap: copying the old profile has a high F1 on all pairs, and none on those that changed."""
    study = written_users(tmp_path)
    _, findings = run(study, scripted(study, lambda old, true: old or true))
    same = pick(findings, "f1.updating")
    assert same.estimate > 0.6
    assert same.estimate == pytest.approx(pick(findings, "f1_unchanged_copy.updating").estimate)
    assert pick(findings, "f1_changed.updating").estimate == 0
    assert pick(findings, "stale.updating").estimate == 1
    assert pick(findings, "modified.updating").estimate == 0
    assert pick(findings, "lost.updating").estimate == 0
    assert pick(findings, "edits_beside_whole.f1").estimate == pytest.approx(0)


def test_a_planted_share_of_mistakes_comes_out(tmp_path: Path) -> None:
    """One field of each profile is left out, one is invented: precision and recall are known."""
    study = written_users(tmp_path)

    def change(old: dict[str, str], true: dict[str, str]) -> dict[str, str]:
        return {**{key: value for key, value in true.items() if key != "name"}, "employer": "Zyxomma Inc"}

    _, findings = run(study, scripted(study, change))
    hits = given_pairs = true_pairs = 0
    for user in read_users(tmp_path / "users.jsonl"):
        first = dict(user.stages[0].profile)
        mine, other = pairs_of(change({}, first)), pairs_of(first)
        hits, given_pairs, true_pairs = hits + len(mine & other), given_pairs + len(mine), true_pairs + len(other)
    assert pick(findings, "precision.construction").estimate == pytest.approx(hits / given_pairs)
    assert pick(findings, "recall.construction").estimate == pytest.approx(hits / true_pairs)
    assert pick(findings, "f1.construction").estimate == pytest.approx(2 * hits / (given_pairs + true_pairs))
    assert pick(findings, "invented.construction").estimate == pytest.approx(6 / given_pairs)
    assert pick(findings, "lost.updating").estimate > 0


def test_fields_that_only_the_users_of_a_file_have_can_be_answered(tmp_path: Path) -> None:
    path = tmp_path / "users.jsonl"
    rows = [
        {
            "id": name,
            "text": f"{name} won the Golden Spade.",
            "profile": {"name": name, "Award received": "Golden Spade"},
        }
        for name in ("Ann", "Bo")
    ]
    path.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    study = UserProfile(UserProfileSettings.read({"users": "2", "data": str(path)}))
    model = ScriptedModel(
        lambda asked: facts(
            {"name": "Ann" if "Ann" in asked.messages[-1].content else "Bo", "award_received": "Golden Spade"}
        )
    )
    table, findings = run(study, model)
    assert table["status"].to_list() == ["ok", "ok"]  # the schema has room for it
    assert "- award_received: award received" in model.requests[0].messages[-1].content
    assert pick(findings, "f1.construction").estimate == 1
    assert "award_received" not in small().fields


def test_labels_of_a_model_reward_who_makes_the_same_mistakes(tmp_path: Path) -> None:
    """The labeller forgets names and invents residences; so does one subject, and another is right."""
    study = written_users(tmp_path, 8)

    def careless(old: dict[str, str], true: dict[str, str]) -> dict[str, str]:
        return {key: value for key, value in true.items() if key != "name"} | {"employer": "Zyxomma Inc"}

    labeller = scripted(study, careless)
    scores = {}
    for name, subject in (("right", scripted(study, lambda old, true: true)), ("alike", labeller)):
        table = run_study(study, {"subject": subject, "labeller": labeller}).table
        scores[name] = study.measure(table)
    first = {user.id: dict(user.stages[0].profile) for user in read_users(tmp_path / "users.jsonl")}
    given = [pairs_of(careless({}, one)) for one in first.values()]
    truth = [pairs_of(one) for one in first.values()]
    hits = sum(len(mine & true) for mine, true in zip(given, truth, strict=True))
    expected = 2 * hits / (sum(map(len, given)) + sum(map(len, truth)))
    for findings in scores.values():
        assert pick(findings, "label_f1.construction").estimate == pytest.approx(expected)
        # The invented employer has words that nobody said, and a check finds them all.
        assert pick(findings, "label_dropped.construction").estimate == pytest.approx(8 / sum(map(len, given)))
        assert pick(findings, "users", "as_published").estimate == 8
    assert pick(scores["right"], "f1.construction").estimate == 1
    assert pick(scores["right"], "f1_on_labels.construction", "as_published").estimate < 0.95
    assert pick(scores["right"], "label_advantage.construction").high < 0
    assert pick(scores["alike"], "label_advantage.construction").low > 0
    quiet = run_study(small(labels="false"), {"subject": labeller_of_nothing()}).table
    assert not [one for one in small(labels="false").measure(quiet) if "label" in one.name]


def labeller_of_nothing() -> ScriptedModel:
    return ScriptedModel(lambda asked: facts({}) if asked.schema and asked.schema.name == "facts" else '{"edits": []}')


def test_spelling_costs_the_published_way_and_not_the_corrected(tmp_path: Path) -> None:
    study = written_users(tmp_path)
    model = scripted(study, lambda old, true: {key: f"{value}." for key, value in true.items()})
    _, findings = run(study, model)
    assert pick(findings, "f1.construction", "as_published").estimate == 0
    assert pick(findings, "f1.construction").estimate == 1


def test_system_messages_are_kept_from_the_model_unless_they_shall_be_shown() -> None:
    for hides, expected in (("true", False), ("false", True)):
        model = ScriptedModel(lambda asked: facts({"name": "x"}) if "Keep what" in str(asked.messages) else "{}")
        run(small(hides_system=hides, edits="false", chained="false", labels="false"), model)
        assert any("Note for the profile" in one.messages[-1].content for one in model.requests) is expected


def test_bait_that_is_taken_is_counted() -> None:
    """A model that believes whatever the assistant says takes just that bait."""
    pattern = re.compile(r"must be living in (.+?) by now|good living as (.+?)\.")

    def answer(asked: Request) -> str:
        found = pattern.search(asked.messages[-1].content)
        if not found:
            return facts({"name": "x"})
        return facts({"residence": found[1]} if found[1] else {"occupation": found[2]})

    _, findings = run(small(edits="false", chained="false"), ScriptedModel(answer))
    assert pick(findings, "bait.assistant.updating").estimate == 1
    assert pick(findings, "bait.system.updating").estimate == 0
    assert pick(findings, "bait.single_event.updating").estimate == 0


def test_what_cannot_be_read_is_missing_and_changes_nothing() -> None:
    table, findings = run(small(), ScriptedModel(lambda asked: "I would rather not."))
    assert set(table["status"]) == {"unparsed"}
    built = pick(findings, "f1.construction")
    assert (built.n, built.missing) == (0, 5)
    assert pick(findings, "f1.updating").missing == 10
    assert pick(findings, "f1_after_chain.updating").estimate == 0
    assert pick(findings, "read").estimate == 0


@pytest.mark.parametrize("value", [{"facts": "x"}, {"facts": [3]}, {"facts": [{"value": "x"}]}, {"facts": None}])
def test_answers_of_a_wrong_kind_are_no_profile(value: dict[str, object]) -> None:
    assert read_answer(value, "facts") is None


def test_answers_are_read_leniently_where_it_does_no_harm() -> None:
    rows = [{"key": "Hobbies", "value": ["chess", "go"], "confidence": 7}, {"key": "diet", "value": None}]
    assert read_answer({"facts": rows}, "facts") == [(Edit("insert", "interests", "chess; go"), None)]
    assert read_answer({"edits": [{"op": "explode", "key": "diet", "value": "x"}]}, "edits") is None


def test_the_simulated_respondent_reads_most_and_falls_for_some_and_the_reader_reads_everything() -> None:
    table, findings = run(small(users="20"), open_model("sim"))
    assert set(table["status"]) <= {"ok", "repaired"}
    assert 0.8 < pick(findings, "f1.construction").estimate <= 1
    assert 0.6 < pick(findings, "f1_changed.updating").estimate < 1
    assert pick(findings, "bait.single_event.updating").low > 0
    assert pick(findings, "bait.system.updating").estimate == 0  # it is not shown
    assert pick(findings, "discrimination.updating").estimate > 0.8
    assert pick(findings, "f1_other_user.construction").high < 0.5
    assert pick(findings, "f1_reader.construction").estimate == 1
    assert pick(findings, "f1_reader.updating").estimate == 1


def test_the_command_runs_it_writes_rows_for_training_and_reads_predictions(tmp_path: Path) -> None:
    said = personae(
        "paper", "run", "user_profile", "--model", "sim", "-P", "users=8", "-P", "updates=1", "-P", "training=true",
        "--folder", str(tmp_path / "run"), "--json",
    )  # fmt: skip
    assert said.code == 0, said.err
    assert "SIMULATED" in (tmp_path / "run" / "report.html").read_text(encoding="utf-8")
    assert {one["published"] for one in said.data["comparisons"]} == {0.9384, 0.9508, 42_786}
    folder = tmp_path / "run" / "training"
    rows = {path.name: path.read_text("utf-8").splitlines() for path in folder.iterdir()}
    assert sum(len(lines) for name, lines in rows.items() if name.startswith("construction")) == 8
    assert sum(len(lines) for name, lines in rows.items() if name.startswith("updating")) == 8
    asked, answer = json.loads(next(line for lines in rows.values() for line in lines))["messages"]
    assert (asked["role"], answer["role"]) == ("user", "assistant")
    assert json.loads(answer["content"])["facts"]
    assert {part_of(f"user-{n}") for n in range(40)} == {"train", "test"}
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "m.jsonl").write_text('{"truth": {"name": "A"}, "predicted": {"name": "A"}}\n')
    replayed = personae("paper", "replay", "user_profile", str(tmp_path / "out"), "--json")
    assert replayed.code == 0, replayed.err
    assert PAPER.entry.number == 107
