"""Finding the text that is to be judged, and what a lexicon can say about it."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import settings as bounds
from hypothesis import strategies as st

from personae.respondent.judging import find_material, text_quality, trait_of

STORY = "I went down to the harbour and waited for the boat. " * 6

MARKED = [
    f"Rate this.\n<text>\n{STORY}\n</text>\nUse numbers.",
    f"<STORY>{STORY}</STORY> How sad is it?",
    f'Rate the text.\n"""\n{STORY}\n"""',
    f"Rate the text.\n```\n{STORY}\n```",
    f"How personal is it?\n\nStory: {STORY}",
    f"Please judge the author of this story.\n\n{STORY}\n\nWrite a number.",
]


@pytest.mark.parametrize("prompt", MARKED)
def test_the_text_is_found_and_taken_out_of_the_question(prompt: str) -> None:
    material = find_material(prompt)
    assert material is not None
    assert material.text.strip() == STORY.strip()
    assert STORY.strip() not in material.question


QUESTIONS = [
    "",
    "Tell me a story.",
    "Here are a number of characteristics that may or may not apply to you. " * 5,
    "Rate yourself on openness.",
    'Reply with JSON:\n```json\n{"answer": 1}\n```',
    "Rate the text.\n<text>  </text>",
]


@pytest.mark.parametrize("prompt", QUESTIONS)
def test_a_question_without_a_text_has_none(prompt: str) -> None:
    assert find_material(prompt) is None


NAMES = [
    ("extraversion", "big_five.extraversion", 1),
    ("Extroversion", "big_five.extraversion", 1),
    ("introversion", "big_five.extraversion", -1),
    ("agreeableness", "big_five.agreeableness", 1),
    ("disagreeableness", "big_five.agreeableness", -1),
    ("conscientious", "big_five.conscientiousness", 1),
    ("unconscientious", "big_five.conscientiousness", -1),
    ("neuroticism", "big_five.neuroticism", 1),
    ("emotional stability", "big_five.neuroticism", -1),
    ("emotionally unstable", "big_five.neuroticism", 1),
    ("openness to experience", "big_five.openness", 1),
    ("open", "big_five.openness", 1),
    ("closed to experience", "big_five.openness", -1),
    ("from antagonistic to agreeable", "big_five.agreeableness", 1),
]


@pytest.mark.parametrize(("words", "trait", "sign"), NAMES)
def test_fields_are_recognised_by_the_name_of_a_trait(words: str, trait: str, sign: int) -> None:
    assert trait_of(words) == (trait, sign)


@pytest.mark.parametrize("words", ["readability", "open question", "cohesion", "the door is open", "", "stability"])
def test_other_fields_are_of_no_trait(words: str) -> None:
    assert trait_of(words) is None


@given(st.text(max_size=400), st.sampled_from(["readability", "redundancy", "likeability", ""]))
@bounds(deadline=None)
def test_a_quality_is_a_z_score_of_at_most_two(text: str, name: str) -> None:
    assert -2.0 <= text_quality(text, name) <= 2.0


def test_more_of_the_same_is_more_redundant_and_more_of_oneself_more_personal() -> None:
    one = "We bought bread, cheese and three pears, and later somebody sang by the river."
    assert text_quality(f"{one} " * 8, "redundancy") > text_quality(one, "redundancy")
    assert text_quality("I took my coat, and my dog followed me.", "personalness") > text_quality(one, "personalness")


@pytest.mark.parametrize("piece", ["<text>", '"""', "```", "rate ", "story: ", "a\n\n"])
def test_hostile_prompts_take_linear_time(piece: str) -> None:
    started = time.process_time()
    find_material(piece * (200_000 // len(piece)))
    assert time.process_time() - started < 10  # measured: 0.5 at most; quadratic time would take minutes
