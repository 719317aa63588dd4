"""PERSONA: making people, settings, and the command in two stages."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from personae.errors import InputError
from personae.model import Request, ScriptedModel
from personae.papers.persona_testbed import (
    PAPER,
    PluralSettings,
    PluralTestbed,
    read_people,
    read_requests,
)
from personae.papers.persona_testbed.export import write_testbed
from personae.papers.persona_testbed.study import made_people
from personae.study import Finding, run_study
from support.command_line import personae

VIEWS = ("liberal", "moderate", "conservative")


def pick(findings: Sequence[Finding], name: str, way: str = "corrected") -> Finding:
    (found,) = [one for one in findings if one.name == name and (one.conventions or ("",))[0] == way]
    return found


# Making people.


def maker(request: Request) -> str:
    """Copies what is bound, and makes everybody a hummer; a third of the answers change a fact."""
    assert request.schema is not None
    rules = request.schema.definition["properties"]
    filled = {name: rule.get("const", "hums") for name, rule in rules.items()}
    if "demographics.age" in filled and filled["demographics.age"] % 3 == 0:
        filled["demographics.age"] += 1
    return json.dumps(filled)


def strict(request: Request) -> str:
    """Finds men contradictory, and taxes plain."""
    assert request.schema is not None
    text = request.messages[-1].content
    if "consistent" in request.schema.definition["required"]:
        return json.dumps({"consistent": "contradictory" if "gender: man" in text else "consistent"})
    return json.dumps({"kind": "plain" if "taxes" in text else "contested"})


def test_places_are_filled_by_the_first_who_passes_and_the_others_are_counted(tmp_path: Path) -> None:
    models = {"subject": ScriptedModel(maker), "writer": ScriptedModel(maker), "judge": ScriptedModel(strict)}
    study = PluralTestbed(PluralSettings.read({"stage": "people", "people": "25", "tries": "12"}))
    table = run_study(study, models).table
    people = made_people(table)
    assert len(people) == 25
    assert {one.demographics.gender for one in people} == {"woman"}
    assert {one.personal_identity["quirk"] for one in people} == {"hums"}
    assert all(one.demographics.age is not None and one.demographics.age % 3 for one in people)
    assert {one.provenance_of("personal_identity.quirk").origin for one in people} == {"written"}
    assert {one.provenance_of("demographics.age").origin for one in people} == {"sampled"}
    findings = study.measure(table)
    assert pick(findings, "people", "as_published").estimate == 25
    assert pick(findings, "filled").estimate == 1
    assert abs(pick(findings, "refused.writing").estimate - 1 / 3) < 0.15
    assert abs(pick(findings, "refused.judge").estimate - 0.49 * 2 / 3) < 0.15
    shares = sum(pick(findings, f"refused.{why}").estimate for why in ("rules", "writing", "judge"))
    seen = pick(findings, "refused.rules").n
    assert shares * seen + 25 == pytest.approx(seen)  # everybody is accounted for
    assert pick(findings, "contested", "as_published").estimate == pytest.approx(23 / 24)
    assert pick(findings, "margin.gender").estimate > 0.3  # only women are left, and it shows
    assert not [one for one in findings if one.name == "margin.politics"]  # free words have no margins

    counts = write_testbed(study, table, tmp_path)
    assert counts == {"people.jsonl": 25, "requests.jsonl": 23}
    assert read_people(tmp_path / "people.jsonl") == people
    assert len(read_requests(tmp_path / "requests.jsonl")) == 23
    again = PluralSettings.read({"people_file": str(tmp_path / "people.jsonl"), "people": "25", "each": "2"})
    assert {cell.factors["arm"] for cell in PluralTestbed(again).design(np.random.default_rng(0))} == {"pair"}


def test_a_place_that_nobody_can_take_is_told() -> None:
    never = ScriptedModel(lambda request: json.dumps({"consistent": "contradictory", "kind": "plain"}))
    study = PluralTestbed(PluralSettings.read({"stage": "people", "people": "4", "written": "false", "tries": "2"}))
    table = run_study(study, {"subject": never, "writer": never, "judge": never}).table
    assert pick(study.measure(table), "filled").estimate == 0
    assert set(table.filter(pl.col("arm") == "place")["status"]) == {"unparsed"}
    assert not made_people(table)


def test_settings_that_cannot_be_are_told_before_anything_is_asked(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="nobody has"):
        PAPER.make_study({"leave_out": "shoes"})
    with pytest.raises(InputError):
        PAPER.make_study({"stage": "dreams"})
    empty = tmp_path / "empty.jsonl"
    empty.write_text("", encoding="utf-8")
    with pytest.raises(InputError):
        PAPER.make_study({"people_file": str(empty)})


def test_the_command_runs_on_sim_in_two_stages_and_says_so(tmp_path: Path) -> None:
    first = ["-P", "stage=people", "-P", "people=4"]
    ran = personae("paper", "run", "persona_testbed", "--model", "sim", *first, "--folder", str(tmp_path / "people"))
    assert ran.code == 0, ran.err
    made = tmp_path / "people" / "testbed"
    small = ["-P", "people=4", "-P", "each=2", "-P", f"people_file={made / 'people.jsonl'}"]
    small += ["-P", f"requests={made / 'requests.jsonl'}"]
    ran = personae("paper", "run", "persona_testbed", "--model", "sim", *small, "--folder", str(tmp_path / "run"))
    assert ran.code == 0, ran.err
    assert "SIMULATED" in (tmp_path / "run" / "report.html").read_text(encoding="utf-8")
    findings = json.loads((tmp_path / "run" / "findings.json").read_text(encoding="utf-8"))
    named = {one["name"]: one for one in (findings if isinstance(findings, list) else findings["findings"])}
    assert named["accuracy.full"]["estimate"] > 0.8 > named["accuracy.none"]["estimate"]
    sheet = tmp_path / "run" / "testbed" / "sheet.csv"
    filled = tmp_path / "filled.csv"
    pl.read_csv(sheet, infer_schema=False).with_columns(choice=pl.lit("A")).write_csv(filled)
    again = [*small, "-P", f"humans={filled}", "--folder", str(tmp_path / "run")]
    ran = personae("paper", "run", "persona_testbed", "--model", "sim", *again)  # the same run, measured anew
    assert ran.code == 0, ran.err
    assert "humans_agree.judge" in (tmp_path / "run" / "findings.json").read_text(encoding="utf-8")
