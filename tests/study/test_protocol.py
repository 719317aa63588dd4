"""What a study is: whoever has the three functions and the name is one, and the runner needs no more."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import pytest

from personae.study import Cell, Design, Finding, Lab, Observation, Study, run_study
from support.studies import SmallStudy, WatchedModel, question

if TYPE_CHECKING:
    import numpy as np
    import polars as pl


class Least:
    """Everything that the protocol asks for, and nothing else; it inherits from nobody."""

    name = "least"
    parameters: Mapping[str, Any] = {}
    roles = ("subject", "judge")

    def design(self, rng: np.random.Generator) -> Iterable[Cell]:
        return Design({"person": [0, 1], "order": rng.permutation(3).tolist()})

    async def observe(self, cell: Cell, lab: Lab) -> Observation:
        said = await lab.model().generate(question(cell, 0))
        seen = await lab.model("judge").generate(question(cell, 1))
        return Observation("ok", {"said": said.text, "seen": seen.text})

    def measure(self, table: pl.DataFrame) -> list[Finding]:
        share = table["said"].n_unique() / table.height
        return [Finding("distinct", "", share, share, share, table.height, 0)]


@pytest.mark.parametrize("study", [Least(), SmallStudy(questions=1)], ids=["least", "small"])
def test_whoever_has_what_the_protocol_names_can_be_run(study: Study) -> None:
    outcome = run_study(study, {role: WatchedModel(name=role) for role in study.roles})
    assert outcome.is_complete
    assert outcome.table.columns[:4] == ["cell", "status", "detail", "model"]
    assert set(outcome.table["model"]) == {study.roles[0]}


def test_the_protocol_asks_for_three_functions_and_three_facts() -> None:
    members = {name for name in vars(Study) if not name.startswith("_")}
    assert members == {"name", "parameters", "roles", "design", "observe", "measure"}
    assert members <= {name for name, _ in inspect.getmembers(Least()) if not name.startswith("_")}


def test_each_role_is_played_by_its_own_model() -> None:
    subject, judge = WatchedModel(), WatchedModel()
    run_study(Least(), {"subject": subject, "judge": judge})
    assert {text[:10] for text in subject.asked} == {"Question 0"}
    assert {text[:10] for text in judge.asked} == {"Question 1"}


def test_the_design_draws_from_the_seed_of_the_run() -> None:
    class Drawn(Least):
        def design(self, rng: np.random.Generator) -> Iterable[Cell]:
            return Design({"person": rng.integers(0, 10**9, 3).tolist()})

    def persons(seed: int) -> list[int]:
        table = run_study(Drawn(), {"subject": WatchedModel(), "judge": WatchedModel()}, seed=seed).table
        return sorted(table["person"].to_list())

    assert persons(0) == persons(0) != persons(1)


def test_measuring_is_pure() -> None:
    """The same table gives the same findings, in whatever order its rows come, and is left as it was."""
    study = Least()
    table = run_study(study, {"subject": WatchedModel(), "judge": WatchedModel()}).table
    before = table.clone()
    assert study.measure(table) == study.measure(table.reverse())
    assert table.equals(before)
