"""The library ``datasets`` takes a population and gives it back: columns, lists, sources, licence."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from personae.errors import InputError
from personae.population import Recipe
from personae.population.hub import from_dataset, to_dataset
from personae.population.store import open_people, write_population

datasets = pytest.importorskip("datasets")

RECIPE = {
    "name": "town",
    "licence": "cc0-1.0",
    "fields": {
        "demographics.age": {"draw": "normal", "mean": 45, "sd": 18, "low": 18, "high": 90},
        "goals": {"draw": "several", "values": ["rest", "travel"], "most": 2},
    },
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_population(Recipe.model_validate(RECIPE).population(size=90, seed=4), tmp_path / "a", licence="cc0-1.0")
    return tmp_path / "a"


def test_a_population_is_the_same_after_a_round_trip(folder: Path, tmp_path: Path) -> None:
    people = open_people(folder)
    made = to_dataset(people)
    assert (made.num_rows, made.info.license) == (90, "cc0-1.0")
    assert made[0]["goals"] == people.frame()["goals"][0].to_list()
    made.save_to_disk(str(tmp_path / "saved"))
    back = from_dataset(datasets.load_from_disk(str(tmp_path / "saved")))
    assert back.frame().equals(people.frame())
    assert back.provenance == people.provenance
    assert [one.id for one in back.personas()] == [one.id for one in people.personas()]


def test_chosen_and_shuffled_rows_come_back_as_chosen(folder: Path) -> None:
    people = open_people(folder)
    some = to_dataset(people).shuffle(seed=1).select(range(7))
    assert from_dataset(some).frame()["id"].to_list() == some["id"][:]
    assert from_dataset(some).frame().height == 7


def test_the_library_reads_the_folder_by_itself(folder: Path, tmp_path: Path) -> None:
    loaded = datasets.load_dataset(str(folder), split="train", cache_dir=str(tmp_path / "cache"))
    assert from_dataset(loaded).frame().equals(open_people(folder).frame())
    loaded.to_parquet(str(tmp_path / "back.parquet"))
    assert pl.read_parquet(tmp_path / "back.parquet").equals(open_people(folder).frame())


def test_somebody_elses_data_set_has_no_record() -> None:
    other = datasets.Dataset.from_dict({"persona": ["A nurse."]})
    other.info.description = "Prose about it."
    assert from_dataset(other).record == {}
    assert from_dataset(other).frame()["persona"].to_list() == ["A nurse."]


def test_several_splits_are_refused() -> None:
    one = datasets.Dataset.from_dict({"persona": ["A nurse."]})
    with pytest.raises(InputError, match="not one table"):
        from_dataset(datasets.DatasetDict({"train": one}))
