"""Persona Hub: kinds of data, fresh runs, licences, exports."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("rensa")

from personae.errors import InputError, MissingExtraError
from personae.model import Request, ScriptedModel, open_model
from personae.papers.persona_hub import PAPER, HubSettings, PersonaHub
from personae.papers.persona_hub.export import write_hub
from personae.papers.persona_hub.kinds import ITEM_PROMPT, KINDS, code_fault, same_answer
from personae.papers.persona_hub.texts import forbids_derivatives, read_texts
from support.command_line import personae
from support.findings import pick
from support.persona_hub import run, scripted

# Kinds.


def test_examples_carry_their_person_in_one_form_only() -> None:
    kind = KINDS["math"]
    zero, few, with_person = (
        kind.prompt(ITEM_PROMPT, form, "a cook", "finance") for form in ("zero_shot", "few_shot", "persona_few_shot")
    )
    assert "Examples" not in zero
    assert "oven" in few
    assert "a baker" not in few
    assert "Person: a baker" in with_person
    assert all('"a cook"' in text and "finance" in text for text in (zero, few, with_person))
    assert "person" not in kind.prompt(ITEM_PROMPT, "zero_shot", "")
    assert "a cloud sea" in KINDS["npc"].prompt(ITEM_PROMPT, "zero_shot", "", world="a cloud sea")


def test_pieces_that_are_no_use_say_why() -> None:
    tool = dict.fromkeys(KINDS["tool"].fields, "x")
    assert KINDS["tool"].fault(tool, "zero_shot") == ""
    assert KINDS["tool"].fault({**tool, "function_name": "get it"}, "zero_shot") == "no_function"
    assert KINDS["tool"].fault({**tool, "function_name": ["add", "remove"]}, "zero_shot") == ""
    assert KINDS["tool"].fault({**tool, "return": " "}, "zero_shot") == "incomplete"
    copied = dict(KINDS["math"].examples[0][1])
    assert KINDS["math"].fault(copied, "few_shot") == "copies_example"
    assert KINDS["math"].fault(copied, "zero_shot") == ""
    assert code_fault("async def f():\n    pass", "f") == ""
    assert code_fault("def g(): pass", "f") == "no_function"
    assert code_fault("I would write a function.", "f") == "no_python"
    assert code_fault("\0", "f") == "no_python"


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        ("1,200", "1200.0 m", True),
        ("1/2", "0.5", True),
        ("-3", "3", False),
        ("Anna", " anna. ", True),
        ("", "", False),
        ("3 or 4", "3 or 4", True),
        ("7", "seven", False),
        ("0", "0.0", True),
        ("1/0", "1", True),
    ],
)
def test_answers_are_compared_as_numbers_or_words(first: str, second: str, same: bool) -> None:
    assert same_answer(first, second) is same


# Fresh runs.


def test_data_for_people_is_more_different_than_data_for_nobody_if_the_writer_cares() -> None:
    given = {"most": "2", "attitudes": "read,write", "hops": "2", "control": "6"}
    findings, table, study = run(given, ScriptedModel(scripted))
    for kind in KINDS:
        gain = pick(findings, f"gain.{kind}")
        assert gain.low > 0.2, kind
        assert pick(findings, f"effective.{kind}.persona").low > pick(findings, f"effective.{kind}.control").high
        assert pick(findings, f"accepted.{kind}.persona").estimate == 1, kind
    assert pick(findings, "rejected.twice.math.control").estimate == pytest.approx(11 / 12)
    assert pick(findings, "agreed.math.persona").estimate == 1
    assert pick(findings, "personas").estimate == 12
    assert pick(findings, "made.ok").n == 12
    curated = table.filter(table["part"] == "curate")
    assert curated["persona.hops"].to_list() == [[0, 1, 2]] * 4
    for row in curated.iter_rows(named=True):
        assert row["persona.made_from"][1:] == row["persona.ids"][:-1]  # each relative is made from the one before
        assert row["persona.made_from"][0] == row["source"]
    assert len({tuple(one[1:]) for one in curated["persona.relations"].to_list()}) > 1
    assert {one.hash for one in study.texts} == set(curated["source"])


def test_refusals_and_nonsense_are_counted_and_nothing_is_made_of_them() -> None:
    refusing = ScriptedModel(lambda _: "I'm sorry, but I can't help with that.")
    findings, table, _ = run({"most": "2", "attitudes": "read", "kinds": "logic", "control": "2"}, refusing)
    assert set(table["status"]) == {"refused"}
    assert pick(findings, "made.refused").estimate == 1
    assert pick(findings, "accepted.logic.control").estimate == 0
    assert pick(findings, "rejected.refused.logic.control").estimate == 1
    assert not [one for one in findings if one.name == "personas"]


def test_a_chain_that_breaks_keeps_who_was_there() -> None:
    def breaking(request: Request) -> str:
        return scripted(request) if "following text" in request.messages[-1].content else "no"

    findings, table, _ = run(
        {"most": "1", "attitudes": "like", "kinds": "none", "control": "0"}, ScriptedModel(breaking)
    )
    (row,) = table.iter_rows(named=True)
    assert row["made.statuses"] == ["ok", "unparsed"]
    assert len(row["persona.texts"]) == 1
    assert pick(findings, "made.unparsed").estimate == 0.5


def test_the_simulated_writer_makes_no_tools_and_that_is_said() -> None:
    findings, _, _ = run({"most": "1", "hops": "0", "kinds": "tool", "control": "3"}, open_model("sim", {}))
    assert pick(findings, "accepted.tool.persona").estimate == 0
    assert pick(findings, "parsed.tool.persona", "as_published").estimate == 1


# Licences and exports.


def test_licences_travel_from_texts_to_every_exported_row(tmp_path: Path) -> None:
    texts = tmp_path / "texts.jsonl"
    rows = [
        {"text": "On bees and their hives.", "licence": "CC-BY-SA-4.0"},
        {"text": "On boats of cedar.", "licence": None},
        {"text": "Not to be touched.", "licence": "CC BY-ND 4.0"},
    ]
    texts.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    given = {"texts": str(texts), "attitudes": "read", "kinds": "math,tool", "control": "1", "most": "9"}
    model = ScriptedModel(scripted)
    _, table, study = run(given, model)
    assert study.parameters["texts_withheld"] == 1
    assert not any("Not to be touched" in request.messages[-1].content for request in model.requests)
    counts = write_hub(table, study.settings, tmp_path / "hub")
    assert counts["personas.jsonl"] == 6
    written = [path for path in (tmp_path / "hub").glob("*.jsonl") if path.stem != "texts"]
    found = [json.loads(line) for path in written for line in path.read_text(encoding="utf-8").splitlines()]
    assert {row["licence"] for row in found} == {"CC-BY-SA-4.0", "unknown"}
    by_source = {
        source: {row["licence"] for row in found if (row.get("source") or row["lineage"]["source"]) == source}
        for source in set(table["source"]) - {""}
    }
    assert all(len(licences) == 1 for licences in by_source.values())
    assert any(row.get("code", "").startswith("def ") for row in found)
    assert "CC-BY-SA-4.0" in (tmp_path / "hub" / "README.md").read_text()


def test_exported_people_are_read_again_with_their_licence(tmp_path: Path) -> None:
    _, table, study = run({"most": "2", "attitudes": "read", "kinds": "none", "control": "0"}, ScriptedModel(scripted))
    write_hub(table, study.settings, tmp_path)
    again = PersonaHub(HubSettings.read({"personas": str(tmp_path / "personas.jsonl"), "most": "99"}))
    assert len(again.given) == 6
    assert {one.provenance_of("description").licence for one in again.given} == {"MIT"}
    findings, _, _ = run(
        {"personas": str(tmp_path / "personas.jsonl"), "kinds": "npc", "control": "0", "most": "3"},
        ScriptedModel(scripted),
    )
    assert pick(findings, "rows.npc", "as_published").estimate == 9


def test_files_that_cannot_be_used_say_so(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("words\nx\n", encoding="utf-8")
    with pytest.raises(InputError, match="no column text"):
        read_texts(path, "MIT")
    lines = tmp_path / "t.txt"
    lines.write_text("One.\n\nTwo.\nOne.\n", encoding="utf-8")
    assert [one.text for one in read_texts(lines, "MIT")] == ["One.", "Two."]
    lines.write_text("\n", encoding="utf-8")
    with pytest.raises(InputError, match="no texts"):
        read_texts(lines, "MIT")
    with pytest.raises(InputError, match="kinds"):
        PersonaHub(HubSettings.read({"kinds": "poems"})).design(np.random.default_rng(0)).__next__()
    with pytest.raises(InputError, match="attitudes"):
        PersonaHub(HubSettings.read({"attitudes": " "})).design(np.random.default_rng(0)).__next__()
    lines.write_text("One.\n", encoding="utf-8")
    forbidden = PersonaHub(HubSettings.read({"texts": str(lines), "licence": "CC BY-ND 4.0"}))
    with pytest.raises(InputError, match="no text may be used"):
        next(iter(forbidden.design(np.random.default_rng(0))))
    assert forbids_derivatives("All rights reserved.")
    assert not forbids_derivatives("unknown")


def test_the_command_runs_reports_and_exports(tmp_path: Path) -> None:
    small = ["-P", "most=1", "-P", "attitudes=read", "-P", "hops=1", "-P", "control=3", "-P", "kinds=math,tool"]
    ran = personae("paper", "run", "persona_hub", "--model", "sim", *small, "--folder", str(tmp_path / "run"))
    assert ran.code == 0, ran.err
    page = (tmp_path / "run" / "report.html").read_text(encoding="utf-8")
    assert "SIMULATED" in page
    assert "SIMULATED" in (tmp_path / "run" / "hub" / "README.md").read_text(encoding="utf-8")
    assert (tmp_path / "run" / "hub" / "personas.jsonl").read_text(encoding="utf-8").count("\n") == 2


@pytest.mark.parametrize("absent", ["rensa", "sklearn"])
def test_a_library_that_is_not_there_is_missed_before_anything_is_asked(
    absent: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, absent, None)
    with pytest.raises(MissingExtraError, match="pip install"):
        PAPER.make_study({})
