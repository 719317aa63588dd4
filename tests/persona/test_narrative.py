"""Narratives: everything that was said is told, nothing else, and no number that is a score."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from personae.persona import (
    Ability,
    Demographics,
    Memory,
    Persona,
    Voice,
    level_of,
    render,
    word_trait,
    z_of_level,
)
from support.personas import FULL_PERSONA

SECOND_PERSON = (
    "You are Ada Lovelace. A mathematician who writes letters."
    " You are 36 years old, female, British, white, and married. Your home: London. Your education: private tutors."
    " Your occupation: mathematician. Your income: landed. Your religion: Anglican. Your politics: Whig."
    " You speak English and French."
    " You are high in self discipline, a bit introverted, neither emotionally stable nor neurotic,"
    " extremely open to experience, and very high in honesty humility."
    " Your circle: men of science. Your profession: analyst. Your self image: a prophet."
    " She was raised by her mother."
    " You can read tables of numbers, with a limit: tires quickly. You can ride."
    " Your goal: describe the Analytical Engine. You believe: imagination is a tool of discovery."
    " You know: the numbers of Bernoulli. You remember (1833): meeting Mr Babbage. You remember: a fever."
    " Your way of speaking: long sentences with many dashes. Your voice: English, London, low, quick, and clear."
    " Your appearance: dark hair."
)

THIRD_PERSON = (
    "This is Ada Lovelace. A mathematician who writes letters."
    " Ada Lovelace is 36 years old, female, British, white, and married. Ada Lovelace's home: London."
    " Ada Lovelace's education: private tutors. Ada Lovelace's occupation: mathematician."
    " Ada Lovelace's income: landed. Ada Lovelace's religion: Anglican. Ada Lovelace's politics: Whig."
    " Ada Lovelace speaks English and French."
    " Ada Lovelace is high in self discipline, a bit introverted, neither emotionally stable nor neurotic,"
    " extremely open to experience, and very high in honesty humility."
    " Ada Lovelace's circle: men of science. Ada Lovelace's profession: analyst."
    " Ada Lovelace's self image: a prophet. She was raised by her mother."
    " Ada Lovelace can read tables of numbers, with a limit: tires quickly. Ada Lovelace can ride."
    " Ada Lovelace's goal: describe the Analytical Engine."
    " Ada Lovelace believes: imagination is a tool of discovery. Ada Lovelace knows: the numbers of Bernoulli."
    " Ada Lovelace remembers (1833): meeting Mr Babbage. Ada Lovelace remembers: a fever."
    " Ada Lovelace's way of speaking: long sentences with many dashes."
    " Ada Lovelace's voice: English, London, low, quick, and clear. Ada Lovelace's appearance: dark hair."
)


@pytest.mark.parametrize(
    ("gender", "told"),
    [
        ("woman", "You are 71 years old and a woman."),
        ("agender person", "You are 71 years old and an agender person."),
        ("trans man", "You are 71 years old and a trans man."),
        ("non-binary", "You are 71 years old and non-binary."),
        ("Frau", "You are 71 years old and Frau."),
        ("", "You are 71 years old."),
    ],
)
def test_a_gender_that_is_a_noun_takes_an_article(gender: str, told: str) -> None:
    who = Persona(demographics=Demographics(age=71, gender=gender))
    assert render(who, "second-person").text == told


def test_a_full_persona_in_the_second_person() -> None:
    assert render(FULL_PERSONA, "second-person").text == SECOND_PERSON


def test_a_full_persona_in_the_third_person() -> None:
    assert render(FULL_PERSONA, "third-person").text == THIRD_PERSON


def test_a_person_without_a_name_is_told_of_all_the_same() -> None:
    persona = Persona(demographics=Demographics(age=36, occupation="nurse"), goals=("rest",))
    assert render(persona, "second-person").text == "You are 36 years old. Your occupation: nurse. Your goal: rest."
    assert render(persona, "third-person").text == (
        "This person is 36 years old. This person's occupation: nurse. This person's goal: rest."
    )


def test_a_person_of_whom_only_the_name_is_known_is_named() -> None:
    assert render(Persona(name="Ada"), "second-person").text == "You are Ada."
    assert render(Persona(name="Ada"), "third-person").text == "This is Ada."


def test_an_age_of_zero_is_an_age() -> None:
    assert "0 years old" in render(Persona(demographics=Demographics(age=0)), "second-person").text


@pytest.mark.parametrize("text", ["Done.", "Done!", "Done?", "Done…", 'She said "no."'])
def test_a_sentence_that_ends_is_not_ended_again(text: str) -> None:
    assert render(Persona(description=text), "second-person").text == text
    assert render(Persona(description=text.rstrip('."!?…')), "second-person").text != text.rstrip('."!?…')


ONE_EACH = {
    "description": Persona(description="MARK"),
    **{
        f"demographics.{name}": Persona(demographics=Demographics.model_validate({name: "MARK"}))
        for name in sorted(set(Demographics.model_fields) - {"age", "languages"})
    },
    "languages": Persona(demographics=Demographics(languages=("MARK",))),
    "social_identity": Persona(social_identity={"role": "MARK"}),
    "social key": Persona(social_identity={"MARK": "x"}),
    "personal_identity": Persona(personal_identity={"value": "MARK"}),
    "life_context": Persona(life_context="MARK"),
    "ability": Persona(abilities=(Ability(ability="MARK"),)),
    "constraint": Persona(abilities=(Ability(ability="x", constraint="MARK"),)),
    "goals": Persona(goals=("x", "MARK")),
    "beliefs": Persona(beliefs=("x", "MARK")),
    "knowledge": Persona(knowledge=("x", "MARK")),
    "style": Persona(style="MARK"),
    **{f"voice.{name}": Persona(voice=Voice.model_validate({name: "MARK"})) for name in sorted(Voice.model_fields)},
    "appearance": Persona(appearance="MARK"),
    "memory": Persona(memories=(Memory(text="MARK"),)),
    "when": Persona(memories=(Memory(text="x", when="MARK"),)),
}


@pytest.mark.parametrize("renderer", ["second-person", "third-person", "json"])
@pytest.mark.parametrize("persona", ONE_EACH.values(), ids=ONE_EACH)
def test_every_facet_is_told_once(persona: Persona, renderer: str) -> None:
    assert render(persona, renderer).text.count("MARK") == 1


BLANK = " \n"


@pytest.mark.parametrize("renderer", ["second-person", "third-person"])
def test_what_is_blank_is_not_told(renderer: str) -> None:
    persona = Persona(
        name=BLANK,
        description=BLANK,
        demographics=Demographics(
            languages=(BLANK, ""), **dict.fromkeys(set(Demographics.model_fields) - {"age", "languages"}, BLANK)
        ),
        social_identity={"role": BLANK},
        personal_identity={"value": ""},
        life_context=BLANK,
        goals=("", BLANK),
        beliefs=(BLANK,),
        knowledge=(BLANK,),
        style=BLANK,
        voice=Voice(**dict.fromkeys(Voice.model_fields, BLANK)),
        appearance=BLANK,
    )
    assert render(persona, renderer).text == ""
    mixed = persona.model_copy(update={"goals": ("", "rest", BLANK)})
    assert render(mixed, renderer).text in ("Your goal: rest.", "This person's goal: rest.")


letters = st.text("abcdefgh_", min_size=1, max_size=8)
digitless_keys = st.tuples(letters, letters).map(".".join) | st.sampled_from(
    [f"big_five.{name}" for name in ("extraversion", "agreeableness", "conscientiousness", "neuroticism", "openness")]
)


@pytest.mark.parametrize("renderer", ["adjectives", "nine-level", "second-person", "third-person", "json"])
@settings(deadline=None)
@given(traits=st.dictionaries(digitless_keys, st.floats(-6, 6, allow_nan=False), min_size=1, max_size=6))
def test_no_digit_of_a_score_is_shown(renderer: str, traits: dict[str, float]) -> None:
    text = render(Persona(name="Ada", traits=traits), renderer).text
    assert not re.search(r"[0-9]", text)


@pytest.mark.parametrize("level", range(1, 10))
def test_a_trait_of_a_known_scale_is_worded_by_its_pole(level: int) -> None:
    low, high = "introverted", "extroverted"
    expected = [
        *(f"extremely {low}", f"very {low}", low, f"a bit {low}", f"neither {low} nor {high}"),
        *(f"a bit {high}", high, f"very {high}", f"extremely {high}"),
    ]
    assert word_trait("big_five.extraversion", z_of_level(level)) == expected[level - 1]


def test_a_trait_of_any_other_scale_is_worded_by_its_amount() -> None:
    amounts = [word_trait("dark_triad.cold_blood", z_of_level(level)) for level in range(1, 10)]
    assert amounts == [
        *(f"{amount} in cold blood" for amount in ("extremely low", "very low", "low", "a bit low", "average")),
        *(f"{amount} in cold blood" for amount in ("a bit high", "high", "very high", "extremely high")),
    ]


@settings(deadline=None)
@given(st.floats(-6, 6, allow_nan=False), st.floats(-6, 6, allow_nan=False))
def test_traits_of_one_level_are_worded_alike_and_of_others_differently(one: float, other: float) -> None:
    for key in ("big_five.openness", "values.power"):
        assert (word_trait(key, one) == word_trait(key, other)) == (level_of(one) == level_of(other))


def test_the_json_is_an_object_with_the_content_and_worded_traits() -> None:
    told = json.loads(render(FULL_PERSONA, "json").text)
    content = FULL_PERSONA.content()
    assert set(told) == set(content) - {"model", "extensions"}
    assert {key: value for key, value in told.items() if key != "traits"} == {
        key: content[key] for key in told if key != "traits"
    }
    assert told["traits"] == {key: word_trait(key, z) for key, z in FULL_PERSONA.traits.items()}


@pytest.mark.parametrize(
    "text",
    ["He rests.", "He rests!", '"Go!"', "(He rests.)", "*He rests.*", "[calm, tall]", "Rest…", "休む。"],
)
def test_a_text_that_has_ended_gets_no_second_stop(text: str) -> None:
    assert render(Persona(description=text), "third-person").text == text


@pytest.mark.parametrize("text", ["He rests", 'He says "go"', "He rests (often)", "*rests*", "at 5:"])
def test_a_text_without_an_end_gets_a_stop(text: str) -> None:
    assert render(Persona(description=text), "third-person").text == f"{text[:1].upper()}{text[1:]}."


def test_marks_of_examples_are_no_words() -> None:
    assert "START" not in render(Persona(style="<START>\nAda: hi\n<START>\nAda: yo"), "second-person").text
