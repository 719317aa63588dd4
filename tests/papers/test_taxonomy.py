"""The vocabularies: closed, defined, and the surveys' own divisions."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from personae.papers.taxonomy import TAXONOMY, Branch, Construction, PersonaType, Risk, Tags


def test_every_term_has_a_definition_of_one_sentence() -> None:
    for vocabulary in TAXONOMY.values():
        for term in vocabulary:
            assert term.definition.endswith("."), term
            assert term.definition.count(". ") == 0, term
            assert term.value == term.value.lower().replace(" ", "_")


def test_the_definitions_of_a_vocabulary_differ() -> None:
    for vocabulary in TAXONOMY.values():
        definitions = [term.definition for term in vocabulary]
        assert len(set(definitions)) == len(definitions)


def test_the_two_tales_and_the_evaluation_of_personality_are_the_branches() -> None:
    assert set(Branch) == {"role_playing", "personalization", "personality_evaluation"}


def test_the_three_types_of_persona() -> None:
    assert set(PersonaType) == {"demographic", "character", "individualised"}


def test_the_five_risks() -> None:
    assert set(Risk) == {"toxicity", "bias", "hallucination", "privacy", "deployment"}


def test_only_training_is_parametric() -> None:
    assert {one for one in Construction if one.is_parametric} == {"supervised_finetuning", "reinforcement_learning"}


def test_every_vocabulary_but_the_kinds_is_a_field_of_the_tags() -> None:
    assert set(TAXONOMY) == {"kinds", *Tags.model_fields}


def test_tags_take_terms_as_text_and_give_text_back() -> None:
    tags = Tags.model_validate({"branches": ["role_playing"], "risks": ["bias"], "persona_types": ["character"]})
    assert tags.persona_types == (PersonaType.CHARACTER,)
    assert tags.model_dump(mode="json")["persona_types"] == ["character"]


@pytest.mark.parametrize("field", [field for field in TAXONOMY if field != "kinds"])
def test_a_term_that_a_vocabulary_does_not_have_is_refused(field: str) -> None:
    with pytest.raises(ValidationError):
        Tags.model_validate({"branches": ["role_playing"], "risks": ["bias"], field: ["unheard_of"]})
