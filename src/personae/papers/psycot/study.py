"""The study: every author, every target, by a questionnaire in turns and by prompts that ask at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from string import Template
from typing import TYPE_CHECKING, Any

import numpy as np

from personae.canonical import content_hash
from personae.errors import InputError
from personae.instrument import Administration, AnswerReader, Respondent, ShownOption, administer, keyed_items
from personae.model import Message, Model, ProviderError, Request, Sampling
from personae.papers.psycot import prompts
from personae.papers.psycot.authors import Author, cut, read_authors, simulated_authors
from personae.papers.psycot.findings import measure_table
from personae.papers.psycot.poles import Target, targets_of
from personae.papers.psycot.questionnaire import Order, statements_of
from personae.papers.psycot.settings import PsyCoTSettings
from personae.study import Cell, Finding, Lab, Observation, Value

if TYPE_CHECKING:
    import polars as pl

USUAL = "usual"
CONDITIONS: dict[str, Order] = {"swapped": "printed", "shuffled": "shuffled", "half": "half"}
"""What is changed about PsyCoT to see whether its choice holds."""
_SEED = 7661


@dataclass(frozen=True)
class PsyCoT:
    """The study of Yang et al. (2023)."""

    settings: PsyCoTSettings = field(default_factory=PsyCoTSettings)
    name: str = "psycot"
    roles: tuple[str, ...] = ("subject",)

    @cached_property
    def authors(self) -> list[Author]:
        """Who is read: the user's, else simulated ones."""
        if self.settings.data is None:
            return simulated_authors(self.settings.authors, self.settings.dataset, np.random.default_rng(_SEED))
        return read_authors(self.settings.data, self.settings.dataset)[: self.settings.authors]

    @cached_property
    def methods(self) -> tuple[str, ...]:
        """Ways to detect."""
        wanted = [one.strip() for one in self.settings.methods.split(",") if one.strip()]
        if unknown := [one for one in wanted if one not in prompts.METHODS]:
            raise InputError(
                f"no method is called {unknown[0]!r}", where="methods", remedy=f"they are {', '.join(prompts.METHODS)}"
            )
        return tuple(wanted)

    @property
    def parameters(self) -> Mapping[str, Any]:
        """Settings, with everything that is read replaced by its hash."""
        plain = self.settings.model_dump(mode="json")
        texts = [[one.hash, dict(one.labels)] for one in self.authors]
        kind = "simulated, traits planted" if self.settings.data is None else self.settings.data.name
        plain["data"] = f"{len(self.authors)} texts ({kind}) {content_hash(texts)[:12]}"
        for name in ("introduction_prompt", "conclusion_prompt"):
            plain[name] = content_hash(plain[name])[:12]
        return plain

    def design(self, rng: np.random.Generator) -> Sequence[Cell]:
        """Authors x targets x methods; PsyCoT under every condition of the robustness study."""
        cells = []
        for author in self.authors:
            for target in targets_of(self.settings.dataset):
                if target.key not in author.labels:
                    continue
                for method in self.methods:
                    cells.append(self._cell(author, target, method, USUAL))
                if self.settings.robustness and prompts.PSYCOT in self.methods:
                    cells += [self._cell(author, target, prompts.PSYCOT, condition) for condition in CONDITIONS]
        return cells

    def _cell(self, author: Author, target: Target, method: str, condition: str) -> Cell:
        factors = {"author": author.id, "target": target.key, "method": method, "condition": condition}
        return Cell({**factors, "label": author.labels[target.key]}, {"text": author})

    async def observe(self, cell: Cell, lab: Lab) -> Observation:
        """Detect one thing about one author in one way."""
        author, method = cell.material["text"], str(cell.factors["method"])
        if not isinstance(author, Author):
            raise InputError("the cell carries no author", where=cell.key[:12])
        target = next(one for one in targets_of(self.settings.dataset) if one.key == cell.factors["target"])
        condition = str(cell.factors["condition"])
        poles = [(target.high, 1), (target.low, 0)]
        if condition == "swapped":
            poles.reverse()
        words = {"first": poles[0][0], "second": poles[1][0], "meaning": target.meaning}
        reader = AnswerReader([ShownOption(mark, *pole) for mark, pole in zip("AB", poles, strict=True)])
        text = cut(author.text, self.settings.tokens)
        model = lab.model("subject")
        if method != prompts.PSYCOT:
            filled = Template(prompts.BASELINES[method]).substitute({**words, "material": text})
            return await _choose(model, (Message("user", filled),), reader, self.settings.temperature, {})
        return await self._by_questionnaire(target, condition, words, text, reader, model, lab)

    async def _by_questionnaire(
        self,
        target: Target,
        condition: str,
        words: Mapping[str, str],
        text: str,
        reader: AnswerReader,
        model: Model,
        lab: Lab,
    ) -> Observation:
        """Rate the statements in turns, then choose in the light of the ratings."""
        asked = statements_of(
            target,
            CONDITIONS.get(condition, "printed"),
            lab.rng("statements"),
            as_published=self.settings.introduction == "as_published",
        )
        introduction = Template(self.settings.introduction_prompt).substitute({**words, "keying": asked.keying})
        is_types = self.settings.dataset == "kaggle"
        how = Administration(
            mode="multi_turn",
            prompt=prompts.ITEM,
            next_prompt=_with_options(prompts.NEXT_ITEM) if is_types else prompts.NEXT_ITEM,
            option_marks="letters" if is_types else "values",
            option_order=(0, 2, 1) if is_types else "ascending",  # the two ends, then "not sure"
            attempts=self.settings.attempts,
        )
        who = Respondent("observer", material=text, instructions=introduction)
        given = await administer(
            asked.instrument, model, how, sampling=Sampling(temperature=self.settings.temperature), respondent=who
        )
        (scale,) = asked.instrument.scales
        row = np.array([[np.nan if value is None else float(value) for value in given.values]])
        keyed = keyed_items(row, asked.instrument, scale)[0]
        known = keyed[np.isfinite(keyed)]
        values: dict[str, Value] = {
            "ratings": given.values,
            "ratings.statuses": [answer.status for answer in given.answers],
            "score": float(known.mean()) if len(known) else None,
        }
        conclusion = Message("user", Template(self.settings.conclusion_prompt).substitute(words))
        return await _choose(model, (*given.messages, conclusion), reader, self.settings.temperature, values)

    def measure(self, table: pl.DataFrame) -> list[Finding]:
        """Score the choices; see :mod:`personae.papers.psycot.findings`."""
        return measure_table(table)


def _with_options(template: str) -> str:
    """A further statement with options of its own shows them."""
    return template.replace("Statement: $items", "Statement: $items\n\nResponse options:\n$options")


async def _choose(
    model: Model, messages: tuple[Message, ...], reader: AnswerReader, temperature: float, values: dict[str, Value]
) -> Observation:
    """Ask for the choice and read it: behind the last "Answer:", if the reply has one."""
    try:
        reply = await model.generate(Request(messages, Sampling(temperature=temperature)))
    except ProviderError as error:
        if error.is_hopeless:
            raise
        return Observation("failed", {**values, "choice": None}, messages, str(error))
    said = reply.text.rpartition("nswer:")[2] if "nswer:" in reply.text else reply.text
    answer = reader.read(said)
    status = "refused" if reply.refusal and answer.value is None else answer.status
    return Observation(status, {**values, "choice": answer.value}, (*messages, Message("assistant", reply.text)))
