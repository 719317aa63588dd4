"""People as a table: every persona comes back as it went in, and columns are fields or are refused."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from personae.errors import InputError
from personae.persona import Ability, Demographics, Memory, ModelParameters, Persona, Provenance, Voice
from personae.population import check_column, frame_of, persona_of, personas_of, row_of

words = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=12)
filled = words.filter(bool)
keys = st.from_regex(r"[a-z]{1,6}(_[a-z]{1,4})?", fullmatch=True)

personas = st.builds(
    Persona,
    id=words,
    name=words,
    description=words,
    demographics=st.builds(
        Demographics,
        age=st.none() | st.integers(0, 130),
        gender=words,
        languages=st.lists(words, max_size=3).map(tuple),
        occupation=words,
    ),
    traits=st.dictionaries(keys.map(lambda key: f"big_five.{key}"), st.floats(-6, 6), max_size=3),
    social_identity=st.dictionaries(words, words, max_size=2),
    personal_identity=st.dictionaries(filled, words, max_size=2),
    abilities=st.lists(st.builds(Ability, ability=filled, constraint=words), max_size=2).map(tuple),
    goals=st.lists(words, max_size=3).map(tuple),
    voice=st.builds(Voice, pace=words),
    memories=st.lists(st.builds(Memory, text=filled, when=words), max_size=2).map(tuple),
    model=st.builds(ModelParameters, temperature=st.none() | st.floats(0, 2)),
    provenance=st.dictionaries(words, st.builds(Provenance, by=words), max_size=2),
    extensions=st.dictionaries(words, st.none() | st.integers(-5, 5) | words | st.lists(words, max_size=2), max_size=2),
)


@settings(max_examples=150, deadline=None)
@given(st.lists(personas, min_size=1, max_size=4))
def test_people_come_back_from_a_table_as_they_went_in(people: list[Persona]) -> None:
    assert list(personas_of(frame_of(people))) == people


def test_a_shared_source_is_not_repeated_in_every_row() -> None:
    shared = {"*": Provenance(origin="sampled", by="census")}
    ada = Persona(name="Ada", provenance=shared)
    row = row_of(ada, shared)
    assert "rest" not in row
    assert persona_of(row, shared) == ada


def test_a_field_of_its_own_source_keeps_it_beside_the_shared_one() -> None:
    shared = {"*": Provenance(origin="sampled", by="census")}
    ada = Persona(name="Ada", provenance={**shared, "name": Provenance(origin="given")})
    assert persona_of(row_of(ada, shared), shared) == ada


@pytest.mark.parametrize(
    "column", ["id", "weight", "name", "goals", "demographics.age", "traits.a.b", "social_identity.a b", "voice.pace"]
)
def test_fields_are_columns(column: str) -> None:
    check_column(column)


@pytest.mark.parametrize(
    ("column", "said"),
    [
        ("demographics.agee", "did you mean 'demographics.age'"),
        ("traits.openness", "is no trait"),
        ("traits", "no field"),
        ("age", "no field"),
        ("provenance.x", "no field"),
    ],
)
def test_what_is_no_field_is_refused_with_the_closest_name(column: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        check_column(column)


def test_a_value_that_a_field_cannot_hold_names_row_and_column() -> None:
    with pytest.raises(InputError, match=r"ann: demographics\.age"):
        list(personas_of(pl.DataFrame({"id": ["ann"], "demographics.age": [200]})))


def test_a_single_goal_may_be_a_text() -> None:
    assert persona_of({"goals": "peace"}).goals == ("peace",)
