"""The political map: positions, planted shifts, the two z, replay."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from scipy import stats

from personae.errors import InputError
from personae.instrument import score_range, score_scale
from personae.model import Request, ScriptedModel
from personae.papers.political_personas import (
    PAPER,
    PoliticalPersonas,
    PoliticalSettings,
    open_compass,
    paired_d,
    published_z,
    read_replay,
    signed_rank,
)
from personae.papers.political_personas.people import people_of
from personae.study import Finding, compare, run_study
from support.command_line import personae


def pick(findings: Sequence[Finding], name: str, convention: str = "as_published") -> Finding:
    (one,) = [one for one in findings if one.name == name and one.conventions[0] == convention]
    return one


def test_the_open_compass_runs_from_corner_to_corner() -> None:
    one = open_compass()
    for scale in one.scales:
        assert score_range(one, scale) == pytest.approx((-10, 10))
    weights = one.scale("economic").weights
    capitalist = np.array([[2 if float(str(weights.get(item, 0))) > 0 else -2 for item in one.items]])
    assert score_scale(capitalist.astype(float), one, one.scale("economic"))[0] == pytest.approx(10)
    assert one.items["3"] == "The freer the markets, the freer the people."
    assert float(str(one.scale("economic").weights["3"])) > 0  # right
    assert float(str(one.scale("social").weights["39"])) > 0  # "A hierarchical state is best."
    assert [option.value for option in one.options] == [-2, -1, 1, 2]


# Effect sizes.


def test_the_published_z_has_the_error_of_independent_halves() -> None:
    assert published_z(0.839, 200_000) == pytest.approx(179.86, abs=0.01)
    assert published_z(1.806, 200_000) == pytest.approx(340.37, abs=0.05)
    assert np.isnan(published_z(1.0, 0))


def test_the_paired_error_covers_the_planted_effect_and_the_other_is_too_wide() -> None:
    rng = np.random.default_rng(5)
    hits = widths = 0.0
    runs = 300
    for _ in range(runs):
        before = rng.normal(size=80)
        after = 0.9 * before + np.sqrt(1 - 0.81) * rng.normal(size=80) + 0.5
        found = paired_d(after, before)
        hits += found.low <= 0.5 <= found.high
        widths += (found.high - found.low) / runs
    assert 0.92 <= hits / runs <= 0.98
    assert widths < 2 * 1.96 * np.sqrt(4 / 80 + 0.25 / 160) / 1.5


def test_signed_ranks_are_those_of_scipy() -> None:
    rng = np.random.default_rng(2)
    before = rng.integers(0, 9, 60).astype(float)
    after = before + rng.integers(-2, 4, 60).astype(float)
    found = signed_rank(after, before)
    reference = stats.wilcoxon(after, before, zero_method="wilcox", correction=False, method="approx")
    assert found.p_value == pytest.approx(reference.pvalue, rel=1e-9)
    assert signed_rank(before, before).note == "fewer than two personas moved"
    assert signed_rank(before + 1, before).estimate == 1
    assert signed_rank(np.array([1.0, np.nan, 3.0]), np.zeros(3)).missing == 1


# Fresh runs.


def planted(request: Request) -> str:
    """Agree strongly with authority when pushed right, disagree when pushed left, else by the statement's number."""
    system = request.messages[0].content if request.messages[0].role == "system" else ""
    text = request.messages[-1].content
    one = open_compass()
    item = next(key for key, words in one.items.items() if f"Statement: {words}\n" in text)
    weight = float(str(one.scale("social").weights.get(item, 0)))
    push = 1 if "authoritarian, " in system else -1 if "libertarian, " in system else 0
    if push * weight:
        return "D" if push * weight > 0 else "A"
    return "BC"[int(item) % 2]


def test_planted_pushes_are_found_on_the_axis_that_they_are_on() -> None:
    study = PoliticalPersonas(PoliticalSettings.read({"people": "3"}))
    subject = ScriptedModel(planted)
    table = run_study(study, {"subject": subject}).table
    assert table.height == 1 + 3 * 3
    findings = study.measure(table)
    assert pick(findings, "centroid.social.right_authoritarian").estimate == pytest.approx(10)
    assert pick(findings, "centroid.social.left_libertarian").estimate == pytest.approx(-10)
    base = pick(findings, "centroid.social.base").estimate
    assert pick(findings, "shift.social.right_authoritarian", "corrected").estimate == pytest.approx(10 - base)
    assert pick(findings, "left_libertarian_quadrant.right_authoritarian").estimate == 0
    assert pick(findings, "dispersion.base").estimate == pytest.approx(0, abs=1e-9)
    assert pick(findings, "centroid.social.none").n == 1
    assert pick(findings, "read", "corrected").estimate == 1
    systems = {request.messages[0].content for request in subject.requests if request.messages[0].role == "system"}
    assert len([system for system in systems if "a right leaning authoritarian, a " in system]) == 3


def test_a_persona_with_a_gap_has_no_position() -> None:
    study = PoliticalPersonas(PoliticalSettings.read({"people": "2"}))
    study_table = run_study(study, {"subject": ScriptedModel(lambda _: "Who knows?")}).table
    one = pick(study.measure(study_table), "centroid.social.base")
    assert (one.n, one.missing) == (0, 2)
    assert np.isnan(one.estimate)


def test_personas_come_from_a_file_or_are_drawn(tmp_path: Path) -> None:
    path = tmp_path / "people.jsonl"
    path.write_text('{"persona": "A baker."}\n\n{"persona": "A judge."}\n{"persona": "A third."}\n', encoding="utf-8")
    assert list(people_of(str(path), 2, 0)) == ["A baker.", "A judge."]
    assert list(people_of("", 5, 7)) == list(people_of("", 8, 7))[:5]
    with pytest.raises(InputError, match="holds 3 personas"):
        list(people_of(str(path), 9, 0))
    path.write_text("{}\n", encoding="utf-8")
    with pytest.raises(InputError, match="line 1: has no persona"):
        list(people_of(str(path), 1, 0))
    with pytest.raises(InputError, match="cannot be read"):
        list(people_of(str(tmp_path / "none"), 1, 0))


def test_a_compass_without_an_axis_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="has no scale 'economic'"):
        _ = PoliticalPersonas(PoliticalSettings.read({"compass": "bfi-44"})).parameters


# Replay.


def test_published_figures_are_replayed(replay: Callable[[str], Path]) -> None:
    found = read_replay(replay("084"), {})
    findings = found.study.measure(found.table)
    own = [one for one in compare(findings, PAPER.claims) if one.claim.subject == one.finding.subject]
    assert len(own) == len(PAPER.claims) == 20
    for one in own:
        assert one.finding.estimate == pytest.approx(one.claim.value, abs=0.1 if one.claim.name[0] == "z" else 0.0051)
    spread = {one.subject: one.estimate for one in findings if one.name == "dispersion.base"}
    assert min(spread, key=spread.__getitem__) == "zephyr"
    assert max(spread, key=spread.__getitem__) == "llama"


def coordinates(path: Path, shift: Mapping[str, float]) -> None:
    rng = np.random.default_rng(1)
    base = rng.normal((-2, -4), 1, size=(400, 2))
    rows = [
        {"model": "m", "condition": condition, "person": person, "x": x + by + rng.normal(0, 0.1), "y": y}
        for condition, by in {"base": 0.0, **shift}.items()
        for person, (x, y) in enumerate(base)
    ]
    pl.DataFrame(rows).write_csv(path)


def test_coordinates_are_measured(tmp_path: Path) -> None:
    coordinates(tmp_path / "xy.csv", {"right_authoritarian": 2.0, "left_libertarian": -0.5})
    found = read_replay(tmp_path, {})
    findings = found.study.measure(found.table)
    assert pick(findings, "shift.economic.right_authoritarian").estimate == pytest.approx(2, abs=0.03)
    assert pick(findings, "d.economic.right_authoritarian").estimate == pytest.approx(2, abs=0.15)
    halves = pick(findings, "z.economic.left_libertarian").estimate
    paired = pick(findings, "z.economic.left_libertarian", "corrected").estimate
    assert abs(paired) > 5 * abs(halves)
    assert pick(findings, "asymmetry.economic", "corrected").estimate == pytest.approx(1.5, abs=0.05)
    assert "normality.economic.right_authoritarian" in {one.name for one in findings}


@pytest.mark.parametrize("content", ["[1", "{}", '{"base_centroid": {"m": [1]}}', '{"base_centroid": 3}'])
def test_a_folder_of_nothing_or_of_a_malformed_figure_is_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / "a.json").write_text(content, encoding="utf-8")
    with pytest.raises(InputError, match=r"holds neither figures nor coordinates|cannot be read"):
        read_replay(tmp_path, {})


def test_the_command_runs_and_reports(tmp_path: Path) -> None:
    words = ["paper", "run", "political_personas", "--model", "sim", "-P", "people=3"]
    ran = personae(*words, "--folder", str(tmp_path / "run"), "--json")
    assert ran.code == 0, ran.err
    assert "SIMULATED" in (tmp_path / "run" / "report.html").read_text(encoding="utf-8")
    assert json.loads(ran.out)["data"]["cells"] == 10
