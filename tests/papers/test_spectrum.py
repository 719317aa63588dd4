"""SPeCtrum: planted effects of parts, quotations, guesses, refusals, the simulated agent."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from personae.model import Model, Request, ScriptedModel, open_model
from personae.papers.spectrum import (
    Spectrum,
    SpectrumSettings,
)
from personae.papers.spectrum.findings import measure_table
from personae.papers.spectrum.profiles import CONDITIONS
from personae.papers.spectrum.statements import is_named, is_quoted
from personae.papers.spectrum.study import ten_of
from personae.study import Finding, run_study
from support.command_line import personae
from support.findings import pick
from support.spectrum import write_profiles


def run(given: Mapping[str, str], model: Model) -> tuple[list[Finding], pl.DataFrame]:
    study = Spectrum(SpectrumSettings.read(given))
    table = run_study(study, dict.fromkeys(study.roles, model)).table
    return study.measure(table), table


# Runs.


def planted(request: Request) -> str:
    """An agent that knows the truth only of those parts that it was given; a judge that accepts what is its own."""
    system = request.messages[0].content if request.messages[0].role == "system" else ""
    prompt = request.messages[-1].content
    if request.schema is not None:
        known = [line.split(" ", 1)[1] for line in system.splitlines() if line.startswith("fact")]
        filled = [f"Mine: {one}" for one in known] + ["Mine: nothing"] * 20
        return json.dumps({"open": filled[:10], "hidden": filled[10:20]})
    if "Is this sentence true" in prompt:
        return "yes" if prompt.split('"Mine: ')[1].split('"')[0] in system else "no"
    if prompt.startswith("Somebody wrote"):
        said = prompt.split("Mine: ")[1].splitlines()[0]
        lines = prompt.split("Which of these people is it?")[1].splitlines()
        return next((line[0] for line in lines if said in line), "no idea")
    if prompt.startswith("This is about a character"):
        return "That is Nr1, from The Mill."
    return "prose"


def test_what_each_part_adds_comes_back(tmp_path: Path) -> None:
    # The judge of a character knows its name alone, so people without a series are asked, who are known whole.
    folder = write_profiles(tmp_path)
    for path in list(folder.glob("*.txt")):
        path.rename(path.with_name(path.name.replace(" (The Mill)", "")))
    findings, table = run({"profiles": str(folder)}, ScriptedModel(planted))
    assert table.height == 4 * len(CONDITIONS)
    told = table.filter(table["condition"] == "SPC")["statements"].to_list()[0]
    assert len(told) == 20
    for part, share in (("S", 2), ("P", 1), ("C", 6)):
        # "nothing" is accepted by everybody, as the word is in every profile: control only differs by own facts.
        assert pick(findings, f"told_apart.{part}").estimate == pytest.approx(share / 20)
        assert pick(findings, f"effect.{part}").n == 4
    assert pick(findings, "told_apart.SPC").estimate == pytest.approx(9 / 20)
    assert pick(findings, "lineup.SPC").estimate == 1.0
    assert pick(findings, "told_apart.none").estimate == 0.0
    assert not [one for one in findings if one.name.startswith("guess")]


def test_effects_are_means_over_the_sets_of_the_other_parts() -> None:
    shares = {"S": 0.1, "P": 0.2, "C": 0.4}
    rng = np.random.default_rng(0)
    rows = []
    for person in range(200):
        for condition in CONDITIONS:
            p = 0.2 + sum(share for part, share in shares.items() if part in condition)
            own = (rng.random(20) < p).astype(int).tolist()
            rows.append({"model": "m", "person": person, "condition": condition, "own": own, "other": own,
                         "quoted": [0] * 20, "lineup": 1})  # fmt: skip
    findings = measure_table(pl.DataFrame(rows), 0.25)
    for part, share in shares.items():
        effect = pick(findings, f"effect.{part}")
        assert effect.estimate == pytest.approx(share, abs=0.03)
        # The sampling variance is that of eight sets of 20 yes-or-no answers, of p = .2 to .9, over 16.
        assert (effect.high - effect.low) / 2 == pytest.approx(1.96 * np.sqrt(1.56 / 20 / 16 / 200), rel=0.15)
        assert effect.is_significant()
    assert pick(findings, "contrast.SPC_C").estimate == pytest.approx(0.3, abs=0.03)
    directions = {one.name: (one.estimate, one.low, one.high) for one in findings if "direction" in one.name}
    assert directions == {f"direction.{name}": (1.0, 1.0, 1.0) for name in ("SPC_C", "C_S", "C_P")}
    swapped = {"S": "C", "C": "S"}
    turned = [{**row, "condition": swapped.get(str(row["condition"]), row["condition"])} for row in rows]
    assert pick(measure_table(pl.DataFrame(turned), 0.25), "direction.C_S", "as_published").estimate == -1.0
    alone = measure_table(pl.DataFrame(rows[: len(CONDITIONS)]), 0.25)
    untold = pick(alone, "direction.C_S", "as_published")
    assert (untold.estimate, untold.low, untold.high) == (0.0, -1.0, 1.0)
    assert pick(findings, "accepted.C").estimate == pytest.approx(0.6, abs=0.03)
    assert pick(findings, "accepted.C", "as_published").n == 4000
    assert pick(findings, "told_apart.C").estimate == 0.0


def test_the_agent_gets_the_prose_and_not_the_scores() -> None:
    def writing(request: Request) -> str:
        if request.schema is not None:
            return json.dumps({"open": ["I hum."] * 10, "hidden": ["I sing."] * 10})
        return "A calm soul." if "psychotherapist" in request.messages[-1].content else "yes"

    _, table = run({"count": "4"}, ScriptedModel(writing))
    (told,) = {row["profile"] for row in table.to_dicts() if row["condition"] == "P"}
    assert told.startswith("A calm soul.")
    assert "sociability" not in told
    _, table = run({"count": "4", "is_written": "false"}, ScriptedModel(writing))
    assert all("sociability" in row["profile"] for row in table.to_dicts() if row["condition"] == "P")


def test_characters_are_guessed_from_profile_and_statements_and_quotations_left_out(tmp_path: Path) -> None:
    asked: list[str] = []

    def watched(request: Request) -> str:
        if "This is about a character" in request.messages[-1].content:
            asked.append(request.messages[-1].content)
        return planted(request)

    findings, table = run({"profiles": str(write_profiles(tmp_path))}, ScriptedModel(watched))
    assert pick(findings, "guess.SPC", "as_published").estimate == 0.25
    assert pick(findings, "guess_statements.SPC").estimate == 0.25
    assert set(table["guess.right"].to_list()) == {0, 1}
    assert sum("Mine:" in one for one in asked) == len(asked) / 2

    def quoting(request: Request) -> str:
        if request.schema is not None:
            line = "Your residence: a large city. Your first language"
            return json.dumps({"open": [line] * 10, "hidden": ["I hum."] * 10})
        return "yes"

    quoted, _ = run({"count": "4"}, ScriptedModel(quoting))
    published, fair = (pick(quoted, "accepted.S", way) for way in ("as_published", "corrected"))
    assert published.n == 80
    assert fair.n <= published.n


def test_statements_are_ten_of_each_kind_and_lacking_ones_are_missing() -> None:
    assert ten_of("no list") == [""] * 10

    def short(request: Request) -> str:
        return json.dumps({"open": ["I hum."] * 12, "hidden": ["I sing."] * 4}) if request.schema else "yes"

    findings, _ = run({"count": "4"}, ScriptedModel(short))
    assert pick(findings, "open.S", "as_published").n == 40
    hidden = pick(findings, "hidden.S", "as_published")
    assert (hidden.n, hidden.missing) == (16, 24)


def test_refusals_are_missing() -> None:
    _, table = run({"count": "4"}, ScriptedModel(lambda _: "I'm sorry, but I can't pretend to be a person."))
    assert Counter(table["status"]) == {"refused": 32}


def test_what_is_a_quotation_and_what_a_right_guess() -> None:
    assert is_quoted("A B c d e", "x a b C d e y")
    assert not is_quoted("a b c d", "a b c d")
    assert is_named("Ada Low of The Mill", "Ada Low", "The Mill")
    assert not is_named("Ada Low of The Mills", "Ada Low", "The Mill")


def test_the_simulated_agent_is_run_with_scores_as_they_are() -> None:
    findings, table = run({"count": "4", "is_written": "false"}, open_model("sim"))
    assert set(table["status"]) == {"ok"}
    assert {f"effect.{part}" for part in "SPC"} <= {one.name for one in findings}
    other = run({"count": "4", "is_written": "false"}, open_model("sim"))[1]
    assert table.equals(other)


# Replay.


def test_the_command_runs_and_reports(tmp_path: Path) -> None:
    small = ["-P", "count=4", "-P", "is_written=false"]
    ran = personae("paper", "run", "spectrum", "--model", "sim", *small, "--folder", str(tmp_path / "run"))
    assert ran.code == 0, ran.err
    page = (tmp_path / "run" / "report.html").read_text(encoding="utf-8")
    assert "SIMULATED" in page
    assert "effect.C" in page
