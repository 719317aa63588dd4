"""The sentences that are the treatment of two published studies, word by word."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from personae.persona import (
    BIG_FIVE,
    POLE_Z,
    QUALIFIERS,
    Marker,
    Persona,
    join_words,
    qualify,
    render,
    trait_words,
    z_of_level,
)

# --- PersonaLLM -------------------------------------------------------------------------------------------------------

TYPES = """
extroverted, agreeable, conscientious, neurotic, and open to experience
extroverted, agreeable, conscientious, neurotic, and closed to experience
extroverted, agreeable, conscientious, emotionally stable, and open to experience
extroverted, agreeable, conscientious, emotionally stable, and closed to experience
extroverted, agreeable, unconscientious, neurotic, and open to experience
extroverted, agreeable, unconscientious, neurotic, and closed to experience
extroverted, agreeable, unconscientious, emotionally stable, and open to experience
extroverted, agreeable, unconscientious, emotionally stable, and closed to experience
extroverted, antagonistic, conscientious, neurotic, and open to experience
extroverted, antagonistic, conscientious, neurotic, and closed to experience
extroverted, antagonistic, conscientious, emotionally stable, and open to experience
extroverted, antagonistic, conscientious, emotionally stable, and closed to experience
extroverted, antagonistic, unconscientious, neurotic, and open to experience
extroverted, antagonistic, unconscientious, neurotic, and closed to experience
extroverted, antagonistic, unconscientious, emotionally stable, and open to experience
extroverted, antagonistic, unconscientious, emotionally stable, and closed to experience
introverted, agreeable, conscientious, neurotic, and open to experience
introverted, agreeable, conscientious, neurotic, and closed to experience
introverted, agreeable, conscientious, emotionally stable, and open to experience
introverted, agreeable, conscientious, emotionally stable, and closed to experience
introverted, agreeable, unconscientious, neurotic, and open to experience
introverted, agreeable, unconscientious, neurotic, and closed to experience
introverted, agreeable, unconscientious, emotionally stable, and open to experience
introverted, agreeable, unconscientious, emotionally stable, and closed to experience
introverted, antagonistic, conscientious, neurotic, and open to experience
introverted, antagonistic, conscientious, neurotic, and closed to experience
introverted, antagonistic, conscientious, emotionally stable, and open to experience
introverted, antagonistic, conscientious, emotionally stable, and closed to experience
introverted, antagonistic, unconscientious, neurotic, and open to experience
introverted, antagonistic, unconscientious, neurotic, and closed to experience
introverted, antagonistic, unconscientious, emotionally stable, and open to experience
introverted, antagonistic, unconscientious, emotionally stable, and closed to experience
""".strip().splitlines()
"""The 32 types of Jiang et al. (2024), the high poles first, the last trait varying fastest."""


SENTENCES = list(zip(itertools.product((1, -1), repeat=5), TYPES, strict=True))


@pytest.mark.parametrize(("signs", "adjectives"), SENTENCES)
@pytest.mark.parametrize("distance", [0.5, POLE_Z, 6.0])
def test_each_of_the_32_types_has_its_sentence(signs: tuple[int, ...], adjectives: str, distance: float) -> None:
    persona = Persona(traits={key: sign * distance for key, sign in zip(BIG_FIVE, signs, strict=True)})
    assert render(persona, "adjectives").text == f"You are a character who is {adjectives}."


def test_the_32_sentences_differ() -> None:
    assert len(set(TYPES)) == 32


def test_traits_near_the_mean_and_traits_of_other_scales_are_left_out() -> None:
    traits = {"big_five.neuroticism": 0.49, "big_five.openness": -2.0, "hexaco.openness": 3.0}
    assert render(Persona(traits=traits), "adjectives").text == "You are a character who is closed to experience."
    two = {"big_five.openness": 1.0, "big_five.agreeableness": -1.0}
    assert render(Persona(traits=two), "adjectives").text == (
        "You are a character who is antagonistic and open to experience."
    )
    assert render(Persona(traits={"big_five.neuroticism": 0.0}), "adjectives").text == ""
    assert render(Persona(traits={"big_five.openness.ideas": 3.0}), "adjectives").text == ""


def test_the_sentence_holds_nothing_but_the_adjectives() -> None:
    persona = Persona(id="ada", name="Ada", description="a nurse", traits={"big_five.openness": 1.0}, goals=("rest",))
    assert render(persona, "adjectives").text == "You are a character who is open to experience."


# --- nine levels ------------------------------------------------------------------------------------------------------

MARKERS = {
    "extraversion": (
        "unfriendly/friendly introverted/extraverted silent/talkative timid/bold unassertive/assertive inactive/active"
        " unenergetic/energetic unadventurous/adventurous_and_daring gloomy/cheerful"
    ),
    "agreeableness": (
        "distrustful/trustful immoral/moral dishonest/honest unkind/kind stingy/generous unaltruistic/altruistic"
        " uncooperative/cooperative self-important/humble unsympathetic/sympathetic selfish/unselfish"
        " disagreeable/agreeable"
    ),
    "conscientiousness": (
        "unsure/self-efficacious messy/orderly irresponsible/responsible lazy/hardworking"
        " undisciplined/self-disciplined impractical/practical extravagant/thrifty disorganized/organized"
        " negligent/conscientious careless/thorough"
    ),
    "neuroticism": (
        "relaxed/tense at_ease/nervous easygoing/anxious calm/angry patient/irritable happy/depressed"
        " unselfconscious/self-conscious level-headed/impulsive contented/discontented"
        " emotionally_stable/emotionally_unstable"
    ),
    "openness": (
        "unimaginative/imaginative uncreative/creative artistically_unappreciative/artistically_appreciative"
        " unaesthetic/aesthetic unreflective/reflective emotionally_closed/emotionally_aware uninquisitive/curious"
        " predictable/spontaneous unintelligent/intelligent unanalytical/analytical unsophisticated/sophisticated"
        " socially_conservative/socially_progressive"
    ),
}
"""The 52 pairs of Serapio-García et al. (2023), low and high, written here from memory of their appendix."""

PHRASES = (
    "extremely {low}",
    "very {low}",
    "{low}",
    "a bit {low}",
    "neither {low} nor {high}",
    "a bit {high}",
    "{high}",
    "very {high}",
    "extremely {high}",
)
"""Their nine levels."""


def phrases_of(domain: str, level: int) -> list[str]:
    pairs = [pair.replace("_", " ").split("/") for pair in MARKERS[domain].split()]
    return [PHRASES[level - 1].format(low=low, high=high) for low, high in pairs]


@pytest.mark.parametrize("level", range(1, 10))
@pytest.mark.parametrize("domain", MARKERS)
def test_each_trait_at_each_level_has_its_sentence(domain: str, level: int) -> None:
    *others, last = phrases_of(domain, level)
    expected = f'Respond in a way that matches this description: "I\'m {", ".join(others)}, and {last}."'
    persona = Persona(traits={f"big_five.{domain}": z_of_level(level)})
    assert render(persona, "nine-level").text == expected


def test_one_sentence_in_full() -> None:
    assert render(Persona(traits={"big_five.extraversion": 1.5}), "nine-level").text == (
        "Respond in a way that matches this description: \"I'm very friendly, very extraverted, very talkative,"
        ' very bold, very assertive, very active, very energetic, very adventurous and daring, and very cheerful."'
    )


def test_several_traits_share_one_sentence_in_the_order_of_the_paper() -> None:
    persona = Persona(traits={"big_five.openness": 2.0, "big_five.neuroticism": 0.0, "big_five.extraversion": -2.0})
    phrases = [*phrases_of("extraversion", 1), *phrases_of("neuroticism", 5), *phrases_of("openness", 9)]
    text = render(persona, "nine-level").text
    assert text.endswith(f'"I\'m {", ".join(phrases[:-1])}, and {phrases[-1]}."')
    assert render(Persona(traits={"hexaco.openness": 2.0}), "nine-level").text == ""


def test_the_words_of_the_package_are_those_written_here() -> None:
    for domain, pairs in MARKERS.items():
        kept = trait_words()[f"big_five.{domain}"].markers
        assert [f"{pair.low}/{pair.high}".replace(" ", "_") for pair in kept] == pairs.split()


# --- pieces -----------------------------------------------------------------------------------------------------------


def test_there_are_nine_qualifiers() -> None:
    assert [QUALIFIERS[level] for level in range(1, 10)] == list(PHRASES)
    assert len(QUALIFIERS) == 9
    assert qualify(Marker("calm", "angry"), 5) == "neither calm nor angry"
    assert qualify(Marker("calm", "angry"), 4) == "a bit calm"


@settings(deadline=None)
@given(st.lists(st.text("abc", min_size=1), max_size=6))
def test_joined_words_are_a_list_in_a_sentence(words: list[str]) -> None:
    joined = join_words(words)
    assert joined.replace(", and ", ", ").replace(" and ", ", ").split(", ") == (words or [""])
    assert joined.count(" and ") == (len(words) > 1)
    assert joined.count(",") == (len(words) - 1 if len(words) > 2 else 0)
