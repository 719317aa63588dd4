"""A run as files and in SQL, as a user asks for it."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import polars as pl
import pytest

from personae.study import run_study
from support.command_line import personae
from support.studies import SmallStudy, WatchedModel

pytest.importorskip("duckdb", reason='duckdb is not installed: pip install "personae[data]"')
pytest.importorskip("pyarrow", reason='pyarrow is not installed: pip install "personae[data]"')


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("data") / "run"
    run_study(SmallStudy(persons=60), {"subject": WatchedModel()}, folder=path)
    return path


def test_a_run_is_exported_into_its_folder_or_another(folder: Path, tmp_path: Path) -> None:
    said = personae("run", "export", str(folder))
    assert said.code == 0
    assert "calls.parquet (120 rows)" in said.out
    assert pl.read_parquet(folder / "export" / "observations.parquet").height == 60
    data = personae("run", "export", str(folder), "--to", str(tmp_path / "to" / "there"), "--json").data
    assert data == {"folder": str(tmp_path / "to" / "there"), "calls": 120, "observations": 60}
    assert pl.read_parquet(tmp_path / "to" / "there" / "calls.parquet").height == 120


def test_an_answer_is_a_table_with_a_note_where_it_is_cut(folder: Path) -> None:
    sql = "SELECT person, status FROM observations ORDER BY person"
    said = personae("run", "query", str(folder), sql)
    assert said.code == 0
    lines = said.out.strip().splitlines()
    assert lines[0].split() == ["person", "status"]
    assert lines[1].split() == ["0", "ok"]
    assert len(lines) == 52
    assert "the first 50 rows" in lines[-1]
    assert len(personae("run", "query", str(folder), sql, "--rows", "0").out.strip().splitlines()) == 61
    exactly = personae("run", "query", str(folder), sql, "--rows", "60").out
    assert "..." not in exactly
    assert "no rows" in personae("run", "query", str(folder), "SELECT 1 WHERE false").out


def test_json_and_csv_have_all_rows(folder: Path) -> None:
    sql = "SELECT person, answers, NULL AS nothing, 'a,\"b' AS odd FROM observations ORDER BY person"
    data = personae("run", "query", str(folder), sql, "--json").data
    assert [column["name"] for column in data["columns"]] == ["person", "answers", "nothing", "odd"]
    assert data["columns"][0]["type"] == "BIGINT"
    assert len(data["rows"]) == 60
    assert data["rows"][7][0] == 7
    assert len(data["rows"][7][1]) == 2
    rows = list(csv.reader(io.StringIO(personae("run", "query", str(folder), sql, "--csv").out)))
    assert rows[0] == ["person", "answers", "nothing", "odd"]
    assert len(rows) == 61
    assert rows[8][0] == "7"
    assert rows[8][1].startswith('["answer ')
    assert rows[8][2:] == ["", 'a,"b']


def test_text_is_shown_as_it_is(folder: Path) -> None:
    said = personae("run", "query", str(folder), "SELECT '[bold]x[/bold]' AS \"[red]a\", repeat('z', 500) AS b")
    assert "[bold]x[/bold]" in said.out
    assert "z" * 100 + "..." in said.out
    assert "z" * 101 not in said.out


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (["query", "{run}", "SELEC 1"], "SELEC"),
        (["query", "{run}", "SELECT * FROM nonesuch"], "DESCRIBE observations"),
        (["query", "{run}", "DROP TABLE calls"], "one SELECT"),
        (["query", "{run}", "SELECT * FROM read_text('/etc/hostname')"], "disabled by configuration"),
        (["query", "{run}", "SELECT 1", "--csv", "--json"], "leave --csv"),
        (["query", "absent-folder", "SELECT 1"], "personae run list"),
        (["export", "absent-folder"], "personae run list"),
    ],
)
def test_each_mistake_has_one_line_and_a_remedy(folder: Path, words: list[str], hint: str) -> None:
    said = personae("run", *(word.format(run=folder) for word in words))
    assert said.code == 3
    lines = said.err.strip().splitlines()
    assert len(lines) == 1
    assert hint in lines[0]
