"""Items about somebody else."""

from __future__ import annotations

import pytest

from personae.instrument import list_instruments, load_instrument
from personae.instrument.third_person import third_person

STEM = "I see myself as someone who"


@pytest.mark.parametrize(
    ("item", "said"),
    [
        ("Worry about things.", "The author worries about things."),
        ("Make friends easily.", "The author makes friends easily."),
        ("Have a vivid imagination.", "The author has a vivid imagination."),
        ("Am the life of the party.", "The author is the life of the party."),
        ("Don't talk a lot.", "The author doesn't talk a lot."),
        ("Do a lot in my spare time.", "The author does a lot in their spare time."),
        ("Can't make up my mind.", "The author can't make up their mind."),
        ("Often feel blue.", "The author often feels blue."),
        ("Get angry easily.", "The author gets angry easily."),
        ("Carry out my plans.", "The author carries out their plans."),
        ("Keep in the background.", "The author keeps in the background."),
        ("Believe that I am better than others.", "The author believes that they are better than others."),
        ("I like to tidy up.", "The author likes to tidy up."),
        ("I am full of ideas.", "The author is full of ideas."),
        ("I'm full of ideas.", "The author is full of ideas."),
        ("My friends matter to me.", "The author's friends matter to them."),
        ("Go straight for the goal.", "The author goes straight for the goal."),
        ("Rush into things.", "The author rushes into things."),
        ("Enjoy being reckless.", "The author enjoys being reckless."),
    ],
)
def test_the_verb_and_the_pronouns_follow(item: str, said: str) -> None:
    assert third_person(item) == said


def test_what_follows_a_stem_is_in_the_third_person_already() -> None:
    assert third_person("is relaxed, handles stress well", stem=STEM) == "The author is relaxed, handles stress well"
    assert third_person("tends to be lazy", stem=STEM, subject="Ada") == "Ada tends to be lazy"


def test_any_other_stem_is_a_part_of_the_sentence() -> None:
    assert third_person("calm", stem="I am") == "The author is calm"


@pytest.mark.parametrize("key", ["bfi-44", "bfi-10", "ipip-neo-120", "mini-ipip-20", "ipip-bffm-50"])
def test_no_item_of_the_library_speaks_of_me(key: str) -> None:
    assert key in list_instruments()
    instrument = load_instrument(key)
    for text in instrument.items.values():
        said = third_person(text, stem=instrument.stem)
        words = said.replace(",", " ").replace(".", " ").split()
        assert not {"I", "my", "me", "myself", "am"} & set(words), said
        assert said.startswith("The author ")
