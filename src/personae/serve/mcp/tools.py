"""The tools: their names, what they are given and give back, and who does the work."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import orjson
from mcp import types
from pydantic import BaseModel, ValidationError

from personae.errors import InputError, PersonaeError
from personae.instrument import list_instruments, load_instrument
from personae.logs import note
from personae.serve.faults import Refusal
from personae.serve.mcp.assess import Assessor
from personae.serve.mcp.calling import Call
from personae.serve.mcp.interview import Interviewer
from personae.serve.mcp.shapes import (
    AdministerArguments,
    Administered,
    Arguments,
    AuditArguments,
    Audited,
    Interview,
    InterviewArguments,
    Nothing,
    Row,
    Rows,
    Search,
)
from personae.serve.services import Services
from personae.validation import first_fault

_MOST_ROWS = 100


@dataclass(frozen=True, slots=True)
class _Tool:
    title: str
    about: str
    given: type[Arguments]
    returned: type[BaseModel]
    work: Callable[[Any, Call], Awaitable[BaseModel]]
    asks_models: bool = True


class Tools:
    """Everything that a client may call."""

    def __init__(self, services: Services, assessor: Assessor) -> None:
        self._services = services
        self._tools = {
            "list_personas": _Tool(
                "Personas", "Find personas that can be interviewed, measured and audited.",
                Search, Rows, self._personas, asks_models=False,
            ),
            "list_instruments": _Tool(
                "Instruments", "Find questionnaires, and which traits they measure.", Search, Rows, self._instruments,
                asks_models=False,
            ),
            "list_models": _Tool(
                "Models", "Models that can play personas; the first is the default.", Nothing, Rows, self._models,
                asks_models=False,
            ),
            "interview": _Tool(
                "Interview a persona", "Ask a persona questions, played by a model, and get its answers.",
                InterviewArguments, Interview, Interviewer(services).hold,
            ),
            "administer": _Tool(
                "Administer an instrument",
                "Put a questionnaire to personas, or to a model as itself, some times over. Gives scores with 95% "
                "intervals, distances from norms of people where there are some, and what says how far the scores go.",
                AdministerArguments, Administered, assessor.administer,
            ),
            "audit": _Tool(
                "Audit a persona",
                "Measure whether a persona took and whether it holds: against no persona, against neutral prompts, and "
                "under other ways of asking; names traits that moved unasked.",
                AuditArguments, Audited, assessor.audit,
            ),
        }  # fmt: skip

    def list(self) -> list[types.Tool]:
        """The tools as clients are told of them."""
        return [
            types.Tool(
                name=name,
                title=tool.title,
                description=tool.about,
                input_schema=tool.given.model_json_schema(),
                output_schema=tool.returned.model_json_schema(mode="serialization"),
                annotations=types.ToolAnnotations(
                    title=tool.title, read_only_hint=not tool.asks_models, destructive_hint=False,
                    idempotent_hint=not tool.asks_models, open_world_hint=tool.asks_models,
                ),
            )
            for name, tool in self._tools.items()
        ]  # fmt: skip

    async def call(self, name: str, arguments: dict[str, Any], call: Call) -> types.CallToolResult:
        """Do what is asked; what is refused is told in words that a model can act on."""
        try:
            tool = self._tools.get(name)
            if tool is None:
                raise InputError(
                    f"no tool is called {name[:100]!r}", where="name", remedy=f"known: {', '.join(self._tools)}"
                )
            made = await tool.work(_read(tool.given, arguments), call)
        except PersonaeError as error:
            return types.CallToolResult(content=[_text(str(error))], is_error=True)
        except Exception as error:
            note("error", "tool failed", tool=name, error=type(error).__name__)
            return types.CallToolResult(
                content=[_text("a fault of personae; please report it with the server's log")], is_error=True
            )
        plain = made.model_dump(mode="json")
        text = orjson.dumps(plain, option=orjson.OPT_INDENT_2).decode()
        return types.CallToolResult(content=[_text(text)], structured_content=plain)

    async def _personas(self, wanted: Search, call: Call) -> Rows:
        found, _, total = self._services.shelf.page(wanted.query, _MOST_ROWS, "")
        items = [Row(name=one.slug, title=one.persona.name, about=one.persona.description[:300]) for one in found]
        return Rows(items=items, total=total)

    async def _instruments(self, wanted: Search, call: Call) -> Rows:
        words = wanted.query.lower().split()[:8]
        items = []
        for one in map(load_instrument, list_instruments()):
            if not all(one.items.values()):
                continue  # its texts are not ours to ship
            traits = ", ".join(dict.fromkeys(scale.trait or scale.title for scale in one.broad_scales()))
            row = Row(name=one.key, title=one.title, about=f"{len(one.items)} items: {traits}"[:600])
            if all(word in f"{row.name} {row.title} {row.about}".lower() for word in words):
                items.append(row)
        return Rows(items=items, total=len(items))

    async def _models(self, wanted: Nothing, call: Call) -> Rows:
        names = self._services.upstreams.names
        items = [Row(name=name, about="simulated respondent" if name.startswith("sim") else "") for name in names]
        return Rows(items=items, total=len(items))


def _read(shape: type[Arguments], arguments: dict[str, Any]) -> Arguments:
    try:
        return shape.model_validate(arguments)
    except ValidationError as error:
        place, message = first_fault(error)
        raise Refusal(422, "input", message, where=place[:200], remedy="correct this argument") from None


def _text(text: str) -> types.TextContent:
    return types.TextContent(type="text", text=text)
