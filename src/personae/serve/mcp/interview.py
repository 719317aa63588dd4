"""Asking a persona questions as the gateway does: the same words of the persona, ranks and accounts."""

from __future__ import annotations

from typing import Any

from personae.canonical import derive_seed
from personae.errors import PersonaeError
from personae.model import Reply, Request
from personae.serve.faults import status_of
from personae.serve.gateway.answering import Replicates, read_chat
from personae.serve.gateway.ledger import Entry
from personae.serve.gateway.precedence import compose
from personae.serve.gateway.recalling import recall_for
from personae.serve.gateway.target import PREFIX, Target
from personae.serve.mcp.calling import Call
from personae.serve.mcp.shapes import Interview, InterviewArguments, Said, Told
from personae.serve.services import Services

NOT_ANSWERED = "not answered"
"""How a question ends that the model or the key's limits left without an answer; later ones are not asked."""


class Interviewer:
    """Holds interviews."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._replicates = Replicates()

    async def hold(self, wanted: InterviewArguments, call: Call) -> Interview:
        """Ask the questions in turn.

        Raises:
            Refusal: If there is no such persona or model, or the key may not ask.
            ProviderError: If the model gave no answer.
        """
        target = find_target(self._services, wanted.persona, wanted.model)
        answers = await self._ask(wanted, target, call)
        simulated = target.upstream.is_simulated
        shelved = target.shelved
        return Interview(
            persona=shelved.model_id if shelved else "",
            model=target.upstream.name,
            is_simulated=simulated,
            notice=Told.notice_of(simulated),
            answers=answers,
        )

    async def _ask(self, wanted: InterviewArguments, target: Target, call: Call) -> list[Said]:
        before: list[dict[str, Any]] = []
        if wanted.instructions.strip():
            before.append({"role": "system", "content": wanted.instructions})
        said: list[Said] = []
        talk: list[dict[str, Any]] = []
        for number, question in enumerate(wanted.questions, start=1):
            if wanted.independent:
                talk = []
            talk.append({"role": "user", "content": question})
            recalled = await recall_for(self._services, target, talk, call.caller)
            body: dict[str, Any] = {"messages": compose(recalled.words, [], [*before, *talk])}
            if wanted.max_tokens is not None:
                body["max_tokens"] = wanted.max_tokens
            if wanted.seed is not None:
                body["seed"] = derive_seed("interview", wanted.seed, number)
            self._services.targets.fill(body, target)
            request = self._replicates.number(target.upstream.name, read_chat(body))
            try:
                reply = await self._put(request, target, call)
            except PersonaeError as error:
                if not said:
                    raise
                said.append(Said(question=question, answer="", finish=f"{NOT_ANSWERED}: {error}"))
                break  # what was answered is paid for, and is not lost
            talk.append({"role": "assistant", "content": reply.text})
            said.append(Said(question=question, answer=reply.text or reply.refusal, finish=reply.finish))
            await call.tell(number, len(wanted.questions))
        return said

    async def _put(self, request: Request, target: Target, call: Call) -> Reply:
        """Put one question: each is admitted, paid for and noted by itself."""
        entry = Entry(self._services, "mcp.interview", call.caller, target.label, target.upstream.name, is_whole=True)
        status = 499
        try:
            entry.admit()
            request = entry.reserve_request(request)
            entry.asked = request.messages
            reply = await target.upstream.model.generate(request)
            entry.usage, status = reply.usage, 200
        except PersonaeError as error:
            status = status_of(error)
            raise
        finally:
            entry.end(status)
        return reply


def find_target(services: Services, persona: str, model: str) -> Target:
    """Who is asked; without a persona, the model itself.

    Raises:
        Refusal: If there is no such persona or model.
    """
    if not persona:
        return services.targets.find(model or services.upstreams.default)
    return services.targets.find(f"{PREFIX}{persona.removeprefix(PREFIX)}{f'/{model}' if model else ''}")
