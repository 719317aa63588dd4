"""Forecasts: what a run will take, found out without asking anybody who costs money."""

from __future__ import annotations

import weakref
from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np
import pytest
from scipy import stats

from personae.model import price_of
from personae.study import Cell, Lab, Observation, forecast_run
from personae.study.forecast import MOST_CELLS, _sample
from support.studies import SmallStudy, WatchedModel, question

PRICED = "openai/gpt-4o-mini"


class _Noted(Cell):
    """A cell of which it is known whether anybody still holds it."""

    __slots__ = ("__weakref__",)


def test_a_small_design_is_tried_whole_and_priced_as_the_chosen_model() -> None:
    chosen, stand_in = WatchedModel(name=PRICED), WatchedModel()
    found = forecast_run(SmallStudy(persons=30), {"subject": chosen}, stand_in)
    assert (found.cells, found.tried) == (30, 30)
    assert chosen.requests == []
    (expense,) = found.expenses
    price = price_of(PRICED)
    assert price is not None
    assert (expense.calls, expense.input_tokens, expense.output_tokens) == (60, 600, 300)
    assert expense.cost == found.cost == pytest.approx((600 * price.input + 300 * price.output) / 1e6)
    assert found.tokens == 900


def test_a_large_design_is_sampled_without_regard_to_its_order() -> None:
    """Every second cell asks a judge: one that samples evenly sees all of them or none."""

    async def observe(cell: Cell, lab: Lab) -> Observation:
        await lab.model().generate(question(cell, 0))
        if int(str(cell.factors["person"])) % 2:
            await lab.model("judge").generate(question(cell, 1))
        return Observation("ok")

    study = SmallStudy(persons=4 * MOST_CELLS, roles=("subject", "judge"), how=observe)
    stand_in = WatchedModel()
    found = forecast_run(study, {"subject": stand_in, "judge": stand_in}, stand_in)
    assert (found.cells, found.tried) == (4 * MOST_CELLS, MOST_CELLS)
    calls = {expense.role: expense.calls for expense in found.expenses}
    assert calls["subject"] == 4 * MOST_CELLS
    assert calls["judge"] == pytest.approx(2 * MOST_CELLS, rel=0.15)


def test_a_price_that_is_not_known_leaves_the_sum_unknown() -> None:
    study = SmallStudy(persons=2, roles=("subject", "judge"))
    models = {"subject": WatchedModel(name=PRICED), "judge": WatchedModel(name="nobody/knows")}
    found = forecast_run(study, models, WatchedModel())
    assert [expense.role for expense in found.expenses] == ["subject"]  # the judge was never asked
    found = forecast_run(SmallStudy(persons=2), {"subject": WatchedModel(name="nobody/knows")}, WatchedModel())
    assert found.cost is None
    assert found.expenses[0].cost is None


@pytest.mark.parametrize(("limit", "cells"), [(3, 3), (100, 4)])
def test_a_limit_is_forecast_too(limit: int, cells: int) -> None:
    assert forecast_run(SmallStudy(), {"subject": WatchedModel()}, WatchedModel(), limit=limit).cells == cells


def test_an_empty_design_takes_nothing() -> None:
    empty: Sequence[Cell] = []
    found = forecast_run(SmallStudy(cells=lambda _: empty), {"subject": WatchedModel()}, WatchedModel())
    assert (found.cells, found.tried, found.expenses, found.tokens) == (0, 0, (), 0)


def test_of_a_large_design_every_cell_is_as_likely_and_none_is_held(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("personae.study.forecast.MOST_CELLS", 5)
    born, gone = 0, 0

    def let_go() -> None:
        nonlocal gone
        gone += 1

    def cells() -> Iterator[Cell]:
        nonlocal born
        for number in range(40):
            cell = _Noted({"person": number})
            weakref.finalize(cell, let_go)
            born += 1
            assert born - gone <= 5 + 2
            yield cell

    drawn: Counter[object] = Counter()
    for seed in range(400):
        tried, count = _sample(cells(), np.random.default_rng(seed))
        people = [int(str(one.factors["person"])) for one in tried]
        assert (count, people) == (40, sorted(set(people)))
        assert len(people) == 5
        drawn.update(people)
        del tried
    assert set(drawn) == set(range(40))
    assert stats.chisquare([drawn[number] for number in range(40)]).pvalue > 0.001
