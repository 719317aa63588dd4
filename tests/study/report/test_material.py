"""What a report is made of: status counts and examples."""

from __future__ import annotations

import asyncio
from pathlib import Path

import polars as pl

from personae.model import Reply, Request
from personae.study import Cell, Ledger, Observation, build_table
from personae.study.report import count_statuses, pick_examples
from support.report_material import status_row


def test_scalar_and_list_columns_of_statuses_are_counted_by_stage() -> None:
    table = pl.DataFrame(
        {
            "status": ["ok", "failed", "ok"],
            "answers.statuses": [["ok", "refused"], ["failed", "failed"], None],
            "story.status": ["ok", None, "empty"],
            "state": ["x", "y", "z"],
        }
    )
    rows = {row.stage: row for row in count_statuses(table)}
    assert set(rows) == {"whole observation", "answers", "story"}
    assert (rows["whole observation"].n, rows["whole observation"].missing) == (3, 1)
    assert (rows["answers"].n, rows["answers"].missing) == (4, 3)
    assert (rows["story"].n, rows["story"].counts["empty"]) == (2, 1)


def test_missing_is_what_came_without_a_value() -> None:
    assert status_row(ok=3, repaired=2, refused=1, empty=1, unparsed=1, failed=1).missing == 4


def test_examples_show_one_cell_of_each_condition_and_one_that_went_wrong(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "l.sqlite")

    async def fill() -> None:
        for index in range(8):
            cell = Cell({"condition": "ab"[index % 2], "i": index})
            for call in range(6):
                await ledger.add_call(cell, "subject", "m", "m", Request.of(f"{index} {call}"), Reply("yes"))
            await ledger.add_observation(cell, Observation("refused" if index == 7 else "ok", {"x": index}))

    asyncio.run(fill())
    table = build_table(ledger.rows(), "m")
    examples = pick_examples(ledger, table, ["condition", "i"])
    ledger.close()
    assert {one.factors["condition"] for one in examples} == {"a", "b"}
    assert sum(one.status == "refused" for one in examples) == 1
    assert all(len(one.calls) == 4 and one.left_out == 2 for one in examples)
