"""A run whose ledger is in a database, as a user asks for it; the password stays where the user put it."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.command_line import Said, personae
from support.postgres_server import PASSWORD, QUOTED, Database

LEAN = [
    "-P", "personas_per_type=1", "-P", "judged_per_type=1", "-P", "raters=1",
    "-P", "controls=false", "-P", "robustness=false", "--model", "sim", "--no-progress",
]  # fmt: skip


def run(folder: Path, *words: str) -> Said:
    return personae("paper", "run", "personallm", *LEAN, "--folder", str(folder), *words, "--json")


def test_every_command_finds_the_ledger_and_nothing_holds_the_password(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, alone = tmp_path / "runs" / "shared", tmp_path / "alone"
    said = [run(folder, "--ledger", database.url(), "--limit", "10"), run(alone)]
    assert [one.code for one in said] == [0, 0]
    assert said[0].data["cells"] == 10
    monkeypatch.setenv("PGPASSWORD", PASSWORD)
    said.append(personae("run", "resume", str(folder), "--no-progress", "--json"))
    assert (said[-1].code, said[-1].data["cells"]) == (0, 32)
    assert said[-1].data["findings"] == said[1].data["findings"]  # those of a run with a file
    said.append(personae("run", "show", str(folder), "--json"))
    assert said[-1].data["record"]["ledger"] == database.open_url
    assert said[-1].data["statuses"] == personae("run", "show", str(alone), "--json").data["statuses"]
    said.append(personae("run", "show", str(folder)))
    assert f"ledger: {database.open_url}" in said[-1].out
    for by in ("role", "model", "type"):
        costs = [personae("run", "cost", str(path), "--by", by, "--json") for path in (folder, alone)]
        assert costs[0].data == costs[1].data
        said += costs
    said.append(personae("run", "report", str(folder), "--json"))
    assert said[-1].data["findings"] == said[1].data["findings"]
    said.append(personae("run", "list", "--in", str(folder.parent), "--json"))
    assert [one["cells"] for one in said[-1].data["runs"]] == [32]
    kept = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert folder / "report.html" in kept
    assert not (folder / "ledger.sqlite").exists()
    for text in [one.out + one.err for one in said] + [path.read_bytes().decode("latin-1") for path in kept]:
        assert "canary" not in text
        assert QUOTED not in text


def test_a_database_that_does_not_answer_hides_no_other_run(database: Database, tmp_path: Path) -> None:
    assert run(tmp_path / "shared", "--ledger", database.url(), "--limit", "2").code == 0
    assert run(tmp_path / "file", "--limit", "3").code == 0
    said = personae("run", "list", "--in", str(tmp_path), "--json")  # no password is set
    assert [one["cells"] for one in said.data["runs"]] == [None, 3]
    assert "?" in personae("run", "list", "--in", str(tmp_path)).out


@pytest.mark.parametrize(
    ("url", "code", "words"),
    [
        ("postgresql://ann:canary-71@127.0.0.1:9/lab", 8, "cannot be reached"),
        ("postgresql://ann:canary-71@127.0.0.1", 3, "names no database"),
        ("mysql://ann:canary-71@127.0.0.1/lab", 3, "cannot be read"),
    ],
)
def test_what_is_wrong_with_a_ledger_is_told_without_its_password(
    url: str, code: int, words: str, tmp_path: Path
) -> None:
    said = run(tmp_path / "run", "--ledger", url)
    assert said.code == code == said.error["exit_code"]
    assert words in said.error["message"]
    assert "canary" not in said.out + said.err
    assert not (tmp_path / "run" / "run.json").exists()


def test_a_wrong_password_is_told(database: Database, tmp_path: Path) -> None:
    said = run(tmp_path / "run", "--ledger", database.url(password="wrong-canary"))
    assert said.error["exit_code"] == 3
    assert "PGPASSWORD" in said.error["remedy"]
    assert "canary" not in said.out + said.err


def test_cells_that_were_left_to_others_are_told(database: Database, tmp_path: Path) -> None:
    assert run(tmp_path / "run", "--ledger", database.url(), "--limit", "2").code == 0
    database.sql(
        "UPDATE personae.claims SET state = 'held', worker = 0, lease_until = now() + interval '1 hour';"
        "DELETE FROM personae.observations"
    )
    said = run(tmp_path / "run", "--ledger", database.url(), "--no-wait")
    assert said.code == 0
    assert said.data["cells"] == 30
    assert "2 cells were left to other workers" in said.envelope["warnings"][0]
