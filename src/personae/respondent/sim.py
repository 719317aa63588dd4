"""``sim``: the simulated respondent. Not a language model: a generative psychometric model whose truth is known."""

from __future__ import annotations

import hashlib
import math
import random
import re
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Literal

from personae.canonical import canonical_json
from personae.model import (
    Continuation,
    Message,
    Reply,
    Request,
    Sampling,
    TokenLogprob,
    Usage,
    continuation_reply,
    is_continuation,
)
from personae.respondent.answering import answer_sheet, option_probabilities, write_answers
from personae.respondent.behaving import behave
from personae.respondent.conversation import asked_before, read_before, spoken
from personae.respondent.equity import with_stance
from personae.respondent.filling import Filler
from personae.respondent.judging import find_marked
from personae.respondent.open_questions import answer_open
from personae.respondent.presuming import rate_presumption, suggest
from personae.respondent.reading import Traits, impression, read_persona
from personae.respondent.scales import Choice
from personae.respondent.settings import SimSettings
from personae.respondent.sheet import Sheet, read_sheet, sheet_of_choices
from personae.respondent.shown_sources import tell_sources
from personae.respondent.writing import REFUSALS, Length, length_wanted, names_length, wants_text, write_text

NAME = "sim"
_CHARACTERS_PER_TOKEN = 4
_PROSE = ("Sure, here are my answers:\n\n", "Here is how I see myself:\n\n", "Thank you for asking. My responses:\n\n")
_CHAT = Length(40)
_PIECE = re.compile(r"\s*\S+\s*|\s+")
_EXPLAINS_OPTIONS = re.compile(r"\b(?:rate|scale|rating|answer|respond|reply|options?|choose)\b", re.IGNORECASE)


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
        kept = self._kept(messages)
        return {trait: z * kept for trait, z in read_persona(messages).items()}

    def _kept(self, messages: Sequence[Message]) -> float:
        turns = sum(message.role == "assistant" for message in messages)
        return self.settings.persona_effect * (1.0 - self.settings.drift) ** turns

    async def generate(self, request: Request) -> Reply:
        """Answer one request."""
        return self.answer(request)

    def answer(self, request: Request) -> Reply:
        """Answer one request, without an event loop."""
        if is_continuation(request):
            return self._continuations(request)
        digest = self._digest(request)
        rng = random.Random(int.from_bytes(digest[:8], "big"))
        drawn = [self._text(request, rng) for _ in range(max(1, request.sampling.n))]
        cut = [_cut(text, request.sampling) for text in drawn]
        texts = tuple(text for text, _ in cut)
        return Reply(
            text=texts[0],
            finish=cut[0][1],
            model=NAME,
            usage=_usage(request, texts),
            alternatives=texts[1:],
            logprobs=self._logprobs(request, drawn[0]) if request.sampling.top_logprobs else (),
            request_id=f"sim-{digest[8:16].hex()}",
        )

    def _continuations(self, request: Request) -> Reply:
        """Log-probabilities of the options as what comes next; none if one of them is no option of the question."""
        scores = self._scores(request)
        whole = []
        if len(scores) == len(request.choices):
            whole = [Continuation(choice, p, ((choice, p),)) for choice, p in scores.items()]
        return continuation_reply(whole, model=NAME, usage=_usage(request, request.choices))

    async def score(self, request: Request) -> dict[str, float]:
        """Log-probabilities of the choices, by mark or by words: exact, as the response model has them."""
        return self._scores(request)

    def _scores(self, request: Request) -> dict[str, float]:
        by_word = {
            word.casefold(): p
            for choice, p in self._option_probabilities(request)
            for word in (choice.label, choice.mark)
            if word
        }
        found = {choice: by_word.get(choice.strip().casefold(), 0.0) for choice in request.choices}
        return {choice: math.log(p) for choice, p in found.items() if p > 0.0}

    async def stream(self, request: Request) -> AsyncIterator[str | Reply]:
        """Answer word by word."""
        reply = self.answer(request)
        for piece in _PIECE.findall(reply.text):
            yield piece
        yield reply

    def _text(self, request: Request, rng: random.Random) -> str:
        if rng.random() < self.settings.refusal_rate:
            return rng.choice(REFUSALS)
        traits = self.traits(request.messages)
        temperature = _temperature(request)
        if (told := tell_sources(request, traits, self.settings.grounding, rng)) is not None:
            return told
        if request.schema is not None:
            rated = rate_presumption(_last_question(request.messages), request.schema, self.settings, rng)
            if rated is not None:
                return canonical_json(rated).decode()
            filler = Filler(
                traits or spoken(request.messages), _last_question(request.messages), self.settings, temperature, rng
            )
            return canonical_json(filler.fill(request.schema.definition)).decode()
        if (suggested := suggest(request.messages, self.settings, rng)) is not None:
            return suggested
        acted = behave(_last_question(request.messages), traits, self.settings, temperature, rng)
        if acted is not None:
            return acted
        about = [message.content for message in request.messages if message.role == "system"]
        if (answer := answer_open(_last_question(request.messages), about, traits, rng)) is not None:
            return answer
        sheet = _sheet_of(request)
        if sheet is not None:
            traits = self._about(request, traits)
            text = write_answers(sheet, answer_sheet(sheet, traits, self.settings, temperature, rng))
            return rng.choice(_PROSE) + text if rng.random() < self.settings.prose_rate else text
        prompt = _last_question(request.messages)
        return write_text(traits, length_wanted(prompt) if wants_text(prompt) else _CHAT, rng)

    def _about(self, request: Request, traits: Traits) -> Traits:
        """Whom a questionnaire is answered for: the author of a text, else oneself, as told or as heard."""
        marked = read_before(request.messages)
        if marked:
            return dict(impression(marked.text))
        told = " ".join(message.content for message in request.messages if message.role == "system")
        return with_stance(traits or spoken(request.messages), told, self._kept(request.messages))

    def _digest(self, request: Request) -> bytes:
        """What all draws come from: the settings' seed, the messages, and the seed of the request or its replicate."""
        seed = request.sampling.seed
        messages = [[message.role, message.content] for message in request.messages]
        asked = [self.settings.seed, seed, request.replicate if seed is None else 0, messages]
        return hashlib.sha256(canonical_json(asked)).digest()

    def _option_probabilities(self, request: Request) -> list[tuple[Choice, float]]:
        """Options of a single closed question with their probabilities; empty if it is none."""
        sheet = _sheet_of(request)
        if sheet is None or len(sheet.items) != 1:
            return []
        # Log-probabilities are those of the model itself, whatever temperature the reply is drawn at.
        traits = self._about(request, self.traits(request.messages))
        p = option_probabilities(sheet.items[0], sheet, traits, self.settings, 1.0)
        return list(zip(sheet.choices, p, strict=True))

    def _logprobs(self, request: Request, text: str) -> tuple[TokenLogprob, ...]:
        """The one token of a reply that is an option and nothing else; none for any other reply."""
        shown = [(choice.mark or choice.label, p) for choice, p in self._option_probabilities(request)]
        ranked = sorted(((word, math.log(p)) for word, p in shown if p > 0.0), key=lambda pair: -pair[1])
        chosen = dict(ranked).get(text)
        if chosen is None:
            return ()
        return (TokenLogprob(text, chosen, tuple(ranked[: request.sampling.top_logprobs])),)


def open_sim(name: str, options: Mapping[str, str]) -> SimulatedRespondent:
    """Make the simulated respondent from the options of the command line."""
    return SimulatedRespondent(SimSettings.read(options))


def _sheet_of(request: Request) -> Sheet | None:
    """The questionnaire that is asked: in the last message, else under options that the system message explains."""
    prompt = _last_question(request.messages)
    marked = find_marked(prompt)
    prompt = marked.question if marked else prompt
    sheet = read_sheet(prompt)
    if sheet is not None:
        return sheet if sheet.is_scale or not names_length(prompt) else None
    if not wants_text(prompt):
        system = "\n".join(message.content for message in request.messages if message.role == "system")
        if _EXPLAINS_OPTIONS.search(system):
            sheet = read_sheet(f"{system}\n\n{prompt if chr(10) in prompt.strip() else f'Statement: {prompt.strip()}'}")
    sheet = sheet or asked_before(request.messages, prompt)
    if sheet is None and len(request.choices) > 1:
        sheet = sheet_of_choices(prompt, request.choices)
    return sheet


def _temperature(request: Request) -> float:
    return 1.0 if request.sampling.temperature is None else request.sampling.temperature


def _cut(text: str, sampling: Sampling) -> tuple[str, Literal["stop", "length"]]:
    """End a text at the first stop sequence, and at the bound on tokens."""
    for stop in sampling.stop:
        if stop:
            text = text.partition(stop)[0]
    if sampling.max_tokens is not None and len(text) > sampling.max_tokens * _CHARACTERS_PER_TOKEN:
        return text[: max(0, sampling.max_tokens) * _CHARACTERS_PER_TOKEN], "length"
    return text, "stop"


def _last_question(messages: Sequence[Message]) -> str:
    return next((message.content for message in reversed(messages) if message.role == "user"), "")


def _usage(request: Request, texts: Sequence[str]) -> Usage:
    """Tokens as a language model would roughly count them, so that a rehearsal can be priced: four characters each."""
    asked = sum(len(message.content) for message in request.messages)
    written = sum(map(len, texts))
    return Usage(-(-asked // _CHARACTERS_PER_TOKEN), -(-written // _CHARACTERS_PER_TOKEN))
