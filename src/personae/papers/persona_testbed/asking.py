"""What is asked for one person and one request: a pair of answers, choices between them, and answers of one's own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from string import Template
from typing import Any

from personae.instrument.tasks import hear
from personae.model import Model, Sampling, Status, ask_structured, worst_status
from personae.papers.persona_testbed import prompts as words
from personae.papers.persona_testbed.preparing import answer_schema, one_of, request_for
from personae.papers.persona_testbed.profile import is_quoted, shown
from personae.papers.persona_testbed.settings import PluralSettings
from personae.persona import Persona
from personae.study import Lab, Value

METHODS = ("none", "demographics", "full", "summary", "reasoned", "other")
"""What a model is told, and what it does first: nothing, the census row, everything, everything and a summary of it
first, everything and reasons first, the profile of another person."""
_TEXT: Mapping[str, Any] = {"type": "string"}
_FIRST: Mapping[str, Mapping[str, Any]] = {"summary": {"summary": _TEXT}, "reasoned": {"reason": _TEXT}}
_HOW = {"summary": words.SUMMARISED, "reasoned": words.REASONED}
_HOW_ANSWERED = {"summary": words.ANSWER_SUMMARISED, "reasoned": words.ANSWER_REASONED}


@dataclass(frozen=True, slots=True)
class Pair:
    """An answer, and what became of it after a person's critique."""

    base: str
    critique: str
    revised: str
    status: Status
    detail: str


@dataclass(frozen=True, slots=True)
class Asking:
    """One person, one request, and another person to tell it from."""

    settings: PluralSettings
    lab: Lab
    request: str
    persona: Persona
    other: Persona
    leave_out: Sequence[str]
    statuses: list[Status] = field(default_factory=list)
    """How each choice, answer and criticism ended."""

    async def pair(self) -> Pair:
        """The base answer, what the person says about it, and the answer revised by that."""
        sampling = Sampling(temperature=self.settings.temperature)
        base = await hear(self.lab.model("writer"), self.request, "", sampling)
        return await self._revised(base.text, self.persona, base.status, base.detail)

    async def crossed(self, pair: Pair) -> dict[str, Value]:
        """Which revision of the same answer was made for the person: one's own, or that for the other person?

        Neither is longer, later or better by how it was made, so that nothing but the person tells them apart.
        """
        theirs = await self._revised(pair.base, self.other, "ok", "")
        if theirs.status != "ok":
            return {"crossed": None}
        answers, whole = (pair.revised, theirs.revised), shown(self.persona)
        subject = self.lab.model("subject")
        return {
            "crossed": theirs.revised,
            "crossed.judged": await self._choose(self.lab.model("judge"), answers, words.JUDGE_WHO, whole),
            "crossed.none": await self._choose(subject, answers, words.WHO, ""),
            "crossed.full": await self._choose(subject, answers, words.WHO, whole),
        }

    async def choices(self, pair: Pair) -> dict[str, Value]:
        """Choices between base and revision: by the judge, by every method, and with attributes left out."""
        answers, whole = (pair.revised, pair.base), shown(self.persona)
        subject = self.lab.model("subject")
        values: dict[str, Value] = {
            "judged": await self._choose(self.lab.model("judge"), answers, words.JUDGE_WHO, whole)
        }
        for method in METHODS:
            values[f"chosen.{method}"] = await self._choose(subject, answers, words.WHO, self._told(method), method)
        for name in self.leave_out:
            values[f"without.{name}"] = await self._choose(
                subject, answers, words.WHO, shown(self.persona, without=name)
            )
        return values

    async def answers(self) -> dict[str, Value]:
        """Answers of the model by every method, with attributes left out, and several times; each is criticised."""
        values: dict[str, Value] = {}
        for method in METHODS:
            answer = await self._answer(self._told(method), method)
            values[f"answer.{method}"] = answer
            values[f"suits.{method}"] = await self._suits(answer)
            values[f"quoted.{method}"] = None if answer is None else is_quoted(self.persona, answer)
        for name in self.leave_out:
            answer = await self._answer(shown(self.persona, without=name))
            values[f"suits_without.{name}"] = await self._suits(answer)
        attempts = [await self._answer(self._told("full"), take=take) for take in range(1, self.settings.samples + 1)]
        values["attempts"] = [_code(await self._suits(one)) for one in attempts]
        if self.settings.as_packaged and attempts[-1] is not None:
            # There, an attempt stands in the place of the request, and the answer is the last one each time.
            values["attempts.packaged"] = [
                _code(await self._suits(attempts[-1], request=one)) for one in attempts if one is not None
            ]
        return values

    def _told(self, method: str) -> str:
        if method == "none":
            return ""
        if method == "demographics":
            return shown(self.persona, ["demographics"])
        return shown(self.other if method == "other" else self.persona)

    async def _revised(self, base: str, person: Persona, status: Status, detail: str) -> Pair:
        writer, sampling = self.lab.model("writer"), Sampling(temperature=self.settings.temperature)
        asked = {"profile": shown(person), "request": self.request, "answer": base}
        said = await hear(writer, Template(self.settings.critique_prompt).safe_substitute(asked), "", sampling)
        asked["critique"] = said.text
        anew = await hear(writer, Template(self.settings.revise_prompt).safe_substitute(asked), "", sampling)
        return Pair(
            base.strip(),
            said.text.strip(),
            anew.text.strip(),
            worst_status([status, said.status, anew.status]),
            detail or said.detail or anew.detail,
        )

    async def _choose(
        self, model: Model, answers: tuple[str, str], who: str, profile: str, method: str = ""
    ) -> list[int]:
        """1 where the first answer is chosen, 0 where the second is, -1 where none can be read; in both orders."""
        chosen = []
        for is_swapped in (False, True):
            a, b = answers[::-1] if is_swapped else answers
            told = Template(who).substitute(profile=profile) if profile else ""
            how = _HOW.get(method, words.DIRECTLY)
            prompt = Template(words.CHOOSE_PROMPT).substitute(who=told, request=self.request, a=a, b=b, how=how)
            found = await ask_structured(
                model, request_for(prompt, one_of("choice", "A", "B", **_FIRST.get(method, {})))
            )
            self.statuses.append(found.status)
            first = None if found.value is None else found.value["choice"] == "A"
            chosen.append(-1 if first is None else int(first != is_swapped))
        return chosen

    async def _answer(self, profile: str, method: str = "", take: int = 0) -> str | None:
        told = Template(words.ANSWER_WHO).substitute(profile=profile) if profile else ""
        how = _HOW_ANSWERED.get(method, words.ANSWER_DIRECTLY)
        prompt = Template(words.ANSWER_PROMPT).substitute(who=told, request=self.request, how=how)
        schema = answer_schema({**_FIRST.get(method, {}), "answer": _TEXT})
        asked = request_for(prompt, schema, self.settings.temperature if take else 0.0, take)
        found = await ask_structured(self.lab.model("subject"), asked)
        self.statuses.append(found.status)
        return None if found.value is None else str(found.value["answer"]).strip() or None

    async def _suits(self, answer: str | None, request: str = "") -> bool | None:
        """Whether two critics find that an answer suits the person as it stands."""
        if answer is None:
            return None
        told = {"profile": shown(self.persona), "request": request or self.request, "answer": answer}
        prompt = Template(self.settings.critic_prompt).safe_substitute(told)
        schema = answer_schema(
            {"personal": _TEXT, "helpful": _TEXT, "conclusion": _TEXT, "suits_person": {"type": "boolean"}}
        )
        found = await ask_structured(self.lab.model("judge"), request_for(prompt, schema))
        self.statuses.append(found.status)
        return None if found.value is None else bool(found.value["suits_person"])


def _code(verdict: bool | None) -> int:
    return -1 if verdict is None else int(verdict)
