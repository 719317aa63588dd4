"""Differences: all of them, none that are not, and enough to make one version of the other."""

from __future__ import annotations

from personae.persona import Persona
from personae.serve.difference import changes_between

BEFORE = Persona(name="Ada", traits={"big_five.openness": 1.0, "big_five.extraversion": -1.0}, goals=("rest",))
AFTER = Persona(name="Ada L.", traits={"big_five.openness": 1.0}, goals=("rest", "travel"), style="curt")


def test_added_removed_and_changed_fields_are_told_by_path() -> None:
    found = {
        change["path"]: (change["kind"], change["before"], change["after"]) for change in changes_between(BEFORE, AFTER)
    }
    assert found == {
        "name": ("changed", "Ada", "Ada L."),
        "traits.big_five.extraversion": ("removed", -1.0, None),
        "goals": ("changed", ["rest"], ["rest", "travel"]),
        "style": ("added", None, "curt"),
    }


def test_a_persona_does_not_differ_from_itself() -> None:
    assert changes_between(BEFORE, BEFORE) == []
    assert changes_between(BEFORE, BEFORE.model_copy(update={"id": "other"})) == []


def test_the_way_back_turns_every_change_round() -> None:
    there, back = changes_between(BEFORE, AFTER), changes_between(AFTER, BEFORE)
    assert {one["path"]: (one["before"], one["after"]) for one in there} == {
        one["path"]: (one["after"], one["before"]) for one in back
    }
