"""One condition of one participant: designing the partner, talking with it, changing it, and saying how it was."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from string import Template
from typing import Any

from personae.instrument import Administration, Instrument, Turn, administer, client_proxy, played
from personae.model import Message, Model, ProviderError, Request, Sampling, Schema, Status, ask_structured
from personae.papers.clochat.form import DIMENSIONS, EDIT, FORM, edited, persona_of_form, words_in
from personae.papers.clochat.prompts import CHANGE, DESIGN, TALK
from personae.papers.clochat.settings import CloChatSettings
from personae.persona import Persona, render
from personae.study import Value
from personae.text import rare_words

PERSON, PARTNER = "participant", "partner"

_MESSAGE = Schema(
    "message",
    {
        "type": "object",
        "properties": {"message": {"type": "string", "maxLength": 600}, "goes_on": {"type": "boolean"}},
        "required": ["message", "goes_on"],
        "additionalProperties": False,
    },
)


@dataclass
class Session:
    """A participant before a chat partner.

    Args:
        settings: Those of the study.
        person: Model that plays the participant.
        partner: Model that is talked with.
        system: Who the participant is.
        before: What the participant remembers.
    """

    settings: CloChatSettings
    person: Model
    partner: Model
    system: str
    before: Sequence[Turn] = ()
    said: list[Turn] = field(default_factory=list)
    """All talks of this condition, one after the other."""
    turns: list[int] = field(default_factory=list)
    statuses: list[Status] = field(default_factory=list)
    form: dict[str, Any] = field(default_factory=dict)
    """What the partner is made of now."""
    forms: list[dict[str, Any]] = field(default_factory=list)
    """As each persona stands at the end."""
    shifts: list[bool] = field(default_factory=list)
    """Of each message but the first of a talk, whether it has no rarer word of what was said before it."""
    edits: int = 0
    is_designed: bool = False

    async def design(self, contexts: Sequence[str]) -> None:
        """Let the participant fill in the form; one that cannot be read leaves it empty, and the status says so."""
        words = {"dimensions": _dimensions(), "contexts": "You will talk about:\n" + "\n".join(contexts)}
        form = await self._asked(Template(DESIGN).safe_substitute(words), FORM)
        self.form, self.is_designed = dict(form or {}), True
        self.forms.append(self.form)

    async def talk(self, contexts: Sequence[str], given: Persona | None = None) -> None:
        """Talk about every context with the designed persona, one that was given, or nobody in particular."""
        for number, context in enumerate(contexts):
            if number and self.is_designed and self.settings.personas == "each":
                await self.design([context])
            elif number and self.is_designed and self.settings.edits:
                await self._edit()
            persona = persona_of_form(self.form, "designed") if self.is_designed else given
            await self._talk_about(context, self._partner_prompt(persona))

    async def rate(self, instrument: Instrument) -> dict[str, Value]:
        """Have the participant fill in the questionnaire with the talks in mind."""
        respondent = client_proxy(self.said, PERSON, system=self.system) if self.said else played(self.system)
        how = Administration()
        given = await administer(instrument, self.person, how, respondent=respondent, sampling=self._sampling)
        self.statuses.append(given.status)
        return {"answers": given.values, "answers.statuses": [answer.status for answer in given.answers]}

    def logged(self) -> dict[str, Value]:
        """What a log would hold of the talks."""
        mine = [turn.text for turn in self.said if turn.speaker == PERSON]
        theirs = [turn.text for turn in self.said if turn.speaker == PARTNER]
        found: dict[str, Value] = {
            "turns": self.turns,
            "user_words": _mean_words(mine),
            "agent_words": _mean_words(theirs),
            "topic_shifts": sum(self.shifts) / len(self.shifts) if self.shifts else None,
            "user_text": "\n".join(mine),
            "agent_text": "\n".join(theirs),
        }
        if self.is_designed:
            found |= {"edits": self.edits, "personas": sum(any(form.values()) for form in self.forms)}
            each = [words_in(form) for form in self.forms]
            found |= {f"words.{one.key}": sum(form[one.key] for form in each) / len(each) for one in DIMENSIONS}
        return found

    @property
    def _sampling(self) -> Sampling:
        return Sampling(temperature=self.settings.temperature)

    async def _edit(self) -> None:
        shown = _dimensions(self.form)
        edit = await self._asked(Template(CHANGE).safe_substitute(dimensions=shown), EDIT)
        self.form, has_changed = edited(self.form, edit or {})
        self.forms[-1] = self.form
        self.edits += has_changed

    def _partner_prompt(self, persona: Persona | None) -> str:
        text = render(persona, self.settings.renderer).text if persona is not None else ""
        return Template(self.settings.partner_prompt).safe_substitute(persona=text).strip() if text else ""

    def _note(self, heard: list[Message], message: Message) -> None:
        """Take down what is said, and whether it speaks of something else than all before it."""
        before = [one.content for one in heard if one.role != "system"]
        if before:
            self.shifts.append(not rare_words("\n".join(before)) & rare_words(message.content))
        heard.append(message)

    async def _talk_about(self, context: str, system: str) -> None:
        """Talk until the participant wants to end, or has said as much as one may."""
        heard: list[Message] = [Message("system", system)] if system else []
        turns = 0
        while turns < self.settings.most_turns:
            asked = await self._asked(Template(TALK).safe_substitute(context=context), _MESSAGE)
            message = str((asked or {}).get("message") or "").strip()
            if not message:
                break
            self._note(heard, Message("user", message))
            self.said.append(Turn(PERSON, message))
            answer = await self._answered(heard)
            turns += 1
            if not answer:
                break
            self._note(heard, Message("assistant", answer))
            self.said.append(Turn(PARTNER, answer))
            if turns >= self.settings.least_turns and asked is not None and asked.get("goes_on") is False:
                break
        self.turns.append(turns)

    async def _asked(self, question: str, schema: Schema) -> dict[str, Any] | None:
        remembered = [*self.before, *self.said]
        respondent = client_proxy(remembered, PERSON, system=self.system) if remembered else played(self.system)
        request = Request(respondent.messages(Message("user", question)), self._sampling, schema)
        found = await ask_structured(self.person, request)
        self.statuses.append(found.status)
        return dict(found.value) if found.value is not None else None

    async def _answered(self, heard: Sequence[Message]) -> str:
        try:
            reply = await self.partner.generate(Request(tuple(heard), self._sampling))
        except ProviderError as error:
            if error.is_hopeless:
                raise
            self.statuses.append("failed")
            return ""
        text = reply.text.strip()
        self.statuses.append("ok" if text else "empty")
        return text


def _dimensions(form: dict[str, Any] | None = None) -> str:
    lines = [f"{one.key}: {one.about}" for one in DIMENSIONS]
    if form is not None:
        lines = [
            f"{one.key}: {'; '.join(filter(None, (str(form.get(name) or '') for name in one.fields))) or 'empty'}"
            for one in DIMENSIONS
        ]
    return "\n".join(f"- {line}" for line in lines)


def _mean_words(texts: Sequence[str]) -> float | None:
    return sum(len(text.split()) for text in texts) / len(texts) if texts else None
