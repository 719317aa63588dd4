"""Findings, claims, and putting one beside the other."""

from __future__ import annotations

import dataclasses
import json
import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from personae.stats import Estimate
from personae.study import AS_PUBLISHED, CORRECTED, Claim, Comparison, Finding, compare


def finding(**changes: Any) -> Finding:
    base: dict[str, Any] = {
        "name": "d.extraversion",
        "subject": "m-1",
        "estimate": 5.0,
        "low": 4.0,
        "high": 6.0,
        "n": 320,
        "missing": 2,
        "conventions": (AS_PUBLISHED, "ddof=0"),
    }
    return Finding(**{**base, **changes})


def claim(**changes: Any) -> Claim:
    base: dict[str, Any] = {
        "name": "d.extraversion",
        "subject": "m-1",
        "value": 5.47,
        "where": "Table 1",
        "confidence": "verified",
    }
    return Claim(**{**base, **changes})


# --- findings ---------------------------------------------------------------------------------------------------------


def test_a_finding_is_never_a_bare_number() -> None:
    needed = {field.name for field in dataclasses.fields(Finding) if field.default is dataclasses.MISSING}
    assert needed == {"name", "subject", "estimate", "low", "high", "n", "missing"}
    assert {"unit", "method", "conventions"} <= {field.name for field in dataclasses.fields(Finding)}


def test_a_finding_of_an_estimate_takes_over_everything_it_says() -> None:
    estimate = Estimate(
        0.8, 0.5, 1.1, 40, 3, method="Cohen's d", conventions=("ddof=1",), p_value=0.01, note="two groups"
    )
    made = Finding.of("d", "m-1", estimate, unit="SD", conventions=(CORRECTED,), family="traits")
    assert made == Finding(
        name="d",
        subject="m-1",
        estimate=0.8,
        low=0.5,
        high=1.1,
        n=40,
        missing=3,
        unit="SD",
        method="Cohen's d",
        conventions=(CORRECTED, "ddof=1"),
        p_value=0.01,
        family="traits",
        note="two groups",
    )
    assert made.p_adjusted is None


def test_what_was_not_tested_belongs_to_no_family_of_tests() -> None:
    assert Finding.of("mean", "m", Estimate(1, 0, 2, 10), family="traits").family == ""


@pytest.mark.parametrize(
    ("p", "is_significant"), [(None, False), (0.049, True), (0.05, False), (0.0, True), (math.nan, False)]
)
def test_only_a_corrected_p_value_makes_a_finding_significant(p: float | None, is_significant: bool) -> None:
    assert finding(p_value=0.0001, p_adjusted=p).is_significant() is is_significant


def test_the_level_of_significance_can_be_chosen() -> None:
    assert not finding(p_adjusted=0.02).is_significant(alpha=0.01)
    assert finding(p_adjusted=0.2).is_significant(alpha=0.5)


@settings(deadline=None)
@given(st.floats(), st.floats(), st.floats(), st.none() | st.floats())
def test_the_json_form_is_json_whatever_the_numbers_are(e: float, low: float, high: float, p: float | None) -> None:
    data = finding(estimate=e, low=low, high=high, p_value=p, p_adjusted=p).to_json()
    again = json.loads(json.dumps(data, allow_nan=False))
    assert again == data
    for name, value in (("estimate", e), ("low", low), ("high", high), ("p_value", p)):
        assert data[name] == (value if value is not None and math.isfinite(value) else None)
    assert set(data) == {field.name for field in dataclasses.fields(Finding)}
    assert data["conventions"] == [AS_PUBLISHED, "ddof=0"]


# --- comparisons ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "is_within"), [(4.0, True), (6.0, True), (5.2, True), (3.99, False), (6.01, False), (math.nan, False)]
)
def test_a_published_figure_is_within_our_interval_or_not(value: float, is_within: bool) -> None:
    assert Comparison(claim(value=value), finding()).is_within is is_within


def test_without_an_interval_nothing_is_within() -> None:
    unknown = finding(estimate=math.nan, low=math.nan, high=math.nan)
    beside = Comparison(claim(), unknown)
    assert not beside.is_within
    assert beside.to_json()["estimate"] is None
    assert beside.to_json()["difference"] is None


def test_the_difference_is_ours_minus_theirs() -> None:
    assert Comparison(claim(value=5.5), finding(estimate=5.0)).difference == pytest.approx(-0.5)


def test_a_comparison_says_for_whom_where_and_how_sure() -> None:
    beside = Comparison(claim(subject="gpt-4", note="recomputed", confidence="memory"), finding())
    assert not beside.is_same_subject
    assert beside.to_json() == {
        "name": "d.extraversion",
        "published": 5.47,
        "published_for": "gpt-4",
        "where": "Table 1",
        "confidence": "memory",
        "subject": "m-1",
        "estimate": 5.0,
        "difference": pytest.approx(-0.47),
        "is_within_interval": True,
        "note": "recomputed",
    }
    assert Comparison(claim(), finding()).is_same_subject


def pairs(findings: list[Finding], claims: list[Claim]) -> list[tuple[str, str, str]]:
    return [(found.claim.name, found.claim.subject, found.finding.subject) for found in compare(findings, claims)]


def test_figures_are_compared_with_findings_of_the_same_name() -> None:
    findings = [finding(), finding(name="d.openness")]
    assert pairs(findings, [claim(name="d.openness"), claim(name="d.neuroticism")]) == [("d.openness", "m-1", "m-1")]


def test_a_figure_on_a_model_that_was_observed_is_compared_with_that_model_alone() -> None:
    findings = [finding(subject="m-1"), finding(subject="m-2")]
    assert pairs(findings, [claim(subject="m-2")]) == [("d.extraversion", "m-2", "m-2")]


def test_a_figure_on_another_model_is_a_yardstick_for_every_model_observed() -> None:
    findings = [finding(subject="m-1"), finding(subject="m-2")]
    assert pairs(findings, [claim(subject="gpt-4")]) == [
        ("d.extraversion", "gpt-4", "m-1"),
        ("d.extraversion", "gpt-4", "m-2"),
    ]


def test_a_figure_is_compared_with_what_was_computed_in_the_same_way() -> None:
    published, ours = finding(), finding(estimate=4.9, conventions=(CORRECTED, "ddof=1"))
    (beside,) = compare([ours, published], [claim()])
    assert beside.finding is published
    (corrected,) = compare([ours, published], [claim(conventions=(CORRECTED,))])
    assert corrected.finding is ours
    assert claim().conventions == (AS_PUBLISHED,)


def test_further_conventions_do_not_keep_figures_apart() -> None:
    assert compare([finding(conventions=(AS_PUBLISHED, "ddof=0", "sum"))], [claim(conventions=(AS_PUBLISHED, "mean"))])


def test_figures_without_conventions_are_compared_with_their_like() -> None:
    plain, published = finding(conventions=()), finding()
    assert [found.finding for found in compare([plain, published], [claim(conventions=())])] == [plain]
    assert [found.finding for found in compare([plain, published], [claim()])] == [published]


def test_findings_may_come_from_a_stream() -> None:
    assert len(compare(iter([finding(), finding(subject="m-2")]), [claim(), claim(subject="m-2")])) == 2
    assert compare([], [claim()]) == []
    assert compare([finding()], []) == []
