"""What the machine does to a run: clocks that jump, full disks, read-only folders, damaged files, two processes.

Every trouble must end in one sentence that names the file and the remedy, and what was finished must stay finished.
"""

from __future__ import annotations

import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from personae.errors import ConflictError, InputError, StorageError
from personae.model import Cached, ProviderError, Request, ResponseCache
from personae.study import Ledger, Shard, merge_runs, run_study
from support.chat_server import ChatServer
from support.deadline import within
from support.proof_runs import undisturbed
from support.studies import TESTS, SmallStudy, WatchedModel, read_ledger, served_answer, start_run

# Clocks


@pytest.mark.parametrize("jumps", ["back and forth", "standing still", "year 1970", "backwards all the time"])
def test_a_clock_that_jumps_confuses_no_continuation(
    jumps: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    draw, ticks = random.Random(3), iter(range(10**6))
    clocks: dict[str, Callable[[], float]] = {
        "back and forth": lambda: 1_700_000_000 + draw.uniform(-1e9, 1e9),
        "standing still": lambda: 1_700_000_000.0,
        "year 1970": lambda: 0.0,
        "backwards all the time": lambda: 1_700_000_000.0 - 3600 * next(ticks),
    }
    monkeypatch.setattr(time, "time", clocks[jumps])
    study, model = SmallStudy(persons=9), WatchedModel()
    for limit in (2, 5, None):
        outcome = run_study(study, {"subject": model}, folder=tmp_path / "run", limit=limit)
    assert outcome.is_complete
    assert len(model.requests) == len(set(model.asked)) == 18
    assert outcome.table.equals(undisturbed(9))


def test_parts_made_under_a_clock_that_stands_still_are_merged_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(time, "time", lambda: 1_700_000_000.0)
    parts = [tmp_path / name for name in ("a", "b")]
    for number, part in enumerate(parts, start=1):
        run_study(SmallStudy(persons=9), {"subject": WatchedModel()}, folder=part, shard=Shard(number, 2))
    for _ in range(2):
        assert merge_runs(tmp_path / "whole", parts) == 9
        assert len(read_ledger(tmp_path / "whole").calls) == 18


def test_a_failure_in_a_part_does_not_undo_a_success_in_the_whole(tmp_path: Path) -> None:
    """The last observation counts, and a part may be merged after the whole went on."""

    def refuse(request: Request) -> None:
        raise ProviderError("overloaded", "no")

    study = SmallStudy(persons=3)
    run_study(study, {"subject": WatchedModel(before=refuse)}, folder=tmp_path / "part", shard=Shard(1, 1))
    run_study(study, {"subject": WatchedModel()}, folder=tmp_path / "whole")
    merge_runs(tmp_path / "whole", [tmp_path / "part"])
    ledger = Ledger(tmp_path / "whole" / "ledger.sqlite")
    assert ledger.count_statuses() == {"ok": 3}
    ledger.close()


# Full disks


@contextmanager
def small_disk(place: Path, size: str) -> Iterator[Path]:
    """A file system of its own, of this size."""
    place.mkdir()
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(place)], capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        pytest.skip(f"a file system cannot be mounted here: {done.stderr.strip()}")
    try:
        yield place
    finally:
        subprocess.run(["umount", str(place)], check=True)


@pytest.mark.skipif(shutil.which("mount") is None, reason="needs mount")
def test_a_full_disk_ends_the_run_and_with_more_room_it_goes_on(tmp_path: Path) -> None:
    study, model = SmallStudy(persons=2000), WatchedModel()
    with small_disk(tmp_path / "disk", "1m") as disk, within(120):
        folder = disk / "run"
        with pytest.raises(StorageError, match="check free space") as caught:
            run_study(study, {"subject": model}, folder=folder)
        assert "ledger.sqlite" in str(caught.value)
        subprocess.run(["mount", "-o", "remount,size=64m", str(disk)], check=True)
        kept = read_ledger(folder)
        assert 100 < len(kept.calls) < 4000
        again = WatchedModel()
        outcome = run_study(study, {"subject": again}, folder=folder)
        table = outcome.table
    assert outcome.is_complete
    assert not set(again.asked) & set(kept.calls)
    assert len(again.asked) == 4000 - len(kept.calls)
    assert table.equals(undisturbed(2000))


def in_a_process(code: str, *words: str, bind: bool = False, largest: int | None = None) -> list[str]:
    """Run the code in a process of its own; what it prints, a line each.

    Args:
        code: The code.
        *words: Its arguments.
        bind: Whether permissions bind it, even if the tests are run by root.
        largest: Bytes that a file of it may have.
    """
    command = [sys.executable, "-c", code, *words]
    if bind and os.geteuid() == 0:
        if shutil.which("setpriv") is None:
            pytest.skip("root may write anywhere, and setpriv is not there to bind it")
        command = ["setpriv", "--bounding-set=-all", "--inh-caps=-all", *command]

    def limit() -> None:
        if largest is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (largest, largest))

    path = os.pathsep.join([str(TESTS), os.environ.get("PYTHONPATH", "")])
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        preexec_fn=limit,
        env={**os.environ, "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"},
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


TRY = """
import sys
from pathlib import Path
from personae.errors import PersonaeError
from personae.study import run_study
from support.studies import SmallStudy, WatchedModel
model = WatchedModel()
try:
    run_study(SmallStudy(persons=int(sys.argv[2])), {"subject": model}, folder=Path(sys.argv[1]))
    print("ok")
except PersonaeError as error:
    print(type(error).__name__, error)
print(len(model.requests))
"""


def test_a_bound_on_the_size_of_files_is_like_a_full_disk(tmp_path: Path) -> None:
    said, _ = in_a_process(TRY, str(tmp_path / "run"), "2000", largest=600_000)
    assert said.startswith("StorageError")
    assert "check free space" in said
    kept = read_ledger(tmp_path / "run")
    assert kept.calls
    said, asked = in_a_process(TRY, str(tmp_path / "run"), "2000")
    assert (said, int(asked)) == ("ok", 4000 - len(kept.calls))


def test_a_cache_on_a_full_disk_loses_no_reply_and_says_how_to_go_on_without_it(tmp_path: Path) -> None:
    study, model = SmallStudy(persons=2000), WatchedModel()
    with small_disk(tmp_path / "disk", "200k") as disk, within(120):
        cache = ResponseCache(disk / "cache")
        with pytest.raises(StorageError, match="--no-cache") as caught:
            run_study(study, {"subject": Cached(model, cache, "watched")}, folder=tmp_path / "run")
        cache.close()
    assert "replies.sqlite" in str(caught.value)
    # Whoever was still waiting when the run ended gets the rest; none of what was answered was paid for in vain.
    assert model.answered - len(read_ledger(tmp_path / "run").calls) <= 32
    kept = read_ledger(tmp_path / "run").calls
    without, other = WatchedModel(), ResponseCache(tmp_path / "elsewhere")
    outcome = run_study(study, {"subject": Cached(without, other, "watched")}, folder=tmp_path / "run")
    other.close()
    assert outcome.is_complete
    assert not set(without.asked) & set(kept)
    assert len(without.asked) == 4000 - len(kept)


# Read-only folders


@contextmanager
def read_only(folder: Path) -> Iterator[None]:
    folder.chmod(0o555)
    try:
        yield
    finally:
        folder.chmod(0o755)


def test_a_new_run_in_a_read_only_folder_is_refused_before_anything_is_asked(tmp_path: Path) -> None:
    place = tmp_path / "place"
    place.mkdir()
    with read_only(place):
        said, asked = in_a_process(TRY, str(place / "run"), "3", bind=True)
    assert said.startswith("InputError")
    assert "choose another --folder" in said
    assert asked == "0"


def test_a_run_whose_folder_became_read_only_is_refused_and_goes_on_later(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    run_study(SmallStudy(persons=5), {"subject": WatchedModel()}, folder=folder, limit=2)
    with read_only(folder):
        said, asked = in_a_process(TRY, str(folder), "5", bind=True)
    assert said.split()[0] in ("InputError", "StorageError")
    assert str(folder) in said
    assert asked == "0"
    said, asked = in_a_process(TRY, str(folder), "5", bind=True)
    assert (said, asked) == ("ok", "6")


# Two processes, and no folder


def test_a_second_process_is_refused_and_takes_over_when_the_first_is_killed(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    with ChatServer(served_answer, delay=0.02) as server, within(120):
        with start_run(server.url, folder, persons=200, workers=2) as first:
            while server.completed < 10:
                assert first.poll() is None
                time.sleep(0.01)
            model = WatchedModel()
            with pytest.raises(ConflictError, match="another process") as caught:
                run_study(SmallStudy(persons=200), {"subject": model}, folder=folder)
            assert "choose another --folder" in caught.value.remedy
            assert model.requests == []
            assert first.poll() is None  # and the first one does not mind
            first.send_signal(signal.SIGKILL)
            first.wait(30)
        kept = read_ledger(folder)
        before = len(server.requests)
        server._delay = 0.0
        with start_run(server.url, folder, persons=200, workers=8) as second:
            assert second.wait(60) == 0
        asked = {body["messages"][-1]["content"] for body in server.requests[before:]}
    assert not asked & set(kept.calls)
    assert len(read_ledger(folder).calls) == 400


@pytest.mark.parametrize("again", [False, True])
def test_deleting_the_folder_in_the_middle_ends_the_run_at_once(again: bool, tmp_path: Path) -> None:
    """SQLite would go on writing to files that nobody will find again, and every further call would be paid in vain."""
    folder = tmp_path / "run"

    def delete(request: Request) -> None:
        if len(model.requests) >= 20 and not deleted:
            deleted.append(request)
            shutil.rmtree(folder)
            if again:
                folder.mkdir()
                (folder / "ledger.sqlite").touch()

    deleted: list[Request] = []
    model = WatchedModel(before=delete)
    with within(60), pytest.raises(StorageError, match="deleted or replaced") as caught:
        run_study(SmallStudy(persons=500), {"subject": model}, folder=folder, workers=4)
    assert str(folder) in str(caught.value)
    assert len(model.requests) < 40


def test_a_folder_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "run").write_text("x")
    with pytest.raises(InputError, match="choose another"):
        run_study(SmallStudy(), {"subject": WatchedModel()}, folder=tmp_path / "run")


def test_leftovers_and_foreign_files_in_the_folder_change_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    run_study(SmallStudy(persons=5), {"subject": WatchedModel()}, folder=folder, limit=2)
    (folder / "run.json.partial").write_bytes(b"{")
    (folder / "notes.txt").write_text("mine")
    outcome = run_study(SmallStudy(persons=5), {"subject": WatchedModel()}, folder=folder)
    assert outcome.table.equals(undisturbed(5))
    assert (folder / "notes.txt").read_text() == "mine"
