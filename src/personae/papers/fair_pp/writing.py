"""Questions that a model writes: another wording for a place of the taxonomy, or a scene for each of two answers."""

from __future__ import annotations

from string import Template

from personae.model import Model, Request, Sampling, Schema, Status, ask_structured
from personae.papers.fair_pp.questions import Question
from personae.papers.fair_pp.settings import REWORD_PROMPT, SCENE_PROMPT, SCENE_QUESTION, Wording
from personae.papers.fair_pp.taxonomy import taxonomy

LONGEST_RATIO = 2.0
"""An answer more than twice as long as the other one gives itself away."""


async def write_question(one: Question, wording: Wording, writer: Model) -> tuple[Question | None, Status, str]:
    """The question as the writer words it; none with a status and a reason if it is of no use."""
    first, second = taxonomy().dimensions[one.place.dimension - 1]
    words = {
        "group": one.place.group,
        "topic": one.place.topic,
        "problem": one.place.problem,
        "first": first,
        "second": second,
        "question": one.text,
        "a": one.a,
        "b": one.b,
    }
    names = ("a", "b") if wording == "scenes" else ("question", "a", "b")
    definition = {"type": "object", "properties": {name: {"type": "string"} for name in names}, "required": list(names)}
    prompt = Template(SCENE_PROMPT if wording == "scenes" else REWORD_PROMPT).substitute(words)
    asked = Request.of(prompt, sampling=Sampling(temperature=1.0))
    found = await ask_structured(writer, Request(asked.messages, asked.sampling, Schema("question", definition)))
    if found.value is None:
        return None, found.status, found.detail
    given = {name: " ".join(str(found.value[name]).split()) for name in names}
    text = given.get("question", SCENE_QUESTION)
    fault = fault_of(text, given["a"], given["b"])
    if fault:
        return None, "unparsed", fault
    return Question(text, given["a"], given["b"], one.place), found.status, ""


def fault_of(text: str, a: str, b: str) -> str:
    """Why a question is of no use; empty if it is.

    Example:
        >>> fault_of("Which?", "This one.", "this one."), fault_of("Which?", "This one.", "That one.")
        ('both answers are the same', '')
    """
    if not (text and a and b):
        return "the question or an answer is empty"
    if a.casefold() == b.casefold():
        return "both answers are the same"
    shorter, longer = sorted((len(a), len(b)))
    if longer > LONGEST_RATIO * shorter:
        return "an answer is more than twice as long as the other"
    return ""
