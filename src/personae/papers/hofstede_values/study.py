"""Requests for advice, from people of many countries in English and in their languages, options in both orders."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, Field

from personae.canonical import content_hash
from personae.errors import InputError
from personae.instrument import AnswerReader, ShownOption
from personae.instrument.tasks import Stimuli, hear, load_stimuli
from personae.model import Message, Model, Request, Sampling, Schema, Status, ask_structured, worst_status
from personae.papers.hofstede_values.countries import COUNTRIES, Country, read_scores
from personae.papers.hofstede_values.findings import measure_table
from personae.papers.hofstede_values.settings import FRAME, PERSONA_SENTENCE, TRANSLATION_PROMPT, HofstedeSettings
from personae.study import Cell, Finding, Lab, Observation, Value

if TYPE_CHECKING:
    import numpy as np
    import polars as pl

NOBODY = "none"
_FIELDS = ("question", "a", "b", "frame")


class AdviceRequest(BaseModel):
    """A request with two answers, one of each side of a dimension."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    key: str
    dimension: str
    question: str
    high: str
    low: str


class AdviceStimuli(Stimuli):
    """A file of requests."""

    requests: tuple[AdviceRequest, ...] = Field(min_length=2)


@lru_cache(maxsize=4)
def read_requests(path: Path | None) -> AdviceStimuli:
    """The requests of a file, or ours."""
    own = Path(str(files("personae.papers.hofstede_values") / "advice.toml"))
    return load_stimuli(path or own, AdviceStimuli)


@dataclass(frozen=True, slots=True)
class Wording:
    """A request in one language."""

    question: str
    high: str
    low: str
    frame: str


@dataclass(frozen=True, slots=True)
class HofstedeValues:
    """The study of Kharchenko et al. (2024)."""

    settings: HofstedeSettings = field(default_factory=HofstedeSettings)
    name: str = "hofstede_values"

    @property
    def roles(self) -> tuple[str, ...]:
        """The adviser, and the translator if one is needed."""
        needed = self.settings.languages and self.settings.translations is None
        return ("subject", "translator") if needed else ("subject",)

    @property
    def requests(self) -> tuple[AdviceRequest, ...]:
        """The first requests of each dimension."""
        seen: Counter[str] = Counter()
        kept = []
        for one in read_requests(self.settings.requests).requests:
            seen[one.dimension] += 1
            if seen[one.dimension] <= self.settings.per_dimension:
                kept.append(one)
        return tuple(kept)

    @property
    def countries(self) -> tuple[Country, ...]:
        """Countries spread over the list, so that a few of them have languages of every kind."""
        step = len(COUNTRIES) / self.settings.countries
        return tuple(COUNTRIES[int(place * step)] for place in range(self.settings.countries))

    @property
    def scores(self) -> dict[str, Mapping[str, float]]:
        """Hofstede's scores, if a file was given."""
        return read_scores(self.settings.scores) if self.settings.scores else {}

    @property
    def translations(self) -> Mapping[str, Any]:
        """Translations of the user, by language and request."""
        return read_translations(self.settings.translations) if self.settings.translations else {}

    @property
    def parameters(self) -> Mapping[str, Any]:
        """Settings, with what is read by its hash."""
        plain = self.settings.model_dump(mode="json", exclude={"requests", "scores", "translations", "prompt"})
        stimuli = read_requests(self.settings.requests)
        return {
            **plain,
            "requests": f"{stimuli.key} {stimuli.hash[:12]}",
            "scores": content_hash({name: str(dict(row)) for name, row in self.scores.items()})[:12],
            "translations": content_hash(self.translations)[:12],
            "prompts": content_hash([self.settings.prompt, PERSONA_SENTENCE, TRANSLATION_PROMPT, FRAME])[:12],
        }

    def design(self, rng: np.random.Generator) -> Sequence[Cell]:
        """Everybody in English, nobody in particular, and every country in its own language."""
        return list(self._cells())

    def _cells(self) -> Iterator[Cell]:
        for number in range(len(self.requests)):
            yield Cell({"condition": NOBODY, "country": NOBODY, "request": number})
            for country in self.countries:
                yield Cell({"condition": "persona", "country": country.name, "request": number})
                if self.settings.languages:
                    yield Cell({"condition": "language", "country": country.name, "request": number})

    async def observe(self, cell: Cell, lab: Lab) -> Observation:
        """Put one request in both orders, some times; a translation is made once for all of them."""
        one = self.requests[int(str(cell.factors["request"]))]
        condition = str(cell.factors["condition"])
        country = next((each for each in COUNTRIES if each.name == cell.factors["country"]), None)
        wording = Wording(one.question, one.high, one.low, "")
        values: dict[str, Value] = {"dimension": one.dimension, "key": one.key}
        if country is not None:
            values |= {"language": country.language, "resource": country.resource}
        if condition == "language" and country is not None and country.language != "English":
            translated, status = await self._translated(one, country.language, lab)
            values["translation"] = (
                None if translated is None else [translated.question, translated.high, translated.low]
            )
            values["translation.statuses"] = [status]
            if translated is None:
                return Observation(status, values, detail=f"no translation into {country.language}")
            wording = translated
        persona = (
            Template(PERSONA_SENTENCE).substitute(country=country.name) if country and condition == "persona" else ""
        )
        chosen: list[int | None] = []
        statuses: list[Status] = []
        detail = ""
        for repeat in range(self.settings.repeats):
            for is_swapped in (False, True):
                answer, status, told = await self._asked(lab.model("subject"), wording, persona, is_swapped, repeat)
                chosen.append(answer)
                statuses.append(status)
                detail = detail or told
        values |= {"high": chosen, "answers.statuses": list(statuses)}
        return Observation(worst_status(statuses), values, detail=detail)

    async def _asked(
        self, model: Model, wording: Wording, persona: str, is_swapped: bool, repeat: int
    ) -> tuple[int | None, Status, str]:
        """1 for the high side, 0 for the low, whichever of the two is A."""
        a, b = (wording.low, wording.high) if is_swapped else (wording.high, wording.low)
        words = {"persona": persona, "question": wording.question, "a": a, "b": b}
        prompt = Template(self.settings.prompt).safe_substitute(words)
        if wording.frame:
            prompt = f"{wording.question}\n\nA. {a}\nB. {b}\n\n{wording.frame}"
        sampling = Sampling(temperature=self.settings.temperature)
        heard = await hear(model, prompt, "", sampling, replicate=repeat)
        if heard.status != "ok":
            return None, heard.status, heard.detail
        options = [ShownOption("A", a, 0 if is_swapped else 1), ShownOption("B", b, 1 if is_swapped else 0)]
        answer = AnswerReader(options).read(heard.text)
        return answer.value, answer.status, ""

    async def _translated(self, one: AdviceRequest, language: str, lab: Lab) -> tuple[Wording | None, Status]:
        """A request in another language, by the user's file or the translator; what was made is recorded."""
        if self.settings.translations is not None:
            found = self.translations.get(language, {}).get(one.key)
            return (
                (Wording(found["question"], found["a"], found["b"], found["frame"]), "ok") if found else (None, "empty")
            )
        words = {"language": language, "question": one.question, "high": one.high, "low": one.low, "frame": FRAME}
        schema = Schema(
            "translation",
            {
                "type": "object",
                "properties": {name: {"type": "string"} for name in _FIELDS},
                "required": list(_FIELDS),
                "additionalProperties": False,
            },
        )
        prompt = Template(TRANSLATION_PROMPT).substitute(words)
        request = Request((Message("user", prompt),), Sampling(temperature=0.0), schema=schema)
        made = await ask_structured(lab.model("translator"), request)
        if made.value is None:
            return None, made.status
        texts = [str(made.value[name]).strip() for name in _FIELDS]
        if not all(texts) or texts[1] == texts[2]:
            return None, "unparsed"
        return Wording(*texts), made.status

    def measure(self, table: pl.DataFrame) -> list[Finding]:
        """Compare countries with each other and with their scores; see the findings of this package."""
        return measure_table(table, self.scores)


@lru_cache(maxsize=4)
def read_translations(path: Path) -> Mapping[str, Any]:
    """Read ``{language: {request: {question, a, b, frame}}}``, where a is the high side.

    Raises:
        InputError: If the file cannot be read or lacks a field; the message names it.
    """
    try:
        data = json.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise InputError(
            f"holds no translations ({type(error).__name__})",
            where=str(path),
            remedy="give JSON by language and request",
        ) from error
    for language, rows in data.items() if isinstance(data, dict) else ():
        for key, row in rows.items() if isinstance(rows, dict) else ():
            lacking = [name for name in _FIELDS if not str(dict(row).get(name) or "").strip()]
            if lacking:
                raise InputError(f"lacks {', '.join(lacking)}", where=f"{path}: {language}, {key}", remedy="fill it in")
    if not isinstance(data, dict):
        raise InputError("is no object", where=str(path), remedy="give JSON by language and request")
    return data
