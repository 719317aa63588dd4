"""Values across cultures: planted differences of countries, order of options, scores and translations of the user."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pytest

from personae.errors import InputError
from personae.model import Model, Request, ScriptedModel, open_model
from personae.papers.hofstede_values import COUNTRIES, HofstedeSettings, HofstedeValues, read_scores
from personae.papers.hofstede_values.countries import DIMENSIONS
from personae.papers.hofstede_values.study import read_requests
from personae.study import Finding, run_study
from support.command_line import personae

HIGH = {one.high for one in read_requests(None).requests}
SCORES = {country.name: 10 + 80 * place / 35 for place, country in enumerate(COUNTRIES)}


def write_scores(path: Path) -> Path:
    rows = [f"X;{name};{score:.0f};{score:.0f};{score:.0f};{score:.0f};#NULL!;50" for name, score in SCORES.items()]
    path.write_text("\n".join(["ctr;country;pdi;idv;mas;uai;ltowvs;ivr", *rows]), encoding="utf-8")
    return path


def side(request: Request) -> str:
    """The letter of the high side."""
    lines = request.messages[-1].content.splitlines()
    return next(line[0] for line in lines if line[:3] in ("A. ", "B. ") and line[3:] in HIGH)


def follows(request: Request) -> str:
    """Advises the high side to people of countries with a high score."""
    name = next((one for one in SCORES if f"I am from {one}." in request.messages[-1].content), "")
    wanted = side(request)
    return wanted if SCORES.get(name, 0) > 50 else "AB".replace(wanted, "")


def run(given: Mapping[str, str], model: Model) -> list[Finding]:
    study = HofstedeValues(HofstedeSettings.read(given))
    return study.measure(run_study(study, dict.fromkeys(study.roles, model)).table)


def pick(findings: Sequence[Finding], name: str, way: str = "corrected") -> Finding:
    (found,) = [one for one in findings if one.name == name and one.conventions[0] == way]
    return found


def test_countries_that_are_planted_are_found_against_their_scores(tmp_path: Path) -> None:
    given = {"scores": str(write_scores(tmp_path / "s.csv")), "countries": "12", "languages": "false"}
    findings = run(given, ScriptedModel(follows))
    assert pick(findings, "agreement.persona.masculinity", "as_published").estimate == 1.0
    assert pick(findings, "correlation.persona.individualism", "as_published").estimate > 0.8
    assert pick(findings, "high_minus_low.persona.power_distance", "as_published").estimate == 1.0
    assert not [one for one in findings if one.name == "correlation.persona.long_term_orientation"]  # no score
    assert pick(findings, "order.persona").estimate == 0.0
    alike = run(given, ScriptedModel(side))
    assert pick(alike, "moved.persona").estimate == 0.0
    assert pick(alike, "level.persona.masculinity").estimate == 1.0


def test_who_always_takes_a_depends_on_the_order_and_has_no_side() -> None:
    findings = run({"countries": "2", "languages": "false"}, ScriptedModel(lambda _: "A"))
    assert pick(findings, "order.persona").estimate == 1.0
    assert pick(findings, "level.persona.individualism").estimate == 0.5


def test_refusals_are_counted_and_answer_nothing() -> None:
    findings = run({"countries": "2", "languages": "false"}, ScriptedModel(lambda _: "I'm sorry, but I can't advise."))
    assert pick(findings, "refusals.persona").estimate == 1.0
    assert np.isnan(pick(findings, "level.persona.individualism").estimate)


def test_translations_of_the_user_are_put_and_one_that_lacks_is_no_answer(tmp_path: Path) -> None:
    requests = read_requests(None).requests
    rows = {
        one.key: {"question": "Frage", "a": f"hoch {one.key}", "b": "tief", "frame": "A oder B?"} for one in requests
    }
    path = tmp_path / "t.json"
    path.write_text(json.dumps({"German": rows}), encoding="utf-8")
    given = {"countries": "36", "per_dimension": "2", "translations": str(path)}
    model = ScriptedModel(lambda _: "A")
    study = HofstedeValues(HofstedeSettings.read(given))
    assert study.roles == ("subject",)
    table = run_study(study, {"subject": model}).table
    german = table.filter((table["condition"] == "language") & (table["language"] == "German"))
    assert set(german["status"]) == {"ok"}
    polish = table.filter((table["condition"] == "language") & (table["language"] == "Polish"))
    assert set(polish["status"]) == {"empty"}
    path.write_text(json.dumps({"German": {"x": {"question": "q"}}}), encoding="utf-8")
    (tmp_path / "u.json").write_text(path.read_text(encoding="utf-8"), encoding="utf-8")
    with pytest.raises(InputError, match="lacks a, b, frame"):
        _ = HofstedeValues(HofstedeSettings.read({"translations": str(tmp_path / "u.json")})).translations


def test_the_translator_is_recorded() -> None:
    study = HofstedeValues(HofstedeSettings.read({"countries": "9", "per_dimension": "2"}))
    table = run_study(study, dict.fromkeys(study.roles, open_model("sim"))).table
    made = table.filter(table["translation"].is_not_null())
    assert made.height > 0
    assert made["translation"].list.len().to_list() == [3] * made.height
    assert pick(study.measure(table), "translated").n == made.height


def test_scores_are_read_and_checked(tmp_path: Path) -> None:
    found = read_scores(write_scores(tmp_path / "s.csv"))
    assert found["japan"]["masculinity"] == round(SCORES["Japan"])
    assert np.isnan(found["japan"]["long_term_orientation"])
    path = tmp_path / "x.csv"
    path.write_text("country,idv\nU.S.A.,91\n", encoding="utf-8")
    assert read_scores(path)["united states"] == {"individualism": 91.0}
    path.write_text("country,idv\nJapan,900\n", encoding="utf-8")
    with pytest.raises(InputError, match="out of range"):
        read_scores(path)
    path.write_text("a,b\n1,2\n", encoding="utf-8")
    with pytest.raises(InputError, match="no column country"):
        read_scores(path)


def test_ten_requests_a_dimension_and_36_countries() -> None:
    assert Counter(one.dimension for one in read_requests(None).requests) == dict.fromkeys(DIMENSIONS, 10)
    assert len({one.name for one in COUNTRIES}) == 36


def test_the_command_runs_and_reports(tmp_path: Path) -> None:
    small = ["-P", "countries=3", "-P", "per_dimension=2"]
    ran = personae("paper", "run", "hofstede_values", "--model", "sim", *small, "--folder", str(tmp_path / "run"))
    assert ran.code == 0, ran.err
    assert "SIMULATED" in (tmp_path / "run" / "report.html").read_text(encoding="utf-8")
