"""Charts of a grid and of steps show every figure that can be drawn, in words too."""

from __future__ import annotations

import math
import re

from personae.study import Finding
from personae.study.report.patterns import curve_chart, heat_chart


def _finding(name: str, estimate: float, subject: str = "sim") -> Finding:
    return Finding(
        name=name, subject=subject, estimate=estimate, low=estimate - 0.1, high=estimate + 0.1, n=9, missing=0
    )


def _words(svg: str) -> list[str]:
    return re.findall(r'aria-label="([^"]*)"', svg)


class TestHeatChart:
    def test_every_tile_says_what_it_is(self) -> None:
        svg = heat_chart([_finding("shift.openness.descending", 0.25), _finding("shift.openness.item_wise", -1.5)])

        assert {"openness, descending, sim: 0.25", "openness, item wise, sim: -1.50"} <= set(_words(svg))

    def test_each_subject_has_a_map(self) -> None:
        svg = heat_chart([_finding("shift.a.b", 0.1, "one"), _finding("shift.a.b", 0.2, "two")])

        assert svg.count("<svg") == 2

    def test_what_is_no_number_or_in_no_grid_is_left_out(self) -> None:
        assert heat_chart([_finding("shift.a.b", math.nan), _finding("alpha", 0.5)]) == ""

    def test_a_map_of_nothing_but_zeros_is_drawn(self) -> None:
        assert "a, b, sim: 0.00" in _words(heat_chart([_finding("shift.a.b", 0.0)]))


class TestCurveChart:
    def test_every_series_has_a_panel_and_every_point_its_words(self) -> None:
        findings = [_finding(f"dose.{trait}.at_{level}", level / 4) for trait in ("one", "two") for level in (-4, 0, 4)]

        svg = curve_chart(findings)

        assert svg.count("<svg") == 2
        assert "one at -4, sim: -1.00" in _words(svg)

    def test_points_without_an_interval_are_points(self) -> None:
        bare = Finding(name="dose.one.at_3", subject="sim", estimate=1.0, low=math.nan, high=math.nan, n=1, missing=0)

        assert "NaN" not in curve_chart([bare])

    def test_what_has_no_place_on_the_axis_is_left_out(self) -> None:
        assert curve_chart([_finding("dose_rho.one", 1.0), _finding("dose.one.at_2", math.nan)]) == ""
