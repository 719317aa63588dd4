"""Populations by design."""

from __future__ import annotations

import itertools
import math
import time
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from personae.errors import InputError
from personae.persona import BIG_FIVE, Persona
from personae.population import cross_traits

levels_of = st.lists(st.integers(-30, 30).map(lambda tenth: tenth / 10), min_size=1, max_size=3, unique=True)
designs = st.dictionaries(st.sampled_from(BIG_FIVE), levels_of, min_size=1, max_size=5)


def test_two_levels_of_five_traits_are_32_types() -> None:
    people = list(cross_traits({trait: [1, -1] for trait in BIG_FIVE}))
    assert len(people) == 32
    assert len({tuple(person.traits.items()) for person in people}) == 32
    for trait in BIG_FIVE:  # every trait is balanced, and so is every pair
        assert sum(person.traits[trait] for person in people) == 0
    for one, other in itertools.combinations(BIG_FIVE, 2):
        assert sum(person.traits[one] * person.traits[other] for person in people) == 0


def test_nine_levels_of_one_trait_are_a_series() -> None:
    levels = [-2, -1.5, -1, -0.5, 0, 0.5, 1, 1.5, 2]
    people = list(cross_traits({"big_five.openness": levels}))
    assert [person.traits for person in people] == [{"big_five.openness": float(level)} for level in levels]


@settings(deadline=None)
@given(designs)
def test_every_combination_occurs_once(levels: dict[str, list[float]]) -> None:
    people = list(cross_traits(levels))
    assert len(people) == math.prod(map(len, levels.values()))
    wanted = {tuple(sorted(zip(levels, one, strict=True))) for one in itertools.product(*levels.values())}
    assert {tuple(sorted(person.traits.items())) for person in people} == wanted
    assert len({person.id for person in people}) == len(people)


@settings(deadline=None)
@given(designs)
def test_ids_come_from_the_content_and_not_from_the_place(levels: dict[str, list[float]]) -> None:
    backwards = {trait: values[::-1] for trait, values in reversed(levels.items())}
    forth, back = list(cross_traits(levels)), list(cross_traits(backwards))
    assert {person.id for person in forth} == {person.id for person in back}
    assert all(person.id == Persona(traits=person.traits).id for person in forth)


def test_ids_may_be_given_by_name() -> None:
    def name(traits: Mapping[str, float]) -> str:
        return "-".join("hi" if z > 0 else "lo" for z in traits.values())

    people = list(cross_traits({"big_five.extraversion": [1, -1], "big_five.openness": [1, -1]}, name=name))
    assert [person.id for person in people] == ["hi-hi", "hi-lo", "lo-hi", "lo-lo"]
    assert [person.hash for person in people] == [Persona(traits=person.traits).hash for person in people]


def test_the_last_trait_changes_fastest() -> None:
    people = cross_traits({"big_five.extraversion": [1, -1], "big_five.openness": [2, 0]})
    assert [list(person.traits.values()) for person in people] == [[1, 2], [1, 0], [-1, 2], [-1, 0]]


def test_traits_say_where_they_come_from() -> None:
    (person,) = cross_traits({"big_five.extraversion": [1]})
    source = person.provenance_of("traits.big_five.extraversion")
    assert (source.origin, source.by) == ("given", "factorial design")
    assert person.name == person.description == ""


def test_a_crossing_beyond_all_measure_streams() -> None:
    levels = {f"made_up.trait_{index}": [1, 0, -1] for index in range(60)}  # 3**60 personas
    begin = time.process_time()
    first = list(itertools.islice(cross_traits(levels), 500))
    assert time.process_time() - begin < 5
    assert len({person.id for person in first}) == 500
    assert set(first[0].traits.values()) == {1.0}


@pytest.mark.parametrize(
    ("levels", "where", "what"),
    [
        ({"big_five.openness": []}, "big_five.openness", "no levels"),
        ({"big_five.openness": [1], "big_five.extraversion": []}, "big_five.extraversion", "no levels"),
        ({"big_five.openness": [1, 0, 1.0]}, "big_five.openness", "twice"),
        ({"openness": [1]}, "openness", "is no trait"),
        ({"Big Five.Openness": [1]}, "Big Five.Openness", "is no trait"),
        ({"big_five.openness": [0, 70]}, "big_five.openness", "no z-score"),
        ({"big_five.openness": [math.nan]}, "big_five.openness", "z-scores"),
        ({"big_five.openness": [math.inf]}, "big_five.openness", "z-scores"),
        ({"big_five.openness": ["high"]}, "big_five.openness", "high"),
        ({"big_five.openness": [None]}, "big_five.openness", "None"),
    ],
)
def test_a_wrong_factor_is_refused_before_anybody_is_made(levels: dict[str, Any], where: str, what: str) -> None:
    with pytest.raises(InputError) as caught:
        cross_traits(levels)
    assert caught.value.where == where
    assert what in str(caught.value)
    assert caught.value.remedy


def test_levels_may_be_an_array() -> None:
    levels: Any = np.linspace(-1, 1, 3)
    assert [person.traits["big_five.openness"] for person in cross_traits({"big_five.openness": levels})] == [-1, 0, 1]
