"""A locked plan: what was planned is held against what was done, and whoever touches the plan afterwards is seen."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from personae.errors import ConflictError, InputError
from personae.instrument import load_instrument
from personae.study import Finding
from personae.study.locked_plan import (
    TEMPLATE,
    AnalysisPlan,
    Hypothesis,
    lock_plan,
    locked_of,
    read_lock,
    read_plan,
    write_lock,
)
from personae.study.plan_check import PlanCheck, check_plan, check_record
from support.command_line import personae

LATE, EARLY = "2026-01-02T00:00:00+00:00", "2026-01-01T00:00:00+00:00"


def finding(name: str, estimate: float, half: float, *, subject: str = "m", family: str = "") -> Finding:
    return Finding(
        name, subject, estimate, estimate - half, estimate + half, 50, 0, conventions=("corrected",), family=family
    )


def plan_of(*hypotheses: Hypothesis, **more: Any) -> AnalysisPlan:
    return AnalysisPlan(title="A plan", stopping="at the end", hypotheses=hypotheses, **more)


def expects(key: str, what: str, value: float = 0.0, **more: Any) -> Hypothesis:
    return Hypothesis.model_validate(
        {"key": key, "text": f"{key} holds", "finding": key, "expects": what, "value": value, **more}
    )


def check(plan: AnalysisPlan, *findings: Finding, record: Mapping[str, Any] | None = None, **more: Any) -> PlanCheck:
    counts = {"cells": 10, "expected": 10, **more}
    return check_plan(lock_plan(plan, at=EARLY), {"created": LATE, **(record or {})}, findings, **counts)


# Reading and locking.


def test_the_template_is_a_plan_that_can_be_locked_and_read_back(tmp_path: Path) -> None:
    source = tmp_path / "plan.toml"
    source.write_text(TEMPLATE, encoding="utf-8")
    locked = lock_plan(read_plan(source))
    target = tmp_path / "plan.lock.json"
    write_lock(locked, target)
    assert read_lock(target) == locked
    assert locked.is_whole
    with pytest.raises(ConflictError, match="locked there already"):
        write_lock(locked, target)


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (("plan", "hypotheses", 0, "value"), 0.1),
        (("plan", "alpha"), 0.1),
        (("plan", "stopping"), "when it is significant"),
        (("locked",), "2020-01-01T00:00:00+00:00"),
        (("seal",), "0" * 64),
    ],
)
def test_whatever_is_changed_after_the_lock_breaks_the_seal(
    tmp_path: Path, place: tuple[Any, ...], value: object
) -> None:
    target = tmp_path / "plan.lock.json"
    write_lock(lock_plan(plan_of(expects("a", "above", 0.5))), target)
    data = json.loads(target.read_text(encoding="utf-8"))
    at = data
    for step in place[:-1]:
        at = at[step]
    at[place[-1]] = value
    target.write_text(json.dumps(data), encoding="utf-8")
    with pytest.raises(InputError, match="changed after it was locked"):
        read_lock(target)
    assert not locked_of(data, "here").is_whole


@given(st.floats(0.001, 0.999), st.text(min_size=1, max_size=40), st.integers(0, 10_000))
def test_a_lock_survives_its_file_whatever_is_planned(alpha: float, text: str, cells: int) -> None:
    plan = plan_of(expects("a", "differs", 1.5), alpha=alpha, exclusions=(text,), cells=cells)
    locked = lock_plan(plan, at=EARLY)
    again = locked_of(json.loads(json.dumps(locked.to_json())), "here")
    assert again == locked
    assert again.is_whole


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ('expects = "near"', "hypotheses.0.expects"),
        ('expects = "within"', "give low and high"),
        ("alpha = 2", "alpha"),
        ("colour = 1", "colour"),
    ],
)
def test_a_malformed_plan_says_where(tmp_path: Path, change: str, message: str) -> None:
    key = change.partition(" ")[0]
    lines = [line for line in TEMPLATE.splitlines() if not line.startswith(f"{key} =")]
    at = lines.index('finding = "recovery.extraversion"   # name of a finding of the report') if key == "expects" else 0
    lines.insert(at, change)
    source = tmp_path / "plan.toml"
    source.write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(InputError, match=message):
        read_plan(source)


def test_other_files_are_no_locks(tmp_path: Path) -> None:
    target = tmp_path / "x.json"
    for text in ("{}", "[1]", "no json", '{"schema_version": 99}'):
        target.write_text(text, encoding="utf-8")
        with pytest.raises(InputError, match="no locked plan"):
            read_lock(target)
    with pytest.raises(InputError, match="share a key"):
        read_plan_of(tmp_path, plan_twice())


def plan_twice() -> str:
    block = TEMPLATE[TEMPLATE.index("[[hypotheses]]") :]
    return f"{TEMPLATE}\n{block}"


def read_plan_of(folder: Path, text: str) -> AnalysisPlan:
    path = folder / "twice.toml"
    path.write_text(text, encoding="utf-8")
    return read_plan(path)


# Hypotheses.


@pytest.mark.parametrize(
    ("hypothesis", "estimate", "verdict"),
    [
        (expects("a", "above", 0.5), 0.8, "supported"),
        (expects("a", "above", 0.5), 0.55, "not supported"),
        (expects("a", "above", 0.5), 0.2, "not supported"),
        (expects("a", "below", 0.5), 0.2, "supported"),
        (expects("a", "below", 0.5), 0.45, "not supported"),
        (expects("a", "differs"), -0.3, "supported"),
        (expects("a", "differs"), 0.05, "not supported"),
        (expects("a", "within", low=-0.3, high=0.3), 0.0, "supported"),
        (expects("a", "within", low=-0.3, high=0.3), 0.25, "not supported"),
    ],
)
def test_each_expectation_is_tested_as_it_says(hypothesis: Hypothesis, estimate: float, verdict: str) -> None:
    (tested,) = check(plan_of(hypothesis), finding("a", estimate, 0.196)).hypotheses
    assert tested.verdict == verdict
    assert tested.estimate == estimate


def test_p_of_a_known_distance_is_the_normal_one() -> None:
    (tested,) = check(plan_of(expects("a", "above")), finding("a", 1.959964, 1.959964)).hypotheses
    assert tested.p_value == pytest.approx(0.025, abs=1e-4)
    (tested,) = check(plan_of(expects("a", "differs")), finding("a", 1.959964, 1.959964)).hypotheses
    assert tested.p_value == pytest.approx(0.05, abs=1e-4)


def test_a_family_is_corrected_as_planned() -> None:
    tests = [expects(f"h{n}", "above", family="many") for n in range(5)]
    findings = [finding(f"h{n}", 0.2, 0.196) for n in range(5)]  # p = .023 each
    strict = check(plan_of(*tests), *findings)
    lenient = check(plan_of(*tests, families={"many": "bh"}), *findings)
    assert {one.verdict for one in strict.hypotheses} == {"not supported"}
    assert {one.verdict for one in lenient.hypotheses} == {"supported"}
    assert strict.hypotheses[0].p_adjusted == pytest.approx(5 * 0.02275, rel=1e-2)


def test_what_is_missing_is_not_tested_and_says_why() -> None:
    nan = Finding("b", "m", math.nan, math.nan, math.nan, 0, 5, conventions=("corrected",), note="all the same")
    found = check(plan_of(expects("a", "above"), expects("b", "above")), nan)
    assert [one.verdict for one in found.hypotheses] == ["not tested", "not tested"]
    assert "no finding" in found.hypotheses[0].note
    assert found.hypotheses[1].note == "all the same"


def test_every_model_is_tested_unless_one_is_named() -> None:
    both = [finding("a", 0.9, 0.1, subject=name) for name in ("m", "n")]
    assert len(check(plan_of(expects("a", "above")), *both).hypotheses) == 2
    (one,) = check(plan_of(expects("a", "above", subject="n")), *both).hypotheses
    assert one.subject == "n"


def test_tests_that_nobody_planned_are_named() -> None:
    found = check(plan_of(expects("a", "above")), finding("a", 1, 0.1), finding("z", 1, 0.1, family="robustness"))
    assert list(found.unplanned) == ["z"]


# Elements.


def standing(found: PlanCheck, what: str) -> str:
    return next(one.standing for one in found.elements if one.what == what)


def test_a_run_that_keeps_everything_deviates_in_nothing() -> None:
    plan = plan_of(expects("a", "above"), study="bfi-44", models=("m",), parameters={"drawn": "50"}, cells=10)
    record = {"assessment": "bfi-44", "models": {"subject": {"name": "m"}}, "given_parameters": {"drawn": "50"}}
    found = check(plan, finding("a", 1, 0.1), record=record)
    assert found.deviations == 0
    assert {standing(found, what) for what in ("lock", "study", "model", "parameter drawn", "observations")} == {"kept"}
    assert standing(found, "stopping") == "stated"


@pytest.mark.parametrize(
    ("record", "counts", "what"),
    [
        ({"created": "2025-12-31T23:59:59+00:00"}, {}, "lock"),
        ({"assessment": "tipi"}, {}, "study"),
        ({"models": {"subject": {"name": "other"}}}, {}, "model"),
        ({"given_parameters": {"drawn": "60"}}, {}, "parameter drawn"),
        ({}, {"cells": 12, "expected": 12}, "observations"),
    ],
)
def test_each_deviation_is_seen(record: dict[str, Any], counts: dict[str, int], what: str) -> None:
    plan = plan_of(expects("a", "above"), study="bfi-44", models=("m",), parameters={"drawn": "50"}, cells=10)
    kept = {"assessment": "bfi-44", "models": {"subject": {"name": "m"}}, "given_parameters": {"drawn": "50"}}
    found = check(plan, finding("a", 1, 0.1), record={**kept, **record}, **counts)
    assert standing(found, what) == "deviated"
    assert found.deviations == 1


def test_a_run_that_is_not_finished_is_open() -> None:
    assert standing(check(plan_of(expects("a", "above")), cells=5, expected=10), "observations") == "open"
    assert standing(check(plan_of(expects("a", "above")), cells=5, expected=None), "observations") == "open"


def test_a_record_without_a_plan_has_no_check() -> None:
    assert check_record({"created": LATE}, [], cells=1, expected=1) is None


# Commands.


def test_a_plan_goes_from_template_to_report(tmp_path: Path) -> None:
    source, lock, run = tmp_path / "p.toml", tmp_path / "p.lock.json", tmp_path / "run"
    assert personae("plan", "new", str(source)).code == 0
    source.write_text(source.read_text(encoding="utf-8").replace('"bfi-44"', '"tipi"'), encoding="utf-8")
    assert personae("plan", "lock", str(source)).code == 0
    words = ["instrument", "administer", "tipi", "--model", "sim", "-P", "drawn=50", "-P", "checked=0"]
    ran = personae(*words, "--plan", str(lock), "--folder", str(run))
    assert ran.code == 0, ran.err
    page = (run / "report.html").read_text(encoding="utf-8")
    assert "Against the locked plan" in page
    assert "Every element that can be checked was kept." in page
    checked = json.loads((run / "findings.json").read_text(encoding="utf-8"))["plan"]
    assert checked["deviations"] == 0
    assert checked["hypotheses"][0]["verdict"] == "supported"
    shown = personae("plan", "check", str(lock), str(run), "--json")
    assert json.loads(shown.out)["data"]["seal"] == checked["seal"]

    # Answers that are there already are held against it too.
    items = ",".join(load_instrument("tipi").item_ids)
    (tmp_path / "people.csv").write_text("\n".join([items, *(["4,3,5,2,6,3,5,4,6,2"] * 4)]), encoding="utf-8")
    scored = ["instrument", "score", "tipi", str(tmp_path / "people.csv"), "--folder", str(tmp_path / "scored")]
    assert personae(*scored, "--plan", str(lock)).code == 0
    assert "Against the locked plan" in (tmp_path / "scored" / "report.html").read_text(encoding="utf-8")

    # The plan in the record is changed: the report says so when it is made again.
    record = json.loads((run / "run.json").read_text(encoding="utf-8"))
    record["locked_plan"]["plan"]["hypotheses"][0]["value"] = 0.0
    (run / "run.json").write_text(json.dumps(record), encoding="utf-8")
    assert personae("run", "report", str(run)).code == 0
    assert "THE PLAN WAS CHANGED AFTER IT WAS LOCKED" in (run / "report.html").read_text(encoding="utf-8")


def test_a_plan_is_not_hung_onto_a_run_that_began_without_it(tmp_path: Path) -> None:
    lock, run = tmp_path / "p.lock.json", tmp_path / "run"
    write_lock(lock_plan(plan_of(expects("a", "above"))), lock)
    words = ["instrument", "administer", "tipi", "--model", "sim", "-P", "checked=0", "--folder", str(run)]
    assert personae(*words).code == 0
    late = personae(*words, "--plan", str(lock))
    assert late.code == ConflictError.exit_code
    assert "began without this plan" in late.err
    lock.write_text(lock.read_text(encoding="utf-8").replace("a holds", "a fails"), encoding="utf-8")
    broken = personae(*words, "--plan", str(lock))
    assert broken.code == InputError.exit_code
    assert "seal is broken" in broken.err
