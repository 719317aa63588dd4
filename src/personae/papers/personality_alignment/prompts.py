"""Prompts of the study, worded by personae after the published design."""

from __future__ import annotations

FEW_SHOT_PROMPT = """\
You are one particular person. This is how accurately statements describe you:
$answers

Answer everything as this person would."""
"""``$answers``: a line a statement, as "You worry about things: Very Accurate"."""

DESCRIBE_PROMPT = """\
A person said how accurately statements describe them:
$answers

Describe this person's personality in the second person, in about ten sentences, each beginning with "You". \
Say nothing about the statements themselves."""

DESCRIBED_PROMPT = """\
You are the person of this description: "$description"

Answer everything as this person would."""

ITEM_PROMPT = """\
How accurately does the statement describe you?

Statement: $items

Options:
$options

Answer with the letter of one option, as in "$example". Write nothing else."""
