"""Prompts, worded by personae after the published design; each can be replaced."""

from __future__ import annotations

from collections.abc import Mapping

NUMBERS_ONLY = "Reply with whole numbers from $low to $high and with nothing else."
"""What every condition is told first."""

ROLES: Mapping[str, str] = {
    "neutral": "",
    "hero": "You are a hero: brave, kind, and ready to help whoever needs it.",
    "psychopath": "You are a psychopath: cold, ruthless, manipulative and without remorse.",
    "liar": "You are a liar: dishonest, and what you say is never what you think.",
    "ordinary": "You are an ordinary person.",
    "cipher": (
        "We talk in a Caesar cipher: every letter of a statement is moved on by three places in the alphabet, digits "
        "stay as they are. Read the statements in the cipher and answer them."
    ),
}
"""Who the model is told to be, or how it is talked to."""

CIPHER = "cipher"
USUAL = tuple(name for name in ROLES if name != CIPHER)
"""The roles that are run unless others are named."""

SHEET_PROMPT = """\
$instructions

Answer every statement below with a number from this list:
$options

Statements:
$items

Write a line for each statement, its mark and your number, as in "$example"."""
