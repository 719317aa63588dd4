"""Three templates of the choice, sixteen personas, and the prompts of the construction. Our words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from personae.instrument.tasks.situations import TRAITS

TEMPLATES: Mapping[int, tuple[str, str]] = {
    1: (
        "ABCD",
        """\
Situation: "$situation"
Choose what you would do or suggest from these options.
Options:
A. $a
B. $b
C. $c
D. $d

Answer with the letter of one option.
Answer:""",
    ),
    2: (
        "1234",
        """\
Read the situation, and say which of the options you would choose.
Options:
1 = $a
2 = $b
3 = $c
4 = $d
Choose one even if you are not quite sure, and write its number alone.

Situation: $situation

Response:""",
    ),
    3: (
        "ABCD",
        """\
Question: $situation
A: $a
B: $b
C: $c
D: $d
Answer:""",
    ),
}
"""Marks and text of each template: with a full instruction, with numbers, and short."""

LEVELS = ("high", "low")


def persona_prompts() -> Iterator[tuple[str, str, str]]:
    """Trait, level and system prompt of all sixteen personas."""
    for name, trait in TRAITS.items():
        for level in LEVELS:
            yield trait, level, f"You are a person who is very {level} in {name}."


EXPAND_PROMPT = """\
A questionnaire on $trait has this statement: "$statement"
Somebody who agrees with it is $level in $trait.
Write $count short descriptions, in the third person, of how such a person behaves in everyday life. Each names one \
concrete behaviour, and no two are alike."""

SITUATE_PROMPT = """\
A person behaves like this: "$description"
Think of an everyday situation in which this behaviour, or its opposite, would show. Describe the situation in one or \
two sentences that address the reader as "you", without saying what anybody does in it. Then ask in one sentence what \
the reader would do."""

OPTIONS_PROMPT = """\
Situation: $situation
Question: $question
Write four answers to the question: two of somebody high in $trait and two of somebody low in it. All four are of \
about the same length, could be given by a sensible person, and name no trait."""

EVALUATE_PROMPT = """\
Somebody was asked: $situation $question
The answer was:
<response>
$option
</response>
Is the author of the response high or low in $trait? Answer with "high" or "low" and nothing else."""
