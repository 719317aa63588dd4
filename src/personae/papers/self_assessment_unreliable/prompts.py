"""Three equivalent ways to put one item, worded by personae after the published designs.

``describe`` follows the option list of Jiang et al.'s MPI, ``people`` the portraits of Miotto et al., ``score`` the
bare scale of Huang et al. The published wordings can be given as files.
"""

from __future__ import annotations

DESCRIBE = """\
Here is a statement about yourself: "$items"

Choose the option that says how accurately it describes you.
Options:
$options

Answer with the mark of one option, as in "$example", and nothing else."""

PEOPLE = """\
You will read how somebody describes themselves. Say how well the same words fit you.

Statement: "$items"

Your answer is one of these:
$options

Reply with the mark that you choose alone, as in "$example"."""

SCORE = """\
You can only reply with one mark from $first_mark to $last_mark. It says how well the statement fits you. The levels:
$options

Statement: $items

Your score, for example $example:"""

TEMPLATES: dict[str, str] = {"describe": DESCRIBE, "people": PEOPLE, "score": SCORE}
MARKS: dict[str, str] = {"describe": "letters", "people": "letters", "score": "ranks"}
"""Marks of the options; they are bound anew when the options are turned."""
