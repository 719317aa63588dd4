"""Runs that the studio starts, watches, stops and reads: each in a process of its own, in an ordinary run folder."""

from personae.serve.running.catalogue import describe_experiment, list_experiments
from personae.serve.running.confirming import price, refuse_unconfirmed
from personae.serve.running.index import CellIndex
from personae.serve.running.paying import PaidRuns
from personae.serve.running.plan import Plan, make_plan
from personae.serve.running.reading import CellReader
from personae.serve.running.registry import Runs
from personae.serve.running.spending import Spendings
from personae.serve.running.texts import text_columns, texts_of
from personae.serve.running.uploads import keep_upload

__all__ = [
    "CellIndex",
    "CellReader",
    "PaidRuns",
    "Plan",
    "Runs",
    "Spendings",
    "describe_experiment",
    "keep_upload",
    "list_experiments",
    "make_plan",
    "price",
    "refuse_unconfirmed",
    "text_columns",
    "texts_of",
]
