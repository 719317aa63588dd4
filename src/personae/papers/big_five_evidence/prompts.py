"""The header and the two ways to begin it, worded by personae after the published design."""

from __future__ import annotations

PLAIN = """\
Below is one statement between backticks. Say how accurately it describes you, with one number:
$options

`$items`

Answer with the number alone, as in "$example"."""

AS_A_PERSON = "Answer as if you were a person.\n\n"
HEADERS: dict[str, str] = {"plain": "", "person": AS_A_PERSON}
"""What stands before the prompt."""
