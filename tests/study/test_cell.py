"""Cells: one identity whatever the order, another one for everything that differs."""

from __future__ import annotations

import dataclasses
import hashlib
from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from personae.persona import Persona
from personae.study import Cell, Hashed, Scalar

scalars: st.SearchStrategy[Scalar] = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
)
factor_sets = st.dictionaries(st.text("abcdef", min_size=1, max_size=3), scalars, max_size=5)


@dataclass(frozen=True)
class Thing:
    """Anything with an id and a hash."""

    id: str
    hash: str


@settings(deadline=None)
@given(factor_sets, st.randoms(use_true_random=False))
def test_the_order_of_factors_is_no_part_of_the_key(factors: dict[str, Scalar], random: object) -> None:
    items = list(factors.items())
    random.shuffle(items)  # type: ignore[attr-defined]
    assert Cell(dict(items)).key == Cell(factors).key
    assert Cell(dict(items)).seed == Cell(factors).seed


@settings(deadline=None)
@given(factor_sets, factor_sets)
def test_cells_of_other_factors_have_other_keys(one: dict[str, Scalar], other: dict[str, Scalar]) -> None:
    spelled = [sorted((name, repr(value)) for name, value in factors.items()) for factors in (one, other)]
    assert (Cell(one).key == Cell(other).key) == (spelled[0] == spelled[1])


def test_values_that_look_alike_are_different_cells() -> None:
    values: list[Scalar] = [1, 1.0, "1", True, "true", None, "null", "", 0, False, 0.0, -1]
    assert len({Cell({"a": value}).key for value in values}) == len(values)
    assert Cell({"a": 1}).key != Cell({"b": 1}).key
    assert Cell({"a": None}).key != Cell({}).key


def test_the_order_of_the_material_is_no_part_of_the_key() -> None:
    a, b = Thing("a", "1"), Thing("b", "2")
    assert Cell({"x": 1}, {"one": a, "two": b}).key == Cell({"x": 1}, {"two": b, "one": a}).key


def test_changed_material_is_a_different_cell_and_a_renamed_one_is_not() -> None:
    base = Cell({"person": "ada"}, {"person": Thing("ada", "1")})
    assert Cell({"person": "ada"}, {"person": Thing("ada", "2")}).key != base.key
    assert Cell({"person": "ada"}, {"person": Thing("countess", "1")}).key == base.key
    assert Cell({"person": "ada"}, {"other": Thing("ada", "1")}).key != base.key
    assert Cell({"person": "ada"}).key != base.key
    both = Cell({}, {"one": Thing("a", "1"), "two": Thing("b", "2")})
    assert Cell({}, {"one": Thing("a", "2"), "two": Thing("b", "1")}).key != both.key


def test_an_edited_persona_is_a_different_cell() -> None:
    ada = Persona(id="ada", traits={"big_five.openness": 1.0})
    assert isinstance(ada, Hashed)
    edited = ada.model_copy(update={"goals": ("rest",)})
    assert Cell({"persona": "ada"}, {"persona": ada}).key != Cell({"persona": "ada"}, {"persona": edited}).key


def test_the_key_is_a_hash_and_the_same_in_every_process() -> None:
    """If this fails, no run folder can be continued: raise HASH_SCHEME, and say so in the changelog."""
    cell = Cell({"persona": "ada", "order": 1})
    assert cell.key == hashlib.sha256(b'{"factors":{"order":1,"persona":"ada"},"material":{}}').hexdigest()
    digest = hashlib.sha256(f'["{cell.key}"]'.encode()).digest()
    assert cell.seed == int.from_bytes(digest[:8], "big") >> 33 == 842409955


@settings(deadline=None)
@given(factor_sets)
def test_the_seed_belongs_to_the_cell_and_fits_every_server(factors: dict[str, Scalar]) -> None:
    cell = Cell(factors)
    assert 0 <= cell.seed < 2**31
    assert cell.seed == Cell(dict(factors)).seed


def test_seeds_of_neighbouring_cells_are_spread() -> None:
    seeds = [Cell({"replicate": number}).seed for number in range(2000)]
    assert len(set(seeds)) >= 1998  # two of 2,000 draws from 2**31 are equal once in a thousand times
    assert abs(sum(seed / 2**31 for seed in seeds) / 2000 - 0.5) < 0.03


def test_a_cell_is_not_changed_in_place() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        Cell({}).key = "x"  # type: ignore[misc]
