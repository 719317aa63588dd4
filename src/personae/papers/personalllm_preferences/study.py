"""PersonalLLM as a study: answers for new users with no, own and similar users' examples; people who are played."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from string import Template
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from personae.canonical import content_hash
from personae.errors import InputError
from personae.instrument import AnswerReader, ShownOption
from personae.instrument.tasks import hear
from personae.model import ProviderError, Request, Sampling, Status, worst_status
from personae.papers.personalllm_preferences.bank import Bank, built_in_bank
from personae.papers.personalllm_preferences.findings import measure_answers
from personae.papers.personalllm_preferences.people import PEOPLE
from personae.papers.personalllm_preferences.prompts import LAST_HEAD, OTHERS_HEAD, OWN_HEAD
from personae.papers.personalllm_preferences.published import measure_published, measure_questions
from personae.papers.personalllm_preferences.scorers import plain_scores
from personae.papers.personalllm_preferences.settings import PreferenceSettings
from personae.papers.personalllm_preferences.tables import read_bank
from personae.papers.personalllm_preferences.users import Users
from personae.study import Cell, Finding, Lab, Observation, Value

if TYPE_CHECKING:
    import polars as pl

ZERO, OWN, SIMILAR, STRANGERS, PERSONA = "zero_shot", "own", "similar", "strangers", "persona"
SHOWN = ("winning_only", "losing_only", "winning_and_losing")
_LETTERS = "ABCDEFGH"


class Condition(NamedTuple):
    """What a model is shown of ratings."""

    source: str
    shots: int = 0
    shown: str = ""

    @property
    def name(self) -> str:
        """In dotted words, as findings have it."""
        return f"{self.source}.k{self.shots}.{self.shown}" if self.shots else self.source


@dataclass(frozen=True)
class Preferences:
    """The study of Zollo et al. (2025)."""

    settings: PreferenceSettings = field(default_factory=PreferenceSettings)
    name: str = "personalllm_preferences"
    roles: tuple[str, ...] = ("subject",)

    @cached_property
    def bank(self) -> Bank:
        """Questions, answers and scores."""
        if self.settings.data:
            return read_bank(self.settings.data, self.settings.test)
        return built_in_bank(test=min(self.settings.test, 40))

    @cached_property
    def users(self) -> Users:
        """Who is written for, and whose ratings are known."""
        s = self.settings
        return Users(self.bank, s.crowd, s.users, s.history, s.alpha, s.user_seed, s.similar_by)

    @property
    def parameters(self) -> Mapping[str, Any]:
        """Settings, with everything that is read replaced by its hash."""
        plain = self.settings.model_dump(mode="json")
        for prompt in ("answer_prompt", "example_prompt", "persona_prompt"):
            plain[prompt] = content_hash(plain[prompt])[:12]
        plain["data"] = self.bank.hash[:12]
        del plain["scored"], plain["opinions"]  # they change what is measured, not what is asked
        return plain

    @property
    def conditions(self) -> Iterator[Condition]:
        """No examples; then own, similar users' and, as a control, strangers' examples."""
        yield Condition(ZERO)
        for shots in _numbers(self.settings.shots, "shots"):
            for shown in self._shown():
                yield Condition(OWN, int(shots), shown)
                yield Condition(SIMILAR, int(shots), shown)
            yield Condition(STRANGERS, int(shots), self._shown()[0])

    def _shown(self) -> tuple[str, ...]:
        words = tuple(word.strip() for word in self.settings.shown.split(",") if word.strip())
        if strange := [word for word in words if word not in SHOWN]:
            raise InputError(f"{strange[0]!r} is not known", where="-P shown", remedy=f"use {', '.join(SHOWN)}")
        if not words:
            raise InputError("names nothing", where="-P shown", remedy=f"use {', '.join(SHOWN)}")
        return words

    def design(self, rng: np.random.Generator) -> Sequence[Cell]:
        """Every new user's test questions under every condition; then every played person's choices."""
        _numbers(self.settings.alphas, "alphas")
        cells = []
        tests = np.arange(self.bank.train, len(self.bank.questions))
        for user in range(self.settings.users):
            chosen = rng.permutation(tests)[: self.settings.questions]
            for question in chosen.tolist():
                for one in self.conditions:
                    cells.append(_cell(one, f"user-{user}", question))
        shared = rng.permutation(tests)[: max(self.settings.questions, 8)]
        for number in range(self.settings.personas):
            for question in shared.tolist():
                cells.append(_cell(Condition(PERSONA), f"persona-{number}", question))
        return cells

    async def observe(self, cell: Cell, lab: Lab) -> Observation:
        """Ask for an answer, or for a choice among the eight."""
        person, question = str(cell.factors["person"]), int(str(cell.factors["question"]))
        number = int(person.rpartition("-")[2])
        if cell.factors["condition"] == PERSONA:
            return await self._choice(number, question, lab)
        condition = Condition(
            str(cell.factors["condition"]), int(str(cell.factors["shots"])), str(cell.factors["shown"])
        )
        prompt = self.prompt(condition, number, question)
        try:
            reply = await lab.model("subject").generate(
                Request.of(prompt, sampling=Sampling(temperature=self.settings.temperature))
            )
        except ProviderError as error:
            if error.is_hopeless:
                raise
            return Observation("failed", detail=str(error))
        text = reply.text.strip()
        if not text:
            return Observation("refused" if reply.refusal else "empty", detail=reply.refusal)
        values: dict[str, Value] = {"answer": text, "answer.hash": content_hash(text)}
        if self.bank.is_plain:
            values["answer.scores"] = plain_scores([text])[0].tolist()
        return Observation("ok", values)

    def prompt(self, condition: Condition, user: int, question: int) -> str:
        """What the model is asked under a condition."""
        users, shots = self.users, condition.shots
        parts = []
        if shots:
            own = [(user, place) for place in users.nearest_rated(user, question, shots)]
            parts.append(OWN_HEAD + self._examples(own, condition.shown))
        if condition.source in (SIMILAR, STRANGERS):
            others = users.neighbours(user, shots) if condition.source == SIMILAR else users.strangers(user, shots)
            theirs = [(other, place) for other in others for place in users.nearest_rated(other, question, 1)]
            parts.append(OTHERS_HEAD + self._examples(theirs, condition.shown))
        words = {
            "examples": "\n".join([*parts, LAST_HEAD]) if parts else "",
            "question": self.bank.questions[question].prompt,
        }
        return Template(self.settings.answer_prompt).safe_substitute(words)

    def _examples(self, rated: Sequence[tuple[int, int]], shown: str) -> str:
        best, worst = self.users.liked
        texts = []
        for user, place in rated:
            question = int(self.users.rated[user, place])
            rewards = self.users.rewards(user, question)
            lines = []
            for kind, word, answer in (("winning", "Liked", best), ("losing", "Disliked", worst)):
                if kind in shown:
                    at = int(answer[user, place])
                    said = word if self.settings.feedback == "pairwise" else f"Rated {rewards[at]:.2f}"
                    lines.append(f"{said}: {self.bank.questions[question].answers[at]}")
            words = {"question": self.bank.questions[question].prompt, "feedback": "\n".join(lines)}
            texts.append(Template(self.settings.example_prompt).safe_substitute(words))
        return "\n".join(texts)

    async def _choice(self, number: int, question: int, lab: Lab) -> Observation:
        """A person who is played chooses among the eight, each in one line, in an order of its own, and in its reverse.

        Whoever chooses by place looks different from everybody in one order; the other one tells.
        """
        asked = self.bank.questions[question]
        order = [int(place) for place in lab.rng("order").permutation(len(asked.answers))]
        values: dict[str, Value] = {}
        statuses: list[Status] = []
        for name, shown in (("choice", order), ("choice.again", order[::-1])):
            options = [
                ShownOption(_LETTERS[at], " ".join(asked.answers[place].split()), place)
                for at, place in enumerate(shown)
            ]
            words = {
                "persona": PEOPLE[number % len(PEOPLE)],
                "question": asked.prompt,
                "options": "\n".join(f"{one.mark} = {one.label}" for one in options),
            }
            prompt = Template(self.settings.persona_prompt).safe_substitute(words)
            heard = await hear(lab.model("subject"), prompt, "", Sampling(temperature=self.settings.temperature))
            status, value = heard.status, None
            if heard.status == "ok":
                answer = AnswerReader(options).read(heard.text)
                status, value = answer.status, answer.value
            statuses.append(status)
            values |= {name: value, f"{name}.place": _place(options, value)}
        return Observation(worst_status(statuses), values)

    def measure(self, table: pl.DataFrame) -> list[Finding]:
        """Score answers for new users, and how different users are; or take over published aggregates."""
        if "what" in table.columns:
            return measure_published(table)
        alphas = _numbers(self.settings.alphas, "alphas")
        if "questions" in table.columns:
            return measure_questions(self.bank, alphas, self.settings.crowd, self.settings.user_seed)
        if "condition" not in table.columns:
            return []
        return measure_answers(table, self.users, alphas, self.settings.scored, self.settings.opinions)


def _cell(condition: Condition, person: str, question: int) -> Cell:
    return Cell(
        {
            "condition": condition.source,
            "shots": condition.shots,
            "shown": condition.shown,
            "person": person,
            "question": question,
        }
    )


def _numbers(text: str, name: str) -> list[float]:
    try:
        numbers = [float(word) for word in text.split(",") if word.strip()]
    except ValueError:
        numbers = []
    if not numbers or min(numbers) <= 0 or (name == "shots" and any(one != int(one) for one in numbers)):
        raise InputError(f"{text!r} is no list of numbers above 0", where=f"-P {name}", remedy="write 1,3,5")
    return list(dict.fromkeys(numbers))


def _place(options: Sequence[ShownOption], value: int | float | None) -> int | None:
    return next((place for place, one in enumerate(options) if one.value == value), None)
