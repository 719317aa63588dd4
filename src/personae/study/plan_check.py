"""Holding a run against the plan that was locked before it: kept, deviated, not in the plan."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from personae.errors import InputError
from personae.stats import benjamini_hochberg, holm
from personae.study.finding import Finding
from personae.study.locked_plan import AnalysisPlan, Hypothesis, LockedPlan, locked_of

KEY = "locked_plan"
"""Where a run's record keeps the plan."""
_Z = 1.959963984540054

Verdict = Literal["supported", "not supported", "not tested"]
Standing = Literal["kept", "deviated", "open", "stated"]
"""``open``: not decided yet, or left open by the plan. ``stated``: in words that no machine checks."""


@dataclass(frozen=True, slots=True)
class Tested:
    """What a hypothesis came to, for one model."""

    key: str
    text: str
    finding: str
    subject: str
    expects: str
    estimate: float | None
    low: float | None
    high: float | None
    p_value: float | None
    p_adjusted: float | None
    verdict: Verdict
    note: str = ""


@dataclass(frozen=True, slots=True)
class Held:
    """One element of the plan beside what was done."""

    what: str
    planned: str
    done: str
    standing: Standing


@dataclass(frozen=True, slots=True)
class PlanCheck:
    """A run beside its plan."""

    title: str
    locked: str
    seal: str
    is_whole: bool
    """Whether the plan is still the one that was locked."""
    hypotheses: Sequence[Tested]
    elements: Sequence[Held]
    unplanned: Sequence[str]
    """Findings that the report tests and the plan does not name: exploratory."""

    @property
    def deviations(self) -> int:
        """Elements that were not kept; a broken seal is one."""
        return sum(one.standing == "deviated" for one in self.elements) + (not self.is_whole)

    def to_json(self) -> dict[str, Any]:
        """Plain JSON form."""
        return {
            "title": self.title,
            "locked": self.locked,
            "seal": self.seal,
            "is_whole": self.is_whole,
            "deviations": self.deviations,
            "hypotheses": [asdict(one) for one in self.hypotheses],
            "elements": [asdict(one) for one in self.elements],
            "unplanned": list(self.unplanned),
        }


def check_record(
    record: Mapping[str, Any], findings: Sequence[Finding], *, cells: int, expected: int | None
) -> PlanCheck | None:
    """Hold a run against the plan that its record carries; ``None`` if it carries none.

    Raises:
        InputError: If what the record carries is no plan.
    """
    if KEY not in record:
        return None
    return check_plan(locked_of(record[KEY], f"record, {KEY}"), record, findings, cells=cells, expected=expected)


def check_plan(
    locked: LockedPlan,
    record: Mapping[str, Any],
    findings: Sequence[Finding],
    *,
    cells: int,
    expected: int | None,
) -> PlanCheck:
    """Hold findings and the record of a run against a plan.

    A hypothesis is tested by its finding's estimate and 95 % interval: the standard error is taken from the half of the
    interval that faces the value (a normal approximation), the test is one-sided (``within``: both sides), and p values
    are corrected within each family as the plan says, by Holm otherwise. A finding without an interval tests nothing.

    Args:
        locked: The plan.
        record: The record of the run.
        findings: What it found.
        cells: Observations that there are.
        expected: Observations that the design has.
    """
    plan = locked.plan
    named = {one.finding for one in plan.hypotheses}
    unplanned = [one.name for one in findings if one.family and one.name not in named]
    return PlanCheck(
        plan.title,
        locked.locked,
        locked.seal,
        locked.is_whole,
        tuple(_test(plan, findings)),
        tuple(_elements(plan, locked.locked, record, cells, expected)),
        tuple(dict.fromkeys(unplanned)),
    )


def _test(plan: AnalysisPlan, findings: Sequence[Finding]) -> Iterator[Tested]:
    pairs: list[tuple[Hypothesis, Finding | None]] = []
    for hypothesis in plan.hypotheses:
        mine = [
            one
            for one in findings
            if one.name == hypothesis.finding
            and one.conventions[:1] == (hypothesis.convention,)
            and hypothesis.subject in ("", one.subject)
        ]
        pairs += [(hypothesis, one) for one in mine] or [(hypothesis, None)]
    p_values = [None if finding is None else _p_value(hypothesis, finding) for hypothesis, finding in pairs]
    adjusted: dict[int, float | None] = {}
    for family in dict.fromkeys(hypothesis.family for hypothesis, _ in pairs):
        places = [place for place, (hypothesis, _) in enumerate(pairs) if hypothesis.family == family]
        correct = benjamini_hochberg if plan.families.get(family) == "bh" else holm
        adjusted.update(zip(places, correct([p_values[place] for place in places]), strict=True))
    for place, (hypothesis, finding) in enumerate(pairs):
        yield _tested(plan, hypothesis, finding, p_values[place], adjusted[place])


def _tested(
    plan: AnalysisPlan, hypothesis: Hypothesis, finding: Finding | None, p: float | None, adjusted: float | None
) -> Tested:
    verdict: Verdict = "not tested"
    note = "no finding of this name and convention" if finding is None else ""
    if finding is not None and p is None:
        note = finding.note or "the finding has no interval"
    if adjusted is not None:
        verdict = "supported" if adjusted < plan.alpha else "not supported"
    return Tested(
        hypothesis.key,
        hypothesis.text,
        hypothesis.finding,
        finding.subject if finding is not None else hypothesis.subject,
        _expectation(hypothesis),
        _known(finding.estimate if finding else math.nan),
        _known(finding.low if finding else math.nan),
        _known(finding.high if finding else math.nan),
        p,
        adjusted,
        verdict,
        note,
    )


def _expectation(hypothesis: Hypothesis) -> str:
    if hypothesis.expects == "within":
        return f"within {hypothesis.low:g} and {hypothesis.high:g}"
    return f"{hypothesis.expects} {'from ' if hypothesis.expects == 'differs' else ''}{hypothesis.value:g}"


def _p_value(hypothesis: Hypothesis, finding: Finding) -> float | None:
    if not all(math.isfinite(value) for value in (finding.estimate, finding.low, finding.high)):
        return None
    if hypothesis.expects == "above":
        return _beyond(finding.estimate - hypothesis.value, finding.estimate - finding.low)
    if hypothesis.expects == "below":
        return _beyond(hypothesis.value - finding.estimate, finding.high - finding.estimate)
    if hypothesis.expects == "within":
        low, high = hypothesis.low or 0.0, hypothesis.high or 0.0
        return max(
            _beyond(finding.estimate - low, finding.estimate - finding.low),
            _beyond(high - finding.estimate, finding.high - finding.estimate),
        )
    is_above = finding.estimate > hypothesis.value
    half = finding.estimate - finding.low if is_above else finding.high - finding.estimate
    return min(1.0, 2 * _beyond(abs(finding.estimate - hypothesis.value), half))


def _beyond(distance: float, half: float) -> float:
    """One-sided p of a distance whose 95 % half interval is known."""
    if half <= 0:
        return 0.0 if distance > 0 else 1.0
    return 0.5 * math.erfc(distance / (half / _Z) / math.sqrt(2))


def _elements(
    plan: AnalysisPlan, locked: str, record: Mapping[str, Any], cells: int, expected: int | None
) -> Iterator[Held]:
    began = str(record.get("created", ""))
    # Both are UTC in one spelling, so that their order is that of their letters.
    yield Held(
        "lock",
        f"before the run, locked {locked}",
        f"began {began or 'unknown'}",
        "kept" if locked <= began else "deviated",
    )
    keys = [
        str(record[name]) for name in ("paper", "assessment", "survey", "scored", "replay", "study") if name in record
    ]
    if plan.study:
        yield Held("study", plan.study, keys[0] if keys else "unknown", "kept" if plan.study in keys else "deviated")
    names = [str(model["name"]) for role, model in record.get("models", {}).items() if role.startswith("subject")]
    if plan.models:
        is_kept = bool(names) and set(names) <= set(plan.models)
        yield Held("model", ", ".join(plan.models), ", ".join(names) or "unknown", "kept" if is_kept else "deviated")
    given = {**record.get("parameters", {}), **record.get("given_parameters", {})}
    for name, value in plan.parameters.items():
        done = str(given.get(name, "absent"))
        yield Held(f"parameter {name}", value, done, "kept" if done == value else "deviated")
    wanted = plan.cells or expected
    observed = f"{cells} observed" + (f" of {expected}" if expected is not None and expected != cells else "")
    if wanted is None:
        yield Held("observations", "all of the design", observed, "open")
    else:
        standing: Standing = "kept" if cells == wanted else "deviated" if cells > wanted else "open"
        yield Held("observations", str(wanted), observed, standing)
    yield Held("stopping", plan.stopping, observed, "stated")
    for exclusion in plan.exclusions:
        yield Held("exclusion", exclusion, "see missing beside each finding", "stated")


def _known(value: float) -> float | None:
    return value if math.isfinite(value) else None


def read_findings(folder: Path) -> tuple[list[Finding], int, int | None]:
    """Read the findings of a concluded run, how many cells it has, and how many its design has.

    Raises:
        InputError: If the folder holds none.
    """
    path = folder / "findings.json"
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        findings = [_finding(one) for one in data["findings"]]
        return findings, int(data["cells"]), data["expected_cells"]
    except (OSError, UnicodeDecodeError, ValueError, KeyError, TypeError) as error:
        raise InputError(
            f"holds no findings ({type(error).__name__})", where=str(folder), remedy="personae run report writes them"
        ) from error


def _finding(data: Mapping[str, Any]) -> Finding:
    fields: dict[str, Any] = dict(data)
    for name in ("estimate", "low", "high"):
        fields[name] = math.nan if data[name] is None else float(data[name])
    fields["conventions"] = tuple(data["conventions"])
    return Finding(**fields)
