"""The MCP server itself: what it lists, and what it does when it is called."""

from __future__ import annotations

from typing import Any

from mcp import types
from mcp.server import Server, ServerRequestContext
from mcp.shared.exceptions import MCPError

from personae.errors import PersonaeError
from personae.serve.identity import LOCAL, Caller
from personae.serve.mcp.assess import Assessor
from personae.serve.mcp.calling import CALLER, Call
from personae.serve.mcp.prompts import get_prompt, list_prompts
from personae.serve.mcp.tools import Tools
from personae.serve.running import PaidRuns, Runs
from personae.serve.services import Services

INSTRUCTIONS = (
    "personae measures personas in language models. Prompts are personas to play yourself. list_personas, "
    "list_instruments and list_models say what is here; interview asks a persona, administer puts a questionnaire to "
    "it, audit says whether a persona took and holds. Figures come with intervals: report them with these, with n, and "
    "with the notice. What is SIMULATED was answered by no language model."
)
"""What a client's model is told about this server."""

Context = ServerRequestContext[Any, Any]


def make_server(services: Services, runs: Runs, paid: PaidRuns, reports_at: str) -> Server[Any]:
    """Make the server.

    Args:
        services: Models, personas, keys.
        runs: Where assessments run.
        paid: Who starts them on somebody's account.
        reports_at: Where reports are found, with ``{run}`` for the id.
    """
    from personae import __version__

    tools = Tools(services, Assessor(services, runs, paid, reports_at))

    async def list_tools(context: Context, params: types.PaginatedRequestParams | None) -> types.ListToolsResult:
        return types.ListToolsResult(tools=tools.list())

    async def call_tool(context: Context, params: types.CallToolRequestParams) -> types.CallToolResult:
        return await tools.call(params.name, params.arguments or {}, _call_of(context))

    async def prompts(context: Context, params: types.PaginatedRequestParams | None) -> types.ListPromptsResult:
        try:
            return list_prompts(services, (params.cursor or "") if params else "")
        except PersonaeError as error:
            raise _told(error) from error

    async def prompt(context: Context, params: types.GetPromptRequestParams) -> types.GetPromptResult:
        try:
            return get_prompt(services, params.name, params.arguments or {})
        except PersonaeError as error:
            raise _told(error) from error

    return Server(
        "personae",
        version=__version__,
        title="personae",
        instructions=INSTRUCTIONS,
        on_list_tools=list_tools,
        on_call_tool=call_tool,
        on_list_prompts=prompts,
        on_get_prompt=prompt,
    )


def _call_of(context: Context) -> Call:
    request = context.request
    caller: Caller = request.scope[CALLER] if request is not None else Caller(LOCAL)

    async def tell(done: float, total: float | None) -> None:
        await context.session.report_progress(done, total)

    return Call(caller, tell)


def _told(error: PersonaeError) -> MCPError:
    return MCPError(types.INVALID_PARAMS, str(error))
