"""Surveys: what is refused, what is shown, what is piped, what is skipped, and what is found."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from personae.errors import InputError
from personae.instrument.option_reader import ShownOption
from personae.instrument.survey import (
    Conducted,
    Question,
    Survey,
    conduct_survey,
    make_survey,
    read_reply,
    write_survey,
)
from personae.instrument.survey.conduct import Mode
from personae.instrument.survey.findings import measure_survey
from personae.instrument.survey.reading import read_survey
from personae.model import Request, ScriptedModel
from support.command_line import personae

YES_NO = [{"value": 0, "label": "no"}, {"value": 1, "label": "yes"}]
DRINKS = [{"value": 1, "label": "tea"}, {"value": 2, "label": "coffee"}, {"value": 3, "label": "cocoa, with milk"}]


def single(key: str, **more: Any) -> dict[str, Any]:
    return {"key": key, "kind": "single", "text": f"{key}?", "options": YES_NO, **more}


def declared(**more: Any) -> dict[str, Any]:
    blocks = [
        {
            "key": "drinks",
            "questions": [
                single("hot", text="Do you like hot drinks?", jumps=[{"when": "hot == 0", "to": "about"}]),
                {"key": "which", "kind": "multiple", "text": "Which at {{embedded.shop}}?", "options": DRINKS},
                {"key": "cups", "kind": "number", "text": "How many cups of {{answers.which}}?", "least": 0, "most": 30,
                 "is_whole": True, "show_if": "which has 1 or which has 2"},
            ],
        },
        {
            "key": "about",
            "questions": [
                {"key": "lead", "kind": "note", "text": "Now about you."},
                {"key": "why", "kind": "text", "text": "Why {{answers.cups}}?"},
            ],
        },
        {"key": "stop", "show_if": "why has 'enough'", "ends": True},
        {"key": "last", "questions": [single("again")]},
    ]  # fmt: skip
    return {"key": "tea", "title": "Tea", "instructions": "A few questions.", "embedded": {"shop": "Corner"},
            "blocks": blocks, **more}  # fmt: skip


def conducted(answers: Mapping[str, str], mode: Mode = "conversation", **more: Any) -> tuple[Conducted, list[Request]]:
    model = ScriptedModel(
        lambda request: next((reply for part, reply in answers.items() if part in request.messages[-1].content), "")
    )
    survey = make_survey(declared(**more), "tea.toml")
    found = asyncio.run(conduct_survey(survey, model, system="You are Ada.", mode=mode))
    return found, model.requests


def statuses(found: Conducted) -> dict[str, str]:
    return {one.key: one.status for one in found.asked}


ALL = {"hot drinks": "1", "Which at": "1, 3", "How many": "4", "Why": "Because.", "again?": "0"}


def test_everything_is_asked_of_somebody_who_passes_every_condition() -> None:
    found, requests = conducted(ALL)
    assert statuses(found) == dict.fromkeys(("hot", "which", "cups", "why", "again"), "ok")
    assert [one.reply.value for one in found.asked if one.reply] == [1, (1, 3), 4, "Because.", 0]
    prompts = [request.messages[-1].content for request in requests]
    assert prompts[0].startswith("A few questions.\n\nDo you like hot drinks?\n\n0 = no\n1 = yes\n")
    assert "Which at Corner?" in prompts[1]
    assert "How many cups of tea, cocoa, with milk?" in prompts[2]
    assert "a whole number from 0 to 30" in prompts[2]
    assert prompts[3].startswith("Now about you.\n\nWhy 4?")
    assert "A few questions" not in prompts[1]


def test_a_jump_skips_what_lies_between_and_records_it() -> None:
    found, requests = conducted({**ALL, "hot drinks": "no"})
    assert statuses(found) == {"hot": "ok", "which": "skipped", "cups": "skipped", "why": "ok", "again": "ok"}
    assert len(requests) == 3
    assert requests[1].messages[-1].content.startswith("Now about you.\n\nWhy ?")  # nothing to pipe


def test_a_condition_skips_one_question() -> None:
    found, _ = conducted({**ALL, "Which at": "cocoa, with milk"})
    assert statuses(found)["cups"] == "skipped"
    assert found.status == "ok"


def test_an_end_skips_the_rest() -> None:
    found, _ = conducted({**ALL, "Why": "I had enough."})
    assert statuses(found)["again"] == "skipped"


def test_an_answer_that_cannot_be_read_is_missing_and_meets_no_condition() -> None:
    found, _ = conducted({**ALL, "hot drinks": "hm", "Which at": "lemonade"})
    assert statuses(found) == {"hot": "unparsed", "which": "unparsed", "cups": "skipped", "why": "ok", "again": "ok"}
    assert found.status == "unparsed"


def test_a_conversation_shows_what_was_said_and_questions_alone_do_not() -> None:
    _, together = conducted(ALL)
    _, apart = conducted(ALL, "one_by_one")
    assert [len(request.messages) for request in together] == [2, 4, 6, 8, 10]
    assert [len(request.messages) for request in apart] == [2] * 5
    assert {request.messages[0].content for request in (*together, *apart)} == {"You are Ada."}
    assert "How many cups of tea, cocoa, with milk?" in apart[2].messages[-1].content


@pytest.mark.parametrize(
    ("to", "skipped"), [("end", 5), ("end_of_block", 2), ("d", 2), ("last", 3), ("f", 4), ("b", 0)]
)
def test_jumps_lead_to_questions_blocks_and_ends(to: str, skipped: int) -> None:
    first = [single("a", jumps=[{"when": "a == 1", "to": to}]), single("b"), single("c")]
    blocks = [{"key": "one", "questions": first}, {"key": "two", "questions": [single("d")]},
              {"key": "last", "questions": [single("e"), single("f")]}]  # fmt: skip
    survey = make_survey({"key": "s", "title": "S", "blocks": blocks}, "s")
    found = asyncio.run(conduct_survey(survey, ScriptedModel(lambda _: "1")))
    assert sum(one.status == "skipped" for one in found.asked) == skipped


# What is refused.

FAULTS: Mapping[str, tuple[dict[str, Any], str]] = {
    "a key twice": ({"blocks": [{"key": "x", "questions": [single("a"), single("a")]}]}, "'a' is used twice"),
    "a later condition": (
        {"blocks": [{"key": "x", "questions": [single("a", show_if="b == 1"), single("b")]}]},
        "question 'a' depends on 'b', which is no question or field before it",
    ),
    "a later pipe": (
        {"blocks": [{"key": "x", "questions": [single("a", text="{{answers.b}}"), single("b")]}]},
        "question 'a' pipes 'b', which is not known before it",
    ),
    "an unknown field": (
        {"blocks": [{"key": "x", "questions": [single("a", text="{{embedded.b}}")]}]},
        "question 'a' pipes 'b'",
    ),
    "a jump back": (
        {"blocks": [{"key": "x", "questions": [single("a"), single("b", jumps=[{"when": "a == 1", "to": "a"}])]}]},
        "question 'b' jumps to 'a', which does not lie ahead",
    ),
    "no condition": (
        {"blocks": [{"key": "x", "questions": [single("a"), single("b", show_if="a = 1")]}]},
        "cannot be read from '= 1' on",
    ),
    "one option": (
        {"blocks": [{"key": "x", "questions": [single("a", options=YES_NO[:1])]}]},
        "question 'a' is closed and has fewer than two options",
    ),
    "options of a text": (
        {"blocks": [{"key": "x", "questions": [{**single("a"), "kind": "text"}]}]},
        "has options, which a text does not take",
    ),
    "bounds of a text": (
        {"blocks": [{"key": "x", "questions": [{"key": "a", "kind": "text", "text": "?", "least": 1}]}]},
        "has bounds, which only a number takes",
    ),
    "bounds crossed": (
        {"blocks": [{"key": "x", "questions": [{"key": "a", "kind": "number", "text": "?", "least": 2, "most": 1}]}]},
        "smallest number above its largest",
    ),
    "nothing asked": (
        {"blocks": [{"key": "x", "questions": [{"key": "a", "kind": "note", "text": "Hello."}]}]},
        "the survey asks nothing",
    ),
    "a field nobody knows": ({"colour": "red"}, "colour: Extra inputs"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_survey_is_refused_for(fault: str) -> None:
    change, what = FAULTS[fault]
    with pytest.raises(InputError) as caught:
        make_survey(declared(**change), "tea.toml")
    assert what in str(caught.value)
    assert str(caught.value).startswith("tea.toml")


@pytest.mark.parametrize(
    ("content", "what"), [(b"a = ", "is not TOML"), (b"\xff", "is not UTF-8"), (b"", "key: Field")]
)
def test_a_file_that_is_no_survey_says_so(tmp_path: Path, content: bytes, what: str) -> None:
    path = tmp_path / "s.toml"
    path.write_bytes(content)
    with pytest.raises(InputError, match=what):
        read_survey(path)


# Reading replies.

OPTIONS = [ShownOption(str(one["value"]), str(one["label"]), int(str(one["value"]))) for one in DRINKS]
SEVERAL = Question.model_validate({"key": "q", "kind": "multiple", "text": "?", "options": DRINKS})


@pytest.mark.parametrize(
    ("text", "value", "status"),
    [
        ("1, 3", (1, 3), "ok"),
        ("3\n1", (1, 3), "ok"),
        ("tea and coffee", (1, 2), "ok"),
        ("Cocoa, with milk; tea", (1, 3), "ok"),
        ("1 = tea, 2 = coffee", (1, 2), "ok"),
        ("none", (), "ok"),
        ("None of these.", (), "ok"),
        ("1, 1", (1,), "ok"),
        ("1, 7", None, "unparsed"),
        ("water", None, "unparsed"),
        ("", None, "empty"),
        ("I'm sorry, but I can't answer that.", None, "refused"),
    ],
)
def test_several_options_are_read(text: str, value: object, status: str) -> None:
    found = read_reply(SEVERAL, text, OPTIONS)
    assert (found.value, found.status) == (value, status)


@pytest.mark.parametrize(
    ("text", "value", "status"),
    [
        ("4", 4, "ok"),
        ("4.", 4, "ok"),
        ("-2.5", -2.5, "ok"),
        ("1,200", 1200, "ok"),
        ("About 12 cups.", 12, "repaired"),
        ("12, I mean 12", 12, "repaired"),
        ("4 or 5", None, "unparsed"),
        ("many", None, "unparsed"),
        ("9999", None, "unparsed"),
        ("A1", None, "unparsed"),
    ],
)
def test_a_number_is_read(text: str, value: object, status: str) -> None:
    question = Question(key="q", kind="number", text="?", least=-10, most=2000)
    found = read_reply(question, text, ())
    assert (found.value, found.status) == (value, status)


def test_a_whole_number_is_wanted_whole() -> None:
    question = Question(key="q", kind="number", text="?", is_whole=True)
    assert read_reply(question, "2.5", ()).status == "unparsed"
    assert read_reply(question, "2.0", ()).value == 2


# Files.

words = st.text(alphabet=st.characters(codec="utf-8", exclude_characters="{}"), min_size=1, max_size=15)


@st.composite
def surveys(draw: st.DrawFn) -> dict[str, Any]:
    keys = iter(f"q{number}" for number in range(40))
    blocks: list[dict[str, Any]] = []
    seen: list[str] = []
    for number in range(draw(st.integers(1, 3))):
        questions: list[dict[str, Any]] = []
        for _ in range(draw(st.integers(1, 3))):
            one: dict[str, Any] = {"key": next(keys), "text": draw(words)}
            one["kind"] = draw(st.sampled_from(["single", "multiple", "text", "number"]))
            if one["kind"] in ("single", "multiple"):
                labels = draw(st.lists(words, min_size=2, max_size=4, unique_by=str.casefold))
                one["options"] = [{"value": value, "label": label} for value, label in enumerate(labels)]
            if one["kind"] == "number":
                one.update(least=draw(st.one_of(st.none(), st.floats(-9, 0))))
            depends: bool = draw(st.booleans())
            if seen and depends:
                earlier = draw(st.sampled_from(seen))
                one["show_if"] = f"{earlier} == 1 or not {earlier} answered"
                one["text"] += f"{{{{answers.{earlier}}}}}"
            if draw(st.booleans()):
                one["jumps"] = [{"when": f"{one['key']} answered", "to": "end"}]
            seen.append(one["key"])
            questions.append(one)
        block: dict[str, Any] = {
            "key": f"b{number}",
            "title": draw(st.one_of(st.just(""), words)),
            "questions": questions,
        }
        ends: bool = draw(st.booleans())
        blocks.append({**block, "ends": ends})
    names = st.from_regex(r"[a-z]{1,5}", fullmatch=True)
    embedded = draw(st.dictionaries(names, words, max_size=2))
    return {"key": "s", "title": draw(words), "embedded": embedded, "blocks": blocks}


@settings(max_examples=60, deadline=None)
@given(surveys())
def test_a_survey_reads_back_as_it_was_written_and_ends(data: dict[str, Any]) -> None:
    import tomllib

    one = make_survey(data, "s")
    again = Survey.model_validate(tomllib.loads(write_survey(one)))
    assert again == one
    assert again.hash == one.hash
    found = asyncio.run(conduct_survey(one, ScriptedModel(lambda _: "1")))
    assert [each.key for each in found.asked] == [each.key for each in one.questions]  # each is recorded, once


# Findings.


def test_shares_are_of_those_who_were_shown_a_question_and_answered() -> None:
    survey = make_survey(declared(), "tea")
    rows = [
        {"person": "a", "repeat": 1, "answer.hot": 1, "status.hot": "ok", "answer.cups": 4, "status.cups": "ok"},
        {
            "person": "b",
            "repeat": 1,
            "answer.hot": 1,
            "status.hot": "ok",
            "answer.cups": None,
            "status.cups": "unparsed",
        },
        {
            "person": "c",
            "repeat": 1,
            "answer.hot": 0,
            "status.hot": "ok",
            "answer.cups": None,
            "status.cups": "skipped",
        },
        {
            "person": "d",
            "repeat": 1,
            "answer.hot": None,
            "status.hot": "refused",
            "answer.cups": 6,
            "status.cups": "ok",
        },
    ]
    found = {one.name: one for one in measure_survey(pl.DataFrame(rows).with_columns(model=pl.lit("m")), survey)}
    assert found["chosen.hot.1"].estimate == pytest.approx(2 / 3)
    assert (found["chosen.hot.1"].n, found["chosen.hot.1"].missing) == (3, 1)
    assert (found["number.cups"].estimate, found["number.cups"].n, found["number.cups"].missing) == (5, 2, 1)
    assert "1 of 4 were not shown this question" in found["number.cups"].note
    assert found["shown.cups"].estimate == 0.75


def test_the_command_asks_people_and_reports(tmp_path: Path) -> None:
    file = tmp_path / "tea.toml"
    file.write_text(write_survey(make_survey(declared(), "tea")), encoding="utf-8")
    people = tmp_path / "people.yaml"
    people.write_text("- {id: ada, name: Ada, description: You are 36 years old.}\n- {id: bob, name: Bob}\n")
    shown = personae("survey", "show", str(file))
    assert shown.code == 0, shown.err
    assert "hot == 0 -> about" in shown.out
    folder = tmp_path / "run"
    words_ = [
        "survey",
        "run",
        str(file),
        "--persona",
        str(people),
        "-P",
        "repeats=8",
        "--folder",
        str(folder),
        "--json",
    ]
    ran = personae(*words_)
    assert ran.code == 0, ran.err
    data = json.loads(ran.out)["data"]
    assert data["cells"] == 16
    assert {"chosen.hot.1", "chosen.which.3", "number.cups", "text.why"} <= {one["name"] for one in data["findings"]}
    assert "SIMULATED" in (folder / "report.html").read_text(encoding="utf-8")
    table = pl.read_parquet(folder / "observations.parquet")
    passed = table.filter(pl.col("answer.hot") == 0)
    assert set(passed["status.which"]) == {"skipped"}
    assert personae(*words_).code == 0  # nothing is asked again
    resumed = personae("run", "report", str(folder), "--json")
    assert resumed.code == 0, resumed.err
