"""Controls: nobody, someone unsaid, someone else, and the census form."""

from __future__ import annotations

import random
import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from personae.errors import InputError
from personae.persona import (
    NEUTRAL_PROMPTS,
    RENDERERS,
    Demographics,
    Persona,
    Provenance,
    demographics_only,
    empty_persona,
    neutral_prompts,
    random_other,
    render,
    trait_words,
)
from support.personas import FULL_PERSONA, personas

PEOPLE = [Persona(id=f"p{index}", name=f"name {index % 5}") for index in range(10)]
"""Ten ids, five contents."""


def test_the_empty_persona_says_nothing() -> None:
    assert empty_persona().content() == {}
    assert empty_persona().hash == Persona().hash
    assert empty_persona().id == "empty"
    assert {render(empty_persona(), key).text for key in RENDERERS} == {""}


def test_neutral_prompts_ask_for_someone_and_describe_nobody() -> None:
    prompts = neutral_prompts()
    assert [prompt.text for prompt in prompts] == list(NEUTRAL_PROMPTS.values())
    assert len({prompt.text for prompt in prompts}) == len({prompt.renderer for prompt in prompts}) == len(prompts) >= 3
    described = {
        word for words in trait_words().values() for pair in words.markers for word in (pair.low, pair.high)
    } | {word for words in trait_words().values() for word in (words.low, words.high)}
    for prompt in prompts:
        assert re.fullmatch(r"control/neutral-\d@1", prompt.renderer)
        assert prompt.text.strip()
        assert not any(re.search(rf"\b{re.escape(word)}\b", prompt.text.lower()) for word in described)
        assert not re.search(r"\d", prompt.text)


def test_the_wording_of_the_neutral_prompts_is_pinned() -> None:
    """They are a noise floor that runs are compared with: a changed text needs a new number."""
    assert NEUTRAL_PROMPTS == {
        "neutral-1": "You are a person.",
        "neutral-2": "Answer as an ordinary adult would.",
        "neutral-3": "Please respond as yourself.",
        "neutral-4": "You are taking part in a survey.",
    }


@settings(deadline=None)
@given(st.integers(0, 9), st.integers(0, 2**32))
def test_a_random_other_is_never_the_same_content(index: int, seed: int) -> None:
    person = PEOPLE[index]
    other = random_other(person, PEOPLE, np.random.default_rng(seed))
    assert other in PEOPLE
    assert other.hash != person.hash


def test_a_random_other_is_drawn_evenly_and_again_by_the_same_seed() -> None:
    def draws(seed: int) -> list[str]:
        rng = np.random.default_rng(seed)
        return [random_other(PEOPLE[0], PEOPLE, rng).id for _ in range(400)]

    assert draws(0) == draws(0)
    assert draws(0) != draws(1)
    counts = {name: draws(0).count(name) for name in set(draws(0))}
    assert set(counts) == {person.id for person in PEOPLE} - {"p0", "p5"}
    assert min(counts.values()) > 25  # 50 are expected of each; fewer than 26 has a chance below 1 in 10,000


def test_drawing_leaves_the_global_random_numbers_alone() -> None:
    before = (random.getstate(), np.random.get_state()[1].tolist())  # type: ignore[index]
    random_other(PEOPLE[0], PEOPLE, np.random.default_rng(0))
    assert (random.getstate(), np.random.get_state()[1].tolist()) == before  # type: ignore[index]


@pytest.mark.parametrize("population", [[], [PEOPLE[0]], [PEOPLE[0], PEOPLE[5]]])
def test_who_is_alone_has_no_other(population: list[Persona]) -> None:
    with pytest.raises(InputError) as caught:
        random_other(PEOPLE[0], population, np.random.default_rng(0))
    assert caught.value.where == "p0"
    assert caught.value.remedy


@settings(deadline=None)
@given(personas)
def test_demographics_only_keeps_only_demographics(persona: Persona) -> None:
    reduced = demographics_only(persona)
    assert reduced.demographics == persona.demographics
    assert set(reduced.content()) <= {"demographics"}
    assert reduced.hash == demographics_only(reduced).hash
    assert reduced.id == f"p-{reduced.hash[:12]}"


def test_where_the_demographics_come_from_stays_with_them() -> None:
    sources = {
        "*": Provenance(licence="CC-BY-4.0"),
        "demographics": Provenance(origin="sampled", by="census"),
        "demographics.age": Provenance(consent="research only"),
        "traits": Provenance(origin="inferred"),
        "demographicsx": Provenance(note="no field"),
    }
    person = FULL_PERSONA.model_copy(update={"provenance": sources})
    reduced = demographics_only(person)
    assert set(reduced.provenance) == {"*", "demographics", "demographics.age"}
    for name in Demographics.model_fields:
        path = f"demographics.{name}"
        assert reduced.provenance_of(path) == person.provenance_of(path)


def test_a_person_without_demographics_is_reduced_to_nobody() -> None:
    assert demographics_only(Persona(name="Ada", traits={"a.b": 1})).hash == empty_persona().hash
