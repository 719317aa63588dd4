from __future__ import annotations

import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from personae.errors import InputError
from personae.text import TRAIT_WORDS, Mention, find_mentions

BIG_FIVE = ("extraversion", "agreeableness", "conscientiousness", "neuroticism", "openness")

# The adjectives that PersonaLLM gives a persona (Jiang et al., 2024).
ADJECTIVES = {
    "big_five.extraversion+": "extroverted",
    "big_five.extraversion-": "introverted",
    "big_five.agreeableness+": "agreeable",
    "big_five.agreeableness-": "antagonistic",
    "big_five.conscientiousness+": "conscientious",
    "big_five.conscientiousness-": "unconscientious",
    "big_five.neuroticism+": "neurotic",
    "big_five.neuroticism-": "emotionally stable",
    "big_five.openness+": "open to experience",
    "big_five.openness-": "closed to experience",
}


def _found(text: str, *terms: str) -> list[str]:
    return [text[mention.start : mention.end] for mention in find_mentions(text, terms)]


def test_a_mention_tells_the_term_and_where_it_stands() -> None:
    text = "Shy? No: INTROVERTED."
    assert find_mentions(text, ["introverted"]) == [Mention("introverted", 9, 20)]


@pytest.mark.parametrize(
    "text",
    [
        "an introvert",
        "Introvert!",
        "the introvert’s room",
        "the introvert's room",
        "a semi-introvert",
        "**introvert**",
        "_introvert_",
        "“introvert”",
        "introvert/extrovert",
    ],
)
def test_markup_quotes_hyphens_and_possessives_bound_a_word(text: str) -> None:
    assert [found.lower() for found in _found(text, "introvert")] == ["introvert"]


@pytest.mark.parametrize(
    "text", ["introverted", "introverts", "nonintrovert", "introvert2", "introverté", "открытintrovert"]
)
def test_a_part_of_a_longer_word_is_no_mention(text: str) -> None:
    assert _found(text, "introvert") == []


@pytest.mark.parametrize("gap", [" ", "  ", "\n", "-", " - ", "\u2011"])
def test_words_of_a_term_may_be_apart_by_blanks_or_hyphens(gap: str) -> None:
    assert _found(f"Emotionally{gap}stable", "emotionally stable") == [f"Emotionally{gap}stable"]
    assert _found(f"Emotionally{gap}stable", "emotionally-stable") == [f"Emotionally{gap}stable"]


@pytest.mark.parametrize("gap", [", ", ". ", " and ", "", "      "])
def test_other_text_between_the_words_of_a_term_is_no_mention(gap: str) -> None:
    assert _found(f"emotionally{gap}stable", "emotionally stable") == []


def test_the_longest_of_overlapping_terms_is_found_in_any_order_of_terms() -> None:
    for terms in (["openness", "openness to experience"], ["openness to experience", "openness"]):
        assert _found("my openness to experience; my openness to it", *terms) == ["openness to experience", "openness"]


def test_mentions_come_from_left_to_right_and_repeat() -> None:
    text = "agreeable, neurotic, agreeable"
    assert [mention.term for mention in find_mentions(text, ["neurotic", "agreeable"])] == [
        "agreeable",
        "neurotic",
        "agreeable",
    ]


def test_apostrophes_match_in_both_spellings() -> None:
    assert _found("It’s me. It's me.", "it's me") == ["It’s me", "It's me"]


def test_special_characters_of_a_term_stand_for_themselves() -> None:
    assert _found("c3po c+po", "c+po") == ["c+po"]
    assert _found("a.b axb", "a.b") == ["a.b"]


def test_no_terms_find_nothing() -> None:
    assert find_mentions("introverted", []) == []


@pytest.mark.parametrize("term", ["", " ", "-open", "open ", "!"])
def test_a_term_that_is_no_word_is_refused(term: str) -> None:
    with pytest.raises(InputError, match="is no term"):
        find_mentions("open", [term])


@given(st.lists(st.sampled_from(["open", "to", "open to", "to experience", "experience", "x"]), max_size=4), st.data())
def test_mentions_do_not_overlap_and_are_spelled_as_their_terms(terms: list[str], data: st.DataObject) -> None:
    text = " ".join(data.draw(st.lists(st.sampled_from(["open", "to", "experience", "x", "opens"]), max_size=12)))
    mentions = find_mentions(text, terms)
    assert all(text[mention.start : mention.end] == mention.term for mention in mentions)
    assert all(first.end < second.start for first, second in pairwise(mentions))
    assert {mention.term for mention in mentions} <= set(terms)
    for word in ("open", "to", "experience", "x"):
        if word in terms and word in text.split():
            assert any(word in mention.term.split() for mention in mentions)


def test_both_poles_of_the_big_five_have_words_and_share_none() -> None:
    assert set(TRAIT_WORDS) == {f"big_five.{trait}{sign}" for trait in BIG_FIVE for sign in "+-"}
    words = [word for terms in TRAIT_WORDS.values() for word in terms]
    assert len(words) == len(set(words))
    assert all(word == word.lower() for word in words)


@pytest.mark.parametrize("pole", ADJECTIVES)
def test_the_adjective_of_a_pole_mentions_this_pole_alone(pole: str) -> None:
    text = f"I am rather {ADJECTIVES[pole]}, they say."
    assert [key for key, terms in TRAIT_WORDS.items() if find_mentions(text, terms)] == [pole]


@pytest.mark.parametrize(
    ("text", "pole"),
    [
        ("my extraversion", "big_five.extraversion+"),
        ("two extroverts", "big_five.extraversion+"),
        ("my introversion", "big_five.extraversion-"),
        ("her agreeableness", "big_five.agreeableness+"),
        ("my antagonism", "big_five.agreeableness-"),
        ("he is disagreeable", "big_five.agreeableness-"),
        ("conscientiously", "big_five.conscientiousness+"),
        ("my unconscientiousness", "big_five.conscientiousness-"),
        ("my neuroticism", "big_five.neuroticism+"),
        ("my emotional stability", "big_five.neuroticism-"),
        ("open to new experiences", "big_five.openness+"),
        ("closed to new experiences", "big_five.openness-"),
    ],
)
def test_inflections_and_names_of_traits_are_mentions(text: str, pole: str) -> None:
    assert [key for key, terms in TRAIT_WORDS.items() if find_mentions(text, terms)] == [pole]


@pytest.mark.parametrize(
    "text",
    [
        "I am outgoing, talkative and love parties",
        "a shy and quiet girl",
        "we agreed to disagree",
        "he played the antagonist",
        "my conscience was clear",
        "I open the door to an experience",
        "an open mind, open-minded friends",
        "a closed shop",
        "a stable full of emotional horses",
        "kind, careful, anxious, curious",
    ],
)
def test_synonyms_and_look_alikes_are_no_mentions(text: str) -> None:
    assert not any(find_mentions(text, terms) for terms in TRAIT_WORDS.values())


@pytest.mark.parametrize("pattern", ["a", "open ", "open to ", "extravert", "emotionally    ", "-", " ", "openness-"])
def test_a_megabyte_takes_linear_time(pattern: str) -> None:
    terms = [word for words in TRAIT_WORDS.values() for word in words]
    text = pattern * (1_000_000 // len(pattern))
    find_mentions("warm up", terms)
    start = time.process_time()
    find_mentions(text, terms)
    assert time.process_time() - start < 2.0  # measured: 0.2
