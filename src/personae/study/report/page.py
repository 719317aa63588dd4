"""One HTML file that can be mailed: no script, no network, tables that a screen reader can read, charts as SVG."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from personae.model import STATUSES
from personae.study.finding import Comparison, Finding
from personae.study.progress import short_number
from personae.study.report.charts import interval_chart
from personae.study.report.material import ReportMaterial
from personae.study.report.methods import write_limits, write_methods
from personae.study.report.patterns import curve_chart, heat_chart
from personae.study.report.plan import Section

if TYPE_CHECKING:
    from jinja2 import Template

_MOST_CHARACTERS = 4000
_OTHER = "Further findings"
_NOISE = 1e-12
"""What is nearer to zero is rounding of the computation, such as the mean of z-scores."""


@dataclass(frozen=True, slots=True)
class _Row:
    """A finding, and the letter of the note that says how it was computed."""

    finding: Finding
    letter: str


@dataclass(frozen=True, slots=True)
class _Shown:
    """A section as the page shows it."""

    section: Section
    rows: Sequence[_Row]
    notes: Mapping[str, str]
    """How findings were computed, by letter; most findings of a section share a note."""
    chart: str


@dataclass(frozen=True, slots=True)
class _Beside:
    """One finding with all figures that were published for it, by model."""

    finding: Finding
    published: Mapping[str, Comparison]


def render_report(material: ReportMaterial) -> str:
    """Write the report of a run or a replay as one self-contained HTML page."""
    beside = _beside(material.comparisons)
    return _template().render(
        material=material,
        plan=material.plan,
        record=material.record,
        shown=list(_sections(material)),
        beside=beside,
        published_for=list(dict.fromkeys(subject for one in beside for subject in one.published)),
        sources=_sources(material.comparisons),
        statuses=STATUSES,
        methods=write_methods(material),
        limits=write_limits(material),
    )


def _sections(material: ReportMaterial) -> Iterator[_Shown]:
    rest = list(material.findings)
    for section in material.plan.sections:
        mine = sorted((finding for finding in rest if section.holds(finding)), key=section.place)
        rest = [finding for finding in rest if not section.holds(finding)]
        if mine:
            published = [one for one in material.comparisons if section.holds(one.finding)]
            yield _show(section, mine, _charts(section, mine, published) if section.has_chart else "")
    if rest:
        yield _show(Section(_OTHER, (), has_chart=False), rest, "")


def _charts(section: Section, findings: Sequence[Finding], comparisons: Sequence[Comparison]) -> str:
    """One chart for each unit: shares and scale points do not belong on one axis."""
    if section.chart == "heat":
        return heat_chart(findings)
    if section.chart == "curves":
        return curve_chart(findings)
    units: dict[str, list[Finding]] = {}
    for finding in findings:
        units.setdefault(finding.unit, []).append(finding)
    return "".join(interval_chart(group, comparisons) for group in units.values())


def _show(section: Section, findings: Sequence[Finding], chart: str) -> _Shown:
    letters: dict[str, str] = {}
    rows = []
    for finding in findings:
        how = _how(finding)
        letters.setdefault(how, _letter(len(letters)))
        rows.append(_Row(finding, letters[how]))
    return _Shown(section, rows, {letter: how for how, letter in letters.items()}, chart)


def _how(finding: Finding) -> str:
    words = "; ".join(word for word in (finding.unit, finding.method) if word)
    return f"{words} [{', '.join(finding.conventions)}]" if finding.conventions else words


def _letter(index: int) -> str:
    return chr(ord("a") + index) if index < 26 else f"{_letter(index // 26 - 1)}{_letter(index % 26)}"


def _beside(comparisons: Sequence[Comparison]) -> list[_Beside]:
    found: dict[tuple[str, str, tuple[str, ...]], dict[str, Comparison]] = {}
    for one in comparisons:
        key = (one.finding.name, one.finding.subject, one.finding.conventions)
        found.setdefault(key, {})[one.claim.subject] = one
    return [_Beside(next(iter(published.values())).finding, published) for published in found.values()]


def _sources(comparisons: Sequence[Comparison]) -> list[str]:
    """Where published figures stand, each place once."""
    lines = []
    for one in comparisons:
        claim = one.claim
        note = f"; {claim.note}" if claim.note else ""
        kinds = claim.name.partition(".")[0]
        lines.append(f"{kinds}, {claim.subject}: {claim.where} ({claim.confidence}{note})")
    return list(dict.fromkeys(lines))


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
    environment.filters.update(
        number=format_number, interval=format_interval, p=format_p, cut=cut_text, short=short_number
    )
    return environment.get_template("report.html")


def format_number(value: float | None) -> str:
    """A number for a table: three significant digits at least, no false precision; a dash for what is not a number.

    Example:
        >>> format_number(7.806), format_number(0.0123), format_number(-0.0002), format_number(320.0)
        ('7.81', '0.012', '-2e-4', '320')
        >>> format_number(float("nan"))
        '–'
    """
    if value is None or not math.isfinite(value):
        return "–"
    size = abs(value)
    if size < _NOISE:
        return "0.00"
    if size >= 100:
        return f"{value:.0f}" if value == round(value) else f"{value:.1f}"
    if size >= 0.1 or value == 0:
        return f"{value:.2f}"
    return f"{value:.3f}" if size >= 0.0005 else f"{value:.0e}".replace("e-0", "e-")


def format_interval(low: float | None, high: float | None) -> str:
    """The bounds of an interval for a table; one dash where neither is known.

    Example:
        >>> format_interval(0.5, 0.75), format_interval(float("nan"), float("nan"))
        ('0.50 to 0.75', '–')
    """
    bounds = [format_number(low), format_number(high)]
    return bounds[0] if bounds[0] == bounds[1] == "–" else " to ".join(bounds)


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
