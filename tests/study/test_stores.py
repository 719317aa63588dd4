"""Finding the ledger of a run, in its folder or in a database, and what is said where the means are missing."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from personae.errors import ConflictError, InputError, MissingExtraError
from personae.study import Ledger, LedgerUrl, RunFolder, SharedStore, has_ledger, merge_runs, open_ledger
from personae.study.stores import claim_ledger, ledger_url_of
from support.postgres_server import PASSWORD, Database

URL = "postgresql://ann@db.example/lab"


def record(**more: Any) -> dict[str, Any]:
    return {"study": "small", "parameters": {}, "models": {}, "seed": 0, **more}


def folder_with(path: Path, ledger: str = "") -> RunFolder:
    folder = RunFolder(path)
    path.mkdir(exist_ok=True)
    folder.write_record(record(ledger=ledger) if ledger else record())
    return folder


def test_a_folder_that_names_no_database_has_its_ledger_inside(tmp_path: Path) -> None:
    folder = folder_with(tmp_path)
    assert ledger_url_of(folder) is None
    assert not has_ledger(folder)
    ledger = claim_ledger(folder, record(), None)
    assert isinstance(ledger, Ledger)
    assert not isinstance(ledger, SharedStore)
    ledger.close()
    assert has_ledger(folder)
    assert folder.ledger_file.is_file()


def test_a_folder_that_names_one_leads_there(tmp_path: Path) -> None:
    folder = folder_with(tmp_path, URL)
    assert has_ledger(folder)
    found = ledger_url_of(folder)
    assert found is not None
    assert found.shown == URL
    given = ledger_url_of(folder, URL.replace("ann", "ann:secret"))
    assert given is not None
    assert (given.shown, given.secrets) == (URL, ["secret"])


def test_a_new_folder_takes_the_ledger_that_is_given(tmp_path: Path) -> None:
    assert ledger_url_of(RunFolder(tmp_path / "new")) is None
    found = ledger_url_of(RunFolder(tmp_path / "new"), URL)
    assert found == LedgerUrl.read(URL)


@pytest.mark.parametrize(("kept", "given"), [("", URL), (URL, f"{URL}?run=other"), (URL, URL.replace("lab", "other"))])
def test_a_run_does_not_change_its_ledger(kept: str, given: str, tmp_path: Path) -> None:
    with pytest.raises(ConflictError, match="leave --ledger out"):
        ledger_url_of(folder_with(tmp_path, kept), given)


@pytest.mark.parametrize("missing", ["sqlalchemy", "asyncpg"])
def test_without_the_extra_the_line_that_installs_it_is_told(
    missing: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in list(sys.modules):
        if name.startswith("personae.study.postgres_"):
            monkeypatch.delitem(sys.modules, name)
        elif name.partition(".")[0] == missing:
            monkeypatch.setitem(sys.modules, name, None)
    monkeypatch.setitem(sys.modules, missing, None)
    with pytest.raises(MissingExtraError, match=r'pip install "personae\[postgres\]"'):
        claim_ledger(RunFolder(tmp_path / "run"), record(), LedgerUrl.read(URL))
    assert not (tmp_path / "run").exists()


def test_whoever_does_without_a_database_needs_no_library_for_it() -> None:
    import subprocess

    code = "import sys, personae.cli.app, personae.study; print('sqlalchemy' in sys.modules, 'asyncpg' in sys.modules)"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout.split() == ["False", "False"]


def test_parts_in_a_database_are_whole_already(tmp_path: Path) -> None:
    folder_with(tmp_path / "part", URL)
    with pytest.raises(InputError, match="merged from files"):
        merge_runs(tmp_path / "whole", [tmp_path / "part"])


def test_a_shared_folder_lets_in_those_who_share_it(tmp_path: Path) -> None:
    first, second = RunFolder(tmp_path, is_shared=True), RunFolder(tmp_path, is_shared=True)
    with first, second, pytest.raises(ConflictError), RunFolder(tmp_path):
        pass
    with RunFolder(tmp_path), pytest.raises(ConflictError), RunFolder(tmp_path, is_shared=True):
        pass


def test_a_ledger_in_a_database_is_claimed_and_opened(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = RunFolder(tmp_path)
    ledger = claim_ledger(folder, record(), LedgerUrl.read(database.url()))
    assert isinstance(ledger, SharedStore)
    ledger.close()
    assert not folder.ledger_file.exists()
    assert "canary" not in folder.record_file.read_text()
    opened = open_ledger(folder, database.url())  # the password is nowhere but in the URL
    assert opened.count_statuses() == {}
    opened.close()
    with pytest.raises(InputError, match="PGPASSWORD"):
        open_ledger(folder)
    monkeypatch.setenv("PGPASSWORD", PASSWORD)
    open_ledger(folder).close()
