"""Texts in which a trait shows: as long as asked, in the first person, naming no trait, legible to the lexicon."""

from __future__ import annotations

import random
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from personae.model import Request, Sampling
from personae.persona import BIG_FIVE, Persona, render
from personae.respondent import SimulatedRespondent, impression
from personae.respondent.writing import Length, length_wanted, names_length, sentence_bank, wants_text, write_text
from personae.text import TRAIT_WORDS, find_mentions

NAMES = [word for words in TRAIT_WORDS.values() for word in words]
SENTENCE = re.compile(r"[^.!?\n]+[.!?]")


def text(seed: int, *, words: int = 150, **levels: float) -> str:
    """A text of so many words; levels by trait without its scale."""
    return write_text({f"big_five.{name}": z for name, z in levels.items()}, Length(words), random.Random(seed))


def level(trait: str, z: float, seed: int, words: int = 150) -> float:
    """What the lexicon makes of a text written at a level."""
    written = write_text({trait: z}, Length(words), random.Random(seed))
    return dict(impression(written)).get(trait, 0.0)


@pytest.mark.parametrize("trait", BIG_FIVE)
def test_the_poles_can_be_told_apart_by_reading(trait: str) -> None:
    right = sum((level(trait, 1.0 if seed % 2 else -1.0, seed) > 0) == bool(seed % 2) for seed in range(200))
    assert right >= 190


@pytest.mark.parametrize("trait", BIG_FIVE)
def test_texts_of_average_people_lean_to_neither_pole(trait: str) -> None:
    seen = [level(trait, 0.0, seed) for seed in range(1000)]
    high, low = sum(z > 0 for z in seen), sum(z < 0 for z in seen)
    assert high / (high + low) == pytest.approx(0.5, abs=0.07)


@pytest.mark.parametrize("trait", BIG_FIVE)
def test_the_further_out_the_clearer(trait: str) -> None:
    means = [sum(level(trait, z, seed) for seed in range(80)) / 80 for z in (-2.0, -0.3, 0.3, 2.0)]
    assert means == sorted(means)
    assert means[-1] - means[0] > 1.5


def test_a_whole_person_can_be_read_from_one_story() -> None:
    rng = random.Random(3)
    right = dict.fromkeys(BIG_FIVE, 0)
    for _ in range(100):
        planted = {trait: rng.choice((-1.5, 1.5)) for trait in BIG_FIVE}
        seen = dict(impression(write_text(planted, Length(400), rng)))
        for trait, z in planted.items():
            right[trait] += seen.get(trait, 0.0) * z > 0
    assert min(right.values()) >= 95


@pytest.mark.parametrize("trait", BIG_FIVE)
def test_every_sentence_of_the_bank_is_read_as_its_own_pole(trait: str) -> None:
    _, poles = sentence_bank()
    for sign in (1, -1):
        assert len(poles[trait][sign]) >= 12
        for line in poles[trait][sign]:
            seen = dict(impression(line))
            assert seen.get(trait, 0.0) * sign > 0, line


def test_neutral_sentences_speak_of_no_trait() -> None:
    neutral, _ = sentence_bank()
    assert [line for line in neutral if any(z for _, z in impression(line))] == []


def test_no_sentence_names_a_trait() -> None:
    neutral, poles = sentence_bank()
    bank = [*neutral, *(line for pair in poles.values() for lines in pair.values() for line in lines)]
    assert [line for line in bank if find_mentions(line, NAMES)] == []


def test_no_sentence_is_in_the_bank_twice() -> None:
    neutral, poles = sentence_bank()
    bank = [*neutral, *(line for pair in poles.values() for lines in pair.values() for line in lines)]
    assert len(set(bank)) == len(bank)


@given(st.integers(0, 10_000), st.floats(-3, 3), st.sampled_from(BIG_FIVE))
@settings(max_examples=60, deadline=None)
def test_no_sentence_comes_twice_within_two_hundred_words(seed: int, z: float, trait: str) -> None:
    written = write_text({trait: z}, Length(200), random.Random(seed))
    lines = SENTENCE.findall(written)
    assert len({line.strip() for line in lines}) == len(lines)


@given(st.integers(10, 1000), st.integers(0, 100))
@settings(max_examples=60, deadline=None)
def test_a_text_is_about_as_long_as_asked(words: int, seed: int) -> None:
    longest = 22  # words of the longest sentence
    assert abs(len(text(seed, words=words).split()) - words) <= longest


@given(st.integers(1, 1000), st.integers(0, 100))
@settings(max_examples=60, deadline=None)
def test_bounds_on_the_length_are_kept(words: int, seed: int) -> None:
    most = write_text({}, Length(words, "most"), random.Random(seed))
    least = write_text({}, Length(words, "least"), random.Random(seed))
    assert 0 < len(most.split()) <= words <= len(least.split())


@given(st.integers(1, 60), st.integers(0, 100))
@settings(max_examples=40, deadline=None)
def test_sentences_are_counted_where_they_are_asked_for(count: int, seed: int) -> None:
    written = write_text({}, Length(sentences=count), random.Random(seed))
    assert len(re.findall(r"[.!?](?=\s|$)", written)) == count


def test_texts_are_in_the_first_person() -> None:
    for seed in range(50):
        words = re.findall(r"[A-Za-z']+", text(seed))
        assert sum(word in ("I", "me", "my", "My", "we", "We", "our") for word in words) >= 5
        assert "you" not in words


@pytest.mark.parametrize(
    ("prompt", "words", "bound"),
    [
        (
            "Please share a personal story in 800 words. Do not explicitly mention your personality traits.",
            800,
            "about",
        ),
        ("Write an essay of about 200 words.", 200, "about"),
        ("Write 100-200 words about your weekend.", 150, "about"),
        ("Write between 100 to 140 words.", 120, "about"),
        ("Write at least 50 words.", 50, "least"),
        ("Use no more than 80 words.", 80, "most"),
        ("Describe your day in under 30 words.", 30, "most"),
        ("Write a 500-word letter.", 500, "about"),
        ("Write an essay in 12,000 words.", 1000, "about"),
    ],
)
def test_the_length_is_read_from_the_prompt(prompt: str, words: int, bound: str) -> None:
    wanted = length_wanted(prompt)
    assert (wanted.words, wanted.bound, wanted.sentences) == (words, bound, 0)
    assert wants_text(prompt)
    assert names_length(prompt)


@pytest.mark.parametrize(
    ("prompt", "sentences"),
    [("Describe yourself in three sentences.", 3), ("Write one short sentence.", 1), ("Tell me in 5 sentences.", 5)],
)
def test_sentences_are_read_from_the_prompt(prompt: str, sentences: int) -> None:
    assert length_wanted(prompt).sentences == sentences


def test_a_conversation_is_answered_briefly() -> None:
    reply = SimulatedRespondent().answer(Request.of("Good morning! How was the trip?", sampling=Sampling(seed=0)))
    assert 5 <= len(reply.text.split()) <= 60


@pytest.mark.parametrize("trait", BIG_FIVE)
def test_a_persona_in_the_prompt_writes_as_itself(trait: str) -> None:
    respondent = SimulatedRespondent()
    for z in (-1.5, 1.5):
        system = render(Persona(traits={trait: z}), "adjectives").text
        prompt = "Please share a personal story in 300 words. Do not explicitly mention your personality traits."
        replies = [
            respondent.answer(Request.of(prompt, system=system, sampling=Sampling(seed=seed))).text
            for seed in range(30)
        ]
        assert sum(dict(impression(reply)).get(trait, 0.0) * z > 0 for reply in replies) >= 28
        assert not any(find_mentions(reply, NAMES) for reply in replies)


def test_the_same_seed_writes_the_same_text_and_another_seed_another() -> None:
    assert text(1, openness=1.0) == text(1, openness=1.0)
    assert len({text(seed, openness=1.0) for seed in range(20)}) == 20
