"""``personae population write`` and ``expand``: from files, on sim and on a real server, with counts."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from personae.persona import read_personas
from support.command_line import personae

PEOPLE = "description,demographics.age,name\nA nurse who keeps bees.,41,Ada\nA judge who likes maps.,63,Ben\n"


@pytest.fixture
def people(tmp_path: Path) -> Path:
    path = tmp_path / "people.csv"
    path.write_text(PEOPLE, encoding="utf-8")
    return path


def test_people_are_written_around_their_facts(people: Path, tmp_path: Path) -> None:
    to = tmp_path / "written.jsonl"
    said = personae(
        "population", "write", str(people), "--to", str(to), "--about", "a test", "--field", "goals", "--each", "2",
        "--model", "sim", "--json",
    )  # fmt: skip
    assert said.code == 0
    assert said.data["asked"] == 4
    assert sum(said.data["counts"].values()) == 4
    assert any("SIMULATED" in warning for warning in said.envelope["warnings"])
    made = [one.persona for one in read_personas(to)]
    assert len(made) == said.data["written"] > 0
    for one in made:
        assert (one.name, one.demographics.age) in {("Ada", 41), ("Ben", 63)}
        assert one.goals
        assert one.provenance_of("goals").origin == "written"


def test_relatives_carry_their_lineage(people: Path, tmp_path: Path) -> None:
    to = tmp_path / "grown.jsonl"
    said = personae(
        "population", "expand", str(people), "--to", str(to), "--hops", "2", "--relation", "a colleague", "--json",
        "--model", "sim",
    )  # fmt: skip
    assert said.data["asked"] == 4
    hops = [json.loads(line)["extensions"]["lineage"]["hop"] for line in to.read_text("utf-8").splitlines()]
    assert hops == [1, 1, 2, 2]


def test_a_table_of_them_can_be_asked(people: Path, tmp_path: Path) -> None:
    to = tmp_path / "grown.parquet"
    assert personae("population", "expand", str(people), "--to", str(to), "--hops", "1", "--model", "sim").code == 0
    assert personae("population", "query", str(to), "SELECT count(*) AS n FROM people", "--json").data["rows"] == [[2]]


def test_nobody_came_of_it_is_told_and_nothing_is_written(people: Path, tmp_path: Path) -> None:
    to, prompt = tmp_path / "none.jsonl", tmp_path / "prompt.txt"
    prompt.write_text("Say hello.", encoding="utf-8")
    said = personae(
        "population", "write", str(people), "--to", str(to), "--about", "x", "--prompt", str(prompt), "--json",
        "--model", "http://127.0.0.1:9/v1#nobody", "-M", "max_retries=0", "--no-cache",
    )  # fmt: skip
    assert said.code != 0
    assert not to.exists()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["write", "--about", "x", "--to", "a.txt"], "no such table"),
        (["write", "--about", "x", "--to", "a.jsonl", "--field", "shoe"], "shoe"),
        (["write", "--about", "x", "--to", "a.jsonl", "--prompt", "missing.txt"], "cannot be read"),
        (["write", "--about", "x", "--to", "a.jsonl", "--field", "name"], "bound and wanted"),
    ],
)
def test_bad_input_says_what_and_where(people: Path, words: list[str], message: str) -> None:
    said = personae("population", words[0], str(people), *words[1:], "--model", "sim", "--json")
    assert said.code != 0
    error = said.error
    assert message in f"{error['message']} {error.get('where')}"


def test_people_without_a_description_have_no_relatives(tmp_path: Path) -> None:
    path = tmp_path / "mute.csv"
    path.write_text("demographics.age\n41\n", encoding="utf-8")
    said = personae("population", "expand", str(path), "--to", "a.jsonl", "--model", "sim", "--json")
    assert "1 of 1 people have no description" in said.error["message"]
