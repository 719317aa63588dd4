"""Remarks on personas: each fault is found, its fix mends it, and a sound persona has none."""

from __future__ import annotations

from typing import Any

import pytest

from personae.persona import Persona
from personae.serve.lint import lint_persona

SOUND: dict[str, Any] = {
    "name": "Ada",
    "description": "A 71-year-old who restores radios.",
    "demographics": {"age": 71},
    "traits": {"big_five.openness": 2.5},
    "abilities": [{"ability": "read diagrams", "constraint": "with a magnifier"}],
    "goals": ["rest", "travel"],
    "provenance": {"*": {"origin": "written", "by": "openai/gpt-4o"}},
}

FAULTS = [
    ({"abilities": [{"ability": "walk"}]}, "abilities.0.constraint", "warning"),
    ({"traits": {"big_five.openness": -4.0}}, "traits.big_five.openness", "warning"),
    ({"demographics": {"age": 30}}, "demographics.age", "error"),
    ({"demographics": {}}, "demographics.age", "hint"),
    ({"goals": ["rest", "Rest "]}, "goals", "warning"),
    ({"provenance": {"style": {"origin": "written"}}}, "provenance.style", "warning"),
    ({"name": ""}, "name", "hint"),
]


def test_a_sound_persona_has_no_remarks() -> None:
    assert lint_persona(Persona.model_validate(SOUND)) == []


@pytest.mark.parametrize(("fault", "path", "severity"), FAULTS)
def test_each_fault_is_found(fault: dict[str, Any], path: str, severity: str) -> None:
    (remark,) = lint_persona(Persona.model_validate({**SOUND, **fault}))
    assert (remark.path, remark.severity) == (path, severity)
    assert remark.message


@pytest.mark.parametrize(("fault", "path", "severity"), FAULTS)
def test_a_fix_mends_what_it_is_for(fault: dict[str, Any], path: str, severity: str) -> None:
    data = {**SOUND, **fault}
    (remark,) = lint_persona(Persona.model_validate(data))
    if remark.fix is None:
        return
    head, _, rest = remark.fix[0].partition(".")
    mended = {**data, head: {**data[head], rest: remark.fix[1]} if rest else remark.fix[1]}
    assert lint_persona(Persona.model_validate(mended)) == []


def test_the_empty_persona_is_told_to_be_a_control() -> None:
    (remark,) = lint_persona(Persona())
    assert "empty control" in remark.message
