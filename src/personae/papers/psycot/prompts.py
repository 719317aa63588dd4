"""The prompts, worded by personae after the published stages, and those of the baselines."""

from __future__ import annotations

INTRODUCTION = """\
You are an assistant who is specialised in analysing texts. Here is a text.

<text>
$$material
</text>

In the end you will say which is more likely of its author, A: $first, or B: $second. Before that you rate some \
statements about the author, one after the other. $keying"""

KEYING = "A high rating of $direct speaks for $scale, a high rating of $reversed against it."

ITEM = """\
$instructions

Statement: $items

Response options:
$options

Give your rating alone, as in "$example", without an explanation."""

NEXT_ITEM = """\
Statement: $items

Give your rating alone, as in "$example", without an explanation."""

CONCLUSION = """\
In the light of your ratings, which is more likely of the author?
A: $first
B: $second

Answer with A or B alone."""

STANDARD = """\
Here is a text.

<text>
$material
</text>

Which is more likely of its author?
A: $first
B: $second

Answer with A or B alone."""

COT = """\
Here is a text.

<text>
$material
</text>

Which is more likely of its author?
A: $first
B: $second

Let us think step by step. End with a line "Answer: <A or B>"."""

TASK_COT = """\
Here is a text.

<text>
$material
</text>

Which is more likely of its author?
A: $first
B: $second

First note what the author does, then what they feel and think, then how they write, and say what each tells about the \
choice. End with a line "Answer: <A or B>"."""

TRUE_T = """\
Here is a text.

<text>
$material
</text>

The trait in question means $meaning. Which is more likely of its author?
A: $first
B: $second

Answer with A or B alone."""

BASELINES: dict[str, str] = {"standard": STANDARD, "cot": COT, "task_cot": TASK_COT, "true_t": TRUE_T}
PSYCOT = "psycot"
METHODS = (PSYCOT, *BASELINES)
