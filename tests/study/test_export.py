"""A run as Parquet: what is in the ledger, all of it, in pieces; the table is the one that findings are measured on."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from personae.errors import InputError, MissingExtraError, StorageError
from personae.model import Reply, Request, Usage
from personae.study import (
    Cell,
    Design,
    Lab,
    Ledger,
    Observation,
    RunFolder,
    export_run,
    make_record,
    read_table,
    run_study,
)
from personae.study import export as export_module
from support.studies import SmallStudy, WatchedModel
from support.values import texts

pq = pytest.importorskip("pyarrow.parquet", reason='pyarrow is not installed: pip install "personae[data]"')


def table_of(path: Path) -> pl.DataFrame:
    """The table that findings are measured on."""
    ledger = Ledger(path)
    try:
        return read_table(ledger, "watched")
    finally:
        ledger.close()


async def widely(cell: Cell, lab: Lab) -> Observation:
    """Columns of every kind, some of which show up late."""
    number = int(str(cell.factors["person"]))
    await lab.model().generate(Request.of(f"Question to person {number}"))
    values: dict[str, Any] = {"score": number if number % 2 else number + 0.5, "answers": [f"a{number}", None]}
    if number % 3 == 0:
        values |= {"marks": [number, 1.5], "is_late": number > 5}
    if number == 7:
        values |= {"seldom": 'é\n"', "none": None}
    return Observation("ok" if number % 5 else "refused", values, detail="said no" if number % 5 == 0 else "")


def run(folder: Path, persons: int = 11) -> Path:
    run_study(SmallStudy(persons=persons, how=widely), {"subject": WatchedModel()}, folder=folder, seed=3)
    return folder


def test_observations_are_the_table_of_the_run(tmp_path: Path) -> None:
    folder = run(tmp_path / "run")
    done = export_run(folder, tmp_path / "out")
    assert (done.calls, done.observations) == (11, 11)
    table = table_of(folder / "ledger.sqlite")
    assert pl.read_parquet(tmp_path / "out" / "observations.parquet").equals(table)
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["calls.parquet", "observations.parquet"]


@pytest.mark.parametrize("rows", [1, 2, 4, 11, 100])
def test_a_table_that_is_written_in_pieces_is_the_same_table(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rows: int
) -> None:
    folder = run(tmp_path / "run")
    monkeypatch.setattr(export_module, "_ROWS", rows)
    export_run(folder, tmp_path / "out")
    written = pl.read_parquet(tmp_path / "out" / "observations.parquet")
    assert written.equals(table_of(folder / "ledger.sqlite"))
    for name in ("calls", "observations"):
        assert pq.ParquetFile(tmp_path / "out" / f"{name}.parquet").num_row_groups == -(-11 // rows)


def test_calls_are_what_the_ledger_holds(tmp_path: Path) -> None:
    folder = run(tmp_path / "run", persons=3)
    export_run(folder, tmp_path / "out")
    calls = pl.read_parquet(tmp_path / "out" / "calls.parquet")
    ledger = Ledger(folder / "ledger.sqlite")
    (first,) = ledger.example_calls([calls["cell"][0]])
    totals = ledger.count_calls()
    ledger.close()
    assert first.reply is not None
    row = calls.row(0, named=True)
    assert (row["id"], row["role"], row["model"], row["text"]) == (1, "subject", "watched", first.reply.text)
    assert (row["finish"], row["is_cached"], row["error"], row["cost"]) == ("stop", False, "", None)
    assert row["request"] == first.request.spelling.decode()
    assert calls["input_tokens"].sum() == totals["input_tokens"] == 30
    assert calls["id"].to_list() == [1, 2, 3]


async def test_a_call_that_failed_has_a_row_without_a_reply(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path / "run")
    with folder:
        folder.claim(make_record(SmallStudy(), {"subject": WatchedModel()}, 0, {}))
    ledger = Ledger(folder.ledger_file)
    cell = next(iter(Design({"person": [0]})))
    await ledger.add_call(cell, "subject", "id", "m", Request.of("a"), None, error="overloaded: busy")
    cached = Reply("b", usage=Usage(1, 2), is_cached=True)
    await ledger.add_call(cell, "subject", "id", "m", Request.of("b"), cached, cost=0.0)
    ledger.close()
    done = export_run(folder.path, tmp_path / "out")
    assert (done.calls, done.observations) == (2, 0)
    calls = pl.read_parquet(tmp_path / "out" / "calls.parquet")
    assert calls["text"].to_list() == [None, "b"]
    assert calls["is_cached"].to_list() == [None, True]
    assert calls["error"].to_list() == ["overloaded: busy", ""]
    assert calls["cost"].to_list() == [None, 0.0]
    assert calls.schema["is_cached"] == pl.Boolean
    observations = pl.read_parquet(tmp_path / "out" / "observations.parquet")
    assert (observations.columns, observations.height) == (["cell", "status", "detail", "model"], 0)


def test_each_file_says_its_version_and_of_which_run_it_is(tmp_path: Path) -> None:
    folder = run(tmp_path / "run", persons=1)
    export_run(folder, tmp_path / "out")
    for name in ("calls", "observations"):
        metadata = pq.read_schema(tmp_path / "out" / f"{name}.parquet").metadata
        assert metadata[b"personae.schema_version"] == b"1"
        assert len(metadata[b"personae.fingerprint"]) == 64


def test_large_calls_make_small_row_groups(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = run(tmp_path / "run", persons=6)
    monkeypatch.setattr(export_module, "_LETTERS", 1)
    assert export_run(folder, tmp_path / "out").calls == 6
    assert pq.ParquetFile(tmp_path / "out" / "calls.parquet").num_row_groups == 6


Value = int | float | bool | str | None | list[str] | list[float]

values: st.SearchStrategy[Any] = st.none() | st.integers(-(2**40), 2**40) | st.floats(-1e6, 1e6) | texts
columns = st.dictionaries(st.sampled_from(["a", "b", "c"]), values, max_size=3)


@settings(max_examples=40, deadline=None)
@given(st.lists(columns, min_size=1, max_size=7))
def test_whatever_is_observed_is_exported_as_it_is_measured(
    tmp_path_factory: pytest.TempPathFactory, observed: list[dict[str, Any]]
) -> None:
    folder = tmp_path_factory.mktemp("x")

    async def observe(cell: Cell, lab: Lab) -> Observation:
        return Observation("ok", observed[int(str(cell.factors["person"]))])

    study = SmallStudy(persons=len(observed), how=observe)
    run_study(study, {"subject": WatchedModel()}, folder=folder / "run")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(export_module, "_ROWS", 2)
        export_run(folder / "run", folder / "out")
    written = pl.read_parquet(folder / "out" / "observations.parquet")
    table = table_of(folder / "run" / "ledger.sqlite")
    assert written.columns == table.columns or set(written.columns) == set(table.columns)
    assert written.select(table.columns).equals(table)


def test_a_cell_that_was_observed_again_has_its_last_word(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    tries: list[int] = []

    async def observe(cell: Cell, lab: Lab) -> Observation:
        tries.append(1)
        return Observation("failed" if len(tries) == 1 else "ok", {"tries": len(tries)})

    for _ in range(2):
        run_study(SmallStudy(persons=1, how=observe), {"subject": WatchedModel()}, folder=folder)
    export_run(folder, tmp_path / "out")
    written = pl.read_parquet(tmp_path / "out" / "observations.parquet")
    assert written.select("status", "tries").rows() == [("ok", 2)]


def test_a_row_may_name_its_own_model(tmp_path: Path) -> None:
    def cells(_: np.random.Generator) -> Iterable[Cell]:
        return Design({"model": ["m-1", "m-2"]})

    async def observe(cell: Cell, lab: Lab) -> Observation:
        return Observation("ok", {})

    run_study(SmallStudy(cells=cells, how=observe), {"subject": WatchedModel()}, folder=tmp_path / "run")
    export_run(tmp_path / "run", tmp_path / "out")
    assert set(pl.read_parquet(tmp_path / "out" / "observations.parquet")["model"]) == {"m-1", "m-2"}


def test_an_export_replaces_an_earlier_one(tmp_path: Path) -> None:
    folder = run(tmp_path / "run", persons=2)
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "calls.parquet").write_text("old")
    export_run(folder, tmp_path / "out")
    assert pl.read_parquet(tmp_path / "out" / "calls.parquet").height == 2


def test_without_the_extra_its_name_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = run(tmp_path / "run", persons=1)
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(MissingExtraError) as caught:
        export_run(folder, tmp_path / "out")
    assert caught.value.remedy == 'pip install "personae[data]"'
    assert not (tmp_path / "out").exists()


def test_what_cannot_be_exported_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError):
        export_run(tmp_path / "nothing", tmp_path / "out")
    folder = run(tmp_path / "run", persons=1)
    (tmp_path / "file").write_text("x")
    with pytest.raises(StorageError):
        export_run(folder, tmp_path / "file")
    (folder / "ledger.sqlite").unlink()
    with pytest.raises(InputError):
        export_run(folder, tmp_path / "out")
