"""Who the browser is, and what the server offers it."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response

from personae import __version__
from personae.persona import RENDERERS
from personae.serve.api.asking import StrictRoute, TheDesk
from personae.serve.api.bodies import Login
from personae.serve.api.desk import Desk
from personae.serve.faults import Refusal
from personae.serve.identity import COOKIE, SESSION_SECONDS, Caller
from personae.serve.settings import MOST_MESSAGE, MOST_UPLOAD

router = APIRouter(route_class=StrictRoute, tags=["session"])


@router.get("/session")
async def read_session(request: Request, desk: TheDesk) -> dict[str, Any]:
    """Who asks, and what there is; needs no login."""
    try:
        caller = desk.services.doorman.admit(request.scope)
    except Refusal:
        caller = None
    return _session(desk, caller)


@router.post("/session")
def log_in(body: Login, response: Response, request: Request, desk: TheDesk) -> dict[str, Any]:
    """Log in with a key."""
    caller, token = desk.services.doorman.begin(body.key)
    response.set_cookie(
        COOKIE, token, max_age=SESSION_SECONDS, httponly=True, samesite="strict", secure=request.url.scheme == "https"
    )
    desk.services.audit.note(caller.user, "session.begin")
    return _session(desk, caller)


@router.delete("/session", status_code=204)
def log_out(request: Request, desk: TheDesk) -> Response:
    """Log out."""
    desk.services.doorman.end(request.scope)
    response = Response(status_code=204)
    response.delete_cookie(COOKIE)
    return response


def _session(desk: Desk, caller: Caller | None) -> dict[str, Any]:
    services = desk.services
    told: dict[str, Any] = {
        "user": caller.user if caller else None,
        "is_admin": bool(caller and caller.is_admin),
        "needs_key": services.doorman.needs_key,
        "version": __version__,
        "limits": {"upload_bytes": MOST_UPLOAD, "message_characters": MOST_MESSAGE},
    }
    if caller is None:
        return {**told, "default_model": None, "models": [], "renderers": [], "confirm_above": None}
    return {
        **told,
        "default_model": services.upstreams.default,
        "models": [
            {"name": name, "is_simulated": name.partition("/")[0] == "sim"} for name in services.upstreams.names
        ],
        "renderers": [
            {"key": one.key, "version": one.version, "summary": one.summary, "source": one.source}
            for one in RENDERERS.values()
        ],
        "confirm_above": services.settings.confirm_above,
    }
