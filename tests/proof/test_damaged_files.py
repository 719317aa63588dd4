"""Damaged files: told in one sentence, or they do no harm; what was paid for is not asked again."""

from __future__ import annotations

import os
import random
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from personae.errors import PersonaeError, StorageError
from personae.model import Cached, Request, ResponseCache
from personae.study import run_study
from support.command_line import personae
from support.deadline import within
from support.proof_runs import LEAN, undisturbed
from support.studies import SmallStudy, WatchedModel, read_ledger


def flip(path: Path, start: int, length: int = 64) -> None:
    """Turn bytes of a file over."""
    content = bytearray(path.read_bytes())
    for place in range(start, min(start + length, len(content))):
        content[place] ^= 0xFF
    path.write_bytes(content)


def page_size(path: Path) -> int:
    return int.from_bytes(path.read_bytes()[16:18], "big")


def finished_run(folder: Path, persons: int = 40) -> Path:
    run_study(SmallStudy(persons=persons + 1), {"subject": WatchedModel()}, folder=folder, limit=persons)
    return folder / "ledger.sqlite"


@pytest.mark.parametrize("what", ["header", "schema", *range(1, 12), "every page"])
def test_a_damaged_ledger_is_told_in_one_sentence_or_does_no_harm(what: str | int, tmp_path: Path) -> None:
    """Never a traceback; where nothing is told, the table is the right one."""
    path = finished_run(tmp_path / "run")
    size, pages = page_size(path), path.stat().st_size // page_size(path)
    if what == "every page":
        for page in range(1, pages):
            flip(path, page * size, 64)
    else:
        start = {"header": 0, "schema": 100}.get(str(what), int(what) * size if isinstance(what, int) else 0)
        flip(path, start)
    study, model = SmallStudy(persons=41), WatchedModel()
    try:
        with within(60):
            outcome = run_study(study, {"subject": model}, folder=tmp_path / "run")
    except StorageError as error:
        assert str(path) in str(error)
        assert "copy of it" in error.remedy
        assert "\n" not in str(error)
    else:
        assert what not in ("header", "schema", "every page")
        assert outcome.table.equals(undisturbed(41))


@pytest.mark.parametrize("seed", range(12))
def test_bytes_that_changed_anywhere_never_end_in_a_traceback(seed: int, tmp_path: Path) -> None:
    path = finished_run(tmp_path / "run")
    draw = random.Random(seed)
    content = bytearray(path.read_bytes())
    for _ in range(200):
        content[draw.randrange(100, len(content))] = draw.randrange(256)
    path.write_bytes(content)
    with within(60):
        try:
            run_study(SmallStudy(persons=41), {"subject": WatchedModel()}, folder=tmp_path / "run")
        except PersonaeError as error:
            assert str(path) in str(error) or "cell" in str(error)


def test_a_row_that_is_no_json_any_more_is_told_as_damage(tmp_path: Path) -> None:
    path = finished_run(tmp_path / "run")
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute('UPDATE observations SET "values" = \'{"answers": [\' WHERE id = 7')
    again = run_study(SmallStudy(persons=41), {"subject": WatchedModel()}, folder=tmp_path / "run")
    with pytest.raises(StorageError, match="damaged") as caught:
        _ = again.table
    assert str(path) in str(caught.value)


def test_a_command_tells_of_a_damaged_ledger_in_one_line_and_an_exit_code(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    words = ("paper", "run", "personallm", *LEAN, "--model", "sim", "--limit", "3", "--folder", str(folder))
    assert personae(*words, "--no-progress").code == 0
    flip(folder / "ledger.sqlite", 0, 100)
    for said in (personae(*words, "--no-progress"), personae("run", "show", str(folder))):
        assert said.code == 8
        assert len(said.err.strip().splitlines()) == 1
        assert "ledger.sqlite" in said.err
        assert "copy of it" in said.err


@pytest.mark.parametrize("left", [0.9, 0.5, 0.1])
def test_a_ledger_that_was_cut_off_is_told_or_the_run_is_finished_from_its_rest(left: float, tmp_path: Path) -> None:
    path = finished_run(tmp_path / "run")
    os.truncate(path, int(path.stat().st_size * left))
    try:
        outcome = run_study(SmallStudy(persons=41), {"subject": WatchedModel()}, folder=tmp_path / "run")
    except StorageError as error:
        assert str(path) in str(error)
        assert "copy of it" in error.remedy
    else:
        assert outcome.table.equals(undisturbed(41))


def test_an_emptied_ledger_of_a_run_with_results_is_not_taken_for_a_new_one(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    words = ("paper", "run", "personallm", *LEAN, "--model", "sim", "--limit", "3", "--folder", str(folder))
    assert personae(*words, "--no-progress").code == 0
    os.truncate(folder / "ledger.sqlite", 0)
    said = personae(*words, "--no-progress")
    assert said.code == 8
    assert "ledger.sqlite" in said.err


@pytest.mark.parametrize("left", [0.0, 0.3, 0.7, 0.99])
def test_a_log_that_was_cut_off_costs_its_last_calls_and_nothing_else(left: float, tmp_path: Path) -> None:
    """As after a power cut: what is not whole was never acknowledged to be."""
    folder, whole = tmp_path / "run", tmp_path / "whole"

    def copy(request: Request) -> None:
        if len(model.requests) == 50:
            shutil.copytree(whole, folder)

    model = WatchedModel(before=copy)
    run_study(SmallStudy(persons=40), {"subject": model}, folder=whole, workers=1)
    log = folder / "ledger.sqlite-wal"
    before = len(read_ledger(folder).calls)
    os.truncate(log, int(log.stat().st_size * left))
    (folder / "ledger.sqlite-shm").unlink(missing_ok=True)
    kept = read_ledger(folder)
    assert len(kept.calls) < before
    again = WatchedModel()
    outcome = run_study(SmallStudy(persons=40), {"subject": again}, folder=folder)
    assert outcome.table.equals(undisturbed(40))
    assert not set(again.asked) & set(kept.calls)


def filled_cache(folder: Path) -> Path:
    cache = ResponseCache(folder)
    run_study(SmallStudy(persons=30), {"subject": Cached(WatchedModel(), cache, "watched")})
    cache.close()
    return folder / "replies.sqlite"


@pytest.mark.parametrize("page", [0, 1, 2, 3, 5])
def test_a_damaged_cache_is_told_with_two_ways_out_and_both_lead_on(page: int, tmp_path: Path) -> None:
    path = filled_cache(tmp_path / "cache")
    flip(path, page * page_size(path), 200)
    study = SmallStudy(persons=30)
    try:
        cache = ResponseCache(tmp_path / "cache")
    except StorageError as error:
        told = error
    else:
        try:
            model = Cached(WatchedModel(), cache, "watched")
            assert run_study(study, {"subject": model}, folder=tmp_path / "run").table.equals(undisturbed(30))
            return  # the bytes that changed hold nothing
        except StorageError as error:
            told = error
        finally:
            cache.close()
    assert str(path) in str(told)
    assert "move it away" in told.remedy
    assert "--no-cache" in told.remedy
    without = run_study(study, {"subject": WatchedModel(name="watched")}, folder=tmp_path / "run2")
    assert without.is_complete
    for name in ("", "-wal", "-shm"):
        path.with_name(path.name + name).unlink(missing_ok=True)
    cache = ResponseCache(tmp_path / "cache")
    outcome = run_study(study, {"subject": Cached(WatchedModel(), cache, "watched")}, folder=tmp_path / "run3")
    cache.close()
    assert outcome.table.equals(undisturbed(30))


def test_a_cached_reply_that_is_no_json_any_more_is_told_as_damage(tmp_path: Path) -> None:
    path = filled_cache(tmp_path / "cache")
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE replies SET reply = substr(reply, 1, 20)")
    cache = ResponseCache(tmp_path / "cache")
    with pytest.raises(StorageError, match="--no-cache") as caught:
        run_study(SmallStudy(persons=30), {"subject": Cached(WatchedModel(), cache, "watched")})
    cache.close()
    assert str(path) in str(caught.value)
