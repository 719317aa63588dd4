"""Keys and the audit log, for whoever looks after the server."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Response

from personae.serve.api.asking import Admin, Cursor, Limit, StrictRoute, TheDesk, whole_number
from personae.serve.api.bodies import NewKey

router = APIRouter(route_class=StrictRoute, tags=["keys"])


@router.get("/keys")
def list_keys(desk: TheDesk, admin: Admin) -> dict[str, Any]:
    """All keys, without what would let anybody use them."""
    desk.services.keys.flush()
    return {"items": [key.to_json() for key in desk.services.keys.all()]}


@router.post("/keys", status_code=201)
def make_key(body: NewKey, desk: TheDesk, admin: Admin) -> dict[str, Any]:
    """Make a key; it is shown this once."""
    key, secret = desk.services.keys.new(body.name, budget=body.budget, rpm=body.rpm, is_admin=body.is_admin)
    desk.services.audit.note(admin.user, "key.create", key.id, key.name)
    return {**key.to_json(), "key": secret}


@router.delete("/keys/{id}", status_code=204)
def revoke_key(id: str, desk: TheDesk, admin: Admin) -> Response:
    """End a key."""
    key = desk.services.keys.revoke(id)
    desk.services.audit.note(admin.user, "key.revoke", key.id, key.name)
    return Response(status_code=204)


@router.get("/audit")
def read_audit(desk: TheDesk, admin: Admin, limit: Limit = 50, cursor: Cursor = "") -> dict[str, Any]:
    """Who did what, the latest first."""
    items, following = desk.services.audit.page(limit, whole_number(cursor))
    return {"items": items, "next": None if following is None else str(following), "total": None}
