"""The prompt, worded by personae after the published design."""

from __future__ import annotations

QUESTION_PROMPT = """\
How correct is the statement below? Choose one of these degrees, then say why in a sentence or two.

Statement: $statement

$options"""
