"""Designs with constraints and exceptions: what cannot be is left out, what is added is there once."""

from __future__ import annotations

import pytest

from personae.errors import InputError
from personae.population import FactorialSource, Population

AXES = {"style": ["plain", "verbose", "curt"], "social_identity.level": ["A", "B"]}


def test_all_combinations_are_there_once() -> None:
    frame = FactorialSource(AXES).people
    assert frame.height == 6
    assert frame.unique().height == 6


def test_excluded_combinations_are_left_out_and_exceptions_added() -> None:
    source = FactorialSource(
        AXES,
        excluded=[{"style": "curt", "social_identity.level": "A"}],
        fixed={"extensions.state": "clear"},
        exceptions=[{"style": "plain", "social_identity.level": "B", "extensions.state": "dazed"}],
    )
    assert source.size == 6
    rows = source.people.rows(named=True)
    assert {"style": "curt", "social_identity.level": "A", "extensions.state": "clear"} not in rows
    assert rows[-1] == {"style": "plain", "social_identity.level": "B", "extensions.state": "dazed"}


def test_a_range_may_be_excluded() -> None:
    source = FactorialSource(
        {"demographics.age": [10, 30, 70], "demographics.occupation": ["nurse", "pupil"]},
        excluded=[
            {"demographics.age": {"max": 17}, "demographics.occupation": "nurse"},
            {"demographics.age": {"min": 18}, "demographics.occupation": ["pupil"]},
        ],
    )
    assert [row[0] for row in source.people.rows()] == [10, 30, 70]


def test_replicates_repeat_the_whole_design_in_order() -> None:
    people = list(Population(FactorialSource(AXES, replicates=2)).personas())
    assert len(people) == 12
    assert [one.style for one in people[:6]] == [one.style for one in people[6:]]
    assert len({one.id for one in people}) == 12
    assert people[0].provenance_of("style").origin == "given"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"levels": {}}, "no factors"),
        ({"levels": {"style": []}}, "has no levels"),
        ({"levels": {"style": ["a", "a"]}}, "lists a level twice"),
        ({"levels": {"stile": ["a"]}}, "no field"),
        ({"levels": {"style": ["a"]}, "excluded": [{"style": "a"}]}, "excludes everybody"),
        ({"levels": {"style": ["a"]}, "excluded": [{"name": "a"}]}, "tested before it is drawn"),
        ({"levels": {"style": ["a"]}, "exceptions": [{"style": "a"}]}, "that is there"),
        ({"levels": {"style": ["a"]}, "replicates": 0}, "none"),
    ],
)
def test_a_design_that_cannot_be_is_refused(arguments: dict[str, object], said: str) -> None:
    with pytest.raises(InputError, match=said):
        FactorialSource(**arguments)  # type: ignore[arg-type]


def test_more_people_than_the_design_has_cannot_be_drawn() -> None:
    with pytest.raises(InputError, match="the source has 6"):
        Population(FactorialSource(AXES), 7).frame()
