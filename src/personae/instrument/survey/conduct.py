"""Putting a survey to a respondent: what is shown depends on what was answered; what is not shown is recorded too."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from string import Template
from typing import Literal

from personae.instrument.option_reader import ShownOption
from personae.instrument.survey.conditions import Given
from personae.instrument.survey.questions import END, END_OF_BLOCK, PIPE, Question, Survey
from personae.instrument.survey.replies import NONE_OF_THEM, Reply, read_reply
from personae.model import USABLE, Message, Model, ProviderError, Request, Sampling, Status, worst_status

Mode = Literal["conversation", "one_by_one"]

PROMPTS: Mapping[str, str] = {
    "single": '$text\n\n$options\n\nAnswer with one option, as in "$example". Write nothing else.',
    "multiple": (
        "$text\n\n$options\n\nChoose all options that apply, separated by commas, "
        f'as in "$several". If none does, write "{NONE_OF_THEM}". Write nothing else.'
    ),
    "number": "$text\n\nAnswer with a $number. Write nothing else.",
    "text": "$text\n\nAnswer in your own words, in one to three sentences.",
}
"""What is said for each kind of question."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What became of one question."""

    key: str
    status: Status | Literal["skipped"]
    reply: Reply | None = None
    prompt: str = ""


@dataclass(frozen=True, slots=True)
class Conducted:
    """What a survey came to with one respondent."""

    asked: tuple[Asked, ...]
    """Every question but notes, in the order of the survey, skipped ones included."""
    messages: tuple[Message, ...] = ()
    detail: str = ""

    @property
    def status(self) -> Status:
        """What is worst about the questions that were asked."""
        return worst_status(one.status for one in self.asked if one.status != "skipped")


@dataclass
class _Course:
    """Where a respondent stands."""

    survey: Survey
    given: dict[str, Given] = field(default_factory=dict)
    spoken: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    target: str = ""
    """Key that a jump leads to; empty while questions are shown."""

    def holds(self, condition: str) -> bool:
        return not condition or self.survey.conditions[condition].holds(self.given)

    def filled(self, text: str) -> str:
        """A text with earlier answers and embedded fields in their places; nothing where there is no answer."""

        def fill(kind: str, name: str) -> str:
            return self.survey.embedded.get(name, "") if kind == "embedded" else self.spoken.get(name, "")

        return PIPE.sub(lambda match: fill(match[1], match[2]), text)


async def conduct_survey(
    survey: Survey,
    model: Model,
    *,
    system: str = "",
    mode: Mode = "conversation",
    sampling: Sampling = Sampling(),  # noqa: B008  # frozen
) -> Conducted:
    """Put a survey to a respondent.

    Args:
        survey: What is asked.
        model: Who is asked.
        system: The persona, as rendered; empty for none.
        mode: All questions in one conversation, each seeing what was said before, or each in one of its own, where
            only conditions and pipes carry earlier answers.
        sampling: How replies are drawn.

    Raises:
        ProviderError: If no call can succeed at all; other failures are a status.
    """
    course = _Course(survey)
    for name, value in survey.embedded.items():
        course.given[f"embedded.{name}"] = (value,) if value else ()
    history: list[Message] = []
    found: list[Asked] = []
    detail = ""
    for question, is_shown in _walk(course):
        if question.kind == "note":
            if is_shown:
                course.notes.append(course.filled(question.text))
            continue
        if not is_shown:
            found.append(Asked(question.key, "skipped"))
            continue
        options = show_choices(question, course.filled)
        prompt = _prompt(question, course, options)
        first = (Message("system", system),) if system else ()
        before = tuple(history) if mode == "conversation" else ()
        request = Request((*first, *before, Message("user", prompt)), sampling)
        try:
            answered = await model.generate(request)
        except ProviderError as error:
            if error.is_hopeless:
                raise
            found.append(Asked(question.key, "failed", Reply(None, "failed"), prompt))
            course.given[question.key] = ()
            detail = str(error)
            continue
        reply = read_reply(question, answered.text, options)
        if answered.refusal and reply.status not in USABLE:
            reply = Reply(None, "refused", answered.refusal)
        found.append(Asked(question.key, reply.status, reply, prompt))
        _remember(course, question, reply, options)
        history += [Message("user", prompt), Message("assistant", answered.text or answered.refusal)]
        course.target = next((jump.to for jump in question.jumps if course.holds(jump.when)), "")
    return Conducted(tuple(found), tuple(history), detail)


def _walk(course: _Course) -> Iterator[tuple[Question, bool]]:
    """All questions in their order, and whether each is shown, decided when its turn comes."""
    for block in course.survey.blocks:
        if course.target in (END_OF_BLOCK, block.key):
            course.target = ""
        is_open = course.holds(block.show_if)
        for question in block.questions:
            if course.target == question.key:
                course.target = ""
            yield question, is_open and not course.target and course.holds(question.show_if)
        if is_open and not course.target and block.ends:
            course.target = END


def show_choices(question: Question, fill: Callable[[str], str] = str) -> tuple[ShownOption, ...]:
    """The options of a question with the marks that they are shown under."""
    return tuple(ShownOption(str(one.value), fill(one.label), one.value) for one in question.options)


def _prompt(question: Question, course: _Course, options: tuple[ShownOption, ...]) -> str:
    is_first = not course.spoken
    lead = [course.survey.instructions] if is_first and course.survey.instructions else []
    lead += course.notes
    course.notes = []
    middle = options[len(options) // 2].mark if options else ""
    words = {
        "text": "\n\n".join([*filter(None, lead), course.filled(question.text)]),
        "options": "\n".join(f"{one.mark} = {one.label}" for one in options),
        "example": middle,
        "several": f"{options[0].mark}, {options[-1].mark}" if options else "",
        "number": _number_wanted(question),
    }
    return Template(PROMPTS[question.kind]).substitute(words)


def _number_wanted(question: Question) -> str:
    kind = "whole number" if question.is_whole else "number"
    if question.least is not None and question.most is not None:
        return f"{kind} from {question.least:g} to {question.most:g}"
    if question.least is not None:
        return f"{kind} of at least {question.least:g}"
    return f"{kind} of at most {question.most:g}" if question.most is not None else kind


def _remember(course: _Course, question: Question, reply: Reply, options: tuple[ShownOption, ...]) -> None:
    labels = {one.value: one.label for one in options}
    match reply.value:
        case None:
            course.given[question.key], course.spoken[question.key] = (), ""
        case tuple() as chosen:
            course.given[question.key] = [*chosen, *(labels[value] for value in chosen)]
            course.spoken[question.key] = ", ".join(labels[value] for value in chosen)
        case int() as value if value in labels:
            course.given[question.key] = [value, labels[value]]
            course.spoken[question.key] = labels[value]
        case value:
            course.given[question.key] = [value]
            course.spoken[question.key] = f"{value:g}" if isinstance(value, float) else str(value)
