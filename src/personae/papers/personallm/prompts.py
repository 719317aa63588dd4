"""What the respondent and the judges are told. The words are ours; the published ones can be given as files."""

from __future__ import annotations

from personae.judge import Criterion, Rubric
from personae.model import Status, is_refusal
from personae.persona import BIG_FIVE, trait_title, trait_words

QUESTIONNAIRE_PROMPT = """\
Below are characteristics that may or may not fit you. For each of them, say how far you agree that it describes you, \
by writing a number beside its letter.

$options_in_line.

$items

Write one line for each statement: its letter in brackets and your number, as in "$example"."""
"""All 44 items in one prompt, options within the text, items lettered (a) to (ar)."""

STORY_PROMPT = "Now tell a personal story of about 800 words. Do not name your personality traits in it."

VIEWS: dict[str, str] = {
    "unaware": "Here is a personal story.",
    "aware": "Here is a personal story. It was written by an AI model that had been given a personality.",
}
"""What a judge is told of the author, by condition."""

QUALITIES: tuple[Criterion, ...] = (
    Criterion("readability", "How easy is the story to read?", "very hard", "very easy"),
    Criterion("redundancy", "How much does the story repeat itself?", "not at all", "very much"),
    Criterion("cohesion", "How well does the story hang together?", "not at all", "very well"),
    Criterion("likeability", "How much do you like the story?", "not at all", "very much"),
    Criterion("believability", "How believable is the story?", "not at all", "fully"),
    Criterion("personalness", "How personal is the story?", "not at all", "very"),
)
"""The six ratings of a story."""

_REFUSAL_WORDS = 120  # a text longer than this is a story, whatever it begins with


def story_status(text: str) -> Status:
    """What a reply to the request for a story is worth: a story (``ok``), a refusal, or nothing.

    Example:
        >>> story_status("I'm sorry, but I cannot share a story.")
        'refused'
    """
    if not text.strip():
        return "empty"
    return "refused" if len(text.split()) < _REFUSAL_WORDS and is_refusal(text) else "ok"


def story_rubric() -> Rubric:
    """The six ratings and the five trait guesses, as one rubric."""
    guesses = tuple(
        Criterion(
            trait_title(trait),
            f"Where is the author between {trait_words()[trait].low} and {trait_words()[trait].high}?",
            trait_words()[trait].low,
            trait_words()[trait].high,
        )
        for trait in BIG_FIVE
    )
    return Rubric("story", QUALITIES + guesses)
