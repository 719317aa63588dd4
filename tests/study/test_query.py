"""SQL over a run: it sees the run and nothing else, changes nothing, and says what is wrong with a question."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import orjson
import pytest

from personae.errors import InputError, MissingExtraError
from personae.study import query_run, run_study
from support.studies import SmallStudy, WatchedModel

pytest.importorskip("duckdb", reason='duckdb is not installed: pip install "personae[data]"')
pytest.importorskip("pyarrow", reason='pyarrow is not installed: pip install "personae[data]"')


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("query") / "run"
    run_study(SmallStudy(persons=3), {"subject": WatchedModel()}, folder=path)
    return path


def ask(folder: Path, sql: str) -> list[tuple[Any, ...]]:
    with query_run(folder, sql) as answer:
        return list(answer.rows)


def test_both_tables_can_be_asked(folder: Path) -> None:
    assert ask(folder, "SELECT count(*) FROM observations") == [(3,)]
    assert ask(folder, "SELECT person, len(answers) FROM observations ORDER BY person") == [(0, 2), (1, 2), (2, 2)]
    both = "SELECT person, sum(output_tokens) FROM calls JOIN observations USING (cell) GROUP BY 1 ORDER BY 1"
    assert ask(folder, both) == [(0, 10), (1, 10), (2, 10)]
    asked = """SELECT request ->> '$.messages[0].content' FROM "CALLS" ORDER BY 1 LIMIT 1"""
    assert ask(folder, asked) == [("Question 0 to person 0",)]


def test_columns_have_names_and_types(folder: Path) -> None:
    with query_run(folder, "SELECT person, status, answers, 1 AS person FROM observations") as answer:
        assert answer.columns == ("person", "status", "answers", "person")
        assert answer.types == ("BIGINT", "VARCHAR", "VARCHAR[]", "INTEGER")


@pytest.mark.parametrize("sql", ["SHOW TABLES", "FROM duckdb_tables() SELECT table_name ORDER BY 1"])
def test_tables_can_be_listed(folder: Path, sql: str) -> None:
    assert sorted(ask(folder, sql)) == [("calls",), ("observations",)]


def test_columns_can_be_described(folder: Path) -> None:
    assert "answers" in [row[0] for row in ask(folder, "DESCRIBE observations")]


SECRET = "no query may read this"

REACHING = [
    "SELECT * FROM read_csv('{file}')",
    "SELECT * FROM '{file}'",
    "SELECT * FROM read_text('{file}')",
    "SELECT * FROM glob('{folder}/*')",
    "SELECT * FROM sniff_csv('{file}')",
    "SELECT * FROM query('SELECT * FROM read_text(''{file}'')')",
    "SELECT * FROM sqlite_scan('{ledger}', 'calls')",
    "SELECT getenv('SECRET')",
    "SELECT * FROM SECRET",
    "SELECT * FROM ledger",
    "SELECT * FROM incoming",
    "SELECT * FROM 'https://example.org/x.parquet'",
]


@pytest.mark.parametrize("sql", REACHING)
def test_a_query_reaches_no_file_no_variable_and_no_network(folder: Path, tmp_path: Path, sql: str) -> None:
    file = tmp_path / "secret.csv"
    file.write_text(SECRET)
    with pytest.raises(InputError) as caught:
        ask(folder, sql.format(file=file, folder=tmp_path, ledger=folder / "ledger.sqlite"))
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 600


WRITING = [
    "DROP TABLE observations",
    "INSERT INTO observations (cell) VALUES ('x')",
    "CREATE TABLE t AS SELECT 1",
    "COPY observations TO '{target}'",
    "COPY (SELECT 1) TO '{target}'",
    "ATTACH '{target}'",
    "EXPORT DATABASE '{target}'",
    "SET enable_external_access = true",
    "SET VARIABLE x = 1",
    "INSTALL httpfs",
    "LOAD '{target}'",
    "EXPLAIN ANALYZE DROP TABLE observations",
    "PRAGMA enable_external_access = true",
    "CALL pragma_version()",
    "SELECT 1; SELECT 2",
    "SELECT 1; DROP TABLE observations",
    "",
    " ; ",
    "-- nothing",
]


@pytest.mark.parametrize("sql", WRITING)
def test_one_select_is_taken_and_nothing_else(folder: Path, tmp_path: Path, sql: str) -> None:
    before = sorted(folder.iterdir())
    with pytest.raises(InputError) as caught:
        ask(folder, sql.format(target=tmp_path / "target"))
    assert "SELECT" in caught.value.remedy
    assert list(tmp_path.iterdir()) == []
    assert sorted(folder.iterdir()) == before
    assert ask(folder, "SELECT count(*) FROM observations") == [(3,)]


@pytest.mark.parametrize(
    ("sql", "hint"),
    [
        ("SELEC 1", "SELEC"),
        ("SELECT nonesuch FROM observations", "nonesuch"),
        ("SELECT * FROM nonesuch", "nonesuch"),
        ("SELECT CAST(status AS INTEGER) FROM observations", "ok"),
        ("SELECT error('in the middle') FROM observations", "in the middle"),
        ("SELECT * FROM observations WHERE", "WHERE"),
    ],
)
def test_what_is_wrong_with_a_query_is_said_in_one_line(folder: Path, sql: str, hint: str) -> None:
    with pytest.raises(InputError) as caught:
        ask(folder, sql)
    assert hint in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("sql", "value"),
    [
        ("1.5", 1.5),
        ("1::HUGEINT << 80", str(1 << 80)),
        ("sum(1)", 1),
        ("-9223372036854775808", -(2**63)),
        ("18446744073709551615::UBIGINT", "18446744073709551615"),
        ("'nan'::DOUBLE", "nan"),
        ("'-inf'::DOUBLE", "-inf"),
        ("DATE '2020-01-31'", "2020-01-31"),
        ("TIMESTAMP '2020-01-31 12:00:00'", "2020-01-31 12:00:00"),
        ("to_timestamp(0)", "1970-01-01 00:00:00+00:00"),
        ("[1, NULL]", [1, None]),
        ("{'a': [1.5], 'b': 'x'}", {"a": [1.5], "b": "x"}),
        ("'\\x00\\xFF'::BLOB", "00ff"),
        ("NULL", None),
        ("true", True),
        ("'é'", "é"),
    ],
)
def test_every_value_has_a_form_in_json(folder: Path, sql: str, value: object) -> None:
    ((found,),) = ask(folder, f"SELECT {sql}")
    assert found == value
    assert type(found) is type(value)
    orjson.dumps(found)


def test_a_long_answer_is_read_piece_by_piece(folder: Path) -> None:
    with query_run(folder, "SELECT * FROM range(100000000)") as answer:  # as a whole it would take gigabytes
        assert [next(answer.rows) for _ in range(3)] == [(0,), (1,), (2,)]


def test_a_folder_that_holds_no_run_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError):
        ask(tmp_path, "SELECT 1")


@pytest.mark.parametrize("library", ["duckdb", "pyarrow"])
def test_without_the_extra_its_name_is_told(folder: Path, monkeypatch: pytest.MonkeyPatch, library: str) -> None:
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(MissingExtraError) as caught:
        ask(folder, "SELECT 1")
    assert caught.value.remedy == 'pip install "personae[data]"'
