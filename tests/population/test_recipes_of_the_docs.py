"""Every recipe of the documentation is one, and draws the people that the page says."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import polars as pl
import pytest

from personae.population import load_recipe
from personae.population.formula import FUNCTIONS
from personae.population.numeric_draws import DISTRIBUTIONS
from personae.population.samplers import Sampler

PAGE = (Path(__file__).parents[2] / "docs" / "recipes.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```(yaml|toml)\n(.*?)```", PAGE, re.DOTALL)
NAMES = [re.search(r'name ?[:=] "?(\w+)', text)[1] for _, text in BLOCKS]  # type: ignore[index]


def drawn(name: str, folder: Path) -> pl.DataFrame:
    ending, text = BLOCKS[NAMES.index(name)]
    path = folder / f"recipe.{ending}"
    path.write_text(text, encoding="utf-8")
    return load_recipe(path).population().frame()


@pytest.mark.parametrize("name", NAMES)
def test_a_recipe_of_the_docs_draws_people(name: str, tmp_path: Path) -> None:
    assert drawn(name, tmp_path).height > 0


def test_they_are_who_the_page_says(tmp_path: Path) -> None:
    voters = drawn("voters", tmp_path)
    assert Counter(voters["extensions.segment"]) == {"young urban": 300, "settled": 700}
    panel = drawn("panel", tmp_path)
    assert Counter(panel["extensions.region"]) == {"north": 200, "south": 400}
    assert panel.filter((pl.col("demographics.gender") == "man") & (pl.col("extensions.band") == "40+")).height == 135
    assert panel.filter((pl.col("demographics.age") > 75) & pl.col("extensions.employed")).is_empty()
    assert drawn("interviews", tmp_path).height == 60
    patients = drawn("patients", tmp_path)
    assert patients["extensions.ward"].null_count() == 0
    assert (patients["demographics.age"] >= 18).all()


def test_the_page_names_every_draw_function_and_the_number_of_distributions() -> None:
    kinds = [kind.model_fields["draw"].default for kind in Sampler.__origin__.__args__]  # type: ignore[attr-defined]
    assert not [kind for kind in kinds if f"| `{kind}` |" not in PAGE]
    assert not [name for name in FUNCTIONS if not re.search(rf"`{name}\b", PAGE)]
    assert f"one of {len(DISTRIBUTIONS)} distributions" in PAGE
