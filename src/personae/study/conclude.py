"""From a table to findings, files and a report: what every run and every replay ends with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Sized
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from personae.canonical import derive_seed
from personae.study.experiment import Experiment
from personae.study.finding import Comparison, Finding, compare
from personae.study.folder import RunFolder, read_record, write_json
from personae.study.plan_check import PlanCheck, check_record
from personae.study.protocol import Study
from personae.study.report import Example, ReportMaterial, count_statuses, pick_examples, render_report
from personae.study.stores import open_ledger
from personae.study.table import read_table

if TYPE_CHECKING:
    import polars as pl

SCHEMA_VERSION = 1
"""Version of the files that a conclusion is written to."""


@dataclass(frozen=True, slots=True)
class Conclusion:
    """What a run or a replay came to."""

    findings: Sequence[Finding]
    comparisons: Sequence[Comparison]
    statuses: Mapping[str, Mapping[str, int]]
    """How every stage ended, by stage."""
    folder: Path
    report: Path
    is_simulated: bool
    cells: int
    expected_cells: int | None
    checked: PlanCheck | None = None
    """The run beside the plan that was locked before it, if it carries one."""

    def to_json(self) -> dict[str, Any]:
        """Plain JSON form."""
        return {
            "schema_version": SCHEMA_VERSION,
            "is_simulated": self.is_simulated,
            "cells": self.cells,
            "expected_cells": self.expected_cells,
            "statuses": self.statuses,
            "findings": [finding.to_json() for finding in self.findings],
            "comparisons": [comparison.to_json() for comparison in self.comparisons],
            "folder": str(self.folder),
            "report": str(self.report),
            **({"plan": self.checked.to_json()} if self.checked is not None else {}),
        }


def conclude_run(
    experiment: Experiment, study: Study, folder: RunFolder, *, ledger_url: str | None = None
) -> Conclusion:
    """Measure what a run holds, finished or not, and write table, findings and report into its folder.

    Args:
        experiment: What was run.
        study: Its study.
        folder: The folder of the run.
        ledger_url: Where the ledger is, if it is not in the folder and its URL holds the password.
    """
    record = read_record(folder.path)
    ledger = open_ledger(folder, ledger_url)
    try:
        table = read_table(ledger, record["models"]["subject"]["name"])
        factors = [name for name in experiment.plan.factors if name in table.columns]
        examples = pick_examples(ledger, table, factors)
        totals, reply_models = ledger.count_calls(), ledger.reply_models()
    finally:
        ledger.close()
    return conclude(
        experiment,
        study,
        folder,
        table,
        record,
        examples=examples,
        totals=totals,
        reply_models=reply_models,
        expected=_expected(study, record),
    )


def conclude(
    experiment: Experiment,
    study: Study,
    folder: RunFolder,
    table: pl.DataFrame,
    record: Mapping[str, Any],
    *,
    examples: Sequence[Example] = (),
    totals: Mapping[str, float] | None = None,
    reply_models: Sequence[str] = (),
    expected: int | None = None,
) -> Conclusion:
    """Measure a table, and write it, the findings and the report into a folder.

    Args:
        experiment: What was run, or replayed.
        study: Its study.
        folder: Where everything is written.
        table: The observations.
        record: The record of the run, or of what was read.
        examples: Cells that the report shows in full.
        totals: Calls, tokens, cost; none where no call was made.
        reply_models: Models as the endpoints named them.
        expected: Cells of the design, where that is known.
    """
    findings = study.measure(table)
    checked = check_record(record, findings, cells=table.height, expected=expected)
    material = ReportMaterial(
        plan=experiment.plan,
        record=record,
        findings=findings,
        claims=experiment.claims,
        statuses=count_statuses(table),
        examples=examples,
        totals=totals or {},
        reply_models=reply_models,
        cells=table.height,
        expected_cells=expected,
        checked=checked,
    )
    conclusion = Conclusion(
        findings=findings,
        comparisons=compare(findings, experiment.claims),
        statuses={row.stage: {str(status): count for status, count in row.counts.items()} for row in material.statuses},
        folder=folder.path,
        report=folder.report_file,
        is_simulated=material.is_simulated,
        cells=material.cells,
        expected_cells=expected,
        checked=checked,
    )
    folder.write_table(table)
    for name, make in experiment.tables.items():
        folder.write_extra(name, make(table))
    if experiment.write_more:
        experiment.write_more(study, table, folder.path)
    write_json(folder.findings_file, conclusion.to_json())
    folder.write_report(render_report(material))
    return conclusion


def _expected(study: Study, record: Mapping[str, Any]) -> int | None:
    import numpy as np

    design = study.design(np.random.default_rng(derive_seed(record["seed"], "design")))
    return len(design) if isinstance(design, Sized) else None
