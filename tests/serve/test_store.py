"""The studio's file: what an earlier version laid out is kept, what a later one laid out is left alone."""

from __future__ import annotations

from pathlib import Path

import apsw
import pytest

from personae.errors import InputError
from personae.serve.people import hall
from personae.serve.people.hall import Halls
from personae.serve.store import SCHEMA_VERSION, Store
from personae.serve.taking import links

FIRST = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);
INSERT INTO meta VALUES ('schema_version', '1');
CREATE TABLE links (
    token TEXT PRIMARY KEY, owner TEXT NOT NULL, kind TEXT NOT NULL, target TEXT NOT NULL, title TEXT NOT NULL,
    consent TEXT NOT NULL, most INTEGER, used INTEGER NOT NULL, created REAL NOT NULL
);
INSERT INTO links VALUES ('abc', 'ann', 'instrument', 'bfi_10', 'Ten items', 'I agree', NULL, 2, 1.0);
CREATE TABLE populations (
    id TEXT PRIMARY KEY, title TEXT NOT NULL, size INTEGER NOT NULL, created REAL NOT NULL, source TEXT NOT NULL,
    is_simulated INTEGER NOT NULL, columns TEXT NOT NULL, targets TEXT NOT NULL
);
INSERT INTO populations VALUES ('p1', 'Town', 1, 1.0, 'file', 0, '{}', '{}');
CREATE TABLE population_people (
    population TEXT NOT NULL REFERENCES populations ON DELETE CASCADE, number INTEGER NOT NULL,
    person TEXT NOT NULL, name TEXT NOT NULL, row TEXT NOT NULL, persona TEXT NOT NULL,
    PRIMARY KEY (population, number)
) WITHOUT ROWID;
INSERT INTO population_people VALUES ('p1', 0, 'x', 'Ada', '{}', '{}');
"""
SCHEMAS = (links.SCHEMA, hall.SCHEMA)


def laid_out(path: Path, sql: str) -> Path:
    connection = apsw.Connection(str(path))
    connection.execute(sql)
    connection.close()
    return path


def test_a_file_of_the_first_version_is_opened_with_all_that_is_in_it(tmp_path: Path) -> None:
    path = laid_out(tmp_path / "studio.sqlite", FIRST)
    for _ in range(2):  # again, what was brought up is opened as it is
        store = Store(path, SCHEMAS)
        assert store.read("SELECT token, used, ends FROM links") == [("abc", 2, None)]
        assert store.read("SELECT name, weight FROM population_people") == [("Ada", 1.0)]
        assert [(one.title, one.weighting) for one in Halls(store).all()] == [("Town", None)]
        assert store.read("SELECT value FROM meta") == [(str(SCHEMA_VERSION),)]
        store.close()


def test_a_file_that_was_only_begun_gets_its_tables(tmp_path: Path) -> None:
    path = laid_out(tmp_path / "studio.sqlite", "\n".join(FIRST.strip().splitlines()[:2]))
    store = Store(path, SCHEMAS)
    assert store.read("SELECT ends FROM links") == []
    store.close()


def test_a_file_of_a_later_version_is_left_alone(tmp_path: Path) -> None:
    later = FIRST.replace("'schema_version', '1'", f"'schema_version', '{SCHEMA_VERSION + 1}'")
    path = laid_out(tmp_path / "studio.sqlite", later)
    with pytest.raises(InputError, match="later version"):
        Store(path, SCHEMAS)
    connection = apsw.Connection(str(path))
    assert next(iter(connection.execute("SELECT * FROM links")))[-1] == 1.0
    connection.close()
