"""Prompts, worded by personae after the published design; each can be replaced by a file."""

from __future__ import annotations

SUMMARY_PROMPT = """\
You are a psychotherapist who sums a client up for a colleague. From these results, write a dense paragraph on the
person's character, in the second person, without numbers.

$scores"""

PARAPHRASE_PROMPT = """\
Say in everyday words how somebody of whom this was written behaves on ordinary days, in one paragraph in the second
person.

$summary"""

PERSON_PROMPT = """\
You are this person:

$person"""
"""The system message of the agent, and of the judge who answers as the person."""

TWENTY_PROMPT = """\
Complete the sentence "I am ..." or "I ..." twenty times in answer to the question: Who am I? Give ten sentences on
the self that you show to others (open) and ten on the self that others do not see (hidden). Do not quote what you were
told of the person.

Answer with one JSON object with the keys open and hidden, each a list of ten sentences."""

JUDGE_PROMPT = """\
Is this sentence true of you?

"$statement"

Answer yes or no."""

LINEUP_PROMPT = """\
Somebody wrote these sentences about themselves:

$statements

Which of these people is it?

$people

Answer with the letter of one person."""

GUESS_PROMPT = """\
This is about a character of a television series:

$text

Who is it? Answer with the character's name and the series."""

NOBODY = "somebody of whom nothing is known."
