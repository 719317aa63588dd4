"""CloChat: the form, counterbalancing, planted preferences and orders, what cannot be read, and studies with people."""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from personae.errors import InputError
from personae.model import Model, Request, ScriptedModel, open_model
from personae.papers.clochat import DIMENSIONS, PAPER, CloChat, CloChatSettings, persona_of_form, read_study
from personae.papers.clochat.form import edited, words_in
from personae.papers.clochat.variety import distances, mean_distance
from personae.persona import render
from personae.study import Finding, run_study
from support.command_line import personae

SMALL = {"participants": "6", "most_turns": "2", "least_turns": "1", "contexts": ""}
FORM = {
    "name": "Ada", "age": 30, "gender": "woman", "occupation": "beekeeper", "verbal_style": "dry wit",
    "nonverbal_style": "one emoji", "knowledge": "bees", "relational": "an old teacher", "appearance": "tall",
}  # fmt: skip
MARK = "buzzing"


def small(tmp_path: Path, **more: str) -> CloChat:
    path = tmp_path / "contexts.txt"
    path.write_text("Plan a day.\nTalk about a book.\n", encoding="utf-8")
    return CloChat(CloChatSettings.read({**SMALL, "contexts": str(path), **more}))


def pick(findings: Sequence[Finding], name: str, way: str = "corrected") -> Finding:
    (found,) = [one for one in findings if one.name == name and one.conventions[0] == way]
    return found


def run(study: CloChat, subject: Model, user: Model) -> tuple[pl.DataFrame, list[Finding]]:
    table = run_study(study, {"subject": subject, "user": user}).table
    return table, study.measure(table)


def partner() -> ScriptedModel:
    """Says the mark if its persona knows of bees, as the one that the participant below designs does."""
    return ScriptedModel(lambda asked: MARK if "bees" in asked.messages[0].content else "Well.")


def participant(liked: int = 6, other: int = 3, form: Mapping[str, object] = FORM) -> ScriptedModel:
    """Designs a partner that knows of bees, and likes it if the last thing said is the mark."""

    def answer(asked: Request) -> str:
        if asked.schema is None:
            said = [one.content for one in asked.messages]
            value = liked if any(text.startswith(MARK) for text in said[-2:]) else other
            return "\n".join(f"{letter}) {value}" for letter in "abcdefghijkl")
        if asked.schema.name == "persona_form":
            return json.dumps(form)
        if asked.schema.name == "persona_edit":
            return json.dumps({"dimension": "verbal_style", "text": "warm"})
        return json.dumps({"message": "Tell me.", "goes_on": True})

    return ScriptedModel(answer)


def test_a_form_becomes_a_persona_that_says_all_of_it() -> None:
    for renderer in ("second-person", "third-person", "json"):
        text = render(persona_of_form(FORM, "p"), renderer).text
        assert all(str(value) in text for value in FORM.values()), renderer
    assert render(persona_of_form(dict.fromkeys(FORM, ""), "p"), "second-person").text == ""
    assert set(words_in(FORM)) == {one.key for one in DIMENSIONS}
    assert words_in(FORM)["demographics"] == 4
    assert sum(words_in({**dict.fromkeys(FORM, ""), "age": 0}).values()) == 0


@given(st.dictionaries(st.sampled_from(["dimension", "text", "other"]), st.text(max_size=40)))
@settings(deadline=None)
def test_no_edit_does_more_than_change_one_text(edit: dict[str, str]) -> None:
    changed, has_changed = edited(FORM, edit)
    different = [name for name in changed if changed[name] != FORM.get(name)]
    assert len(different) == int(has_changed)
    assert set(changed) == set(FORM)


def test_orders_and_contexts_are_counterbalanced(tmp_path: Path) -> None:
    cells = small(tmp_path, participants="24").design(np.random.default_rng(0))
    orders = Counter(cell.factors["order"] for cell in cells)
    assert len(orders) == 6
    assert set(orders.values()) == {4}
    assert Counter(cell.factors["first_context"] for cell in cells) == {0: 12, 1: 12}
    two = small(tmp_path, participants="4", control="false").design(np.random.default_rng(0))
    assert Counter(cell.factors["order"] for cell in two) == {"plain>designed": 2, "designed>plain": 2}
    assert all(cell.material["person"] != cell.material["stranger"] for cell in cells)


def test_a_preference_for_the_own_persona_is_found_and_told_from_one_for_any(tmp_path: Path) -> None:
    table, findings = run(small(tmp_path, participants="12"), partner(), participant())
    assert table["status"].unique().to_list() == ["ok"]
    for scale in ("satisfaction", "continuation"):
        shift = pick(findings, f"customising.{scale}")
        assert shift.estimate == 3.0
        assert shift.p_value is not None and shift.p_value < 0.01
        assert pick(findings, f"prefer_designed.{scale}").estimate == 1.0
        assert pick(findings, f"own_persona.{scale}").estimate == 0.0  # the stranger designs alike
        assert pick(findings, f"any_persona.{scale}").estimate == 3.0
    assert pick(findings, "customising.satisfaction", "as_published").p_adjusted is None
    assert pick(findings, "customising.satisfaction").p_adjusted is not None
    assert pick(findings, "customising.engagement").estimate == 0.0  # one item of two is reversed
    assert pick(findings, "edits").estimate == 1.0  # the same text a second time is no change
    assert pick(findings, "filled.appearance").estimate == 1.0
    assert pick(findings, "logged.turns.designed").estimate == 2.0
    assert pick(findings, "participants", "as_published").estimate == 12


def test_a_preference_for_the_own_persona_is_told_from_one_for_a_stranger(tmp_path: Path) -> None:
    """Each designs another partner, and likes only what that one says."""

    def mine(asked: Request) -> str:
        return f"lore{sum(map(ord, asked.messages[0].content))}"

    def fond(asked: Request) -> str:
        if asked.schema is None:
            said = " ".join(one.content for one in asked.messages[-2:])
            return "\n".join(f"{letter}) {6 if mine(asked) in said else 3}" for letter in "abcdefghijkl")
        if asked.schema.name == "persona_form":
            return json.dumps({**FORM, "knowledge": mine(asked)})
        return json.dumps({"message": "Tell me.", "goes_on": True})

    def speaks(asked: Request) -> str:
        return next((word.strip(".") for word in asked.messages[0].content.split() if word.startswith("lore")), "Well.")

    study = small(tmp_path, participants="12", edits="false")
    _, findings = run(study, ScriptedModel(speaks), ScriptedModel(fond))
    assert pick(findings, "customising.satisfaction").estimate == 3.0
    own = pick(findings, "own_persona.satisfaction")
    assert own.estimate == 3.0
    assert own.is_significant()
    assert pick(findings, "any_persona.satisfaction").estimate == 0.0
    assert pick(findings, "change.variety").estimate == pytest.approx(1.0)
    assert pick(findings, "any_persona.variety").estimate == pytest.approx(1.0)  # what any personas bring
    assert pick(findings, "own_persona.variety").estimate == pytest.approx(0.0, abs=1e-9)


def test_what_the_partner_is_told_depends_on_the_condition_alone(tmp_path: Path) -> None:
    model = partner()
    run(small(tmp_path, control="false", participants="2"), model, participant())
    told = Counter(asked.messages[0].role for asked in model.requests)
    assert told["system"] == told["user"]  # half of the talks are with a plain model, which is told nothing
    systems = [asked.messages[0].content for asked in model.requests if asked.messages[0].role == "system"]
    assert any("warm" in one for one in systems)  # a change holds from the next talk on
    assert any("dry wit" in one for one in systems)


def test_a_talk_ends_when_the_participant_wants_to(tmp_path: Path) -> None:
    user = participant()

    def bored(asked: Request) -> str:
        if asked.schema is not None and asked.schema.name == "message":
            return '{"message": "Bye.", "goes_on": false}'
        assert user._answer is not None
        return str(user._answer(asked))

    table, _ = run(small(tmp_path, most_turns="5", least_turns="2"), partner(), ScriptedModel(bored))
    assert table["plain.turns"].to_list() == [[2, 2]] * 6


def test_earlier_talks_are_remembered_unless_they_shall_not_be(tmp_path: Path) -> None:
    longest = {}
    for remembers in ("true", "false"):
        user = participant()
        run(small(tmp_path, participants="2", remembers=remembers), partner(), user)
        longest[remembers] = max(len(asked.messages) for asked in user.requests)
    assert longest["true"] > longest["false"]


def test_a_form_that_cannot_be_read_is_a_status_and_not_a_persona(tmp_path: Path) -> None:
    user = participant()

    def mumbles(asked: Request) -> str:
        if asked.schema is not None and asked.schema.name == "persona_form":
            return "no"
        assert user._answer is not None
        return str(user._answer(asked))

    table, findings = run(small(tmp_path, edits="false"), partner(), ScriptedModel(mumbles))
    assert set(table["status"]) == {"unparsed"}
    assert pick(findings, "filled.knowledge").estimate == 0.0
    assert pick(findings, "designed").estimate == 0.0
    assert pick(findings, "customising.satisfaction").estimate == 0.0  # the partner is the plain one in both


def test_another_persona_may_be_designed_for_each_talk(tmp_path: Path) -> None:
    user = participant()
    table, findings = run(small(tmp_path, participants="2", control="false", personas="each"), partner(), user)
    designs = [asked.messages[-1].content for asked in user.requests if asked.schema and "form" in asked.schema.name]
    assert len(designs) == 4  # two people, two talks
    assert all(("Plan a day." in one) != ("Talk about a book." in one) for one in designs)
    assert not [asked for asked in user.requests if asked.schema and asked.schema.name == "persona_edit"]
    assert pick(findings, "personas").estimate == 2.0
    assert pick(findings, "words.knowledge").estimate == 1.0
    assert table["designed.edits"].to_list() == [0, 0]


def test_messages_about_something_else_are_shifts_of_topic(tmp_path: Path) -> None:
    def wanders(asked: Request) -> str:
        said = sum(one.role == "user" for one in asked.messages)
        return "The garden needs water." if said == 1 else "Volcanoes erupt."

    def asks(asked: Request) -> str:
        if asked.schema is not None and asked.schema.name == "message":
            return json.dumps({"message": "How is the garden?", "goes_on": True})
        return str(participant()._answer(asked))  # type: ignore[misc]

    _, findings = run(small(tmp_path, participants="4"), ScriptedModel(wanders), ScriptedModel(asks))
    # After "garden" follow: an answer about it, the question again, and volcanoes.
    assert pick(findings, "logged.topic_shifts.plain").estimate == pytest.approx(1 / 3)
    assert pick(findings, "change.topic_shifts").estimate == 0.0


def test_simulated_users_prefer_nothing_but_their_partners_differ() -> None:
    """Negative control for ratings, positive for variety: the simulated respondent speaks as the form says."""
    sim = open_model("sim")
    table, findings = run(CloChat(CloChatSettings.read({"participants": "16"})), sim, sim)
    assert set(table["status"]) <= {"ok", "repaired"}
    assert all(
        (one.p_adjusted or 0) > 0.05
        for one in findings
        if one.name.startswith("customising.") and one.family == "ratings"
    )
    assert pick(findings, "change.variety").low > 0
    assert pick(findings, "any_persona.variety").low > 0  # a stranger's persona does it too
    own = pick(findings, "own_persona.variety")
    assert own.low < 0 < own.high
    assert not [one.name for one in findings if not any(section.holds(one) for section in PAPER.plan.sections)]
    assert pick(findings, "read.plain").estimate == 1.0


def test_variety_is_that_of_different_people() -> None:
    same = distances(["a bee"] * 5)
    assert mean_distance(same, rng=np.random.default_rng(0)).estimate == pytest.approx(0.0)
    apart = distances(["bee", "car", "sky", "", "tea"])
    found = mean_distance(apart, rng=np.random.default_rng(0))
    assert (found.estimate, found.n, found.missing) == (1.0, 4, 1)
    assert np.isnan(mean_distance(distances(["bee", "car"]), rng=np.random.default_rng(0)).estimate)


def write_study(folder: Path, rows: Sequence[Mapping[str, object]]) -> Path:
    with (folder / "study.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return folder


def people(count: int = 30, shift: int = 1) -> list[dict[str, object]]:
    rng = np.random.default_rng(3)
    rows: list[dict[str, object]] = []
    for number in range(count):
        base = rng.integers(2, 6, size=12)
        for condition in ("plain", "designed"):
            gain = shift + int(rng.integers(-1, 2)) if condition == "designed" else 0
            # Items 4, 6, 8 and 12 are reversed.
            items = [int(v) + (-gain if place + 1 in (4, 6, 8, 12) else gain) for place, v in enumerate(base)]
            position = 1 + ((condition == "designed") == (number % 2 == 0))
            rows.append({
                "participant": f"P{number}", "condition": condition, "position": position, "turns": 5 + gain,
                **{str(place + 1): min(7, max(1, value)) for place, value in enumerate(items)},
            })  # fmt: skip
    return rows


def test_a_study_with_people_is_measured_by_the_same_code(tmp_path: Path) -> None:
    replay = read_study(write_study(tmp_path, people()), {})
    findings = replay.study.measure(replay.table)
    assert {one.subject for one in findings} == {"people"}
    for scale in ("satisfaction", "engagement", "emotional_bond", "trust", "continuation", "fit"):
        shift = pick(findings, f"customising.{scale}")
        assert shift.estimate == pytest.approx(1.0, abs=0.35), scale
        assert shift.n == 30
        assert shift.low > 0.3
    assert pick(findings, "change.turns").estimate == pytest.approx(1.0, abs=0.4)
    order = pick(findings, "order.trust")
    assert order.n == 30
    assert order.low < 0 < order.high
    assert not replay.warnings


def test_what_comes_second_and_is_liked_for_that_is_told(tmp_path: Path) -> None:
    """A planted carry-over: the own partner gains only where it came second."""
    rows = people(24, shift=0)
    for row in rows:
        if row["condition"] == "designed" and row["position"] == 2:
            row |= {str(item): min(7, int(str(row[str(item)])) + 2) for item in (1, 2, 9, 10)}
    replay = read_study(write_study(tmp_path, rows), {})
    findings = replay.study.measure(replay.table)
    for scale in ("satisfaction", "continuation"):
        order = pick(findings, f"order.{scale}")  # designed first less plain first
        assert order.estimate == pytest.approx(-2.0, abs=0.7)
        assert order.is_significant()
    assert not pick(findings, "order.trust").is_significant()


def test_codes_of_interviews_are_shares_of_participants(tmp_path: Path) -> None:
    folder = write_study(tmp_path, people(4))
    codes = "participant,code,second\nP0,bond,bond\nP0,trust,bond\nP1,bond,bond\nP2,trust,trust\n"
    (folder / "codes.csv").write_text(codes, encoding="utf-8")
    replay = read_study(folder, {})
    findings = replay.study.measure(replay.table)
    assert pick(findings, "theme.bond", "as_published").estimate == 0.5  # two of four; one was given no code
    assert pick(findings, "coders.kappa").estimate == pytest.approx(0.5)
    (folder / "codes.csv").write_text("participant,code\nQ9,bond\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"'Q9' took no part"):
        read_study(folder, {})


def test_missing_answers_are_counted_and_own_items_are_read(tmp_path: Path) -> None:
    rows = people(8)
    rows[0]["1"] = ""
    replay = read_study(write_study(tmp_path, rows[:-1]), {})
    assert replay.warnings == ("2 of 8 participants lack a condition or an answer",)
    findings = replay.study.measure(replay.table)
    assert pick(findings, "customising.satisfaction").missing == 2
    (tmp_path / "questionnaire.toml").write_text(
        'key = "mine"\nversion = "1"\ntitle = "Mine"\ncitation = "me"\nsource = "mine"\nlanguage = "en"\n'
        'instructions = "Rate."\noptions = [{ value = 1, label = "No" }, { value = 2, label = "Yes" }]\n'
        '[licence]\nname = "CC0-1.0"\nholder = "me"\nurl = "https://example.org"\nis_commercial_use_free = true\n'
        '[items]\nq1 = "Good?"\n[[scales]]\nkey = "good"\ntitle = "Good"\nitems = ["q1"]\n',
        encoding="utf-8",
    )
    own = [
        {"participant": f"P{number}", "condition": condition, "q1": value}
        for number in range(8)
        for condition, value in (("plain", 1), ("designed", 2))
    ]
    replay = read_study(write_study(tmp_path, own), {})
    assert pick(replay.study.measure(replay.table), "customising.good").estimate == 1.0


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"condition": "chatgpt"}, "row 2: 'chatgpt' is no condition"),
        ({"1": "9"}, "item 1: '9' is none of the options"),
        ({"turns": "many"}, "turns: 'many' is no number"),
        ({"participant": ""}, "row 2"),
        ({"condition": "designed"}, "twice"),
    ],
)
def test_a_study_that_cannot_be_read_says_where(tmp_path: Path, change: dict[str, object], told: str) -> None:
    rows = people(3)
    rows[0] |= change
    with pytest.raises(InputError, match=told.replace("(", r"\(")):
        read_study(write_study(tmp_path, rows), {})


def test_a_study_that_lacks_something_says_what(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"holds no study\.csv"):
        read_study(tmp_path, {})
    plain = [row for row in people(3) if row["condition"] == "plain"]
    with pytest.raises(InputError, match="lacks a condition"):
        read_study(write_study(tmp_path, plain), {})
    short = [{name: value for name, value in row.items() if name != "12"} for row in people(3)]
    with pytest.raises(InputError, match="lacks 1 columns, '12' first"):
        read_study(write_study(tmp_path, short), {})


def test_settings_that_make_no_sense_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="least_turns"):
        small(tmp_path, most_turns="1", least_turns="3").design(np.random.default_rng(0))
    empty = tmp_path / "empty.txt"
    empty.write_text("\n", encoding="utf-8")
    with pytest.raises(InputError, match="nothing to talk about"):
        CloChat(CloChatSettings.read({"contexts": str(empty)})).design(np.random.default_rng(0))


def test_the_commands_run_it_and_read_a_study(tmp_path: Path) -> None:
    said = personae(
        "paper", "run", "clochat", "--model", "sim", "-P", "participants=4", "-P", "most_turns=2",
        "-P", "least_turns=1", "--folder", str(tmp_path / "run"), "--json",
    )  # fmt: skip
    assert said.code == 0, said.err
    report = (tmp_path / "run" / "report.html").read_text(encoding="utf-8")
    assert "SIMULATED" in report
    replayed = personae("paper", "replay", "clochat", str(write_study(tmp_path, people(10))), "--json")
    assert replayed.code == 0
    assert replayed.data["comparisons"][0]["published"] == 30
    assert PAPER.entry.number == 30
