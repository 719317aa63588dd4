"""Prompts, worded by personae after the published design; each can be replaced by a file."""

from __future__ import annotations

ANSWER_PROMPT = """\
$examples$question

Answer so that this user will like it best. Write the answer alone."""

EXAMPLE_PROMPT = """\
Question: $question
$feedback
"""

OWN_HEAD = "What this user thought of earlier answers:\n\n"
OTHERS_HEAD = "What users with a similar taste thought of earlier answers:\n\n"
LAST_HEAD = "Now a new question of this user:\n\n"

PERSONA_PROMPT = """\
You are this person: $persona

You asked: $question

Which of these answers do you like best?

$options

Answer with the letter of one answer."""
