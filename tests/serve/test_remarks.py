"""Remarks and differences, as the pages want them: paths of fields, fixes that mend, and nothing of ids."""

from __future__ import annotations

from typing import Any

import pytest

from personae.persona import Persona
from personae.serve.remarks import changes_between, remarks_on

SOUND: dict[str, Any] = {
    "name": "Ada",
    "description": "A 71-year-old who restores old radios in a shed behind her house, mostly at night.",
    "demographics": {"age": 71},
    "abilities": [{"ability": "read diagrams", "constraint": "with a magnifier"}],
    "goals": ["rest", "travel"],
    "style": "dry",
}
BEFORE = Persona(name="Ada", traits={"big_five.openness": 1.0, "big_five.extraversion": -1.0}, goals=("rest",))
AFTER = Persona(name="Ada L.", traits={"big_five.openness": 1.0}, goals=("rest", "travel"), style="curt")

FAULTS = [
    ({"demographics": {"age": 30}}, "P201", "description", False),
    ({"goals": ["rest", "Rest "]}, "P501", "goals.1", True),
    ({"style": " dry"}, "P502", "style", True),
    ({"abilities": [{"ability": "walk"}]}, "P405", "abilities.0.constraint", False),
    ({"traits": {"big_five.openness": -4.0}}, "P205", "traits.big_five.openness", False),
    ({"provenance": {"style": {"origin": "written"}}}, "P603", "provenance.style", False),
]


def test_a_sound_persona_has_no_remarks() -> None:
    assert remarks_on(Persona.model_validate(SOUND)) == []


@pytest.mark.parametrize(("fault", "code", "path", "has_fix"), FAULTS)
def test_each_fault_is_told_with_its_place_and_its_fix(
    fault: dict[str, Any], code: str, path: str, has_fix: bool
) -> None:
    remarks = remarks_on(Persona.model_validate({**SOUND, **fault}))
    (remark,) = [one for one in remarks if one["code"] == code]
    assert remark["path"] == path
    assert (remark["fix"] is not None) == has_fix


@pytest.mark.parametrize("fault", [fault for fault, _, _, has_fix in FAULTS if has_fix])
def test_a_fix_mends_what_it_is_for(fault: dict[str, Any]) -> None:
    data = {**SOUND, **fault}
    while remarks := [one for one in remarks_on(Persona.model_validate(data)) if one["fix"]]:
        data = {**data, remarks[0]["fix"]["path"]: remarks[0]["fix"]["value"]}
    assert remarks_on(Persona.model_validate(data)) == []


def test_grave_remarks_come_first() -> None:
    fault = {"goals": ["rest", "rest"], "demographics": {"age": 30}}
    assert [one["severity"] for one in remarks_on(Persona.model_validate({**SOUND, **fault}))] == ["error", "hint"]


def test_added_removed_and_changed_fields_are_told_by_path() -> None:
    found = {one["path"]: (one["kind"], one["before"], one["after"]) for one in changes_between(BEFORE, AFTER)}
    assert found == {
        "name": ("changed", "Ada", "Ada L."),
        "traits.big_five.extraversion": ("removed", -1.0, None),
        "goals": ("changed", ["rest"], ["rest", "travel"]),
        "style": ("added", None, "curt"),
    }


def test_a_persona_does_not_differ_from_itself_whatever_its_id() -> None:
    assert changes_between(BEFORE, BEFORE.model_copy(update={"id": "other"})) == []
