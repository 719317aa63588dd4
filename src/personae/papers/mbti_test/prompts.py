"""Prompts and examples, worded by personae after the published design; each can be replaced."""

from __future__ import annotations

from collections.abc import Mapping

QUESTION_PROMPT = """\
Answer the question below by what comes to you first. Write the letter of one option, A or B, and nothing else.

Question: $question

A = $first
B = $second"""

NEUTRAL_EXAMPLES: tuple[tuple[str, str, str, str], ...] = (
    ("Which light means that you may go?", "red", "green", "B"),
    ("On which planet do people live?", "Earth", "Mars", "A"),
    ("What is heavier?", "a feather", "a stone", "B"),
)
"""Questions with an answer of their own, which show the form and no preference: text, A, B, answer."""

DESCRIPTIONS: Mapping[str, str] = {
    "E": "outgoing and talkative",
    "I": "quiet and reserved",
    "S": "practical, with an eye for facts",
    "N": "imaginative, and drawn to ideas",
    "T": "logical, and guided by reason",
    "F": "warm, and guided by feeling",
    "J": "organized, and fond of plans",
    "P": "spontaneous, and fond of open options",
}
"""What the explicit prompt says of each pole."""

EXPLICIT_PROMPT = "You are somebody who is $poles."

PREFERENCES: Mapping[str, tuple[str, str, str]] = {
    "EI": ("What do you like more?", "being with friends", "being alone"),
    "SN": ("What do you trust more?", "facts", "hunches"),
    "TF": ("How do you decide?", "by logic", "by feeling"),
    "JP": ("How do you begin a task?", "with a plan", "by starting"),
}
"""Questions of the implicit prompt: text, option of the first letter of the pair, option of the second."""
