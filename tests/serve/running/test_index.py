"""Any page of a large ledger is near: what counts, by status and by words, is known after one look."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from personae.serve.running import CellIndex, CellReader
from personae.serve.running.reading import CellPage

CELLS = 300_000
_TABLE = (
    "CREATE TABLE observations (id INTEGER PRIMARY KEY, cell TEXT, status TEXT, detail TEXT, factors TEXT,"
    ' "values" TEXT, transcript TEXT, finished REAL)'
)


def observe(folder: Path, *statuses: tuple[str, str]) -> None:
    """Append observations of cells with their statuses."""
    with sqlite3.connect(folder / "ledger.sqlite") as connection:
        connection.executemany(
            "INSERT INTO observations VALUES (NULL, ?, ?, 'the end', json_object('person', ?), '{}', '[]', 0.0)",
            [(cell, status, cell) for cell, status in statuses],
        )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    with sqlite3.connect(tmp_path / "ledger.sqlite") as connection:
        connection.execute(_TABLE)
    return tmp_path


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> CellReader:
    """Cells of which the seventh failed and was asked again at the end."""
    folder = tmp_path_factory.mktemp("large")
    with sqlite3.connect(folder / "ledger.sqlite") as connection:
        connection.execute(_TABLE)
        connection.execute(
            f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {CELLS})"
            " INSERT INTO observations SELECT i, printf('%064x', i), CASE WHEN i = 7 THEN 'failed' WHEN i % 1000 = 0"
            " THEN 'refused' ELSE 'ok' END, '', json_object('person', 'p' || i), '{}', '[]', 0.0 FROM n"
        )
        connection.execute(
            f"INSERT INTO observations SELECT {CELLS + 1}, cell, 'ok', '', factors, '{{}}', '[]', 0.0"
            " FROM observations WHERE id = 7"
        )
    return CellReader(folder, CellIndex())


def people(page: CellPage) -> list[str]:
    return [row["factors"]["person"] for row in page.items]


def whole(reader: CellReader, *, status: str = "", query: str = "", limit: int = 200, start: int = 0) -> CellPage:
    """The page once all was looked through; each answer on the way says how far that is."""
    before = 0
    while not (page := reader.page(status=status, query=query, limit=limit, start=start)).is_all:
        assert before < page.looked_at < page.of
        before = page.looked_at
    assert page.looked_at == page.of
    return page


def test_any_page_of_many_cells_is_near(large: CellReader, monkeypatch: pytest.MonkeyPatch) -> None:
    page = whole(large, limit=50)
    assert (page.total, page.following, people(page)[0]) == (CELLS, 50, "p1")
    assert "p7" not in people(page)
    assert page.statuses == {"ok": CELLS - CELLS // 1000, "refused": CELLS // 1000}
    assert people(whole(large, start=CELLS - 2)) == [f"p{CELLS}", "p7"]
    assert people(whole(large, start=CELLS // 2, limit=1)) == [f"p{CELLS // 2 + 2}"]
    with monkeypatch.context() as patch:  # what was looked through is not looked through again for a page
        patch.setattr("personae.serve.running.index._Known._take_in", None)
        for start in range(0, CELLS, 6_000):
            assert len(large.page(status="", query="", limit=200, start=start).items) == 200


def test_a_status_and_words_are_paged_alike(large: CellReader) -> None:
    refused = whole(large, status="refused", start=CELLS // 1000 - 1)
    assert (refused.total, people(refused), refused.following) == (CELLS // 1000, [f"p{CELLS}"], None)
    found = whole(large, query='"P250')
    assert found.total == 1 + 10 + 100 + 1000
    assert people(found)[:2] == ["p250", "p2500"]
    both = whole(large, query='"p250', status="refused", limit=1, start=1)
    assert (both.total, people(both)) == (1 + 1, ["p250000"])
    assert whole(large, query="nobody").items == []


def test_one_request_does_not_look_through_all(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("personae.serve.running.index._BLOCK", 10)
    monkeypatch.setattr("personae.serve.running.reading._LOOKING_SECONDS", 0.0)
    observe(folder, *((f"c{number}", "ok") for number in range(35)))
    reader = CellReader(folder, CellIndex())
    first = reader.page(status="", query="", limit=5, start=0)
    assert (people(first), first.is_all, first.looked_at, first.of) == ([f"c{n}" for n in range(5)], False, 10, 35)
    assert people(whole(reader, query="c3", limit=50)) == ["c3", *(f"c{n}" for n in range(30, 35))]


def test_what_comes_later_is_taken_in_and_a_new_ledger_is_read_anew(folder: Path) -> None:
    index = CellIndex()
    observe(folder, ("a", "failed"), ("b", "ok"))
    assert people(whole(CellReader(folder, index), query="end")) == ["a", "b"]
    observe(folder, ("a", "refused"), ("c", "ok"))
    reader = CellReader(folder, index)
    for query in ("", "end"):
        assert people(whole(reader, query=query)) == ["b", "a", "c"]
    assert whole(reader, status="failed").total == 0
    (folder / "ledger.sqlite").unlink()
    with sqlite3.connect(folder / "ledger.sqlite") as connection:
        connection.execute(_TABLE)
    observe(folder, ("z", "ok"))
    assert people(whole(CellReader(folder, index))) == ["z"]


@given(history=st.lists(st.tuples(st.sampled_from("abcde"), st.sampled_from(["ok", "failed", "refused"])), max_size=12))
def test_only_a_failure_gives_way_to_what_came_after_it(
    tmp_path_factory: pytest.TempPathFactory, history: list[tuple[str, str]]
) -> None:
    folder = tmp_path_factory.mktemp("ledger")
    with sqlite3.connect(folder / "ledger.sqlite") as connection:
        connection.execute(_TABLE)
    counting: list[tuple[str, str]] = []
    for cell, status in history:
        failed = (cell, "failed")
        if failed in counting:
            counting.remove(failed)
        counting.append((cell, status))
    observe(folder, *history)
    page = whole(CellReader(folder, CellIndex()))
    assert [(row["factors"]["person"], row["status"]) for row in page.items] == counting
