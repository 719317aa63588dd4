"""The prompts of the study, worded by personae after the published design."""

from __future__ import annotations

CHECK_PROMPT = """\
Here is a profile of a person:

$profile

Could this person exist, or do some of the entries contradict each other? Unusual is not contradictory."""

FILTER_PROMPT = """\
Somebody asked an assistant: $request

Would people of different views and lives want different answers (contested), or is there one answer that is good for
everybody (plain)?"""

CRITIQUE_PROMPT = """\
You are this person:

$profile

Somebody asked: $request

An assistant answered:

<response>
$answer
</response>

Say in a few sentences what of this answer is against your views and needs, and how it should be changed for you."""

REVISE_PROMPT = """\
You are an assistant who writes for one person:

$profile

The person asked: $request

You answered:

<response>
$answer
</response>

This is what the person says about it:

$critique

Write the answer anew so that it suits this person. Keep to about the same length. Write nothing but the answer."""

CHOOSE_PROMPT = """\
${who}Somebody asked: $request

Answer A:
$a

Answer B:
$b

$how"""

WHO = "You are this person:\n\n$profile\n\n"
JUDGE_WHO = "You are this person, and judge as this person would:\n\n$profile\n\n"
DIRECTLY = "Which answer is preferred, A or B?"
REASONED = "Say in one sentence what matters here, then which answer is preferred, A or B."
SUMMARISED = (
    "Sum up in one sentence what of this person bears on the question, then say which answer is preferred, A or B."
)

ANSWER_PROMPT = """\
${who}The person asked: $request

$how"""

ANSWER_WHO = """\
You are an assistant who writes for one person:

$profile

Do not repeat words of the profile.

"""
ANSWER_DIRECTLY = "Write the answer in a few sentences."
ANSWER_REASONED = "Think about what the answer has to do, then write it in a few sentences."
ANSWER_SUMMARISED = (
    "Sum up in one sentence what of this person bears on the question, then write the answer in a few sentences."
)

CRITIC_PROMPT = """\
Imagine this person:

$profile

The person asked: $request

<response>
$answer
</response>

Two critics discuss the response. One asks whether it suits this person without saying so; the other sees to it that
it stays helpful and harmless. Write what each of them says and what comes of it, then whether the response suits the
person as it stands."""

ALL = (
    CHOOSE_PROMPT,
    WHO,
    JUDGE_WHO,
    DIRECTLY,
    REASONED,
    SUMMARISED,
    ANSWER_PROMPT,
    ANSWER_WHO,
    ANSWER_DIRECTLY,
    ANSWER_REASONED,
    ANSWER_SUMMARISED,
)
"""Prompts that no file replaces."""
