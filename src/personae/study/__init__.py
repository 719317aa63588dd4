"""The spine: designs of cells, observations with a status, findings with an interval, a ledger, a runner, a report."""

from personae.study.budget import Budget, BudgetReached, Purse
from personae.study.calls import RecordedCall, Spending, UncachedCall
from personae.study.cell import Cell, Hashed, Scalar
from personae.study.design import Design, assign_arms, by_prefix, shuffled
from personae.study.export import EXPORT_VERSION, Exported, export_run
from personae.study.finding import AS_PUBLISHED, CORRECTED, Claim, Comparison, Finding, compare, correct_families
from personae.study.fingerprint import differences, fingerprint
from personae.study.folder import RunFolder, list_runs, read_record, write_json
from personae.study.forecast import Expense, Forecast, forecast_run
from personae.study.hooks import Call, CallEnd, CellEnd, Hook, RunEnd, RunStart
from personae.study.lab import Bench, Lab
from personae.study.ledger import Ledger
from personae.study.ledger_url import LedgerUrl
from personae.study.observation import Observation, Value
from personae.study.progress import Plain, Quiet, Watcher, choose_watcher, describe
from personae.study.protocol import SharesPrefix, Study
from personae.study.query import Answer, query_run
from personae.study.record import make_record, versions
from personae.study.runner import DEFAULT_WORKERS, Outcome, run_study
from personae.study.shard import Shard, merge_runs
from personae.study.stores import Claimed, LedgerStore, SharedStore, has_ledger, open_ledger
from personae.study.table import build_table, read_table
from personae.study.tally import Tally

__all__ = [
    "AS_PUBLISHED",
    "CORRECTED",
    "DEFAULT_WORKERS",
    "EXPORT_VERSION",
    "Answer",
    "Bench",
    "Budget",
    "BudgetReached",
    "Call",
    "CallEnd",
    "Cell",
    "CellEnd",
    "Claim",
    "Claimed",
    "Comparison",
    "Design",
    "Expense",
    "Exported",
    "Finding",
    "Forecast",
    "Hashed",
    "Hook",
    "Lab",
    "Ledger",
    "LedgerStore",
    "LedgerUrl",
    "Observation",
    "Outcome",
    "Plain",
    "Purse",
    "Quiet",
    "RecordedCall",
    "RunEnd",
    "RunFolder",
    "RunStart",
    "Scalar",
    "Shard",
    "SharedStore",
    "SharesPrefix",
    "Spending",
    "Study",
    "Tally",
    "UncachedCall",
    "Value",
    "Watcher",
    "assign_arms",
    "build_table",
    "by_prefix",
    "choose_watcher",
    "compare",
    "correct_families",
    "describe",
    "differences",
    "export_run",
    "fingerprint",
    "forecast_run",
    "has_ledger",
    "list_runs",
    "make_record",
    "merge_runs",
    "open_ledger",
    "query_run",
    "read_record",
    "read_table",
    "run_study",
    "shuffled",
    "versions",
    "write_json",
]
