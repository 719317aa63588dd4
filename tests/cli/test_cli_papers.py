"""``personae paper`` and ``personae run``, as a user types them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

import personae.papers as papers_room
from support.command_line import personae
from support.published_outputs import plain_answers, write_outputs

LEAN = [
    "-P", "personas_per_type=1", "-P", "judged_per_type=0", "-P", "stories=false",
    "-P", "controls=false", "-P", "robustness=false",
]  # fmt: skip
FIELDS = {"name", "subject", "estimate", "low", "high", "n", "missing", "unit", "method", "conventions"}


def test_list_knows_all_papers_and_says_which_run() -> None:
    papers = personae("paper", "list", "--json").data["papers"]
    assert [one["number"] for one in papers] == list(range(1, 120))
    running = {one["key"] for one in papers if one["runs"]}
    packages = {path.parent.name for path in Path(papers_room.__file__).parent.glob("*/paper.py")}
    assert running == packages
    assert {"personallm", "stable_values"} <= running
    shown = personae("paper", "list", "--runs")
    assert shown.code == 0
    assert "personallm" in shown.out
    assert "singingsds" not in shown.out.lower()


def test_parts_of_a_run_merge_into_what_one_run_finds(tmp_path: Path) -> None:
    words = ["paper", "run", "personallm", *LEAN, "--no-progress", "--json"]
    straight = personae(*words, "--folder", str(tmp_path / "straight")).data
    parts = [str(tmp_path / f"part-{number}") for number in (1, 2)]
    observed = [
        personae(*words, "--shard", f"{i}/2", "--folder", part).data["cells"] for i, part in enumerate(parts, 1)
    ]
    assert sum(observed) == straight["cells"] == 32
    assert (
        personae("run", "resume", parts[0], "--no-progress", "--json").data["cells"] == observed[0]
    )  # a part stays one
    whole = personae("run", "merge", str(tmp_path / "whole"), *parts, "--json").data
    assert whole["cells"] == whole["expected_cells"] == 32
    assert whole["findings"] == straight["findings"]
    wrong = personae(*words, "--shard", "3/2")
    assert (wrong.code, wrong.error["where"]) == (3, "shard")


def test_show_tells_parameters_and_claims_of_a_paper_that_runs() -> None:
    data = personae("paper", "show", "1", "--json").data
    assert data["key"] == "personallm"
    assert {"name": "d.extraversion", "subject": "gpt-4-0613", "value": 5.47}.items() <= next(
        one for one in data["claims"] if one["subject"] == "gpt-4-0613"
    ).items()
    assert "personas_per_type" in data["parameters"]
    assert "5.47" in personae("paper", "show", "personallm").out


def test_show_tells_of_a_paper_that_does_not_run_yet() -> None:
    waiting = next(one["number"] for one in personae("paper", "list", "--json").data["papers"] if not one["runs"])
    data = personae("paper", "show", str(waiting), "--json").data
    assert (data["number"], data["runs"]) == (waiting, False)


def test_run_prints_findings_and_writes_a_folder_that_ordinary_tools_read(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    said = personae("paper", "run", "personallm", *LEAN, "--folder", str(folder), "--no-progress", "--json")
    assert said.code == 0
    data = said.data
    assert all(set(one) >= FIELDS for one in data["findings"])
    d = [one for one in data["findings"] if one["name"] == "d.extraversion"]
    assert {one["conventions"][0] for one in d} == {"as_published", "corrected"}
    assert all(one["subject"] == "sim" and one["n"] == 32 for one in d)
    assert data["is_simulated"] is True
    assert data["calls"]["made"] == 32
    table = pl.read_parquet(folder / "observations.parquet")
    assert table.height == 32
    assert json.loads((folder / "findings.json").read_text())["findings"] == data["findings"]
    assert json.loads((folder / "run.json").read_text())["study"] == "personallm"
    report = (folder / "report.html").read_text(encoding="utf-8")
    assert "SIMULATED" in report
    assert Path(data["report"]) == folder / "report.html"


def test_run_says_what_it_does_in_words_for_people(tmp_path: Path) -> None:
    said = personae("paper", "run", "personallm", *LEAN, "--folder", str(tmp_path / "run"))
    assert "d.extraversion" in said.out
    assert "SIMULATED" in said.out
    assert str(tmp_path / "run" / "report.html") in said.out.replace("\n", "")
    assert "32/32 cells" in said.err
    assert "tokens" in said.err


def test_the_same_command_continues_and_another_is_refused_with_the_difference(tmp_path: Path) -> None:
    folder = str(tmp_path / "run")
    first = personae("paper", "run", "personallm", *LEAN, "--folder", folder, "--limit", "5", "--json", "--no-progress")
    assert first.data["cells"] == 5
    assert first.data["expected_cells"] == 32
    second = personae("paper", "run", "personallm", *LEAN, "--folder", folder, "--json", "--no-progress")
    assert second.data["cells"] == 32
    assert second.data["calls"]["made"] == 27
    other = personae("paper", "run", "personallm", *LEAN, "--folder", folder, "--seed", "1", "--json", "--no-progress")
    assert other.code == 6
    assert "seed: 0 in the folder, 1 now" in other.error["message"]


def test_without_a_folder_the_same_command_finds_its_run_again() -> None:
    first = personae("paper", "run", "personallm", *LEAN, "--json", "--no-progress").data
    second = personae("paper", "run", "personallm", *LEAN, "--json", "--no-progress").data
    other = personae("paper", "run", "personallm", *LEAN, "-M", "noise=0.5", "--json", "--no-progress").data
    assert first["folder"] == second["folder"] != other["folder"]
    assert second["calls"]["made"] == 0
    assert second["findings"] == first["findings"]


def test_resume_and_report_go_on_from_the_folder_alone(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    options = [*LEAN, "-M", "acquiescence=0.5", "--seed", "7"]
    personae("paper", "run", "personallm", *options, "--folder", str(folder), "--limit", "9", "--no-progress")
    partial = personae("run", "report", str(folder), "--json").data
    assert partial["cells"] == 9
    assert "INCOMPLETE" in (folder / "report.html").read_text(encoding="utf-8")
    resumed = personae("run", "resume", str(folder), "--json", "--no-progress").data
    assert resumed["cells"] == 32
    straight = personae(
        "paper", "run", "personallm", *options, "--folder", str(tmp_path / "other"), "--json", "--no-progress"
    ).data
    assert resumed["findings"] == straight["findings"]


def test_run_list_and_show_tell_what_there_is(tmp_path: Path) -> None:
    folder = tmp_path / "runs" / "one"
    personae("paper", "run", "personallm", *LEAN, "--folder", str(folder), "--no-progress")
    runs = personae("run", "list", "--in", str(tmp_path / "runs"), "--json").data["runs"]
    assert [(one["what"], one["model"], one["cells"], one["has_report"]) for one in runs] == [
        ("personallm", "sim", 32, True)
    ]
    shown = personae("run", "show", str(folder), "--json").data
    assert shown["calls"]["calls"] == 32
    assert sum(shown["statuses"].values()) == 32
    assert "fingerprint" in personae("run", "show", str(folder)).out


def test_replay_prints_an_envelope_and_writes_a_report(tmp_path: Path) -> None:
    source = write_outputs(tmp_path / "published", plain_answers)
    said = personae("paper", "replay", "personallm", str(source), "--folder", str(tmp_path / "out"), "--json")
    assert said.code == 0
    assert {one["subject"] for one in said.data["findings"]} == {"m-1"}
    assert said.data["is_simulated"] is False
    assert "SIMULATED" not in (tmp_path / "out" / "report.html").read_text(encoding="utf-8")


@pytest.mark.replay
def test_replay_of_the_authors_outputs(replay: Callable[[str], Path], tmp_path: Path) -> None:
    said = personae("paper", "replay", "personallm", str(replay("001")), "--folder", str(tmp_path / "out"), "--json")
    d = {one["name"]: one for one in said.data["findings"] if one["conventions"][0] == "as_published"}
    figures = [f"{d[f'd.{trait}']['estimate']:.2f}" for trait in TRAITS]
    assert figures == ["7.81", "5.93", "1.56", "1.83", "2.90"]


TRAITS = ("extraversion", "agreeableness", "conscientiousness", "neuroticism", "openness")
