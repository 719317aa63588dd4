"""Whole tables in words: byte for byte what rendering one person after the other gives."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from personae.errors import InputError
from personae.persona import BIG_FIVE, RENDERERS, Ability, Persona, level_of, render
from personae.population import frame_of, personas_of, read_recipe
from personae.population.wording import render_frame

words = st.sampled_from(
    ["", " ", "a nurse", "élan", "ßtart", " two words ", "Stop.", "Why?", 'He said "no."', "\x1c", "x…"]
)
z_scores = st.floats(-6, 6) | st.sampled_from([0.0, 0.25, -0.25, 0.5, -0.5, 0.75, 1.75, -1.75])
people = st.builds(
    lambda **parts: Persona.model_validate(parts),
    name=words,
    description=words,
    life_context=words,
    style=words,
    appearance=words,
    demographics=st.fixed_dictionaries(
        {},
        optional={
            "age": st.integers(0, 130),
            "gender": words,
            "nationality": words,
            "ethnicity": words,
            "marital_status": words,
            "residence": words,
            "education": words,
            "income": words,
            "politics": words,
            "languages": st.lists(words, max_size=4),
        },
    ),
    traits=st.dictionaries(
        st.sampled_from([*BIG_FIVE, "hexaco.honesty_humility", "big_five.openness.ideas"]), z_scores
    ),
    social_identity=st.dictionaries(st.sampled_from(["role", "club_name", "a"]), words),
    personal_identity=st.dictionaries(st.sampled_from(["motto", "habit", "a"]), words),
    goals=st.lists(words, max_size=3),
    beliefs=st.lists(words, max_size=2),
    knowledge=st.lists(words, max_size=2),
    voice=st.fixed_dictionaries({}, optional={"pace": words, "accent": words, "language": words}),
    abilities=st.sampled_from([(), (), (Ability(ability="sing"),)]),
)


@pytest.mark.parametrize("renderer", RENDERERS)
@settings(max_examples=15, deadline=None)
@given(st.lists(people, min_size=1, max_size=15))
def test_a_table_is_worded_as_its_people_are(renderer: str, persons: list[Persona]) -> None:
    found = render_frame(frame_of(persons), renderer).to_list()
    assert found == [render(person, renderer).text for person in persons]


@given(z_scores)
def test_levels_are_those_of_one_person(z: float) -> None:
    text = render_frame(pl.DataFrame({"traits.hexaco.honesty_humility": [z]}), "second-person")[0]
    assert text == render(Persona(traits={"hexaco.honesty_humility": z}), "second-person").text
    assert level_of(z) in range(1, 10)


def test_people_of_whom_nothing_is_said_get_the_empty_text() -> None:
    nobody = pl.DataFrame({"id": ["a", "b"]})
    for renderer in ("second-person", "adjectives", "nine-level"):
        assert render_frame(nobody, renderer).to_list() == ["", ""]


def test_an_unknown_renderer_is_refused_with_the_closest() -> None:
    with pytest.raises(InputError, match="second-person"):
        render_frame(pl.DataFrame({"id": ["a"]}), "second-persn")


def test_a_sampled_population_is_worded_as_its_personas() -> None:
    recipe = read_recipe(
        {
            "fields": {
                "demographics.age": {"draw": "uniform", "low": 18, "high": 90, "whole": True},
                "demographics.gender": {"draw": "choice", "values": ["woman", "man"]},
                "traits.big_five.openness": {"draw": "normal"},
                "traits.big_five.neuroticism": {"draw": "normal"},
                "goals": {"draw": "several", "values": ["a", "b", "c"], "least": 0, "most": 3},
                "social_identity.club": {
                    "draw": "cases",
                    "cases": [
                        {"when": {"demographics.age": {"min": 60}}, "use": {"draw": "constant", "value": "choir"}}
                    ],
                },
            }
        }
    )
    frame = recipe.population(size=400).frame()
    assert render_frame(frame, "third-person").to_list() == [
        render(person, "third-person").text for person in personas_of(frame)
    ]
