"""Blocks: the same people whoever draws them, longer samples begin with shorter ones, seeds are all different."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import polars as pl
import pytest

import personae.population.recipe as recipe_module
import personae.population.source as source_module
from personae.errors import InputError
from personae.population import (
    Axis,
    Block,
    CopulaSource,
    CoverSource,
    DirichletSource,
    Margin,
    MicrodataSource,
    Population,
    Recipe,
    RowsSource,
    Segment,
    SegmentSource,
    Source,
    fit_tree,
)

ROWS = pl.DataFrame({"demographics.age": range(100), "style": [f"s{n}" for n in range(100)]})


def recipe() -> Source:
    return Recipe.model_validate(
        {
            "fields": {
                "demographics.age": {"draw": "uniform", "low": 0, "high": 90, "whole": True},
                "style": {"draw": "choice", "values": ["a", "b"]},
            },
            "reject": [{"demographics.age": {"max": 17}}],
        }
    ).source()


SOURCES: dict[str, Callable[[], Source]] = {
    "recipe": recipe,
    "microdata": lambda: MicrodataSource(ROWS, np.arange(100), keeps_row=True),
    "copula": lambda: CopulaSource(
        (Margin("demographics.age", (0.0, 90.0), is_whole=True), Margin("style", values=("a", "b"), shares=(0.3, 0.7))),
        np.array([[1.0, 0.5], [0.5, 1.0]]),
    ),
    "tree": lambda: fit_tree(ROWS.with_columns(pl.col("style").str.slice(0, 2))),
    "several": lambda: Recipe.model_validate(
        {"fields": {"goals": {"draw": "several", "values": ["rest", "travel", "learn"], "most": 3}}}
    ).source(),
    "dirichlet": lambda: DirichletSource.symmetric(["a", "b", "c"], 0.1),
    "sobol": lambda: CoverSource({"traits.big_five.openness": Axis(), "traits.big_five.extraversion": Axis()}),
    "segments": lambda: SegmentSource([Segment("x", 1, {"style": "a"}, recipe()), Segment("y", 2, {"style": "b"})]),
    "segments by chance": lambda: SegmentSource([Segment("x", 1, {"style": "a"}), Segment("y", 2)], exact=False),
}


@pytest.mark.parametrize("kind", SOURCES)
def test_a_block_is_the_same_whoever_draws_it_and_whenever(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source_module, "BLOCK", 16)
    population = Population(SOURCES[kind](), 50, seed=3)
    blocks = list(population.blocks())
    assert [block.count for block in blocks] == [16, 16, 16, 2]
    backwards = [Population(SOURCES[kind](), 50, seed=3).draw(block) for block in reversed(blocks)]
    whole = population.frame()
    assert whole.equals(pl.concat(backwards[::-1], how="diagonal_relaxed"))
    assert whole["id"].n_unique() == 50


@pytest.mark.parametrize("kind", [kind for kind in SOURCES if kind != "segments"])
def test_a_longer_sample_begins_with_the_shorter_one(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source_module, "BLOCK", 16)
    short, long = (Population(SOURCES[kind](), size, seed=0).frame() for size in (16, 48))
    assert long.head(16).equals(short)


@pytest.mark.parametrize("kind", [kind for kind in SOURCES if kind not in ("segments", "recipe")])
def test_it_does_so_within_a_block_where_nobody_is_rejected(kind: str) -> None:
    short, long = (Population(SOURCES[kind](), size, seed=0).frame() for size in (7, 50))
    assert long.head(7).equals(short)


@pytest.mark.parametrize("kind", SOURCES)
def test_seeds_differ_and_zero_is_one_of_them(kind: str) -> None:
    frames = [Population(SOURCES[kind](), 200, seed=seed).frame().drop("id") for seed in (0, 1, 2)]
    assert not frames[0].equals(frames[1])
    assert not frames[1].equals(frames[2])


@pytest.mark.parametrize("kind", SOURCES)
def test_the_global_random_numbers_are_not_touched(kind: str) -> None:
    before = str(np.random.get_state())
    Population(SOURCES[kind](), 20).frame()
    assert str(np.random.get_state()) == before


@pytest.mark.parametrize("kind", SOURCES)
def test_descriptions_tell_sources_apart_and_every_person_has_a_source(kind: str) -> None:
    source = SOURCES[kind]()
    assert Population(source, 3).name == Population(SOURCES[kind](), 9).name
    others = {Population(make(), 3).name for other, make in SOURCES.items() if other != kind}
    assert Population(source, 3).name not in others
    assert source.provenance
    person = next(iter(Population(source, 3).personas()))
    assert person.provenance


def test_streams_of_different_blocks_share_no_numbers() -> None:
    drawn = {
        Block(start, 1, 9, seed).rng(*parts).random()
        for start in (0, 1)
        for seed in (0, 1)
        for parts in ((), (0,), (0, 0))
    }
    assert len(drawn) == 12


def test_people_who_are_there_already_are_drawn_in_their_order() -> None:
    people = pl.DataFrame({"id": ["a", "b"], "name": ["Ada", "Bob"]})
    assert [one.id for one in Population(RowsSource(people)).personas()] == ["a", "b"]


def test_a_source_without_end_needs_a_size() -> None:
    with pytest.raises(InputError, match="say how many"):
        Population(recipe()).frame()


def test_a_recipe_that_rejects_everybody_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recipe_module, "_ROUNDS", 3)
    nobody = Recipe.model_validate(
        {"fields": {"style": {"draw": "constant", "value": "a"}}, "reject": [{"style": "a"}]}
    )
    with pytest.raises(InputError, match="5 of 5 people are still rejected"):
        nobody.population(size=5).frame()
