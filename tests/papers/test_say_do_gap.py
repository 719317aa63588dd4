"""Say and do: congruence and dissociation planted and found, constant answers, steadiness, people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from personae.errors import InputError
from personae.instrument.tasks import twin_stimuli
from personae.model import Model, Request, ScriptedModel, open_model
from personae.papers.say_do_gap import PAPER, SayDoGap, SayDoSettings, read_humans
from personae.study import Finding, run_study
from support.command_line import personae

TWINS = twin_stimuli().twins


def pick(findings: Sequence[Finding], name: str, way: str = "corrected", subject: str = "") -> Finding:
    (found,) = [
        one for one in findings if one.name == name and one.conventions[0] == way and subject in ("", one.subject)
    ]
    return found


def run(given: Mapping[str, str], model: Model) -> tuple[SayDoGap, pl.DataFrame]:
    study = SayDoGap(SayDoSettings.read(given))
    return study, run_study(study, {"subject": model}).table


def test_congruence_and_a_dissociation_that_are_planted_are_found() -> None:
    found = {}
    for link in ("1", "0"):
        study, table = run({"people": "10", "repeats": "2"}, open_model("sim", {"behaviour_link": link}))
        found[link] = study.measure(table)
    for name, sign in (("cosine", 1), ("spearman", 1), ("difference", -1), ("consistent", 1)):
        linked = pick(found["1"], f"beyond_chance.{name}")
        assert sign * linked.estimate > 0 and (linked.low > 0) == (sign > 0), name
        cut = pick(found["0"], f"beyond_chance.{name}")
        assert cut.low < 0 < cut.high, name
    assert pick(found["1"], "congruence.cosine").estimate > 0.5 > pick(found["0"], "congruence.cosine").estimate
    linked_traits = [pick(found["1"], f"trait.{name}").estimate for name in ("extraversion", "neuroticism")]
    cut_traits = [pick(found["0"], f"trait.{name}") for name in ("extraversion", "neuroticism")]
    assert min(linked_traits) > 0.8
    assert all(one.low < 0.5 for one in cut_traits)


def test_a_constant_respondent_looks_congruent_by_the_raw_cosine_only() -> None:
    study, table = run({"people": "0", "repeats": "1"}, ScriptedModel(lambda _: "6"))
    findings = study.measure(table)
    assert pick(findings, "congruence.cosine", "as_published").estimate > 0.75
    # Sides are drawn half and half, so that always answering 6 acts against half of the statements.
    assert abs(pick(findings, "congruence.cosine").estimate) < 0.1
    assert pick(findings, "congruence.consistent").estimate == pytest.approx(0.5, abs=0.03)


def test_the_middle_has_a_high_raw_cosine_with_anything() -> None:
    study, table = run({"people": "6", "repeats": "1"}, open_model("sim"))
    findings = study.measure(table)
    assert pick(findings, "baseline.constant.cosine", "as_published").estimate > 0.85
    assert np.isnan(pick(findings, "baseline.constant.cosine").estimate)


def test_respondents_whose_repeats_differ_are_left_out_as_published() -> None:
    rng = np.random.default_rng(0)
    study, table = run({"people": "4", "repeats": "2"}, ScriptedModel(lambda _: str(rng.integers(1, 8))))
    findings = study.measure(table)
    assert pick(findings, "steady", "as_published").estimate < 0.5
    assert abs(pick(findings, "repeats.said").estimate) < 0.5
    assert pick(findings, "congruence.cosine").n == 10
    steady, kept = run({"people": "4", "repeats": "2", "temperature": "0"}, open_model("sim"))
    assert pick(steady.measure(kept), "repeats.said").estimate > 0.9


def test_counter_keyed_pairs_are_less_consistent_for_who_always_agrees_and_acts_well() -> None:
    wanted = {twin.act if twin.keyed > 0 else twin.other for twin in TWINS}

    def reply(request: Request) -> str:
        text = request.messages[-1].content
        if "Statement:" in text:
            return "7"
        return "1" if text.split("\nA: ")[1].split("\n")[0] in wanted else "7"

    study, table = run({"people": "0", "repeats": "1"}, ScriptedModel(reply))
    assert pick(study.measure(table), "counter_keyed").estimate == -1.0


def write_people(path: Path, *, link: float) -> Path:
    rng = np.random.default_rng(1)
    keys = [twin.key for twin in TWINS]
    lines = [",".join(["person", *(f"said.{key}" for key in keys), *(f"done.{key}" for key in keys)])]
    for person in range(16):
        said = rng.integers(1, 8, len(keys))
        done = np.where(rng.uniform(size=len(keys)) < link, said, rng.integers(1, 8, len(keys)))
        lines.append(",".join(map(str, [person, *said, *done])))
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def test_people_are_a_reference_that_models_are_held_against(tmp_path: Path) -> None:
    path = write_people(tmp_path / "people.csv", link=0.9)
    given = {"people": "8", "repeats": "1", "humans": str(path)}
    study, table = run(given, open_model("sim", {"behaviour_link": "0"}))
    findings = study.measure(table)
    assert pick(findings, "congruence.cosine", subject="people").estimate > 0.7
    gap = pick(findings, "gap_to_people.cosine")
    assert gap.high < -0.3


def test_a_file_of_people_is_checked(tmp_path: Path) -> None:
    path = write_people(tmp_path / "people.csv", link=0.9)
    keys = [twin.key for twin in TWINS]
    assert len(read_humans(path, keys)) == 16
    with pytest.raises(InputError, match="lacks"):
        read_humans(path, [*keys, "z9"])
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("\n1,", "\n1,9", 1), encoding="utf-8")
    with pytest.raises(InputError, match="out of range"):
        read_humans(path, keys)
    with pytest.raises(InputError, match="no such file"):
        PAPER.make_study({"humans": str(tmp_path)})


def test_twins_of_the_user_are_put(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    head = 'key = "mine"\nversion = "1"\ntitle = "M"\nsource = "me"\nlicence = "CC0-1.0"\norigin = "user"\n'
    row = '[[twins]]\nkey = "{}"\ntrait = "mbti.E"\nkeyed = 1\nstatement = "s{}"\nscenario = "x"\n'
    row += 'act = "a"\nother = "b"\n'
    path.write_text(head + row.format("1", "1") + row.format("2", "2"), encoding="utf-8")
    model = ScriptedModel(lambda _: "4")
    run({"twins": str(path), "people": "0", "repeats": "1"}, model)
    assert len(model.requests) == 4


def test_the_command_runs_and_reports(tmp_path: Path) -> None:
    small = ["-P", "people=3", "-P", "repeats=2"]
    ran = personae("paper", "run", "say_do_gap", "--model", "sim", *small, "--folder", str(tmp_path / "run"))
    assert ran.code == 0, ran.err
    page = (tmp_path / "run" / "report.html").read_text(encoding="utf-8")
    assert "SIMULATED" in page
    assert "Beyond chance" in page
