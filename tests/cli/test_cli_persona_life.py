"""The commands of a persona's life, typed as a user types them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from personae.persona import load_persona, read_personas
from support.cards import GOLDEN
from support.command_line import personae


def test_a_life(tmp_path: Path) -> None:
    ada = tmp_path / "ada.yaml"
    made = personae(
        "persona", "new", str(ada), "-s", "name=Ada", "-s", "age=36", "-s", "goals+=restore radios", "--json"
    )
    assert made.code == 0
    assert json.loads(made.out)["data"]["persona"]["demographics"]["age"] == 36
    assert personae("persona", "new", str(ada), "-s", "name=Bo").code == 6  # it is there already
    edited = personae(
        "persona",
        "edit",
        str(ada),
        "-s",
        "description=A retired engineer of 36.",
        "-u",
        "goals",
        "--note",
        "why",
        "--json",
    )
    assert edited.code == 0
    assert [one["path"] for one in json.loads(edited.out)["data"]["changes"]] == ["/description", "/goals"]
    listed = json.loads(personae("persona", "history", str(ada), "--json").out)["data"]["versions"]
    assert [one["note"] for one in listed] == ["made", "why"]
    first = listed[0]["version"]
    different = personae("persona", "diff", f"{ada}@{first[:10]}", str(ada), "--exit-code", "--json")
    assert different.code == 9
    assert len(json.loads(different.out)["data"]["changes"]) == 2
    assert personae("persona", "diff", str(ada), str(ada)).code == 0
    assert "restore radios" in personae("persona", "history", str(ada), "--show", first[:10]).out
    assert personae("persona", "history", str(ada), "--restore", first[:10]).code == 0
    assert load_persona(ada).goals == ("restore radios",)
    assert personae("persona", "edit", str(ada)).code == 3
    assert personae("persona", "edit", str(ada), "-s", "nonsense=1").code == 3


def test_lint_finds_and_mends(tmp_path: Path) -> None:
    path = tmp_path / "bo.yaml"
    text = "Bo is a 40-year-old who fishes, and mends nets all winter. "
    path.write_text(f"name: Bo\ndescription: '{text}'\ndemographics: {{age: 50}}\n")
    found = personae("persona", "lint", str(path), "--json")
    assert found.code == 9
    assert {one["code"] for one in json.loads(found.out)["data"]["findings"]} == {"P201", "P502"}
    mended = personae("persona", "lint", str(path), "--fix", "--ignore", "P201", "--json")
    assert mended.code == 0
    assert json.loads(mended.out)["data"]["fixed"]
    assert load_persona(path).description.endswith("winter.")
    assert [
        one["note"] for one in json.loads(personae("persona", "history", str(path), "--json").out)["data"]["versions"]
    ] == [
        "found",
        "lint --fix",
    ]
    assert personae("persona", "lint", str(path), "--ignore", "P9").code == 3


def test_parts_are_merged(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("name: Ada\ndemographics: {age: 36}\n")
    (tmp_path / "b.yaml").write_text("beliefs: [Ropes remember.]\ndemographics: {age: 40}\n")
    parts = [str(tmp_path / "a.yaml"), str(tmp_path / "b.yaml"), "-o", str(tmp_path / "c.yaml")]
    assert personae("persona", "merge", *parts).code == 3
    assert not (tmp_path / "c.yaml").exists()
    merged = personae("persona", "merge", *parts, "--at", "demographics=replace", "--json")
    assert merged.code == 0
    assert [one["path"] for one in json.loads(merged.out)["data"]["conflicts"]] == ["/demographics/age"]
    assert load_persona(tmp_path / "c.yaml").demographics.age == 40
    assert personae("persona", "merge", *parts, "--at", "demographics=dice").code == 3


@pytest.mark.parametrize(
    "target", ["m.png", "m.charx", "m.agent.json", "m.csv", "m.parquet", "m.af", "m.yaml", "m.jsonl"]
)
def test_the_ending_of_the_target_names_the_format(tmp_path: Path, target: str) -> None:
    done = personae("persona", "convert", str(GOLDEN / "card_v2.json"), str(tmp_path / target), "--json")
    assert done.code == 0, done.out + done.err
    data = json.loads(done.out)["data"]
    assert data["source"]["format"] == "card-v2"
    assert read_personas(tmp_path / target)[0].persona.name == "Mira"


def test_what_does_not_fit_is_printed(tmp_path: Path) -> None:
    out = str(tmp_path / "hub.jsonl")
    done = personae("persona", "convert", str(GOLDEN / "tinytroupe.agent.json"), out, "--to", "personahub", "--strict")
    assert done.code == 9
    assert "demographics.age: dropped" in done.out
    assert personae("persona", "convert", str(GOLDEN / "edsl.json"), str(tmp_path / "x.unknown")).code == 3
    assert personae("persona", "convert", str(GOLDEN / "edsl.json"), out, "--to", "nothing").code == 3
    (tmp_path / "p.csv").write_text("Person,Years\nAda,36\n")
    mapped = personae(
        *("persona", "convert", str(tmp_path / "p.csv"), str(tmp_path / "a.yaml"), "--from", "csv"),
        *("--column", "Person=name", "--column", "Years=demographics.age"),
    )
    assert mapped.code == 0
    assert load_persona(tmp_path / "a.yaml").demographics.age == 36


def test_terms_are_respected(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("name: Ada\ngoals: [SECRET]\nprovenance:\n  goals: {consent: withdrawn}\n")
    done = personae("persona", "convert", str(tmp_path / "a.yaml"), str(tmp_path / "a.png"))
    assert "goals: withheld (consent: withdrawn)" in done.out
    assert b"SECRET" not in json.dumps(read_personas(tmp_path / "a.png")[0].persona.model_dump(mode="json")).encode()


def test_a_budget_is_kept_and_what_was_left_out_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("name: Ada\ndescription: An engineer.\nknowledge: ['" + "radio " * 60 + "']\n")
    done = personae("persona", "render", str(tmp_path / "a.yaml"), "-r", "second-person", "--budget", "30", "--json")
    (prompt,) = json.loads(done.out)["data"]["prompts"]
    assert prompt["tokens"] <= 30
    assert prompt["left_out"] == ["knowledge"]


def test_schema_and_formats_are_printed() -> None:
    assert json.loads(personae("persona", "schema").out)["$schema"].startswith("https://json-schema.org")
    keys = [one["key"] for one in json.loads(personae("persona", "formats", "--json").out)["data"]["formats"]]
    assert {"personae", "card-png", "tinytroupe", "parquet"} <= set(keys)


def test_standard_input_and_output() -> None:
    text = b"Who;Years\nZo\xe9;36\n"
    columns = ("--column", "Who=name", "--column", "Years=age", "--encoding", "cp1252")
    done = personae("persona", "convert", "-", "-", "--to", "card-v2", *columns, given=text)
    assert done.code == 0
    assert json.loads(done.out)["data"]["name"] == "Zoé"
    assert personae("persona", "lint", "-", "--json", given=done.out.encode()).code == 0
    assert "Zoé" in personae("persona", "render", "-", "-r", "second-person", given=done.out.encode()).out
    own = personae("persona", "convert", "-", "-", "--to", "personae", *columns, given=text).out
    assert own.startswith("format: personae.persona/1")
    assert personae("persona", "validate", "-", given=own.encode()).code == 0
    for wrong in (("-",), ("-", "--to", "card-v2", "--json"), ("-", "--to", "genagents")):
        assert personae("persona", "convert", "-", *wrong, *columns, given=text).code == 3
    nothing = personae("persona", "show", "-", given=b"")
    assert (nothing.code, nothing.out) == (3, "")
    assert "standard input: holds no persona" in nothing.err


def test_columns_are_mapped_whatever_they_are_called(tmp_path: Path) -> None:
    table = tmp_path / "people.csv"
    table.write_text("case,Years\n7,36\n")
    refused = personae("persona", "convert", str(table), str(tmp_path / "a.yaml"))
    assert refused.code == 3
    assert "--column" in refused.err
    assert not (tmp_path / "a.yaml").exists()
    done = personae("persona", "convert", str(table), str(tmp_path / "a.yaml"), "--column", "Years=age")
    assert done.code == 0
    assert load_persona(tmp_path / "a.yaml").demographics.age == 36


def test_nothing_is_written_under_a_wrong_name_or_over_something_else(tmp_path: Path) -> None:
    ada, bo, out = tmp_path / "ada.yaml", tmp_path / "bo.yaml", tmp_path / "both.yaml"
    ada.write_text("name: Ada\ngoals: [rest]\n")
    bo.write_text("name: Ada\nbeliefs: [Ropes remember.]\n")
    for command in (("new", str(tmp_path / "a.png")), ("merge", str(ada), str(bo), "-o", str(tmp_path / "a.png"))):
        refused = personae("persona", *command)
        assert (refused.code, (tmp_path / "a.png").exists()) == (3, False)
        assert "convert writes other formats" in refused.err
    out.write_text("name: Cy\n")
    assert personae("persona", "merge", str(ada), str(bo), "-o", str(out)).code == 0
    versions = personae("persona", "history", str(out), "--json").data["versions"]
    assert [(one["persona"]["name"], one["note"].split()[0]) for one in versions] == [
        ("Cy", "found"),
        ("Ada", "merged"),
    ]
    out.write_text("[1, 2]")
    assert personae("persona", "merge", str(ada), str(bo), "-o", str(out)).code == 6
    assert out.read_text() == "[1, 2]"
    missing = personae("persona", "history", str(tmp_path / "nobody.yaml"))
    assert (missing.code, "is not there" in missing.err) == (3, True)


def test_several_people_do_not_go_into_a_picture(tmp_path: Path) -> None:
    refused = personae("persona", "convert", str(GOLDEN / "people.csv"), str(tmp_path / "a.png"))
    assert (refused.code, list(tmp_path.iterdir())) == (3, [])
    assert "name a folder, and say --to card-png" in refused.err
    done = personae("persona", "convert", str(GOLDEN / "people.csv"), str(tmp_path / "cards"), "--to", "card-png")
    assert (done.code, len(list((tmp_path / "cards").iterdir()))) == (0, 2)


def test_fields_that_are_not_understood_are_told_by_every_command(tmp_path: Path) -> None:
    path = tmp_path / "ada.yaml"
    path.write_text("name: Ada\nage: 36\n")
    edited = personae("persona", "edit", str(path), "-s", "style=dry")
    assert "the field 'age' is not known" in edited.err
    path.write_text("name: Ada\nage: 36\n")
    merged = personae("persona", "merge", str(path), str(path), "-o", str(tmp_path / "both.yaml"))
    assert "the field 'age' is not known" in merged.err


def test_people_of_whom_nothing_may_be_passed_on_are_left_out(tmp_path: Path) -> None:
    closed = {"name": "Bo", "goals": ["rest"], "provenance": {"*": {"consent": "withdrawn"}}}
    (tmp_path / "all.json").write_text(json.dumps([closed, {"name": "Ada", "goals": ["sail"]}]))
    done = personae(
        "persona", "convert", str(tmp_path / "all.json"), str(tmp_path / "a.json"), "--to", "edsl", "--json"
    )
    assert done.code == 0
    assert [one["name"] for one in json.loads((tmp_path / "a.json").read_text())["agent_list"]] == ["Ada"]
    told = done.envelope["data"]["report"]["losses"]
    assert [one["note"] for one in told if one["path"] == "/"] == ["nothing of this person may be passed on"]
    (tmp_path / "one.json").write_text(json.dumps(closed))
    done = personae("persona", "convert", str(tmp_path / "one.json"), str(tmp_path / "b.json"), "--to", "edsl")
    assert done.code == 3
    assert "holds nothing that may be passed on" in done.err
    assert not (tmp_path / "b.json").exists()
