"""Dialogues from files of several kinds, and a questionnaire that is answered in their course."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some

from personae.errors import InputError
from personae.instrument import Turn
from personae.instrument.assessment import Assessment, AssessmentSettings
from personae.instrument.assessment.dialogue import read_dialogue
from personae.model import ScriptedModel
from personae.study import run_study
from support.command_line import personae

SAID = [Turn("counsellor", "How are you?"), Turn("client", "I sleep badly: no rest.\nNone at all.")]
KINDS = {
    "said.json": json.dumps([{"speaker": turn.speaker, "text": turn.text} for turn in SAID]),
    "messages.json": json.dumps({"messages": [{"role": turn.speaker, "content": turn.text} for turn in SAID]}),
    "said.jsonl": "\n".join(json.dumps({"from": turn.speaker, "value": turn.text}) for turn in SAID),
    "said.csv": 'speaker,text\ncounsellor,How are you?\nclient,"I sleep badly: no rest.\nNone at all."\n',
    "said.txt": "counsellor: How are you?\n\nclient: I sleep badly: no rest.\nNone at all.\n",
}


@pytest.mark.parametrize("name", KINDS)
def test_every_kind_of_file_says_the_same(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text(KINDS[name], encoding="utf-8")
    assert read_dialogue(tmp_path / name) == SAID


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("a.txt", "nobody speaks here", "names nobody"),
        ("a.txt", "", "nobody says anything"),
        ("a.json", '{"dialogue": []}', "nobody says anything"),
        ("a.jsonl", '{"speaker": "a", "text": "b"}\n{', "not JSON"),
        ("a.json", '[{"speaker": "a"}]', "turn 1"),
        ("a.json", '["a"]', "turn 1"),
    ],
)
def test_what_is_no_dialogue_is_refused(tmp_path: Path, name: str, text: str, said: str) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as refused:
        read_dialogue(tmp_path / name)
    assert said in str(refused.value)


@given(some.lists(some.tuples(some.sampled_from("ab"), some.text(min_size=1).filter(str.strip)), min_size=1))
def test_json_carries_whatever_was_said(tmp_path_factory: pytest.TempPathFactory, said: list[tuple[str, str]]) -> None:
    path = tmp_path_factory.mktemp("said") / "said.json"
    path.write_text(json.dumps([{"speaker": who, "text": text} for who, text in said]), encoding="utf-8")
    assert read_dialogue(path) == [Turn(who, text) for who, text in said]


def settings(**given: str) -> AssessmentSettings:
    return AssessmentSettings.read({"instrument": "bfi-10", "checked": "0", "repeats": "1", **given})


def test_the_model_answers_in_the_place_of_the_client(tmp_path: Path) -> None:
    (tmp_path / "said.txt").write_text(KINDS["said.txt"], encoding="utf-8")
    model = ScriptedModel(lambda _: "\n".join(f"{number}: 3" for number in range(1, 11)))
    study = Assessment(settings(respondent="client", dialogue=str(tmp_path / "said.txt")))
    run_study(study, {"subject": model}, workers=1)
    (request, *_) = model.requests
    assert [message.role for message in request.messages][-3:] == ["user", "assistant", "user"]
    assert request.messages[-2].content == SAID[1].text
    assert "said.txt" not in json.dumps(dict(study.parameters))  # the record knows the words by their hash


def test_a_dialogue_and_a_speaker_belong_together(tmp_path: Path) -> None:
    (tmp_path / "said.txt").write_text(KINDS["said.txt"], encoding="utf-8")
    path = str(tmp_path / "said.txt")
    for chosen, said in (
        ({"respondent": "client"}, "no dialogue"),
        ({"dialogue": path}, "nobody speaks"),
        ({"respondent": "client", "dialogue": path, "client": "nurse"}, "nurse"),
    ):
        model = ScriptedModel(lambda _: "3")
        with pytest.raises(InputError, match=said):
            run_study(Assessment(settings(**chosen)), {"subject": model})
        assert not model.requests


@pytest.fixture
def told(tmp_path: Path) -> Path:
    """A person whose text holds items 6 and 8 of the BFI-10."""
    text = "Ada is outgoing, sociable. She says that she gets nervous easily and does a thorough job."
    (tmp_path / "ada.yaml").write_text(f"id: ada\nname: Ada\ndescription: {text}\n", encoding="utf-8")
    return tmp_path / "ada.yaml"


def test_a_person_who_was_told_scored_items_is_refused_and_the_items_are_named(told: Path, tmp_path: Path) -> None:
    arguments = ("instrument", "administer", "bfi-10", "--persona", str(told), "--model", "sim", "-P", "checked=0")
    refused = personae(*arguments, "--folder", str(tmp_path / "r"))
    assert refused.code != 0
    assert "'Ada' holds items that are scored" in refused.err
    words = refused.err.partition("conditioned_on=")[2].split()[0].rstrip(",")
    ran = personae(*arguments, "-P", f"conditioned_on={words}", "--folder", str(tmp_path / "r"))
    assert ran.code == 0, ran.err


def test_items_that_people_were_told_of_are_neither_asked_nor_scored() -> None:
    study = Assessment(settings(conditioned_on="6, 8"))
    assert not {"6", "8"} & set(study.instrument.item_ids)
    assert len(study.instrument.items) == 8
    with pytest.raises(InputError, match="99"):
        _ = Assessment(settings(conditioned_on="99")).instrument
