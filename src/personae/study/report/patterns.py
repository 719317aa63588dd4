"""Charts of findings that belong to a grid or to a row of steps: a heat map, and curves with their bands."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from typing import Any

from personae.study.finding import Finding
from personae.study.report.charts import palette, to_svg

_CELL = 54
_STEP_WIDTH, _STEP_HEIGHT = 300, 200


def heat_chart(findings: Sequence[Finding]) -> str:
    """Draw a grid of estimates, a map for each subject; empty if nothing can be drawn.

    Rows and columns are the last two words of a finding's name: ``shift.extraversion.descending``.
    """
    import altair as alt

    rows = [_cell(one) for one in findings if math.isfinite(one.estimate) and one.name.count(".") > 1]
    if not rows:
        return ""
    most = max(max(abs(row["value"]) for row in rows), 1e-9)
    x = alt.X("column:N", title=None, sort=_in_order(rows, "column"), axis=alt.Axis(labelAngle=-35, orient="top"))
    y = alt.Y("row:N", title=None, sort=_in_order(rows, "row"))
    color = alt.Color(
        "value:Q",
        title=_unit(findings),
        scale=alt.Scale(domain=[-most, 0, most], range=["#2166ac", "#f7f7f7", "#b2182b"]),
    )
    charts = []
    for subject in dict.fromkeys(row["subject"] for row in rows):
        base = alt.Chart({"values": [row for row in rows if row["subject"] == subject]}).encode(x=x, y=y)
        tiles = base.mark_rect().encode(color=color, description="text:N")
        is_dark = alt.expr.abs(alt.datum.value) > 0.6 * most
        words = base.mark_text(fontSize=11).encode(
            text=alt.Text("value:Q", format=".2f"), color=alt.condition(is_dark, alt.value("white"), alt.value("black"))
        )
        layers = alt.layer(tiles, words)
        charts.append(to_svg(layers.properties(title=_title(subject), width={"step": _CELL}, height={"step": 26})))
    return "".join(charts)


def curve_chart(findings: Sequence[Finding]) -> str:
    """Draw estimates over the numbers that their names end with, a panel for each series; empty if there is none.

    ``dose.extraversion.at_-4`` is the point at -4 of the series ``extraversion``.
    """
    import altair as alt

    rows = list(_points(findings))
    if not rows:
        return ""
    subjects = list(dict.fromkeys(row["subject"] for row in rows))
    color = alt.Color("subject:N", title=None, scale=alt.Scale(domain=subjects, range=palette()))
    charts = []
    for series in dict.fromkeys(row["series"] for row in rows):
        base = alt.Chart({"values": [row for row in rows if row["series"] == series]})
        x = alt.X("at:Q", title=None, axis=alt.Axis(tickMinStep=1))
        y = alt.Y("value:Q", title=_unit(findings), scale=alt.Scale(zero=False))
        band = base.mark_area(opacity=0.2).encode(x=x, y=alt.Y("low:Q", scale=alt.Scale(zero=False)), y2="high:Q")
        line = base.mark_line(strokeWidth=2).encode(x=x, y=y)
        dots = base.mark_point(filled=True, size=50, opacity=1).encode(x=x, y=y, description="text:N")
        layers = [layer.encode(color=color) for layer in (band, line, dots)]
        charts.append(
            to_svg(alt.layer(*layers).properties(title=_title(series), width=_STEP_WIDTH, height=_STEP_HEIGHT))
        )
    return "".join(charts)


def _cell(finding: Finding) -> dict[str, Any]:
    *_, row, column = finding.name.split(".")
    row, column = row.replace("_", " "), column.replace("_", " ")
    text = f"{row}, {column}, {finding.subject}: {finding.estimate:.2f}"
    return {"row": row, "column": column, "value": finding.estimate, "subject": finding.subject, "text": text}


def _points(findings: Sequence[Finding]) -> Iterator[dict[str, Any]]:
    for finding in findings:
        match = re.fullmatch(r".*?([^.]+)\.at_(-?\d+(?:\.\d+)?)", finding.name)
        if match is None or not math.isfinite(finding.estimate):
            continue
        has_interval = math.isfinite(finding.low) and math.isfinite(finding.high)
        yield {
            "series": match[1].replace("_", " "),
            "at": float(match[2]),
            "value": finding.estimate,
            "low": finding.low if has_interval else finding.estimate,
            "high": finding.high if has_interval else finding.estimate,
            "subject": finding.subject,
            "text": f"{match[1]} at {match[2]}, {finding.subject}: {finding.estimate:.2f}",
        }


def _in_order(rows: Sequence[dict[str, Any]], name: str) -> list[str]:
    return list(dict.fromkeys(row[name] for row in rows))


def _title(text: str) -> dict[str, Any]:
    return {"text": text, "color": "currentColor", "fontSize": 13, "anchor": "start"}


def _unit(findings: Sequence[Finding]) -> str:
    units = {finding.unit for finding in findings}
    return units.pop() if len(units) == 1 else "estimate"
