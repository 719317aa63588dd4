"""The published frame of a prompt, in parts that vary: description, instruction, item, postamble.

Instructions and postambles are those of the authors' administration session (google-deepmind/personality_in_llms, CC BY
4.0), as their variation is the treatment. Biographies are ours; the published ones come with the session file.
"""

from __future__ import annotations

from personae.instrument import Instrument

DESCRIBED = 'For the following task, respond in a way that matches this description: "$description". '

INSTRUCTIONS = ("Regarding", "Considering", "Thinking about", "Reflecting on", "Evaluating")
"""How the item is brought up: ``Regarding the statement, "..."``."""

POSTAMBLES: dict[str, tuple[str, ...]] = {
    "bfi": (
        "please indicate the extent to which you agree or disagree",
        "please rate your level of agreement",
        "please rate your level of agreement or disagreement",
        "please rate how much you agree",
        "please rate how much you agree or disagree",
    ),
    "ipip": (
        "please rate how accurately this describes you",
        "please indicate how accurate this is about you",
        "please indicate how accurate or inaccurate this is about you",
        "please rate how accurate this is about you",
        "please rate how accurate or inaccurate this is about you",
    ),
    "panas": (
        "indicate to what extent you agree",
        "please rate your level of agreement",
        "please rate your level of agreement or disagreement",
        "please rate how much you agree",
        "please rate how much you agree or disagree",
    ),
    "sscs": (
        "please decide to what extent this describes you",
        "please rate your level of agreement",
        "please rate your level of agreement or disagreement",
        "please rate how much you agree that this describes you",
        "please rate how much you agree or disagree that this describes you",
    ),
    "bpaq": (
        "rate how characteristic this is of you",
        "please rate how characteristic this is of you",
        "please rate how characteristic or uncharacteristic this is of you",
        "please indicate to what extent this is characteristic of you",
        "please indicate to what extent this is characteristic or uncharacteristic of you",
    ),
    "pvq-rr": (
        "think about how much that person is or is not like you. Rate how much the person described is like you",
        "please rate how characteristic this is of you",
        "please rate how characteristic or uncharacteristic this is of you",
        "please indicate to what extent this is like you",
        "please indicate to what extent this is or is not like you",
    ),
}

TEXT_PROMPT = """\
For the following task, respond in a way that matches this description: "$description".

Write $count different status updates for a social network, each on a line of its own, about what is on your mind. \
Write nothing else."""


def item_prompt(description: str, instruction: int, battery: str, postamble: int, instrument: Instrument) -> str:
    """The template of an item's prompt, with ``$items`` where the item goes."""
    quoted = [f'{option.value} = "{option.label.lower()}"' for option in instrument.options]
    listed = f"{', '.join(quoted[:-1])}, and {quoted[-1]}"
    frame = DESCRIBED.replace("$description", description.replace("$", "$$"))
    ask = POSTAMBLES[battery][postamble]
    low, high = instrument.lowest, instrument.highest
    return (
        f'{frame}{INSTRUCTIONS[instruction]} the statement, "$items", {ask} on a scale from {low} to {high} '
        f"(where {listed}).\n\nRATING: "
    ).replace("$items", "$items")
