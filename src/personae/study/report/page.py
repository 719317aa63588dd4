"""One HTML file that can be mailed: no script, no network, tables that a screen reader can read, charts as SVG."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from personae.model import STATUSES
from personae.study.finding import Comparison, Finding
from personae.study.progress import short_number
from personae.study.report.charts import interval_chart
from personae.study.report.material import ReportMaterial
from personae.study.report.methods import write_limits, write_methods
from personae.study.report.plan import Section

if TYPE_CHECKING:
    from jinja2 import Template

_MOST_CHARACTERS = 4000
_OTHER = "Further findings"


@dataclass(frozen=True, slots=True)
class _Shown:
    """A section as the page shows it."""

    section: Section
    findings: Sequence[Finding]
    comparisons: Sequence[Comparison]
    chart: str


def render_report(material: ReportMaterial) -> str:
    """Write the report of a run or a replay as one self-contained HTML page."""
    shown = list(_sections(material))
    return _template().render(
        material=material,
        plan=material.plan,
        record=material.record,
        shown=shown,
        comparisons=material.comparisons,
        statuses=STATUSES,
        methods=write_methods(material),
        limits=write_limits(material),
    )


def _sections(material: ReportMaterial) -> Iterator[_Shown]:
    rest = list(material.findings)
    for section in material.plan.sections:
        mine = [finding for finding in rest if section.holds(finding)]
        rest = [finding for finding in rest if not section.holds(finding)]
        if mine:
            beside = [one for one in material.comparisons if section.holds(one.finding)]
            yield _Shown(section, mine, beside, interval_chart(mine, beside) if section.has_chart else "")
    if rest:
        yield _Shown(Section(_OTHER, (), has_chart=False), rest, (), "")


@lru_cache(maxsize=1)
def _template() -> Template:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("personae.study", "report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(number=format_number, p=format_p, cut=cut_text, short=short_number)
    return environment.get_template("report.html")


def format_number(value: float | None) -> str:
    """A number for a table: three significant digits at least, no false precision; a dash for what is not a number.

    Example:
        >>> format_number(7.806), format_number(0.0123), format_number(320.0), format_number(float("nan"))
        ('7.81', '0.012', '320', '–')
    """
    if value is None or not math.isfinite(value):
        return "–"
    if value == round(value) and abs(value) >= 100:
        return f"{value:.0f}"
    if abs(value) >= 100:
        return f"{value:.1f}"
    return f"{value:.2f}" if abs(value) >= 0.1 or value == 0 else f"{value:.3f}"


def format_p(value: float | None) -> str:
    """A p value for a table.

    Example:
        >>> format_p(0.03), format_p(1e-9), format_p(None)
        ('0.030', '< 0.001', '')
    """
    if value is None or not math.isfinite(value):
        return ""
    return "< 0.001" if value < 0.001 else f"{value:.3f}"


def cut_text(text: str) -> str:
    """A text for an example, cut if it is long; the ledger holds all of it."""
    if len(text) <= _MOST_CHARACTERS:
        return text
    return f"{text[:_MOST_CHARACTERS]}\n[... {len(text) - _MOST_CHARACTERS} further characters are in the ledger]"
