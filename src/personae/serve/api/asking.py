"""What all operations of the studio's API share: who asks, pages of lists, and errors in one shape."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Annotated, Any

import orjson
from fastapi import Depends, FastAPI, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse

from personae.errors import PersonaeError
from personae.logs import note
from personae.serve.api.desk import Desk
from personae.serve.faults import Refusal, headers_of, own_body, status_of
from personae.serve.identity import Caller


class _StrictRequest(Request):
    async def json(self) -> Any:
        """The body, read by a parser that takes no text which is no Unicode and no nesting without end."""
        if not hasattr(self, "_json"):
            try:
                self._json = orjson.loads(await self.body())
            except ValueError as error:
                raise Refusal(400, "input", f"the body is not JSON: {error}", remedy="send an object") from None
        return self._json


class StrictRoute(APIRoute):
    """A route that reads JSON strictly."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The handler, given our kind of request."""
        handle = super().get_route_handler()

        async def handle_strictly(request: Request) -> Response:
            return await handle(_StrictRequest(request.scope, request.receive))

        return handle_strictly


async def _desk(request: Request) -> Desk:
    desk: Desk = request.app.state.desk
    return desk


TheDesk = Annotated[Desk, Depends(_desk)]


async def _caller(request: Request, desk: TheDesk) -> Caller:
    return desk.services.doorman.admit(request.scope)


async def _admin(request: Request, desk: TheDesk) -> Caller:
    caller = desk.services.doorman.admit(request.scope)
    if not caller.is_admin:
        raise Refusal(403, "forbidden", "this is for administrators of the server", remedy="log in with such a key")
    return caller


Asker = Annotated[Caller, Depends(_caller)]
Admin = Annotated[Caller, Depends(_admin)]
Limit = Annotated[int, Query(ge=1, le=200)]
Cursor = Annotated[str, Query(max_length=300)]
Words = Annotated[str, Query(max_length=300)]


def whole_number(cursor: str) -> int | None:
    """Read a cursor that is a number.

    Raises:
        Refusal: If it is none.
    """
    if not cursor:
        return None
    if not (cursor.isascii() and cursor.isdecimal() and len(cursor) < 18):
        raise Refusal(400, "input", "is none of ours", where="cursor", remedy="begin again without it")
    return int(cursor)


def say_errors(app: FastAPI) -> None:
    """Give every error the one shape."""

    @app.exception_handler(PersonaeError)
    async def told(request: Request, error: PersonaeError) -> JSONResponse:
        headers = {name.decode(): value.decode() for name, value in headers_of(error)}
        return JSONResponse(own_body(error), status_of(error), headers=headers)

    @app.exception_handler(RequestValidationError)
    async def malformed(request: Request, error: RequestValidationError) -> JSONResponse:
        fault = error.errors()[0]
        place = ".".join(map(str, fault["loc"][1:] or fault["loc"]))
        message = str(fault["msg"]).removeprefix("Value error, ")
        refusal = Refusal(422, "input", message, where=place[:300], remedy="correct this field")
        return JSONResponse(own_body(refusal), 422)

    @app.exception_handler(HTTPException)
    async def unknown(request: Request, error: HTTPException) -> JSONResponse:
        code = {404: "not_found", 405: "method_not_allowed"}.get(error.status_code, "input")
        refusal = Refusal(error.status_code, code, str(error.detail).lower())
        return JSONResponse(own_body(refusal), error.status_code, headers=error.headers)

    @app.exception_handler(Exception)
    async def unexpected(request: Request, error: Exception) -> JSONResponse:
        note("error", "request failed", path=request.url.path, error=type(error).__name__)
        refusal = Refusal(500, "unexpected", "a fault of personae", remedy="please report it with the server's log")
        return JSONResponse(own_body(refusal), 500)
