"""Persona-L as a study: designers talk with one person in four ways, with and without abilities and sources."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from importlib.resources import files
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING, Any

from personae.canonical import content_hash
from personae.errors import InputError
from personae.instrument import Administration, Instrument, Turn, administer, client_proxy, played, read_instrument
from personae.instrument.tasks import hear
from personae.model import Message, Model, ProviderError, Request, Sampling, Status, worst_status
from personae.papers.persona_l.abilities import Derived, annotated, derive, numbered, persona_of
from personae.papers.persona_l.corpus import Corpus, Narrative, read_corpus, support_of
from personae.papers.persona_l.findings import ABLE, SOURCED, measure_table
from personae.papers.persona_l.profiles import Profile, read_profiles
from personae.papers.persona_l.settings import CITE, DESIGNER, LEVELS, PersonaLSettings
from personae.papers.persona_l.words import flags_of, framing_of, grade_of, read_answer, without_marks
from personae.persona import BIG_FIVE, Persona, render
from personae.study import Cell, Finding, Lab, Observation, Value

if TYPE_CHECKING:
    import numpy as np
    import polars as pl

BETWEEN = ">"
ORDERS = (
    ("ability", "deficit", "profile", "unsourced"),
    ("deficit", "unsourced", "ability", "profile"),
    ("unsourced", "profile", "deficit", "ability"),
    ("profile", "ability", "unsourced", "deficit"),
)
"""Each condition once in each place and once after each other: the balanced square of Williams (1949)."""
PERSON, DESIGNER_NAME = "persona", "designer"


@dataclass(frozen=True)
class PersonaL:
    """The study."""

    settings: PersonaLSettings = field(default_factory=PersonaLSettings)
    name: str = "persona_l"
    roles: tuple[str, ...] = ("subject", "user")

    @cached_property
    def instrument(self) -> Instrument:
        """What is asked after each condition."""
        path = self.settings.questionnaire
        own = Path(str(files("personae.papers.persona_l") / "experience.toml"))
        return read_instrument(Path(path) if path else own)

    @property
    def corpus(self) -> Corpus:
        """Where sources come from."""
        return read_corpus(self.settings.corpus)

    @property
    def profiles(self) -> tuple[Profile, ...]:
        """Who the persona is before anything is known of abilities."""
        return read_profiles(self.settings.profiles)

    @property
    def parameters(self) -> Mapping[str, Any]:
        """Settings, with what is read by its hash."""
        read = ("questions", "derive_prompt", "chat_prompt", "phrases")
        plain = self.settings.model_dump(mode="json", exclude={*read, "questionnaire", "corpus", "profiles"})
        prompts = [
            *(getattr(self.settings, name) for name in read),
            CITE,
            DESIGNER,
            LEVELS,
            [one.model_dump() for one in self.profiles],
        ]
        return {
            **plain,
            "prompts": content_hash(prompts)[:12],
            "questionnaire": f"{self.instrument.key} {self.instrument.hash[:12]}",
            "corpus": f"{len(self.corpus.narratives)} narratives {self.corpus.hash[:12]}",
            "corpus_withheld": self.corpus.withheld,
        }

    def design(self, rng: np.random.Generator) -> Sequence[Cell]:
        """A cell a designer; orders of conditions are counterbalanced, profiles and themes rotated."""
        if not self.settings.asks:
            raise InputError("there is nothing to ask", where="questions", remedy="write a line a question")
        if len(self.corpus.themes) < 2:
            raise InputError(
                "has one theme only", where="corpus", remedy="the control needs narratives of another theme"
            )
        self.instrument.require_texts()
        if not self.settings.derived and not any(one.pairs for one in self.corpus.narratives):
            raise InputError("holds no pairs", where="corpus", remedy="write pairs, or leave out -P derived=false")
        themes, profiles = self.corpus.themes, self.profiles
        return [
            Cell(
                {
                    "designer": f"designer-{number + 1}",
                    "order": BETWEEN.join(ORDERS[number % len(ORDERS)]),
                    "theme": themes[number % len(themes)],
                    "profile": profiles[place].name,
                },
                {"designer": _designer(number, rng), "profile": profiles[place]},
            )
            for number in range(self.settings.designers)
            for place in [(number // len(ORDERS) + number) % len(profiles)]
        ]

    async def observe(self, cell: Cell, lab: Lab) -> Observation:
        """Derive the persona, let one designer talk with it in all conditions, and try the levels of reading."""
        designer, theme = cell.material["designer"], str(cell.factors["theme"])
        profile = cell.material["profile"]
        if not isinstance(designer, Persona) or not isinstance(profile, Profile):
            raise InputError("the cell carries no designer, or no profile", where=cell.key[:12])
        corpus, model = self.corpus.about(theme), lab.model("subject")
        told = profile.told
        sources = self._found(corpus, told, self.settings.narratives)
        derived = annotated(sources, self.settings.abilities)
        if self.settings.derived:
            derived = await derive(model, self.settings.derive_prompt, told, theme, sources, self.settings.abilities)
        by = model.name if self.settings.derived else "people"
        persona = persona_of(profile, derived, sources, f"persona-l-{cell.key[:12]}", by=by)
        statuses: list[Status] = [derived.status]
        known = [pair for one in sources for pair in one.pairs]
        values: dict[str, Value] = {
            "pairs.verdicts": list(derived.verdicts),
            "pairs.taken": len(derived.pairs),
            "persona": persona.model_dump_json(exclude_defaults=True),
            "persona.flags": list(flags_of(persona.model_copy(update={"memories": ()}), self.settings.watched)),
            **self._retrieval(corpus),
        }
        if known and self.settings.derived:
            values["pairs.found"] = [_is_found(pair.ability, derived) for pair in known]
        said: list[Message] = []
        for condition in str(cell.factors["order"]).split(BETWEEN):
            turns, one = await self._talk(model, condition, persona, derived, corpus)
            statuses += one.pop("statuses")
            rated = await self._rated(lab.model("user"), designer, turns, statuses)
            values |= {f"{condition}.{name}": value for name, value in {**one, **rated}.items()}
            said += [Message("user" if turn.speaker == DESIGNER_NAME else "assistant", turn.text) for turn in turns]
        if self.settings.levels:
            values |= await self._levels(model, persona, derived, corpus, statuses)
        return Observation(worst_status(statuses), {**values, "statuses": list(statuses)}, tuple(said))

    def measure(self, table: pl.DataFrame) -> list[Finding]:
        """Compare conditions within designers; see :mod:`personae.papers.persona_l.findings`."""
        return measure_table(table, self.instrument)

    def prompt(self, condition: str, persona: Persona, derived: Derived, found: Sequence[Narrative], level: str) -> str:
        """What the persona is told of itself: abilities with their constraints, constraints alone, or neither."""
        bare = render(persona.model_copy(update={"abilities": (), "memories": ()}), "second-person").text
        lines = []
        for pair in derived.pairs:
            helped = f" What helps you: {pair.support}." if pair.support else ""
            if condition in ABLE:
                lines.append(f"- You can {pair.ability}. What makes it hard: {pair.constraint}.{helped}")
            elif condition == "deficit":
                lines.append(f"- You have this limitation: {pair.constraint}.")
        words = {
            "persona": "\n".join([bare, *lines]),
            "sources": f"Narratives that you may draw on:\n{numbered(found)}" if found else "",
            "level": LEVELS[level],
            "cite": CITE if found and self.settings.cites else "",
        }
        text = Template(self.settings.chat_prompt).safe_substitute(words)
        return "\n\n".join(part.strip() for part in text.split("\n\n") if part.strip())

    async def _talk(
        self, model: Model, condition: str, persona: Persona, derived: Derived, corpus: Corpus
    ) -> tuple[list[Turn], dict[str, Any]]:
        """A talk: each question with the narratives found for it; what was said, and what is counted in it."""
        turns: list[Turn] = []
        rows: list[dict[str, Any]] = []
        texts: list[str] = []
        statuses: list[Status] = []
        for question in self.settings.asks:
            found = self._found(corpus, question, self.settings.passages) if condition in SOURCED else ()
            system = self.prompt(condition, persona, derived, found, self.settings.level)
            history = [Message("user" if one.speaker == DESIGNER_NAME else "assistant", one.text) for one in turns]
            asked = Request(
                (Message("system", system), *history, Message("user", question)),
                Sampling(temperature=self.settings.temperature),
            )
            text, status = await _answered(model, asked)
            statuses.append(status)
            turns.append(Turn(DESIGNER_NAME, question))
            if not text:
                continue
            turns.append(Turn(PERSON, without_marks(text) or text))
            texts.append(text)
            rows += self._sentences(text, found, corpus)
        frames = [framing_of(text, self.settings.watched) for text in texts]
        return turns, {
            "statuses": statuses,
            "sentences": json.dumps(rows, ensure_ascii=False),
            "grades": [grade_of(text) for text in texts],
            **{f"framing.{name}": [one[name] for one in frames] for name in framing_of("")},
        }

    def _sentences(self, text: str, found: Sequence[Narrative], corpus: Corpus) -> list[dict[str, Any]]:
        """Each sentence with the source beside it, and what other themes would have lent it."""
        shown = [one.text for one in found]
        others = [one.text for one in self.corpus.besides(corpus.narratives[0].theme).narratives][: max(1, len(found))]
        whole = [one.text for one in corpus.narratives]
        rows = []
        for one in read_answer(text, shown):
            near = one.support
            rows.append(
                {
                    "text": one.text,
                    "source": found[near.place].key if near.is_close else None,
                    "title": found[near.place].title if near.is_close else None,
                    "score": round(near.score, 3),
                    "elsewhere": round(support_of(one.text, others).score, 3),
                    "corpus": round(support_of(one.text, whole).score, 3),
                    "cited": list(one.cited),
                    "cited_right": _cited_right(one.text, one.cited, shown),
                }
            )
        return rows

    def _found(self, corpus: Corpus, question: str, most: int) -> tuple[Narrative, ...]:
        """Narratives for a question, filled up in their order: a theme's narratives are few, and all are about it."""
        found = corpus.search(question, most, self.settings.search)
        rest = [one for one in corpus.narratives if one not in found]
        return (*found, *rest)[:most]

    def _retrieval(self, corpus: Corpus) -> dict[str, Value]:
        """The place at which each narrative's own question finds it among those of its theme; 0 for none."""
        asked = [one for one in corpus.narratives if one.question]
        return {
            "retrieval.keys": [one.key for one in asked],
            "retrieval.ranks": [corpus.rank(one, self.settings.search) or 0 for one in asked],
            "retrieval.among": len(corpus.narratives),
            "retrieval.shown": self.settings.passages,
        }

    async def _rated(
        self, user: Model, designer: Persona, turns: Sequence[Turn], statuses: list[Status]
    ) -> dict[str, Value]:
        system = Template(DESIGNER).safe_substitute(profile=render(designer, "nine-level").text).strip()
        has_talked = any(turn.speaker == PERSON for turn in turns)
        respondent = client_proxy(turns, DESIGNER_NAME, system=system) if has_talked else played(system)
        sampling = Sampling(temperature=self.settings.temperature)
        rated = await administer(self.instrument, user, Administration(), respondent=respondent, sampling=sampling)
        statuses.append(rated.status)
        return {"answers": rated.values, "answers.statuses": [one.status for one in rated.answers]}

    async def _levels(
        self, model: Model, persona: Persona, derived: Derived, corpus: Corpus, statuses: list[Status]
    ) -> dict[str, Value]:
        """The same question at each level of reading."""
        grades: dict[str, Value] = {}
        question = self.settings.asks[0]
        for level in ("easy", "plain", "expert"):
            system = self.prompt(
                "ability", persona, derived, self._found(corpus, question, self.settings.passages), level
            )
            heard = await hear(model, question, system, Sampling(temperature=self.settings.temperature))
            statuses.append(heard.status)
            grades[f"level.{level}"] = grade_of(heard.text) if heard.status == "ok" else None
        return grades


async def _answered(model: Model, request: Request) -> tuple[str, Status]:
    try:
        reply = await model.generate(request)
    except ProviderError as error:
        if error.is_hopeless:
            raise
        return "", "failed"
    text = reply.text.strip()
    return text, "refused" if reply.refusal else "ok" if text else "empty"


def _cited_right(text: str, cited: Sequence[int], shown: Sequence[str]) -> bool | None:
    """Whether one of the sources that a sentence names has its words; ``None`` if it names none."""
    if not cited:
        return None
    return any(1 <= n <= len(shown) and support_of(text, [shown[n - 1]]).is_close for n in cited)


def _is_found(ability: str, derived: Derived) -> bool:
    return any(support_of(ability, [one.ability]).is_close for one in derived.pairs)


def _designer(number: int, rng: np.random.Generator) -> Persona:
    traits = {trait: round(float(z), 2) for trait, z in zip(BIG_FIVE, rng.normal(size=len(BIG_FIVE)), strict=True)}
    return Persona(id=f"designer-{number + 1}", traits=traits)
