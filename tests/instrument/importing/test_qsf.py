"""Qualtrics surveys: questions, flow, logic, piping."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from personae.errors import InputError
from personae.instrument.importing import Imported, import_file

YES_NO = {"1": {"Display": "<b>Yes</b>"}, "2": {"Display": "No"}}


def question(identity: str, kind: str = "MC", selector: str = "SAVR", **more: Any) -> dict[str, Any]:
    payload = {
        "QuestionID": identity,
        "DataExportTag": f"Q{identity.removeprefix('QID')}",
        "QuestionType": kind,
        "Selector": selector,
        "QuestionText": f"Question {identity}?",
        "Choices": YES_NO,
        "ChoiceOrder": ["1", "2"],
        **more,
    }
    return {"Element": "SQ", "PrimaryAttribute": identity, "Payload": payload}


def block(identity: str, *elements: Any, **more: Any) -> dict[str, Any]:
    listed = [{"Type": "Question", "QuestionID": one} if isinstance(one, str) else one for one in elements]
    return {"Type": "Standard", "ID": identity, "Description": f"Block {identity}", "BlockElements": listed, **more}


def survey(questions: list[Any], blocks: list[Any], flow: list[Any] | None = None) -> dict[str, Any]:
    elements = [*questions, {"Element": "BL", "Payload": blocks}]
    if flow is not None:
        elements.append({"Element": "FL", "Payload": {"Flow": flow}})
    return {"SurveyEntry": {"SurveyName": "Tea & more", "SurveyLanguage": "EN"}, "SurveyElements": elements}


def read(tmp_path: Path, data: dict[str, Any]) -> Imported:
    path = tmp_path / "survey.qsf"
    path.write_text(json.dumps(data), encoding="utf-8")
    return import_file(path)


def expression(identity: str, choice: str = "1", operator: str = "Selected", **more: Any) -> dict[str, Any]:
    return {
        "LogicType": "Question",
        "QuestionID": identity,
        "ChoiceLocator": f"q://{identity}/SelectableChoice/{choice}",
        "Operator": operator,
        "Type": "Expression",
        **more,
    }


def logic(*expressions: dict[str, Any]) -> dict[str, Any]:
    return {"0": {**{str(n): one for n, one in enumerate(expressions)}, "Type": "If"}, "Type": "BooleanExpression"}


def test_kinds_of_questions_are_told_apart(tmp_path: Path) -> None:
    matrix = {
        "QuestionText": "How far do you agree?",
        "Choices": {"1": {"Display": "I am glad."}, "2": {"Display": "I am sad."}},
        "Answers": {"1": {"Display": "No"}, "2": {"Display": "Partly"}, "3": {"Display": "Yes"}},
        "AnswerOrder": ["1", "2", "3"],
        "RecodeValues": {"1": "-1", "2": "0", "3": "1"},
    }
    number = {"Validation": {"Settings": {"ContentType": "ValidNumber", "ValidNumber": {"Min": "0", "Max": "99"}}}}
    slider = {
        "Configuration": {"CSSliderMin": 0, "CSSliderMax": 10},
        "Choices": {"1": {"Display": "Joy"}},
        "ChoiceOrder": [1],
    }
    questions = [
        question("QID1"),
        question("QID2", selector="MAVR", RecodeValues={"1": "10", "2": "20"}),
        question("QID3", "TE", "SL"),
        question("QID4", "TE", "SL", **number),
        question("QID5", "Matrix", "Likert", SubSelector="SingleAnswer", **matrix),
        question("QID6", "DB", "TB", QuestionText="Welcome<br>to all &amp; you"),
        question("QID7", "Slider", "HSLIDER", **slider),
        question("QID8", "RO", "DND"),
        question("QID9", "Timing", "PageTimer"),
    ]
    found = read(tmp_path, survey(questions, [block("BL_1", *(f"QID{n}" for n in range(1, 10)))]))
    (one,) = found.surveys
    kinds = {each.key: each.kind for each in one.questions}
    assert kinds == {
        "q1": "single", "q2": "multiple", "q3": "text", "q4": "number", "q5_1": "single", "q5_2": "single",
        "q6": "note", "q7": "number", "q8": "text",
    }  # fmt: skip
    by_key = {each.key: each for each in one.questions}
    assert [option.label for option in by_key["q1"].options] == ["Yes", "No"]
    assert [option.value for option in by_key["q2"].options] == [10, 20]
    assert (by_key["q4"].least, by_key["q4"].most) == (0, 99)
    assert [(option.value, option.label) for option in by_key["q5_2"].options] == [
        (-1, "No"),
        (0, "Partly"),
        (1, "Yes"),
    ]
    assert by_key["q5_1"].text == "How far do you agree?\nI am glad."
    assert by_key["q6"].text == "Welcome\nto all & you"
    assert (by_key["q7"].least, by_key["q7"].most) == (0, 10)
    assert any("kind 'RO' has no counterpart" in warning for warning in found.warnings)
    assert any("kind 'Timing' is not asked" in warning for warning in found.warnings)
    assert not found.instruments


def test_display_logic_is_a_condition(tmp_path: Path) -> None:
    both = logic(expression("QID1"), expression("QID2", "2", "NotSelected", Conjuction="Or"))
    number = expression("QID3", operator="GreaterThan", RightOperand="17")
    number["ChoiceLocator"] = "q://QID3/ChoiceTextEntryValue"
    field = {"LogicType": "EmbeddedField", "LeftOperand": "Group", "Operator": "EqualTo", "RightOperand": "A b"}
    questions = [
        question("QID1"),
        question("QID2", selector="MAVR"),
        question("QID3", "TE", "SL"),
        question("QID4", DisplayLogic=both),
        question("QID5", DisplayLogic=logic(number)),
        question("QID6", DisplayLogic=logic(field)),
    ]
    (one,) = read(tmp_path, survey(questions, [block("BL_1", *(f"QID{n}" for n in range(1, 7)))])).surveys
    conditions = {each.key: each.show_if for each in one.questions}
    assert conditions["q4"] == "(q1 == 1) or (not (q2 has 2))"
    assert conditions["q5"] == "q3 > 17"
    assert conditions["q6"] == 'embedded.group == "A b"'
    assert one.embedded == {"group": ""}


def test_skip_logic_branches_and_ends_are_followed(tmp_path: Path) -> None:
    skip = {
        "SkipLogicID": 1,
        "ChoiceLocator": "q://QID1/SelectableChoice/2",
        "Condition": "Selected",
        "SkipToDestination": "ENDOFSURVEY",
    }
    first = block("BL_1", {"Type": "Question", "QuestionID": "QID1", "SkipLogic": [skip]})
    flow = [
        {"Type": "EmbeddedData", "EmbeddedData": [{"Field": "arm", "Value": "B"}]},
        {"Type": "Standard", "ID": "BL_1"},
        {"Type": "Branch", "BranchLogic": logic(expression("QID1")), "Flow": [
            {"Type": "Block", "ID": "BL_2"},
            {"Type": "Branch", "BranchLogic": logic(expression("QID2", "2")), "Flow": [{"Type": "EndSurvey"}]},
        ]},
        {"Type": "BlockRandomizer", "Flow": [{"Type": "Block", "ID": "BL_3"}]},
    ]  # fmt: skip
    questions = [question("QID1"), question("QID2"), question("QID3")]
    data = survey(questions, [first, block("BL_2", "QID2"), block("BL_3", "QID3"), block("BL_T", Type="Trash")], flow)
    found = read(tmp_path, data)
    (one,) = found.surveys
    assert [(each.when, each.to) for each in one.questions[0].jumps] == [("q1 == 2", "end")]
    assert [(each.key, each.show_if, each.ends) for each in one.blocks] == [
        ("block_block_bl_1", "", False),
        ("block_block_bl_2", "q1 == 1", False),
        ("end_2", "(q1 == 1) and (q2 == 2)", True),
        ("block_block_bl_3", "", False),
    ]
    assert one.embedded == {"arm": "B"}
    assert any("randomizer" in warning for warning in found.warnings)


def test_piped_text_becomes_a_pipe(tmp_path: Path) -> None:
    text = "You said ${q://QID1/ChoiceGroup/SelectedChoices}, ${e://Field/Name}; ${date://now}."
    questions = [question("QID1"), question("QID2", "TE", "SL", QuestionText=text)]
    found = read(tmp_path, survey(questions, [block("BL_1", "QID1", "QID2")]))
    assert found.surveys[0].questions[1].text == "You said {{answers.q1}}, {{embedded.name}}; ${date://now}."
    assert any("${date://now} has no counterpart" in warning for warning in found.warnings)


def test_what_looks_ahead_is_left_out_with_a_warning(tmp_path: Path) -> None:
    questions = [
        question(
            "QID1", DisplayLogic=logic(expression("QID2")), QuestionText="${q://QID2/ChoiceGroup/SelectedChoices}?"
        ),
        question("QID2"),
    ]
    found = read(tmp_path, survey(questions, [block("BL_1", "QID1", "QID2")]))
    assert found.surveys[0].questions[0].show_if == ""
    assert found.surveys[0].questions[0].text == "…?"
    assert sum("not asked before it" in warning for warning in found.warnings) == 2


def test_logic_that_cannot_be_read_asks_everybody_and_says_so(tmp_path: Path) -> None:
    strange = {"LogicType": "Quota", "Operator": "IsMet", "LeftOperand": "QO_1"}
    questions = [question("QID1"), question("QID2", DisplayLogic=logic(strange))]
    found = read(tmp_path, survey(questions, [block("BL_1", "QID1", "QID2")]))
    assert found.surveys[0].questions[1].show_if == ""
    assert any("everybody is asked" in warning for warning in found.warnings)


def test_closed_questions_without_logic_are_a_form_too(tmp_path: Path) -> None:
    found = read(tmp_path, survey([question("QID1"), question("QID2")], [block("BL_1", "QID1", "QID2")]))
    (form,) = found.instruments
    assert form.key == "tea-more"
    assert form.items == {"q1": "Question QID1?", "q2": "Question QID2?"}
    assert [scale.items for scale in form.scales] == [("q1", "q2")]


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (survey([question("QID1")], []), "has no blocks"),
        (survey([question("QID1")], [block("BL_1", "QID9")]), "block 'BL_1' names question 'QID9'"),
        (survey([question("QID1")], [block("BL_1", "QID1")], [{"Type": "Block", "ID": "BL_9"}]), "names block 'BL_9'"),
        (survey([question("QID1", Choices={"1": {"Display": "x"}})], [block("BL_1", "QID1")]), "has no choice '2'"),
        (survey([question("QID1", ChoiceOrder=["1"])], [block("BL_1", "QID1")]), "fewer than two choices"),
        (survey([{"Element": "SQ", "Payload": None}], [block("BL_1")]), "is no object"),
        ({"SurveyEntry": {}, "SurveyElements": {}}, "SurveyElements: is no list"),
    ],
)
def test_a_malformed_survey_is_named(tmp_path: Path, data: dict[str, Any], what: str) -> None:
    with pytest.raises(InputError) as caught:
        read(tmp_path, data)
    assert what in str(caught.value)
