"""The studio's API put together, and its description as OpenAPI."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI

from personae import __version__
from personae.serve.api import conversations, instruments, keys, links, personas, populations, ratings, runs, session
from personae.serve.api.asking import StrictRoute, say_errors
from personae.serve.api.desk import Desk
from personae.serve.openapi import gateway_paths
from personae.serve.settings import MOST_BODY, MOST_UPLOAD
from personae.serve.wire import App, Message, Receive, Scope, Send, header, too_large

_ROUTERS = tuple(
    one.router for one in (session, personas, conversations, ratings, runs, populations, instruments, links, keys)
)
_FORM_OVERHEAD = 100_000


def make_api(desk: Desk) -> App:
    """Make the API; an ASGI app."""
    app = FastAPI(
        title="personae",
        version=__version__,
        description="The OpenAI-compatible gateway (/v1) and the studio's API (/api).",
        openapi_url="/api/openapi.json",
        docs_url=None,  # those pages load scripts from elsewhere
        redoc_url=None,
        default_response_class=_json_response(),
    )
    app.router.route_class = StrictRoute
    app.state.desk = desk
    for router in _ROUTERS:
        app.include_router(router, prefix="/api")
    say_errors(app)
    own = app.openapi

    def described() -> dict[str, Any]:
        schema = own()
        schema["paths"] = {**gateway_paths(), **schema["paths"]}
        return schema

    app.openapi = described  # type: ignore[method-assign]  # the way that FastAPI's documentation shows

    async def bounded(scope: Scope, receive: Receive, send: Send) -> None:
        is_upload = header(scope, b"content-type").startswith("multipart/")
        most = MOST_UPLOAD + _FORM_OVERHEAD if is_upload else MOST_BODY
        length = header(scope, b"content-length")
        if length.isdecimal() and int(length[:18]) > most:
            raise too_large(most)
        await app(scope, _bounded(receive, most), _plain(send))

    return bounded


def _bounded(receive: Receive, most: int) -> Receive:
    left = most

    async def receiving() -> Message:
        nonlocal left
        message = await receive()
        left -= len(message.get("body", b""))
        if left < 0:
            raise too_large(most)
        return message

    return receiving


def _plain(send: Send) -> Send:
    """No answer of the API is a page, whatever it holds, and none is kept by a browser."""

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            named = {name for name, _ in message["headers"]}
            more = [(b"x-content-type-options", b"nosniff"), (b"referrer-policy", b"no-referrer")]
            if b"content-security-policy" not in named:
                more.append((b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"))
            if b"cache-control" not in named:
                more.append((b"cache-control", b"no-store"))
            message["headers"] = [*message["headers"], *more]
        await send(message)

    return sending


def _json_response() -> Any:
    import orjson
    from starlette.responses import JSONResponse

    class OrJson(JSONResponse):
        def render(self, content: Any) -> bytes:
            return orjson.dumps(content, option=orjson.OPT_NON_STR_KEYS)  # NaN is null: JSON has no word for it

    return OrJson


__all__ = ["StrictRoute", "make_api"]
