"""The report of a run: findings beside published figures, how far they may be believed, what may not be concluded."""

from personae.study.report.charts import interval_chart, to_svg
from personae.study.report.material import (
    Example,
    ReportMaterial,
    StatusRow,
    count_statuses,
    pick_examples,
)
from personae.study.report.methods import write_limits, write_methods
from personae.study.report.page import format_interval, format_number, format_p, render_report
from personae.study.report.plan import ReportPlan, Section

__all__ = [
    "Example",
    "ReportMaterial",
    "ReportPlan",
    "Section",
    "StatusRow",
    "count_statuses",
    "format_interval",
    "format_number",
    "format_p",
    "interval_chart",
    "pick_examples",
    "render_report",
    "to_svg",
    "write_limits",
    "write_methods",
]
