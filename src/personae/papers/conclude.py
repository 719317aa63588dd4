"""From a table to findings, files and a report: what every run and every replay of a paper ends with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Sized
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from personae.canonical import content_hash, derive_seed
from personae.papers.paper import Paper, Replay
from personae.study import (
    Comparison,
    Finding,
    RunFolder,
    Study,
    compare,
    open_ledger,
    read_record,
    read_table,
    versions,
    write_json,
)
from personae.study.record import now
from personae.study.report import Example, ReportMaterial, count_statuses, pick_examples, render_report

if TYPE_CHECKING:
    import polars as pl

_SCHEMA_VERSION = 1


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

    def to_json(self) -> dict[str, Any]:
        """Plain JSON form."""
        return {
            "schema_version": _SCHEMA_VERSION,
            "is_simulated": self.is_simulated,
            "cells": self.cells,
            "expected_cells": self.expected_cells,
            "statuses": self.statuses,
            "findings": [finding.to_json() for finding in self.findings],
            "comparisons": [comparison.to_json() for comparison in self.comparisons],
            "folder": str(self.folder),
            "report": str(self.report),
        }


def conclude_run(paper: Paper, study: Study, folder: RunFolder, *, ledger_url: str | None = None) -> Conclusion:
    """Measure what a run holds, finished or not, and write table, findings and report into its folder.

    Args:
        paper: The paper.
        study: Its study.
        folder: The folder of the run.
        ledger_url: Where the ledger is, if it is not in the folder and its URL holds the password.
    """
    record = read_record(folder.path)
    ledger = open_ledger(folder, ledger_url)
    try:
        table = read_table(ledger, record["models"]["subject"]["name"])
        factors = [name for name in paper.plan.factors if name in table.columns]
        examples = pick_examples(ledger, table, factors)
        totals, reply_models = ledger.count_calls(), ledger.reply_models()
    finally:
        ledger.close()
    return _conclude(paper, study, folder, table, record, examples, totals, reply_models, _expected(study, record))


def conclude_replay(paper: Paper, replay: Replay, folder: RunFolder) -> Conclusion:
    """Measure published raw outputs, and write table, findings and report."""
    record = {
        "schema_version": _SCHEMA_VERSION,
        "replay": paper.key,
        "fingerprint": content_hash([paper.key, replay.table.write_json()]),
        "created": now(),
        "versions": versions(),
        "parameters": {**replay.study.parameters, **replay.sources},
        "models": {},
    }
    write_json(folder.record_file, record)
    return _conclude(paper, replay.study, folder, replay.table, record, [], {}, [], None)


def _conclude(
    paper: Paper,
    study: Study,
    folder: RunFolder,
    table: pl.DataFrame,
    record: Mapping[str, Any],
    examples: Sequence[Example],
    totals: Mapping[str, float],
    reply_models: Sequence[str],
    expected: int | None,
) -> Conclusion:
    findings = study.measure(table)
    material = ReportMaterial(
        plan=paper.plan,
        record=record,
        findings=findings,
        claims=paper.claims,
        statuses=count_statuses(table),
        examples=examples,
        totals=totals,
        reply_models=reply_models,
        cells=table.height,
        expected_cells=expected,
    )
    conclusion = Conclusion(
        findings=findings,
        comparisons=compare(findings, paper.claims),
        statuses={row.stage: {str(status): count for status, count in row.counts.items()} for row in material.statuses},
        folder=folder.path,
        report=folder.report_file,
        is_simulated=material.is_simulated,
        cells=material.cells,
        expected_cells=expected,
    )
    folder.write_table(table)
    write_json(folder.findings_file, conclusion.to_json())
    folder.write_report(render_report(material))
    return conclusion


def _expected(study: Study, record: Mapping[str, Any]) -> int | None:
    import numpy as np

    design = study.design(np.random.default_rng(derive_seed(record["seed"], "design")))
    return len(design) if isinstance(design, Sized) else None
