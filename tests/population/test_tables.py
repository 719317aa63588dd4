"""Tables of people: what is there in place of a table is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from personae.population.microdata import read_table
from support.refusals import assert_refused

POINTER = "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n"


@pytest.mark.parametrize("ending", ["csv", "parquet", "jsonl"])
def test_a_file_that_was_not_fetched_is_no_table(tmp_path: Path, ending: str) -> None:
    assert_refused(read_table, tmp_path / f"people.{ending}", POINTER, "git-LFS pointer")


def test_a_table_of_one_column_is_one(tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_text("version\n1\n", encoding="utf-8")
    assert read_table(path).columns == ["version"]


@pytest.mark.parametrize(("name", "told"), [("people.txt", "is no table"), ("people.parquet", "cannot be read")])
def test_something_else_is_refused(tmp_path: Path, name: str, told: str) -> None:
    assert_refused(read_table, tmp_path / name, "text", told)
