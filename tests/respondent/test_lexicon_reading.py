"""Reading a persona from the words of a prompt: whatever renderer or writer put it there."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as bounds
from hypothesis import strategies as st

from personae.model import Message
from personae.persona import BIG_FIVE, NEUTRAL_PROMPTS, Demographics, Persona, render
from personae.respondent import impression, read_persona, read_traits

E, A, C, N, O = BIG_FIVE  # noqa: E741  # the field's letters
LEVELS = [-2.0, -1.5, -1.0, -0.5, 0.0, 0.5, 1.0, 1.5, 2.0]


def read(text: str) -> dict[str, float]:
    """What a system message says."""
    return read_persona([Message("system", text)])


def asked(text: str) -> dict[str, float]:
    """What a user message says, where there is no system message."""
    return read_persona([Message("user", text)])


def written(traits: dict[str, float], renderer: str) -> str:
    return render(Persona(traits=traits), renderer).text


@pytest.mark.parametrize("renderer", ["nine-level", "second-person", "third-person", "json"])
@pytest.mark.parametrize("trait", BIG_FIVE)
def test_every_level_of_every_trait_is_read_as_it_was_rendered(trait: str, renderer: str) -> None:
    found = [read(written({trait: z}, renderer)) for z in LEVELS]
    assert [traits.get(trait, 0.0) for traits in found] == pytest.approx(LEVELS, abs=0.3)
    read_z = [traits.get(trait, 0.0) for traits in found]
    assert all(low < high for low, high in itertools.pairwise(read_z))
    assert all(not traits.get(other) for traits in found for other in BIG_FIVE if other != trait)


@pytest.mark.parametrize("renderer", ["nine-level", "second-person", "third-person", "json"])
def test_traits_that_are_rendered_together_are_read_apart(renderer: str) -> None:
    rng = np.random.default_rng(7)
    planted = rng.choice(LEVELS, size=(150, 5))
    texts = [written(dict(zip(BIG_FIVE, map(float, row), strict=True)), renderer) for row in planted]
    found = np.array([[read(text).get(trait, 0.0) for trait in BIG_FIVE] for text in texts])
    assert np.abs(found - planted).max() <= 0.3
    r = np.corrcoef(planted.T, found.T)[:5, 5:]
    assert np.diag(r).min() > 0.99
    chance = np.corrcoef(planted.T)
    assert np.abs(r - chance)[~np.eye(5, dtype=bool)].max() < 0.05


@pytest.mark.parametrize("trait", BIG_FIVE)
@pytest.mark.parametrize("sign", [-1, 1])
def test_a_bare_adjective_is_one_standard_deviation(trait: str, sign: int) -> None:
    assert read(written({trait: 1.5 * sign}, "adjectives")) == {trait: pytest.approx(sign)}


def test_the_thirty_two_types_of_personallm_are_read_exactly() -> None:
    for signs in itertools.product((-1.0, 1.0), repeat=5):
        planted = dict(zip(BIG_FIVE, signs, strict=True))
        assert read(written({trait: 1.5 * z for trait, z in planted.items()}, "adjectives")) == planted


def test_facets_in_a_narrative_are_read_as_facets() -> None:
    traits = {"big_five.agreeableness.trust": 1.5, "big_five.neuroticism.anger": -1.0}
    assert read(written(traits, "second-person")) == traits


def test_what_else_a_persona_is_does_not_move_its_traits() -> None:
    facts = Demographics(age=52, gender="female", occupation="accountant", residence="Leeds", marital_status="married")
    persona = Persona(name="Ada", demographics=facts, traits={E: 1.0}, goals=("buy a house",))
    for renderer in ("second-person", "third-person", "json"):
        assert read(render(persona, renderer).text) == {E: pytest.approx(1.0)}


FREE_PROSE = [
    (O, 1, "High openness. Very imaginative and full of ideas; always asks what if."),
    (C, 1, "High conscientiousness. Meticulous in work, plans every day ahead and hits every deadline."),
    (E, 1, "High extraversion. Outgoing, loves parties and talks to everyone in the office."),
    (A, 1, "High agreeableness. Friendly, warm and always ready to help others."),
    (N, 1, "High neuroticism. Worries a lot and takes criticism to heart."),
    (O, -1, "Low openness. Prefers routine and familiar things over new ideas."),
    (C, -1, "Low conscientiousness. Often late, messy desk, forgets appointments."),
    (E, -1, "Low extraversion. Keeps to himself and finds small talk exhausting."),
    (A, -1, "Low agreeableness. Blunt, argumentative, suspicious of other people's motives."),
    (N, -1, "Low neuroticism. Stays calm when everything goes wrong and rarely worries."),
    (E, -1, "A shy librarian from Oslo who spends her evenings alone with a book."),
    (C, 1, "An organized project coordinator who keeps a checklist for everything."),
    (N, 1, "A nervous first-year medical student who lies awake before each exam."),
    (A, -1, "A cynical divorce lawyer who trusts nobody and enjoys a good fight in court."),
    (O, 1, "A curious amateur astronomer who paints the night sky and writes poems about it."),
    (E, 1, "hey! so you're basically the life of the party, you can't stop chatting with strangers lol"),
    (
        C,
        -1,
        "You tend to leave everything to the last minute, your room is a mess and you lose your keys twice a week.",
    ),
    (A, 1, "You're the one friends call when they need comforting. You forgive easily and you care about people."),
    (N, -1, "Nothing rattles you. You sleep well, you keep your cool and you bounce back from setbacks."),
    (
        O,
        -1,
        "You like things the way they are. You don't care for art, poetry bores you, and you eat the same lunch daily.",
    ),
]


LESS_PLAIN_PROSE = [
    (
        E,
        1,
        "A stand-up performer from Liverpool who lives for the roar of an audience and knows everyone in every bar.",
    ),
    (E, -1, "A night-shift archivist who goes days without speaking to anybody and likes it that way."),
    (E, -1, "You're not a people person. Parties wear you out."),
    (E, 1, "You make friends wherever you go and you never run out of things to say."),
    (A, 1, "A hospice nurse known for her patience and gentleness with dying patients."),
    (A, -1, "A ruthless hedge fund manager who would sell his own grandmother."),
    (A, -1, "You don't care who you offend. You say what you think and you rarely apologise."),
    (A, 1, "You always look for the good in people and you hate to see anyone left out."),
    (C, 1, "A retired army quartermaster; everything in his garage is labelled and he has never missed a deadline."),
    (C, -1, "A college dropout who can't stick to anything and is always behind on rent."),
    (C, -1, "You are impulsive with money and rarely finish what you start."),
    (C, 1, "You follow through on commitments and check your work twice."),
    (N, 1, "A new mother who is constantly on edge and imagines the worst."),
    (N, -1, "An airline pilot with nerves of steel, unshaken by any emergency."),
    (N, 1, "You take everything personally, and little things can ruin your day."),
    (N, -1, "You rarely get upset and you don't dwell on mistakes."),
    (O, 1, "A jazz musician fascinated by foreign films, abstract art and Zen philosophy."),
    (O, -1, "A farmer who has eaten the same breakfast for forty years and sees no reason to try anything else."),
    (O, -1, "You aren't interested in art or abstract ideas. You like things that are practical and proven."),
    (O, 1, "You love trying exotic dishes, learning languages and asking why things are as they are."),
]


@pytest.mark.parametrize(("trait", "sign", "text"), LESS_PLAIN_PROSE)
def test_prose_that_shows_more_than_it_says_is_read_with_the_right_sign(trait: str, sign: int, text: str) -> None:
    assert sign * read(text).get(trait, 0.0) > 0.0


@pytest.mark.parametrize(("trait", "sign", "text"), FREE_PROSE)
def test_free_prose_is_read_with_the_sign_it_was_written_for(trait: str, sign: int, text: str) -> None:
    assert sign * read(text).get(trait, 0.0) >= 0.5


NEGATED = [
    ("You are not talkative.", E, -1.0),
    ("You are not very talkative.", E, -0.5),
    ("You hardly ever worry.", N, -1.0),
    ("He hardly ever worries.", N, -1.0),
    ("She never forgets an appointment and is not lazy.", C, 1.0),
    ("You aren't organized.", C, -1.0),
    ("You're anything but shy.", E, 1.0),
    ("They are not at all creative.", O, -1.0),
    ("You are neither silent nor talkative.", E, 0.0),
    ("You are neither kind nor unkind.", A, 0.0),
    ("You find poetry boring.", O, -1.0),
    ("She keeps to herself and finds small talk exhausting.", E, -1.0),
    ("Parties wear you out.", E, -1.0),
    ("Poetry bores you.", O, -1.0),
    ("You don't care for poetry.", O, -1.0),
    ("You prefer routine over new ideas.", O, -1.0),
    ("You are far from lazy and free of anxiety.", C, 1.0),
    ("You are far from lazy and free of anxiety.", N, -1.0),
    ("You cannot stop worrying.", N, 1.0),
    ("She can't help laughing.", E, 1.0),
    ("You are a little shy.", E, -0.5),
    ("Little things upset you.", N, 1.0),
]


@pytest.mark.parametrize(("text", "trait", "z"), NEGATED)
def test_negations_turn_what_follows_them(text: str, trait: str, z: float) -> None:
    assert read(text).get(trait, 0.0) == pytest.approx(z)


def test_a_negation_ends_with_its_clause() -> None:
    assert read("You are not shy, and you are organized.") == {E: 1.0, C: 1.0}
    assert read("You are never late but you are nervous.") == {C: 1.0, N: 1.0}


NOBODY = [
    *NEUTRAL_PROMPTS.values(),
    "",
    "You are a helpful assistant.",
    "You are a helpful assistant. Answer honestly and be concise.",
    "You are participating in a study. Please read each statement carefully and answer honestly.",
    "Do you agree that you are someone who likes to spend time with others?",
    "Answer with one number. Do not be shy and do not worry about what others think.",
    "You are 34 years old and live in Lyon. You work as an electrician.",
    "Imagine you are filling in a questionnaire.",
    "You will be shown a list of statements such as 'I am talkative'.",
]


@pytest.mark.parametrize("text", NOBODY)
def test_prompts_that_describe_nobody_are_read_as_nobody(text: str) -> None:
    assert not any(read(text).values())
    assert not any(asked(text).values())


INSTRUCTIONS = """Here are a number of characteristics that may or may not apply to you. For example, do you agree \
that you are someone who likes to spend time with others? Please write a number next to each statement.

(a) Is talkative
(b) Tends to find fault with others
(c) Worries a lot

1. I am the life of the party.
2. You are organized."""


def test_the_instructions_and_items_of_a_questionnaire_describe_nobody() -> None:
    assert read_persona([Message("user", INSTRUCTIONS)]) == {}
    assert read_persona([Message("system", "You are a person."), Message("user", INSTRUCTIONS)]) == {}


@pytest.mark.parametrize("renderer", ["adjectives", "nine-level", "second-person"])
def test_a_persona_in_the_user_message_counts_where_no_system_message_says_one(renderer: str) -> None:
    persona = {E: -1.5, C: 1.5}
    text = written(persona, renderer)
    assert asked(f"{text}\n\n{INSTRUCTIONS}") == read(text)
    both = [Message("system", "You are a helpful assistant."), Message("user", f"{text}\n\n{INSTRUCTIONS}")]
    assert read_persona(both) == read(text)


def test_the_system_message_wins_over_the_user_message() -> None:
    messages = [Message("system", "You are shy."), Message("user", "You are talkative and outgoing. Say hello.")]
    assert read_persona(messages) == {E: -1.0}


def test_what_the_respondent_said_itself_is_no_persona() -> None:
    messages = [Message("user", "Hello."), Message("assistant", "I am very shy."), Message("user", "Why?")]
    assert read_persona(messages) == {}


def test_an_instruction_beside_a_persona_does_not_dilute_it() -> None:
    text = written({N: -2.0}, "nine-level")
    assert read(f"{text} Answer every question honestly and do not worry about mistakes.") == read(text)


def test_case_curly_quotes_and_spaces_do_not_matter() -> None:
    plain = read("You aren't talkative. You're very organized.")
    assert plain == {E: -1.0, C: 1.5}
    assert read("YOU AREN’T TALKATIVE.  You’re   VERY Organized.") == plain


@given(st.text(max_size=400))
@bounds(deadline=None)
def test_any_text_is_read_without_failing_and_within_bounds(text: str) -> None:
    assert all(-2.0 <= z <= 2.0 for _, z in read_traits(text))
    assert all(-2.0 <= z <= 2.0 for _, z in impression(text))
    assert all(-2.0 <= z <= 2.0 for z in read(text).values())


@given(st.permutations(list(zip(BIG_FIVE, [-2.0, -1.0, 0.5, 1.0, 2.0], strict=True))))
@bounds(deadline=None)
def test_the_order_in_which_traits_are_told_does_not_matter(pairs: list[tuple[str, float]]) -> None:
    assert read(written(dict(pairs), "nine-level")) == pytest.approx(dict(pairs), abs=0.3)
