"""User profiles: spelling, histories, edits, scores with known truth, planted users, runs, predictions of others."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from personae.errors import InputError
from personae.model import Model, Request, ScriptedModel, open_model
from personae.papers.user_profile import (
    PAPER,
    Edit,
    History,
    UserProfile,
    UserProfileSettings,
    apply_edits,
    diff_profiles,
)
from personae.papers.user_profile.fields import FIELDS, is_list, normal_key, normal_value, pairs_of, raw_pairs
from personae.papers.user_profile.overlap import bleu, bleu_counts, near_hits, rouge_l, written
from personae.papers.user_profile.people import plant_user, read_users, shown
from personae.papers.user_profile.reader import read_profile
from personae.papers.user_profile.replay import read_predictions
from personae.papers.user_profile.study import read_answer
from personae.papers.user_profile.training import part_of
from personae.study import Finding, run_study
from support.command_line import personae

DAYS = st.integers(0, 2000).map(lambda n: (date(2020, 1, 1) + timedelta(days=n)).isoformat())
KEYS = st.sampled_from(["residence", "occupation", "interests", "shoe size"])
VALUES = st.sampled_from(["Lyon", "lyon.", "Rome", "Oslo"])
LEARNED = st.lists(st.tuples(KEYS, VALUES, DAYS), max_size=14)
PROFILES = st.dictionaries(
    st.sampled_from([one.key for one in FIELDS]), st.sampled_from(["a b", "c", "d; e", "e", "1970", "two"]), max_size=8
)


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


def test_fields_go_by_one_name_and_values_by_one_spelling() -> None:
    assert {normal_key(one) for one in ("DOB", "Date of birth", "born", "birth-date")} == {"birth_date"}
    dates = ("1970-05-04", "4 May 1970", "May 4, 1970", "4th of May 1970".replace(" of", ""), "on 4 May 1970")
    assert {normal_value("birth_date", one) for one in dates} == {"1970-05-04"}
    assert normal_value("birth_date", "May 1970") == "1970-05"
    assert normal_value("birth_date", "04/05/1970") == "04/05/1970"  # which is the month is not guessed
    assert normal_value("occupation", "The Café owner.") == "cafe owner"
    assert pairs_of({"hobbies": "chess, go and tennis"}) == pairs_of({"interests": "Tennis; chess; go"})
    assert raw_pairs({"hobbies": "chess; go"}) != raw_pairs({"interests": "chess; go"})


SPELLED = st.lists(
    st.sampled_from(["a", "The", "an", '"x"', "x.", "'", "on", "4", "May", "1970", "May,", "two", "Café"])
)


@given(st.text(max_size=20), st.text(max_size=30) | SPELLED.map(" ".join))
def test_spelling_a_second_time_changes_nothing(key: str, value: str) -> None:
    once = normal_key(key)
    assert normal_key(once) == once
    for name in ("birth_date", "children", "interests", once):
        plain = normal_value(name, value)
        assert normal_value(name, plain) == plain
        assert normal_value(name, f" {value.upper()} ") == normal_value(name, value.upper())


@given(LEARNED)
@settings(deadline=None)
def test_histories_lose_nothing_and_hold_one_value_at_a_time(learned: list[tuple[str, str, str]]) -> None:
    history = History()
    for key, value, at in learned:
        before = len(history.facts)
        history.learn(key, value, at)
        assert len(history.facts) >= before
        assert normal_value(normal_key(key), value) in {
            normal_value(normal_key(key), one) for one in history.at(at)[normal_key(key)].split("; ")
        }  # what was just told holds from that day on
        again = list(history.facts)
        assert history.learn(key, value, at) == "keep"
        assert history.facts == again  # the same fact twice is none
    for day in {at for _, _, at in learned}:
        for key in {fact.key for fact in history.facts}:
            held = [fact for fact in history.facts if fact.key == key and fact.holds_at(day)]
            plain = [normal_value(key, fact.value) for fact in held]
            assert len(set(plain)) == len(plain)
            assert is_list(key) or len(held) <= 1
    told = {(normal_key(key), normal_value(normal_key(key), value)) for key, value, _ in learned}
    assert {(fact.key, normal_value(fact.key, fact.value)) for fact in history.facts} == told


def test_contradictions_close_what_held_and_late_evidence_finds_its_place() -> None:
    history = History()
    assert history.learn("residence", "Lyon", "2020-01-01") == "insert"
    assert history.learn("residence", "Rome", "2022-01-01") == "modify"
    assert history.learn("residence", "Oslo", "2021-01-01") == "modify"  # told late
    spans = {fact.value: (fact.since, fact.until) for fact in history.facts}
    assert spans == {
        "Lyon": ("2020-01-01", "2021-01-01"),
        "Oslo": ("2021-01-01", "2022-01-01"),
        "Rome": ("2022-01-01", ""),
    }
    assert history.learn("residence", "Lyon", "2019-01-01") == "extend"
    assert history.at("2019-06-01") == {"residence": "Lyon"}
    assert history.at("2018-06-01") == {}
    assert history.learn("residence", "Bonn", "2022-01-01") == "modify"  # the same day: told last counts, none is lost
    assert [fact.value for fact in history.contradicted()] == ["Rome"]
    assert history.at("2023-01-01") == {"residence": "Bonn"}
    assert history.end("residence", "", "2024-01-01")
    assert not history.end("residence", "", "2024-01-01")
    assert history.at("2024-01-01") == {}
    assert len(history.facts) == 4


def test_nothing_enters_from_system_messages_or_the_assistant() -> None:
    history = History()
    history.learn("residence", "Lyon", "2020-01-01")
    known = list(history.facts)
    assert history.learn("residence", "Mars", "2021-01-01", role="system") == "refused"
    assert history.learn("diet", "vegan", "2021-01-01", role="assistant") == "refused"
    assert not history.end("residence", "", "2021-01-01", role="system")
    assert history.facts == known


@pytest.mark.parametrize(
    ("what", "told"),
    [
        (("residence", "Lyon", "May 2020", 1.0), "is no day"),
        (("residence", "Lyon", "20200101", 1.0), "is no day"),
        (("residence", " ", "2020-01-01", 1.0), "says nothing"),
        (("residence", "Lyon", "2020-01-01", 1.5), "is no probability"),
    ],
)
def test_what_is_no_fact_is_refused(what: tuple[str, str, str, float], told: str) -> None:
    with pytest.raises(InputError, match=told):
        History().learn(*what[:3], confidence=what[3])


@given(PROFILES, PROFILES)
def test_edits_lead_from_one_profile_to_the_other(old: dict[str, str], new: dict[str, str]) -> None:
    assert pairs_of(apply_edits(old, diff_profiles(old, new))) == pairs_of(new)
    assert diff_profiles(old, dict(old)) == []


def test_edits_of_lists_and_fields() -> None:
    assert diff_profiles({"Job": "a Pilot"}, {"occupation": "pilot"}) == []
    assert apply_edits({"interests": "chess; go"}, [Edit("remove", "hobbies", "Chess")]) == {"interests": "go"}
    assert apply_edits({"interests": "chess; go"}, [Edit("remove", "interests")]) == {}
    assert apply_edits({"diet": "vegan"}, [Edit("modify", "diet", " ")]) == {"diet": "vegan"}


def test_scores_of_known_overlap() -> None:
    assert near_hits({("residence", "lyons"), ("diet", "vegan")}, {("residence", "lyon"), ("name", "vegan")}) == 1
    assert near_hits({("residence", "rome")}, {("residence", "oslo")}) == 0
    assert rouge_l("a b c d", "a c d e") == pytest.approx(0.75)
    assert rouge_l("", "a") == 0
    # 4-grams: 1 of 2; 3-grams 2 of 3; 2-grams 3 of 4; words 4 of 5; as long as the truth.
    assert bleu(bleu_counts("a b c d x", "a b c d e")) == pytest.approx((4 / 5 * 3 / 4 * 2 / 3 * 1 / 2) ** 0.25)
    assert bleu(bleu_counts("a b c d", "a b c d e f g h")) == pytest.approx(np.exp(1 - 8 / 4))
    assert written({"name": "Ann", "Job": "pilot"}) == "name: Ann | occupation: pilot"


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


def test_users_of_a_file_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    path = tmp_path / "users.jsonl"
    for text, told in (
        ('{"text": "x"}', "line 1: is no user"),
        ('{"text": "x", "profile": {"a": {"b": 1}}}', "holds an object"),
        ("", "holds no users"),
        ('{"id": "a", "text": "x", "profile": {}}\n{"id": "a", "text": "x", "profile": {}}', "twice"),
    ):
        path.write_text(text, encoding="utf-8")
        with pytest.raises(InputError, match=told):
            read_users(path)
    path.write_text('{"text": "She sings.", "profile": {"name": "Ann", "hobbies": ["a", "b"], "diet": null}}\n')
    (user,) = read_users(path)
    assert user.stages[0].profile == {"name": "Ann", "hobbies": "a; b"}
    with pytest.raises(InputError, match="holds 1 users"):
        UserProfile(UserProfileSettings.read({"data": str(path)})).users(1)


def test_predictions_of_others_are_scored_by_the_same_code(tmp_path: Path) -> None:
    rows = [
        {"user": "a", "truth": {"name": "Ann"}, "predicted": {"Name": "ann"}},
        {"user": "b", "truth": {"name": "Bo", "born": "1970"}, "predicted": None},
        {"user": "a", "old": {"name": "Ann"}, "truth": {"name": "Ann", "diet": "vegan"}, "predicted": {"name": "Ann"}},
        {"user": "b", "old": {"diet": "vegan"}, "truth": {"diet": "halal"}, "predicted": {"diet": "halal"}},
    ]
    (tmp_path / "mine.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    replay = read_predictions(tmp_path, {})
    assert replay.warnings == ("1 of 4 profiles could not be read by whoever made them",)
    findings = replay.study.measure(replay.table)
    assert {one.subject for one in findings} == {"mine"}
    built = pick(findings, "precision.construction")
    assert built.missing == 1
    assert pick(findings, "recall.updating").estimate == pytest.approx(2 / 3)
    assert pick(findings, "f1_changed.updating").estimate == pytest.approx(2 / 3)
    assert pick(findings, "modified.updating").estimate == 1
    assert pick(findings, "inserted.updating").estimate == 0
    (tmp_path / "mine.jsonl").write_text('{"truth": 3, "predicted": {}}', encoding="utf-8")
    with pytest.raises(InputError, match="line 1: is no prediction"):
        read_predictions(tmp_path, {})
    with pytest.raises(InputError, match="holds no predictions"):
        read_predictions(tmp_path / "nowhere", {})


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
