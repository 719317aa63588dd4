"""What of a persona's memories and knowledge goes into a prompt: all of it if it is little, else what fits.

Persona-L (Sun et al., 2024) keeps narratives in a store and retrieves from it for each reply. Here the narratives are
the persona's ``memories``, and beside them its ``knowledge``:

1. Together they fit the budget: all of them are in the prompt, as the renderer words them.
2. They do not: they are left out of the persona's words and cut into passages. For each reply those are found that fit
   what was said last, by the vectors of an embedding model where one is configured, else by their words (BM25). Where
   what was said last finds nothing ("And then?"), what was said before it is asked too, up to four messages back; where
   that finds nothing either, the most important memories stand in.
3. At most six passages within the budget stand under the persona's words.

What was found, how, and among how many passages is recorded with the reply.
"""

from __future__ import annotations

import asyncio
import heapq
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

from personae.errors import PersonaeError
from personae.logs import note
from personae.persona import Persona, render
from personae.persona.formats.scanning import estimate_tokens
from personae.serve.identity import Caller
from personae.serve.vectors import Vectors
from personae.text import WordIndex, cut_passages, search_words

RecallMode = Literal["found", "whole", "none"]
"""What a prompt has of memories and knowledge: what is found for the reply, all, or nothing."""

POOL = ("memories", "knowledge")
"""The fields that are searched; all others are always in the prompt."""

MOST_PASSAGES = 6
BUDGET = 800
"""Tokens, at four letters each, that memories and knowledge may take in a prompt."""
MOST_BACK = 4
"""Messages before the last one that are asked where it finds nothing."""

HEADING = (
    "Passages of what you remember and know that may bear on what was just said. Draw on those that fit, as your own, "
    "and never speak of passages or their numbers:"
)

_MOST_KNOWN = 256
_LEAST_COSINE = 0.05
_MOST_TRIED = 50  # the best of these that fit the budget are taken


@dataclass(frozen=True, slots=True)
class Passage:
    """A piece of a memory, or of what is known."""

    path: str
    text: str
    start: int
    end: int
    by: str = ""
    licence: str = ""

    def to_json(self, score: float) -> dict[str, Any]:
        """Plain JSON form."""
        shown = {"path": self.path, "text": self.text, "start": self.start, "end": self.end}
        return {**shown, "score": round(score, 3), "by": self.by, "licence": self.licence}


@dataclass(frozen=True, slots=True)
class Recalled:
    """A persona in words for one reply, and what it was given to draw on."""

    words: str
    """What stands in the prompt: the persona, and under it the passages."""
    persona: Persona | None = None
    """The persona as far as the words tell of it, without the passages."""
    passages: tuple[Passage, ...] = ()
    record: dict[str, Any] | None = None
    """``how`` they were found, ``among`` how many, their ``tokens`` and ``passages``; ``None`` if there are none."""


@dataclass(frozen=True)
class Outline:
    """A persona under a renderer, with and without what is searched."""

    persona: Persona
    renderer: str
    whole: str
    """The words with everything."""
    pooled: int
    """Tokens that memories and knowledge take in them; 0 if there are none, or the renderer does not word them."""

    @cached_property
    def bare(self) -> Persona:
        """The persona without them."""
        return self.persona.model_copy(update=dict.fromkeys(POOL, ()))

    @cached_property
    def bare_words(self) -> str:
        """Its words."""
        return render(self.bare, self.renderer).text

    @cached_property
    def passages(self) -> tuple[Passage, ...]:
        """What is searched, memories first."""
        return tuple(_passages_of(self.persona))

    @property
    def is_fresh(self) -> bool:
        """Whether the passages have yet to be cut."""
        return "passages" not in self.__dict__

    @cached_property
    def index(self) -> WordIndex:
        """The passages, to be searched by their words."""
        return WordIndex([one.text for one in self.passages])

    @cached_property
    def worded(self) -> Persona:
        """The persona as far as the renderer words it: an answer rests on nothing that its prompt does not hold."""
        silent: dict[str, Any] = {}
        for name, value in Persona().__dict__.items():
            if getattr(self.bare, name) != value and name not in ("id", "name", "provenance"):
                without = self.bare.model_copy(update={name: value})
                if render(without, self.renderer).text == self.bare_words:
                    silent[name] = value
        return self.bare.model_copy(update=silent)


@dataclass
class Recall:
    """Finds what a persona remembers for a reply; keeps what it has looked up of each persona.

    Args:
        budget: Tokens for memories and knowledge; 0 for no bound: all of them are always in the prompt.
        vectors: An embedding model and what it has made, if one is configured.
    """

    budget: int = BUDGET
    vectors: Vectors | None = None
    _known: OrderedDict[tuple[int, str], Outline] = field(default_factory=OrderedDict)

    def outline(self, persona: Persona, renderer: str) -> Outline:
        """What of a persona is searched.

        Raises:
            InputError: If no renderer has this key.
        """
        key = (id(persona), renderer)
        found = self._known.get(key)
        if found is None or found.persona is not persona:
            found = self._known[key] = outline_of(persona, renderer)
            while len(self._known) > _MOST_KNOWN:
                self._known.popitem(last=False)
        else:
            self._known.move_to_end(key)
        return found

    def is_searched(self, outline: Outline) -> bool:
        """Whether passages have to be found for each reply."""
        return bool(self.budget) and outline.pooled > self.budget

    async def recall(
        self, outline: Outline, said: Sequence[str], mode: RecallMode = "found", caller: Caller | None = None
    ) -> Recalled:
        """Put a persona into words for a reply.

        Args:
            outline: Who, and how it is put into words.
            said: What was said, the last first.
            mode: What is wanted of memories and knowledge.
            caller: On whose account an embedding model is asked.
        """
        if not outline.pooled:
            return Recalled(outline.whole, outline.worded)
        among = len(await asyncio.to_thread(lambda: outline.passages) if outline.is_fresh else outline.passages)
        if mode == "none":
            return Recalled(outline.bare_words, outline.worded, record=_record("none", among))
        if mode == "whole" or not self.is_searched(outline):
            record = _record("whole", among, tokens=outline.pooled)
            return Recalled(outline.whole, outline.worded, outline.passages, record)
        how, scores, trouble = await self._scores(outline, said, caller)
        places = _within(outline.passages, scores, self.budget)
        chosen = [(outline.passages[place], scores[place]) for place in places]
        shown = [outline.passages[place] for place in sorted(places)]  # as they stand in the persona
        lines = [f"[{number}] {' '.join(one.text.split())}" for number, one in enumerate(shown, start=1)]
        section = f"{HEADING}\n" + "\n".join(lines) if lines else ""
        record = _record(
            how, among, tokens=estimate_tokens(section), passages=[one.to_json(score) for one, score in chosen]
        )
        if trouble:
            record["trouble"] = trouble
        words = "\n\n".join(part for part in (outline.bare_words, section) if part)
        return Recalled(words, outline.worded, tuple(one for one, _ in chosen), record)

    async def _scores(
        self, outline: Outline, said: Sequence[str], caller: Caller | None
    ) -> tuple[str, list[float], str]:
        """How passages were looked for, how well each fits, and what went wrong with the embedding model."""
        trouble = ""
        if self.vectors is not None and said:
            try:
                question = next((one for one in _questions(said) if search_words(one)), said[0])
                scores = await self.vectors.closeness(question, [one.text for one in outline.passages], caller)
                return "vectors", [score if score >= _LEAST_COSINE else 0.0 for score in scores], ""
            except PersonaeError as error:
                note("warning", "embedding failed; searched by words", error=str(error))
                trouble = f"found by words, as the embedding model failed ({getattr(error, 'kind', error.code)})"
        index = await asyncio.to_thread(lambda: outline.index)
        for question in _questions(said):
            scores = index.scores(question)
            if any(scores):
                return "words", scores, trouble
        return "importance", _importance(outline), trouble


def _questions(said: Sequence[str]) -> Iterator[str]:
    """What is searched for in turn: what was said last, and with it what was said before."""
    for back in range(1, min(len(said), MOST_BACK + 1) + 1):
        yield "\n".join(said[:back])


def outline_of(persona: Persona, renderer: str) -> Outline:
    """A persona under a renderer, with and without what is searched.

    Raises:
        InputError: If no renderer has this key.
    """
    whole = render(persona, renderer).text
    if not any(getattr(persona, name) for name in POOL):
        return Outline(persona, renderer, whole, 0)
    bare = render(persona.model_copy(update=dict.fromkeys(POOL, ())), renderer).text
    return Outline(persona, renderer, whole, max(0, estimate_tokens(whole) - estimate_tokens(bare)))


def _passages_of(persona: Persona) -> list[Passage]:
    texts = [(f"memories[{n}]", one.text, one.when) for n, one in enumerate(persona.memories)]
    texts += [(f"knowledge[{n}]", one, "") for n, one in enumerate(persona.knowledge)]
    found = []
    for path, text, when in texts:
        terms = persona.provenance_of(path.replace("[", ".").replace("]", ""))
        for start, end in cut_passages(text):
            piece = f"({when}) {text[start:end]}" if when.strip() else text[start:end]
            found.append(Passage(path, piece, start, end, terms.by, terms.licence))
    return found


def _importance(outline: Outline) -> list[float]:
    """Above 0 for passages of memories, by their importance and then their order."""
    weights = [one.importance or 0.0 for one in outline.persona.memories]
    total = len(outline.passages)
    scores = []
    for place, one in enumerate(outline.passages):
        number = int(one.path[one.path.index("[") + 1 : -1])
        own = weights[number] if one.path.startswith("memories") else 0.0
        scores.append(own + (total - place) / (total * 1e6))
    return scores


def _within(passages: Sequence[Passage], scores: Sequence[float], budget: int) -> list[int]:
    """Places of the best that have a score, the best first, as many as the budget holds."""
    left = budget - estimate_tokens(HEADING)
    chosen: list[int] = []
    fits = ((-score, place) for place, score in enumerate(scores) if score > 0)
    for _, place in heapq.nsmallest(_MOST_TRIED, fits):
        cost = estimate_tokens(passages[place].text) + 2
        if cost <= left and len(chosen) < MOST_PASSAGES:
            left -= cost
            chosen.append(place)
    return chosen


def _record(how: str, among: int, *, tokens: int = 0, passages: Sequence[Any] = ()) -> dict[str, Any]:
    return {"how": how, "among": among, "tokens": tokens, "passages": list(passages)}
