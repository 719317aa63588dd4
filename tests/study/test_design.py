"""Designs: every cell that should be there, none twice, none before it is wanted."""

from __future__ import annotations

import itertools
import math
import random
import time
import tracemalloc
from collections import Counter
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from personae.errors import InputError
from personae.persona import Persona
from personae.study import Cell, Design, assign_arms, by_prefix, shuffled

level_lists = st.dictionaries(
    st.text("abcdef", min_size=1, max_size=2),
    st.lists(st.integers(0, 9), min_size=1, max_size=4, unique=True),
    max_size=4,
)


def points(cells: Any) -> list[tuple[Any, ...]]:
    return [tuple(cell.factors.values()) for cell in cells]


def endless() -> Iterator[Cell]:
    return (Cell({"unit": number}) for number in itertools.count())


def units(count: int) -> list[Cell]:
    return list(itertools.islice(endless(), count))


# --- full factorials --------------------------------------------------------------------------------------------------


@settings(deadline=None)
@given(level_lists)
def test_a_full_factorial_has_every_combination_once(factors: dict[str, list[int]]) -> None:
    design = Design(factors)
    cells = list(design)
    assert len(cells) == len(design) == math.prod(len(levels) for levels in factors.values())
    assert sorted(points(cells)) == sorted(itertools.product(*factors.values()))
    assert len({cell.key for cell in cells}) == len(cells)
    assert all(list(cell.factors) == list(factors) for cell in cells)


def test_the_last_factor_changes_fastest_and_a_design_can_be_walked_again() -> None:
    design = Design({"a": [1, 2], "b": ["x", "y"]})
    assert points(design) == [(1, "x"), (1, "y"), (2, "x"), (2, "y")]
    assert points(design) == points(design)


def test_objects_are_named_by_their_id_and_carried_along() -> None:
    ada, bob = Persona(id="ada", name="Ada"), Persona(id="bob", name="Bob")
    cells = list(Design({"persona": [ada, bob], "order": [1, 2]}))
    assert points(cells) == [("ada", 1), ("ada", 2), ("bob", 1), ("bob", 2)]
    assert [cell.material["persona"] for cell in cells] == [ada, ada, bob, bob]
    assert all(set(cell.material) == {"persona"} for cell in cells)


def test_an_edited_persona_makes_other_cells() -> None:
    ada = Persona(id="ada", name="Ada")
    edited = ada.model_copy(update={"name": "Ada L."})
    (before,), (after,) = list(Design({"persona": [ada]})), list(Design({"persona": [edited]}))
    assert before.factors == after.factors
    assert before.key != after.key


def test_two_persons_of_one_id_are_refused() -> None:
    twins = [Persona(id="ada", name="Ada"), Persona(id="ada", name="Other")]
    with pytest.raises(InputError, match="'ada'"):
        Design({"persona": twins})
    Design({"shown": [twins[0]], "other": [twins[1]]})  # in two factors they are two columns


def test_a_factor_without_levels_is_refused_by_name() -> None:
    with pytest.raises(InputError) as caught:
        Design({"a": [1], "order": []})
    assert "order" in caught.value.where
    assert caught.value.remedy


def test_a_design_of_nothing_is_one_cell() -> None:
    assert [dict(cell.factors) for cell in Design({})] == [{}]
    assert len(Design({})) == 1


def test_a_design_of_a_million_million_cells_yields_its_first_at_once() -> None:
    tracemalloc.start()
    started = time.process_time()
    design = Design({f"f{number}": range(1000) for number in range(4)})
    narrowed = design.where(lambda factors: factors["f3"] != 0)
    assert len(design) == 10**12
    first = next(iter(design))
    assert points([first]) == [(0, 0, 0, 0)]
    assert points(itertools.islice(narrowed, 2)) == [(0, 0, 0, 1), (0, 0, 0, 2)]
    assert next(iter(shuffled(design, np.random.default_rng(0)))).factors["f0"] == 0
    assert next(iter(assign_arms(design, ["a", "b"], np.random.default_rng(0)))).factors["arm"] in ("a", "b")
    seconds = time.process_time() - started
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert seconds < 5
    assert peak < 50_000_000


# --- conditions -------------------------------------------------------------------------------------------------------


@settings(deadline=None)
@given(level_lists.filter(bool), st.integers(1, 4), st.integers(0, 3))
def test_conditions_keep_what_satisfies_all_of_them(factors: dict[str, list[int]], modulus: int, least: int) -> None:
    full = Design(factors)
    name = next(iter(factors))
    narrowed = full.where(lambda point: int(str(point[name])) % modulus == 0).where(
        lambda point: int(str(point[name])) >= least
    )
    kept = [
        cell for cell in full if int(str(cell.factors[name])) % modulus == 0 and int(str(cell.factors[name])) >= least
    ]
    assert [cell.key for cell in narrowed] == [cell.key for cell in kept]
    assert len(narrowed) == len(kept)
    assert len(full) == len(list(full))


def test_a_condition_sees_names_and_not_objects() -> None:
    people = [Persona(id="ada", name="Ada"), Persona(id="bob", name="Bob")]
    design = Design({"persona": people, "order": [1, 2]}).where(lambda point: point["persona"] == "bob")
    assert points(design) == [("bob", 1), ("bob", 2)]


def test_counting_a_narrowed_design_makes_no_cells(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("personae.study.design.Cell", None)
    assert len(Design({"a": range(50), "b": range(50)}).where(lambda point: point["a"] != point["b"])) == 2450


# --- fractions --------------------------------------------------------------------------------------------------------


def two_levels(count: int) -> dict[str, list[int]]:
    return {"abcdefgh"[number]: [10, 20] for number in range(count)}


def strength_of(cells: list[Cell]) -> int:
    """Largest t such that any t factors show all their combinations equally often (an orthogonal array)."""
    names = list(cells[0].factors)
    for size in range(1, len(names) + 1):
        for some in itertools.combinations(names, size):
            counts = Counter(tuple(cell.factors[name] for name in some) for cell in cells)
            if len(counts) < 2**size or len(set(counts.values())) > 1:
                return size - 1
    return len(names)


FRACTIONS = [
    (3, ["abc"], 4, 2),
    (4, ["abcd"], 8, 3),
    (5, ["abcde"], 16, 4),
    (5, ["abd", "ace"], 8, 2),
    (6, ["abce", "bcdf"], 16, 3),
    (7, ["abd", "ace", "bcf", "abcg"], 8, 2),
    (8, ["bcde", "acdf", "abcg", "abdh"], 16, 3),
    (2, ["a"], 2, 0),
]


@pytest.mark.parametrize(("count", "words", "size", "strength"), FRACTIONS)
def test_a_fraction_has_the_size_and_the_resolution_of_its_words(
    count: int, words: list[str], size: int, strength: int
) -> None:
    """A fraction of resolution R is an orthogonal array of strength R - 1 (Rao, 1947)."""
    cells = list(Design(two_levels(count)).fraction(*words))
    assert len(cells) == size
    assert len({cell.key for cell in cells}) == size
    assert strength_of(cells) == strength


@settings(deadline=None)
@given(st.lists(st.sets(st.sampled_from("abcdef"), min_size=1).map("".join), max_size=4))
def test_every_word_of_a_fraction_multiplies_to_plus_one(words: list[str]) -> None:
    cells = list(Design(two_levels(6)).fraction(*words))
    for cell in cells:
        for word in words:
            assert math.prod(1 if cell.factors[name] == 10 else -1 for name in word) == 1
    assert len(cells) == 2 ** (6 - rank_of(words))
    assert len(Design(two_levels(6)).fraction(*words)) == len(cells)


def rank_of(words: list[str]) -> int:
    """How many of the words are independent, over the field of two elements."""
    basis: dict[int, int] = {}
    for word in words:
        row = sum(1 << "abcdef".index(name) for name in word)
        while row:
            lead = row.bit_length()
            if lead not in basis:
                basis[lead] = row
                break
            row ^= basis[lead]
    return len(basis)


def test_the_first_level_counts_as_plus_one() -> None:
    design = Design({"a": ["high", "low"], "b": ["high", "low"]}).fraction("ab")
    assert points(design) == [("high", "high"), ("low", "low")]


def test_factors_outside_of_the_words_are_crossed_in_full() -> None:
    design = Design({"a": [0, 1], "b": [0, 1], "item": [1, 2, 3]}).fraction(["a", "b"])
    assert len(list(design)) == 2 * 3
    personas = [Persona(id="ada"), Persona(id="bob")]
    half = Design({"persona": personas, "order": ["up", "down"]}).fraction(["persona", "order"])
    assert points(half) == [("ada", "up"), ("bob", "down")]


@pytest.mark.parametrize("word", [["c"], ["nothing"], ["a", "item"], "ax"])
def test_a_word_of_other_factors_is_refused(word: list[str] | str) -> None:
    with pytest.raises(InputError) as caught:
        Design({"a": [0, 1], "item": [1, 2, 3]}).fraction(word)
    assert "where()" in caught.value.remedy


# --- arms -------------------------------------------------------------------------------------------------------------


@settings(deadline=None)
@given(st.integers(0, 60), st.integers(1, 5), st.integers(0, 2**32))
def test_after_every_block_each_arm_was_given_equally_often(count: int, arms: int, seed: int) -> None:
    names = [f"arm {number}" for number in range(arms)]
    given_arms = [cell.factors["arm"] for cell in assign_arms(units(count), names, np.random.default_rng(seed))]
    assert len(given_arms) == count
    for start in range(0, count - count % arms, arms):
        assert sorted(map(str, given_arms[start : start + arms])) == names
    assert len(set(given_arms[count - count % arms :])) == count % arms


def test_arms_keep_factors_and_material_and_take_a_name() -> None:
    ada = Persona(id="ada")
    (cell,) = assign_arms(Design({"persona": [ada]}), ["treated"], np.random.default_rng(0), name="condition")
    assert cell.factors == {"persona": "ada", "condition": "treated"}
    assert cell.material == {"persona": ada}


def test_arms_are_random_by_the_seed_and_zero_is_a_seed() -> None:
    def arms(seed: int) -> list[Any]:
        return [cell.factors["arm"] for cell in assign_arms(units(40), ["a", "b"], np.random.default_rng(seed))]

    assert arms(0) == arms(0)
    assert len({tuple(arms(seed)) for seed in range(5)}) == 5
    firsts = Counter(arms(seed)[0] for seed in range(200))
    assert min(firsts["a"], firsts["b"]) > 60  # 100 are expected; fewer than 61 has a chance below 1 in a million


def test_arms_stream() -> None:
    taken = list(itertools.islice(assign_arms(endless(), [1, 2, 3], np.random.default_rng(0)), 7))
    assert [cell.factors["unit"] for cell in taken] == list(range(7))


def test_arms_that_make_no_sense_are_refused() -> None:
    with pytest.raises(InputError, match="no arms"):
        list(assign_arms(units(2), [], np.random.default_rng(0)))
    with pytest.raises(InputError, match="factor unit"):
        list(assign_arms(units(2), [1, 2], np.random.default_rng(0), name="unit"))


# --- order ------------------------------------------------------------------------------------------------------------


@settings(deadline=None)
@given(st.integers(0, 50), st.integers(1, 60), st.integers(0, 2**32))
def test_shuffling_loses_and_doubles_no_cell(count: int, window: int, seed: int) -> None:
    cells = units(count)
    mixed = list(shuffled(cells, np.random.default_rng(seed), window=window))
    assert sorted(cell.key for cell in mixed) == sorted(cell.key for cell in cells)
    again = shuffled(cells, np.random.default_rng(seed), window=window)
    assert [cell.key for cell in again] == [cell.key for cell in mixed]
    for place, cell in enumerate(mixed):  # no cell comes before its window has reached it
        assert int(str(cell.factors["unit"])) < place + window


def test_shuffling_shuffles_by_the_seed_and_zero_is_a_seed() -> None:
    def order(seed: int) -> tuple[Any, ...]:
        return tuple(cell.factors["unit"] for cell in shuffled(units(30), np.random.default_rng(seed)))

    orders = {order(seed) for seed in range(6)}
    assert len(orders) == 6
    assert tuple(range(30)) not in orders


def test_all_orders_of_a_small_design_are_equally_likely() -> None:
    rng = np.random.default_rng(0)
    counts = Counter(tuple(cell.factors["unit"] for cell in shuffled(units(3), rng)) for _ in range(1200))
    assert len(counts) == 6
    assert sum((count - 200) ** 2 / 200 for count in counts.values()) < 20.5  # χ² with 5 df exceeds it once in 1,000


def test_shuffling_streams_within_its_window() -> None:
    drawn: list[Cell] = []

    def watched() -> Iterator[Cell]:
        for cell in endless():
            drawn.append(cell)
            yield cell

    mixed = shuffled(watched(), np.random.default_rng(0), window=10)
    assert len(list(itertools.islice(mixed, 5))) == 5
    assert len(drawn) == 14


def test_designs_leave_the_global_random_numbers_alone() -> None:
    before = random.getstate(), np.random.get_state()[1].tolist()  # type: ignore[index]
    rng = np.random.default_rng(0)
    list(shuffled(assign_arms(Design({"a": [1, 2]}), [1, 2], rng), rng))
    assert (random.getstate(), np.random.get_state()[1].tolist()) == before  # type: ignore[index]


@given(st.lists(st.integers(0, 3), max_size=60), st.integers(1, 70))
def test_cells_that_share_a_prefix_come_together_and_none_is_lost(prefixes: list[int], window: int) -> None:
    cells = [Cell({"persona": prefix, "item": number}) for number, prefix in enumerate(prefixes)]
    found = list(by_prefix(cells, ["persona"], window=window))
    assert sorted(cell.key for cell in found) == sorted(cell.key for cell in cells)
    if window > len(cells):
        groups = [prefix for prefix, _ in itertools.groupby(found, key=lambda cell: cell.factors["persona"])]
        assert len(groups) == len(set(prefixes))
    for persona in set(prefixes):  # within a prefix, in the order of the design
        items = [cell.factors["item"] for cell in found if cell.factors["persona"] == persona]
        assert items == [number for number, prefix in enumerate(prefixes) if prefix == persona]


def test_a_prefix_order_holds_no_more_cells_than_its_window() -> None:
    taken = 0

    def endless() -> Iterator[Cell]:
        nonlocal taken
        for number in itertools.count():
            taken += 1
            yield Cell({"persona": number % 5, "item": number})

    ordered = by_prefix(endless(), ["persona"], window=20)
    first = [next(ordered).factors["persona"] for _ in range(4)]
    assert first == [0, 0, 0, 0]
    assert taken == 20


long_or_short = st.one_of(
    st.lists(
        st.one_of(st.integers(-(2**40), 2**40), st.text(max_size=4), st.booleans(), st.none()), min_size=1, max_size=4
    ),
    st.builds(range, st.integers(-3, 3), st.integers(4, 8)),
    st.lists(st.sampled_from(["ada", "bob", "eve"]), min_size=1, max_size=3, unique=True).map(
        lambda names: [Persona(name=name, id=name) for name in names]
    ),
)


@given(factors=st.dictionaries(st.text(max_size=3), long_or_short, max_size=4))
def test_places_and_digests_of_a_crossing_are_those_of_its_cells(factors: dict[str, Any]) -> None:
    design = Design(factors)
    cells = list(design)
    assert [design.cell_at(place) for place in range(len(design))] == cells
    for at_once in (1, 7, 10_000):
        joined = b"".join(design.digests(at_once))
        assert joined.hex() == "".join(cell.key for cell in cells)


def test_digests_do_not_hold_a_long_tail(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("personae.study.design._MOST_HELD", 2)
    design = Design({"b": ["x", "y"], "a": [1, 2, 3], "c": range(2)})
    assert b"".join(design.digests(5)).hex() == "".join(cell.key for cell in design)


def test_a_design_with_conditions_has_no_places() -> None:
    design = Design({"a": [1, 2]}).where(lambda factors: factors["a"] == 1)
    assert not design.is_crossed
    with pytest.raises(ValueError, match="conditions"):
        design.cell_at(0)
    with pytest.raises(ValueError, match="conditions"):
        next(design.digests(1))
