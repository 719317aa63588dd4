"""A run on a real Ray of two workers on this machine: the findings of one process, whatever happens to a task."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from personae.errors import ConflictError, InputError, MissingExtraError, StorageError
from personae.study import Budget, Shard, read_record, run_study
from personae.study.ledger import Ledger
from personae.study.on_ray import PartOutcome, observed, run_on_ray
from personae.study.table import read_table
from support.studies import SmallStudy, WatchedModel

needs_ray = pytest.mark.skipif(
    importlib.util.find_spec("ray") is None, reason='ray is not installed: pip install "personae[ray]"'
)


def observe(persons: int, shard: Shard, folder: Path) -> PartOutcome:
    def run() -> PartOutcome:
        study = SmallStudy(persons=persons)
        outcome = run_study(study, {"subject": WatchedModel()}, folder=folder, shard=shard, seed=3)
        return PartOutcome(outcome.tally, outcome.is_complete, outcome.stopped)

    return observed(run)


def observe_and_die_once(persons: int, shard: Shard, folder: Path) -> PartOutcome:
    mark = folder.with_suffix(".died")
    if shard.number == 1 and not mark.exists():
        run_study(SmallStudy(persons=persons), {"subject": WatchedModel()}, folder=folder, shard=shard, seed=3, limit=2)
        mark.touch()
        os._exit(1)
    return observe(persons, shard, folder)


def refuse(shard: Shard, folder: Path) -> PartOutcome:
    def run() -> PartOutcome:
        raise StorageError("the disk is full", where="here", remedy="make room")

    return observe(6, shard, folder) if shard.number == 1 else observed(run)


@pytest.fixture(scope="module")
def cluster() -> Iterator[None]:
    """One local Ray for all tests of the module: starting it takes seconds."""
    import ray

    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    paths = os.pathsep.join([str(Path(__file__).parents[1]), os.environ.get("PYTHONPATH", "")])
    ray.init(
        num_cpus=2,
        include_dashboard=False,
        object_store_memory=80 * 2**20,
        configure_logging=False,
        log_to_driver=False,
        runtime_env={"env_vars": {"PYTHONPATH": paths}},
    )
    yield
    ray.shutdown()


def table_of(folder: Path) -> Any:
    ledger = Ledger(folder / "ledger.sqlite")
    try:
        return read_table(ledger, "watched"), ledger.count_calls()["calls"]
    finally:
        ledger.close()


@needs_ray
@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")  # those of Ray's own start
@pytest.mark.parametrize("way", [observe, observe_and_die_once])
def test_a_run_on_two_workers_has_the_table_of_one_process(cluster: None, tmp_path: Path, way: Any) -> None:
    told: list[int] = []
    tally = run_on_ray(partial(way, 12), tmp_path / "run", 2, told=told.append)
    alone = run_study(SmallStudy(persons=12), {"subject": WatchedModel()}, seed=3)
    table, calls = table_of(tmp_path / "run")
    assert table.drop("model").equals(alone.table.drop("model"))
    assert calls == 24
    assert told == [1, 2]
    assert tally.total == tally.done == 12
    assert read_record(tmp_path / "run")["shard"] == ""
    again = run_on_ray(partial(observe, 12), tmp_path / "run", 2)
    assert again.calls == 0
    assert again.resumed == 12
    with pytest.raises(ConflictError, match="in 2 parts, not 3"):
        run_on_ray(partial(observe, 12), tmp_path / "run", 3)


@needs_ray
@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_an_error_of_a_part_is_told_and_what_the_others_did_is_kept(cluster: None, tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="here: the disk is full; make room"):
        run_on_ray(refuse, tmp_path / "run", 2)
    table, _ = table_of(tmp_path / "run")
    assert 0 < table.height < 6


@needs_ray
@pytest.mark.slow
def test_the_findings_of_a_paper_are_those_of_one_process(tmp_path: Path) -> None:
    small = ["-P", "personas_per_type=1", "-P", "judged_per_type=1", "--json", "--no-progress"]
    found = []
    for name, more in (("ray", ["--on", "ray", "--parts", "2"]), ("alone", [])):
        command = ["-m", "personae.cli", "paper", "run", "personallm", "--model", "sim", *small]
        done = subprocess.run(
            [sys.executable, "-c", "from personae.cli import main; main()", *command[2:], "--folder", name, *more],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        found.append(json.loads(done.stdout)["data"]["findings"])
    assert found[0] == found[1]
    assert len(found[0]) > 100


def test_without_ray_it_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(MissingExtraError, match=r"personae\[ray\]"):
        run_on_ray(partial(observe, 4), tmp_path, 2)


@needs_ray
def test_less_than_one_part_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="0 parts"):
        run_on_ray(partial(observe, 4), tmp_path, 0)


def test_shares_of_a_budget_stay_below_the_whole() -> None:
    share = Budget(1.0, 100).share(3)
    assert share.cost is not None
    assert share.tokens is not None
    assert share.cost * 3 <= 1.0 + 1e-12
    assert share.tokens * 3 <= 100
    assert Budget(None, 5).share(2) == Budget(None, 2)
