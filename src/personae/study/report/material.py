"""Everything that a report is made of, gathered from a run folder or from a replay."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from personae.model import STATUSES, USABLE, Status
from personae.study.calls import RecordedCall
from personae.study.finding import Claim, Comparison, Finding, compare
from personae.study.plan_check import PlanCheck
from personae.study.report.plan import ReportPlan
from personae.study.stores import LedgerStore

if TYPE_CHECKING:
    import polars as pl

SIMULATED_NAME = "sim"
_MOST_EXAMPLES = 3
_MOST_CALLS = 4


@dataclass(frozen=True, slots=True)
class StatusRow:
    """How one stage of the observations ended: counts by status, which sum to ``n``."""

    stage: str
    n: int
    counts: Mapping[Status, int]

    @property
    def missing(self) -> int:
        """How many came without a value."""
        return sum(count for status, count in self.counts.items() if status not in USABLE)


@dataclass(frozen=True, slots=True)
class Example:
    """One cell shown in full: its factors, how it ended, its calls."""

    factors: Mapping[str, Any]
    status: Status
    calls: Sequence[RecordedCall]
    left_out: int = 0
    """Further calls of the cell that are not shown."""


@dataclass(frozen=True, slots=True)
class ReportMaterial:
    """What a report is made of."""

    plan: ReportPlan
    record: Mapping[str, Any]
    """The record of the run, or of the replay."""
    findings: Sequence[Finding]
    claims: Sequence[Claim]
    statuses: Sequence[StatusRow]
    examples: Sequence[Example]
    totals: Mapping[str, float]
    """Calls, tokens, cost; empty for a replay, which makes no calls."""
    reply_models: Sequence[str]
    """Models as the endpoints named them in their replies."""
    cells: int
    expected_cells: int | None
    """Cells of the design, where that is known."""
    checked: PlanCheck | None = None
    """The run beside the plan that was locked before it."""

    @property
    def is_simulated(self) -> bool:
        """Whether a simulated respondent gave any of the answers, under whatever name it was asked."""
        asked = [model["name"] for model in self.record.get("models", {}).values()]
        return any(name.partition("#")[0] == SIMULATED_NAME for name in (*asked, *self.reply_models))

    @property
    def is_incomplete(self) -> bool:
        """Whether cells of the design have not been observed."""
        return self.expected_cells is not None and self.cells < self.expected_cells

    @property
    def has_validity(self) -> bool:
        """Whether the report can say how far its scores may be believed."""
        sections = [section for section in self.plan.sections if section.kind == "validity"]
        return any(section.holds(finding) for section in sections for finding in self.findings)

    @property
    def comparisons(self) -> list[Comparison]:
        """Published figures beside ours."""
        return compare(self.findings, self.claims)


def count_statuses(table: pl.DataFrame) -> list[StatusRow]:
    """Count how every stage ended: the observation itself, and each column named ``status`` or ``statuses``.

    A list column counts its elements: one for every item, every attempt, every rater.
    """
    rows = []
    for name in table.columns:
        if name.split(".")[-1] not in ("status", "statuses"):
            continue
        values = table[name].drop_nulls().to_list()
        flat: Iterable[Status] = (
            (status for row in values for status in row) if name.endswith("statuses") else iter(values)
        )
        counts = Counter(flat)
        stage = "whole observation" if name == "status" else name.rpartition(".")[0].replace(".", ", ") or name
        rows.append(StatusRow(stage, counts.total(), {status: counts[status] for status in STATUSES}))
    return rows


def pick_examples(ledger: LedgerStore, table: pl.DataFrame, factors: Sequence[str]) -> list[Example]:
    """A few cells to show in full: the first of each level of the first factor, and one that did not go well."""
    chosen: list[dict[str, Any]] = []
    for row in table.select("cell", "status", *factors).iter_rows(named=True):
        first = factors[0] if factors else "status"
        is_new = all(row.get(first) != other.get(first) for other in chosen)
        if len(chosen) < _MOST_EXAMPLES and is_new:
            chosen.append(row)
    spoilt = next((row for row in table.iter_rows(named=True) if row["status"] not in USABLE), None)
    if spoilt is not None and all(spoilt["cell"] != row["cell"] for row in chosen):
        chosen.append(spoilt)
    examples = []
    for row in chosen:
        calls = ledger.example_calls([row["cell"]])
        shown = {name: row[name] for name in factors if row.get(name) is not None}
        left_out = max(0, len(calls) - _MOST_CALLS)
        examples.append(Example(shown, row["status"], calls[:_MOST_CALLS], left_out))
    return examples
