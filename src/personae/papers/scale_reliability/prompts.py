"""The prompts: five templates, and what stands before them in the study of representations. Worded by personae.

The published templates differ in the order and the wording of four parts: the range of answers, the instruction, what
the levels mean, and the statements. So do these; the published ones can be given as files.
"""

from __future__ import annotations

_FORMAT = """\
Answer with one JSON object that maps the number of every statement to the mark you choose, such as \
{"1": "$first_mark", "2": "$last_mark"}, and with nothing else."""

_STATEMENTS = "Rate these statements one after the other:\n$items"
_LEVELS = "The levels are:\n$options"
_MAY_APPLY = "Below are characteristics that may or may not apply to you."

TEMPLATES: dict[str, str] = {
    "t1": f"Reply only with levels from $first_mark to $last_mark. {_MAY_APPLY} State how far you agree or disagree "
    "with "
    f"each.\n\n{_LEVELS}\n\n{_STATEMENTS}\n\n{_FORMAT}",
    "t2": f"{_MAY_APPLY} State how far you agree or disagree with each. Reply only with levels from $first_mark to "
    f"$last_mark.\n\n{_LEVELS}\n\n{_STATEMENTS}\n\n{_FORMAT}",
    "t3": f"You will read descriptions of people. For each, say how well it fits you, with a level from $first_mark to "
    f"$last_mark.\n\n{_LEVELS}\n\n{_STATEMENTS}\n\n{_FORMAT}",
    "t4": f"{_MAY_APPLY} Give your agreement with each on a scale from $first_mark to $last_mark.\n\n{_LEVELS}\n\n"
    f"{_STATEMENTS}\n\n{_FORMAT}",
    "t5": f"Please judge yourself: how accurately does each statement describe you?\n\n{_LEVELS}\n\nOnly levels from "
    f"$first_mark to $last_mark are answers.\n\n{_STATEMENTS}\n\n{_FORMAT}",
}

STORY = "Please tell a story of about 100 words that makes one feel $target."
DESCRIBE = "Please describe $target in about 100 words."
PORTRAY = "Answer the following questions as $target would."
CHARACTER = "You are $target. Think, behave and talk as $target does."
BIOGRAPHY_QUESTION = "First give a short description of your personality; some questions follow."
BIOGRAPHY_ANSWER = "I see myself as $target."
QA_QUESTION = "Which of these are you?\n$options"
QA_ANSWER = "$mark: $target."
