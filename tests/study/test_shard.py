"""Runs in parts: no overlap, nothing left out, and the whole is what one run would have been."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from personae.errors import ConflictError, InputError
from personae.study import Cell, Ledger, Shard, merge_runs, read_record, run_study
from support.studies import SmallStudy, WatchedModel, read_ledger


@given(st.integers(1, 12), st.lists(st.integers(-9999, 9999), unique=True, max_size=40))
def test_every_cell_falls_to_exactly_one_part(of: int, persons: list[int]) -> None:
    parts = [Shard(number, of) for number in range(1, of + 1)]
    for person in persons:
        assert sum(part.takes(Cell({"person": person})) for part in parts) == 1


def test_parts_are_of_nearly_the_same_size() -> None:
    cells = [Cell({"person": person}) for person in range(8000)]
    sizes = [sum(Shard(number, 4).takes(cell) for cell in cells) for number in (1, 2, 3, 4)]
    assert max(sizes) - min(sizes) < 250


@pytest.mark.parametrize("text", ["", "1", "0/3", "4/3", "1/0", "-1/3", "1/3/5", "a/b", "1.5/3"])
def test_what_is_no_part_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="1/4 to 4/4"):
        Shard.read(text)


def test_a_part_is_read_as_it_is_written() -> None:
    assert Shard.read(" 2/8 ") == Shard(2, 8)


@pytest.fixture
def parts(tmp_path: Path) -> list[Path]:
    """Three parts of one run, each in a folder of its own."""
    folders = [tmp_path / f"part {number}" for number in (1, 2, 3)]
    asked: list[str] = []
    for number, folder in enumerate(folders, start=1):
        model = WatchedModel()
        outcome = run_study(SmallStudy(persons=20), {"subject": model}, folder=folder, shard=Shard(number, 3))
        assert outcome.is_complete
        assert outcome.tally.done == outcome.table.height == len(read_ledger(folder).cells)
        asked += model.asked
    assert len(asked) == len(set(asked)) == 40
    return folders


def test_the_whole_is_what_one_run_would_have_been(parts: list[Path], tmp_path: Path) -> None:
    whole = tmp_path / "whole"
    assert merge_runs(whole, parts) == 20
    model = WatchedModel()
    merged = run_study(SmallStudy(persons=20), {"subject": model}, folder=whole)
    assert model.requests == []
    assert merged.is_complete
    assert merged.table.equals(run_study(SmallStudy(persons=20), {"subject": WatchedModel()}).table)
    ledgers = [Ledger(folder / "ledger.sqlite") for folder in (whole, *parts)]
    try:
        total, *each = [ledger.count_calls() for ledger in ledgers]
        assert total["calls"] == sum(one["calls"] for one in each) == 40
        assert total["input_tokens"] == sum(one["input_tokens"] for one in each)
    finally:
        for ledger in ledgers:
            ledger.close()


def test_merging_again_doubles_nothing_and_takes_what_is_new(parts: list[Path], tmp_path: Path) -> None:
    whole = tmp_path / "whole"
    first = merge_runs(whole, parts[:2])
    assert first < 20
    assert merge_runs(whole, parts) == merge_runs(whole, parts) == 20
    kept = read_ledger(whole)
    assert len(kept.cells) == len(set(kept.cells)) == 20
    assert len(kept.calls) == 40


def test_parts_keep_their_own_ledgers(parts: list[Path], tmp_path: Path) -> None:
    before = [read_ledger(part).cells for part in parts]
    merge_runs(tmp_path / "whole", parts)
    assert [read_ledger(part).cells for part in parts] == before


def test_a_failed_cell_of_one_part_is_asked_again_in_the_whole(tmp_path: Path) -> None:
    from personae.model import ProviderError, Request

    def refuse(_: Request) -> None:
        raise ProviderError("timeout", "no", model="watched")

    part, whole = tmp_path / "part", tmp_path / "whole"
    run_study(SmallStudy(persons=3), {"subject": WatchedModel(before=refuse)}, folder=part, shard=Shard(1, 1))
    merge_runs(whole, [part])
    again = run_study(SmallStudy(persons=3), {"subject": WatchedModel()}, folder=whole)
    assert set(again.table["status"]) == {"ok"}


def test_parts_of_different_runs_are_refused_and_nothing_is_written(parts: list[Path], tmp_path: Path) -> None:
    other = tmp_path / "other"
    run_study(SmallStudy(persons=20), {"subject": WatchedModel()}, folder=other, seed=1)
    with pytest.raises(ConflictError, match="another run"):
        merge_runs(tmp_path / "whole", [parts[0], other])
    assert not (tmp_path / "whole").exists()
    with pytest.raises(ConflictError, match="a different run"):
        merge_runs(other, parts)


def test_what_cannot_be_merged_says_why(parts: list[Path], tmp_path: Path) -> None:
    with pytest.raises(InputError, match="holds no run"):
        merge_runs(tmp_path / "whole", [tmp_path / "nowhere"])
    with pytest.raises(InputError, match="is the target"):
        merge_runs(parts[0], parts)
    with pytest.raises(InputError, match="no parts"):
        merge_runs(tmp_path / "whole", [])


def test_the_record_of_the_whole_is_that_of_no_part(parts: list[Path], tmp_path: Path) -> None:
    merge_runs(tmp_path / "whole", parts)
    record = read_record(tmp_path / "whole")
    assert record["fingerprint"] == read_record(parts[0])["fingerprint"]
    assert record["shard"] == ""
