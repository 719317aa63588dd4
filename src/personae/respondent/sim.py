"""``sim``: the simulated respondent. Not a language model: a generative psychometric model whose truth is known."""

from __future__ import annotations

import math
import random
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace

from personae.canonical import canonical_json, content_hash, derive_seed
from personae.model import Message, Reply, Request, TokenLogprob, Usage
from personae.respondent.answering import answer_sheet, option_probabilities, write_answers
from personae.respondent.filling import Filler
from personae.respondent.reading import Traits, read_persona
from personae.respondent.settings import SimSettings
from personae.respondent.sheet import Sheet, read_sheet
from personae.respondent.writing import REFUSALS, words_wanted, write_text

NAME = "sim"
_CHARACTERS_PER_TOKEN = 4
_PROSE = ("Sure, here are my answers:\n\n", "Here is how I see myself:\n\n", "Thank you for asking. My responses:\n\n")
_CHAT_WORDS = 40


class SimulatedRespondent:
    r"""Answers as a person of the traits that the prompt describes would, with the biases that were planted.

    When to use: to rehearse a study before a cent is spent, to plan power, and as the positive and negative control of
    every instrument, judge and audit, because the truth is known. Never as evidence about people or language models.

    The same request gives the same reply, in this process or over HTTP: draws depend on the settings, the messages and
    the seed of the request, and on nothing else. A request without a seed is drawn by its replicate.

    Example:
        >>> import asyncio
        >>> sim = SimulatedRespondent()
        >>> question = "Statement: I talk a lot.\n1 = Disagree\n2 = Agree"
        >>> ask = Request.of(question, system="You are extremely outgoing.")
        >>> asyncio.run(sim.generate(ask)).text
        '2'
    """

    name = NAME

    def __init__(self, settings: SimSettings = SimSettings()) -> None:  # noqa: B008  # frozen
        self.settings = settings

    @property
    def identity(self) -> str:
        """Name and what was planted."""
        planted = self.settings.spell()
        return f"{NAME}#{planted}" if planted else NAME

    def traits(self, messages: Sequence[Message]) -> Traits:
        """The truth: where the respondent stands after these messages, with persona effect and drift applied."""
        turns = sum(message.role == "assistant" for message in messages)
        kept = self.settings.persona_effect * (1.0 - self.settings.drift) ** turns
        return {trait: z * kept for trait, z in read_persona(messages).items()}

    async def generate(self, request: Request) -> Reply:
        """Answer one request."""
        return self.answer(request)

    def answer(self, request: Request) -> Reply:
        """Answer one request, without an event loop."""
        rng = self._rng(request)
        texts = tuple(self._text(request, rng) for _ in range(max(1, request.sampling.n)))
        limit = request.sampling.max_tokens
        text = texts[0]
        is_cut = limit is not None and len(text) > limit * _CHARACTERS_PER_TOKEN
        if is_cut and limit is not None:
            text = text[: limit * _CHARACTERS_PER_TOKEN]
        for stop in request.sampling.stop:
            text = text.partition(stop)[0]
        return Reply(
            text=text,
            finish="length" if is_cut else "stop",
            model=NAME,
            usage=_usage(request, (text, *texts[1:])),
            alternatives=texts[1:],
            logprobs=self._logprobs(request) if request.sampling.top_logprobs else (),
            request_id=f"sim-{content_hash(request)[:16]}",
        )

    async def score(self, request: Request) -> dict[str, float]:
        """Log-probabilities of the choices: exact, as the response model has them."""
        shown = self._option_probabilities(request)
        return {choice: math.log(shown[choice]) for choice in request.choices if shown.get(choice, 0.0) > 0.0}

    async def stream(self, request: Request) -> AsyncIterator[str | Reply]:
        """Answer word by word."""
        reply = self.answer(request)
        for piece in reply.text.splitlines(keepends=True):
            for word in piece.split(" "):
                yield word if piece.endswith(word) else word + " "
        yield reply

    def _text(self, request: Request, rng: random.Random) -> str:
        if rng.random() < self.settings.refusal_rate:
            return rng.choice(REFUSALS)
        traits = self.traits(request.messages)
        prompt = _last_question(request.messages)
        temperature = 1.0 if request.sampling.temperature is None else request.sampling.temperature
        if request.schema is not None:
            filler = Filler(traits, prompt, self.settings, temperature, rng)
            return canonical_json(filler.fill(request.schema.definition)).decode()
        sheet = read_sheet(prompt)
        if sheet is not None:
            answers = answer_sheet(sheet, traits, self.settings, temperature, rng)
            text = write_answers(sheet, answers, as_json="json" in prompt.lower())
            return rng.choice(_PROSE) + text if rng.random() < self.settings.prose_rate else text
        wants_text = any(word in prompt.lower() for word in ("story", "essay", "words", "write", "diary", "describe"))
        return write_text(traits, words_wanted(prompt) if wants_text else _CHAT_WORDS, rng)

    def _rng(self, request: Request) -> random.Random:
        sampling = request.sampling
        seed = derive_seed("replicate", request.replicate) if sampling.seed is None else sampling.seed
        drawn = replace(request, replicate=0, sampling=replace(sampling, seed=seed, top_logprobs=0), choices=())
        return random.Random(derive_seed(self.settings.seed, content_hash(drawn)))

    def _option_probabilities(self, request: Request) -> dict[str, float]:
        """Probabilities of the marks of a single closed question; empty if it is none."""
        sheet = read_sheet(_last_question(request.messages))
        if sheet is None or len(sheet.items) != 1:
            return {}
        # Log-probabilities are those of the model itself, whatever temperature the reply is drawn at.
        p = option_probabilities(sheet.items[0], sheet, self.traits(request.messages), self.settings, 1.0)
        return {_shown(sheet, index): value for index, value in enumerate(p)}

    def _logprobs(self, request: Request) -> tuple[TokenLogprob, ...]:
        shown = self._option_probabilities(request)
        if not shown:
            return ()
        ranked = sorted(((mark, math.log(p)) for mark, p in shown.items() if p > 0.0), key=lambda pair: -pair[1])
        first = ranked[0]
        return (TokenLogprob(first[0], first[1], tuple(ranked[: request.sampling.top_logprobs])),)


def open_sim(name: str, options: Mapping[str, str]) -> SimulatedRespondent:
    """Make the simulated respondent from the options of the command line."""
    return SimulatedRespondent(SimSettings.read(options))


def _shown(sheet: Sheet, index: int) -> str:
    return sheet.choices[index].mark or sheet.choices[index].label


def _last_question(messages: Sequence[Message]) -> str:
    return next((message.content for message in reversed(messages) if message.role == "user"), "")


def _usage(request: Request, texts: Sequence[str]) -> Usage:
    """Tokens as a language model would roughly count them, so that a rehearsal can be priced: four characters each."""
    asked = sum(len(message.content) for message in request.messages)
    written = sum(map(len, texts))
    return Usage(-(-asked // _CHARACTERS_PER_TOKEN), -(-written // _CHARACTERS_PER_TOKEN))
