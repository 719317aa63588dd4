"""Charts of a report as inline SVG: drawn without a browser, legible in light and dark, with words for every mark."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from personae.study.finding import Comparison, Finding

if TYPE_CHECKING:
    import altair as alt

_MOST_ROWS = 40
_WIDTH = 460


def interval_chart(findings: Sequence[Finding], comparisons: Sequence[Comparison] = ()) -> str:
    """Draw estimates as dots with their intervals, published figures as diamonds; empty if nothing can be drawn."""
    import altair as alt

    shown = [finding for finding in findings if math.isfinite(finding.estimate)][:_MOST_ROWS]
    if not shown:
        return ""
    names = list(dict.fromkeys(finding.name for finding in shown))
    rows = [_row(finding) for finding in shown]
    place = alt.Y("name:N", title=None, sort=names)
    series = alt.YOffset("series:N", sort=list(dict.fromkeys(row["series"] for row in rows)))
    color = alt.Color("series:N", title=None, scale=alt.Scale(range=palette()))
    ours = alt.Chart({"values": rows})
    bars = ours.mark_rule(strokeWidth=2).encode(
        y=place, yOffset=series, color=color, x=alt.X("low:Q", title=_axis_title(shown)), x2="high:Q"
    )
    dots = ours.mark_point(filled=True, size=60, opacity=1).encode(
        y=place, yOffset=series, color=color, x="estimate:Q", description="text:N"
    )
    layers: list[alt.Chart] = [bars, dots]
    published = [
        {"name": one.claim.name, "value": one.claim.value, "who": one.claim.subject, "text": _published_text(one)}
        for one in {(one.claim.name, one.claim.subject): one for one in comparisons}.values()
        if one.claim.name in names
    ]
    if published:
        layers.append(
            alt.Chart({"values": published})
            .mark_point(size=70, strokeWidth=1.5, color="currentColor")
            .encode(
                y=place,
                x="value:Q",
                shape=alt.Shape(
                    "who:N", title="published for", scale=alt.Scale(range=["diamond", "triangle-up", "square"])
                ),
                description="text:N",
            )
        )
    return to_svg(alt.layer(*layers).properties(width=_WIDTH, height={"step": 30}))


def to_svg(chart: Any) -> str:
    """Draw a chart as inline SVG whose colours follow the page."""
    import vl_convert

    styled = (
        chart.configure(background="transparent", font="sans-serif")
        .configure_axis(
            labelColor="currentColor",
            titleColor="currentColor",
            domainColor="currentColor",
            tickColor="currentColor",
            gridColor="var(--grid)",
            labelLimit=260,
            labelFontSize=12,
            titleFontSize=12,
        )
        .configure_axisQuantitative(labelOverlap=True, labelSeparation=6)
        .configure_legend(
            labelColor="currentColor", titleColor="currentColor", orient="bottom", labelFontSize=12, titleFontSize=12
        )
        .configure_view(stroke=None)
    )
    svg: str = vl_convert.vegalite_to_svg(styled.to_dict())
    # The page decides how wide a chart may be.
    return re.sub(
        r'<svg([^>]*?) width="(\d+)" height="\d+"',
        r'<svg\1 style="width:100%;max-width:\2px;height:auto"',
        svg,
        count=1,
    )


def _row(finding: Finding) -> dict[str, Any]:
    has_interval = math.isfinite(finding.low) and math.isfinite(finding.high)
    series = finding.subject + (f", {finding.conventions[0].replace('_', ' ')}" if finding.conventions else "")
    return {
        "name": finding.name,
        "series": series,
        "estimate": finding.estimate,
        "low": finding.low if has_interval else finding.estimate,
        "high": finding.high if has_interval else finding.estimate,
        "text": f"{finding.name}, {series}: {finding.estimate:.2f}"
        + (f", interval {finding.low:.2f} to {finding.high:.2f}" if has_interval else ""),
    }


def _published_text(comparison: Comparison) -> str:
    claim = comparison.claim
    return f"{claim.name}, published for {claim.subject}: {claim.value:g}"


def _axis_title(findings: Sequence[Finding]) -> str:
    units = {finding.unit for finding in findings}
    return units.pop() if len(units) == 1 else "estimate"


def palette() -> list[str]:
    """Colours of series, as the page names them."""
    return [f"var(--series-{index})" for index in range(1, 7)]
