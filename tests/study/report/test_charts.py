"""Charts: legible in both colour schemes, with words for every mark."""

from __future__ import annotations

from dataclasses import replace

from personae.study import CORRECTED, Claim, compare
from personae.study.report import interval_chart
from support.report_material import finding


def test_colours_follow_the_page_and_marks_have_words() -> None:
    svg = interval_chart([finding("d.e"), finding("d.e", 2.0, convention=CORRECTED)])
    assert svg.startswith("<svg")
    assert "var(--series-1)" in svg
    assert "var(--series-2)" in svg
    assert "currentColor" in svg
    assert 'aria-label="d.e, m-1, as published: 1.00, interval 0.50 to 1.50"' in svg
    assert "max-width" in svg


def test_published_figures_are_diamonds_of_their_own() -> None:
    findings = [finding("d.e")]
    claims = [Claim("d.e", "m-2", 3.25, "Table 1", "verified")]
    svg = interval_chart(findings, compare(findings, claims))
    assert "d.e, published for m-2: 3.25" in svg
    assert "published for" in svg


def test_what_cannot_be_drawn_is_left_out() -> None:
    nan = float("nan")
    assert interval_chart([]) == ""
    assert interval_chart([finding("d.e", nan)]) == ""
    svg = interval_chart([finding("d.e", nan), replace(finding("d.f"), low=nan, high=nan)])
    assert "d.f" in svg
    assert "nan" not in svg.lower()


def test_names_cannot_break_out_of_the_picture() -> None:
    svg = interval_chart([finding("d.<script>alert(1)</script>")])
    assert "<script>" not in svg
