"""Prompts, worded by personae after the published design; each can be replaced by a file."""

from __future__ import annotations

_QUESTION = """\
$instructions

$items

$options

Answer with the letter of one option."""

BASE_PROMPT = _QUESTION

ROLE_PROMPT = (
    """\
This is a role-play: I ask a question, and you answer it as the person described here would.

$persona

Answer the question below from what you know of this person.

"""
    + _QUESTION
)

JUDGE_PROMPT = """\
Somebody was asked a question with these options:

$options

The answer was:

\"\"\"
$reply
\"\"\"

Which option was chosen? Write its letter and nothing else; write "none" if the answer chooses no option."""
