"""Personas: the gallery, the editor, versions, and the prompt while it is written."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Response, UploadFile

from personae.persona import Persona, persona_to_json, read_persona
from personae.serve.api.asking import Asker, Cursor, Limit, StrictRoute, TheDesk, Words
from personae.serve.api.bodies import EditedPersona, NewPersona, PreviewedPersona
from personae.serve.api.files import download
from personae.serve.avatar import draw_avatar
from personae.serve.dimensions import dimension_rows
from personae.serve.exchange import export_persona, format_rows, read_upload
from personae.serve.faults import Refusal
from personae.serve.preview import TOKENS_METHOD, known_traits, levels, preview_prompts, trait_rows
from personae.serve.remarks import changes_between, remarks_on
from personae.serve.settings import MOST_UPLOAD
from personae.serve.shelf import Shelved, slug_of
from personae.serve.wire import too_large

router = APIRouter(route_class=StrictRoute, tags=["personas"])

VersionQuery = Annotated[int | None, Query(ge=1, le=2**31)]
FormatQuery = Annotated[str, Query(max_length=60)]
_MOST_SHOWN = 200
_AVATAR_HEADERS = {
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'",
    "cache-control": "private, max-age=86400",
}


@router.get("/personas")
def list_personas(
    desk: TheDesk, caller: Asker, q: Words = "", limit: Limit = 50, cursor: Cursor = ""
) -> dict[str, Any]:
    """Personas whose name, description or tags hold all words of ``q``, the last changed first."""
    found, following, total = desk.services.shelf.page(q, limit, cursor)
    return {"items": [one.summary() for one in found], "next": following, "total": total}


@router.get("/personas/schema")
def describe_persona(caller: Asker) -> dict[str, Any]:
    """What a persona can hold, and how a form asks for it."""
    return {
        "persona": Persona.model_json_schema(),
        "traits": known_traits(),
        "levels": levels(),
        "dimensions": dimension_rows(),
    }


@router.post("/personas", status_code=201)
def create_persona(body: NewPersona, desk: TheDesk, caller: Asker) -> dict[str, Any]:
    """Put a persona on the shelf."""
    persona = read_persona(body.persona).persona
    made = desk.services.shelf.create(persona, caller.user, slug=body.slug or "", note=body.note)
    desk.services.audit.note(caller.user, "persona.create", made.model_id)
    return detail(made)


@router.post("/personas/preview")
def preview_persona(body: PreviewedPersona, desk: TheDesk, caller: Asker) -> dict[str, Any]:
    """What every renderer makes of a persona, without keeping it."""
    persona = read_persona(body.persona).persona
    return {
        "hash": persona.hash,
        "prompts": preview_prompts(persona, body.renderers, desk.services.recall),
        "tokens_method": TOKENS_METHOD,
        "lint": lint_rows(persona),
        "traits": trait_rows(persona),
        "avatar_svg": draw_avatar(persona),
    }


@router.post("/personas/import")
def import_personas(
    desk: TheDesk,
    caller: Asker,
    file: UploadFile,
    save: Annotated[bool, Query()] = False,
    new_only: Annotated[bool, Query()] = False,
) -> dict[str, Any]:
    """Read personas from a file of any known format; with ``save``, put them on the shelf: all of them, or none.

    Those whose content is on the shelf already have its short name as ``twin``; ``new_only`` leaves them out.
    """
    data = file.file.read(MOST_UPLOAD + 1)
    if len(data) > MOST_UPLOAD:
        raise too_large(MOST_UPLOAD)
    format, found = read_upload(data, file.filename or "")
    shelf, saved = desk.services.shelf, []
    twins = shelf.twins()
    if save:
        wanted = [one for one in found if not (new_only and one.persona.hash in twins)]
        pairs = [(one.persona, one.assets) for one in wanted]
        for made in shelf.create_all(pairs, caller.user, note=f"imported, {format}"):
            desk.services.audit.note_soon(caller.user, "persona.import", made.model_id, format)
            saved.append(made.summary())
        desk.services.audit.flush()
    read = [
        {
            "persona": persona_to_json(one.persona),
            "slug": slug_of(one.persona),
            "twin": twins.get(one.persona.hash, ""),
            "lint": lint_rows(one.persona),
            "unknown": list(one.unknown),
            "notes": [f"{name}: {len(asset)} bytes came with it" for name, asset in one.assets.items()],
        }
        for one in found[:_MOST_SHOWN]
    ]
    known = sum(one.persona.hash in twins for one in found)
    return {"format": format, "personas": read, "count": len(found), "known": known, "saved": saved}


@router.get("/formats")
def list_formats(caller: Asker) -> dict[str, Any]:
    """Formats that personas can be read from and written in."""
    return {"items": format_rows()}


@router.get("/personas/{slug}")
def read_one(slug: str, desk: TheDesk, caller: Asker, version: VersionQuery = None) -> dict[str, Any]:
    """A persona whole, in its newest version or another."""
    return detail(desk.services.shelf.get(slug, version))


@router.put("/personas/{slug}")
def edit_persona(slug: str, body: EditedPersona, desk: TheDesk, caller: Asker) -> dict[str, Any]:
    """Save a persona as a new version."""
    persona = read_persona(body.persona).persona
    made = desk.services.shelf.update(slug, persona, body.base_version, caller.user, note=body.note)
    desk.services.audit.note(caller.user, "persona.edit", made.model_id)
    return detail(made)


@router.get("/personas/{slug}/usage")
def read_usage(slug: str, desk: TheDesk, caller: Asker) -> dict[str, Any]:
    """Who still uses a persona: the caller's own things by name, those of others by number."""
    desk.services.shelf.get(slug)
    own, others = desk.uses_of(slug, caller.user)
    return {"used_by": own, "others": others}


@router.delete("/personas/{slug}")
def delete_persona(slug: str, desk: TheDesk, caller: Asker, force: Annotated[bool, Query()] = False) -> dict[str, Any]:
    """Take a persona off the shelf; what uses it keeps the version it was begun with."""
    desk.services.shelf.get(slug)
    own, others = desk.uses_of(slug, caller.user)
    if (own or others) and not force:
        raise Refusal(
            409,
            "used",
            f"{len(own) + others} things still use it",
            where=slug,
            remedy="delete it with force=true; they keep the version they were begun with",
            detail={"used_by": own, "others": others},
        )
    desk.services.shelf.delete(slug, keeps_versions=bool(own or others))
    desk.services.audit.note(caller.user, "persona.delete", slug)
    return {"deleted": slug, "used_by": own, "others": others}


@router.get("/personas/{slug}/export", response_class=Response)
def export_one(
    slug: str, desk: TheDesk, caller: Asker, format: FormatQuery = "yaml", version: VersionQuery = None
) -> Response:
    """A persona as a file."""
    made = export_persona(desk.services.shelf.get(slug, version).persona, format, desk.services.shelf.assets(slug))
    return download(made.data, f"{slug}{made.ending}", made.kind)


@router.get("/personas/{slug}/export/report")
def report_export(
    slug: str, desk: TheDesk, caller: Asker, format: FormatQuery = "yaml", version: VersionQuery = None
) -> dict[str, Any]:
    """What a format would not hold of a persona."""
    made = export_persona(desk.services.shelf.get(slug, version).persona, format, desk.services.shelf.assets(slug))
    return {"format": format, "lost": made.lost, "notes": made.notes}


@router.get("/personas/{slug}/versions")
def list_versions(slug: str, desk: TheDesk, caller: Asker) -> dict[str, Any]:
    """Every version of a persona, the newest first."""
    return {"items": desk.services.shelf.versions(slug)}


@router.get("/personas/{slug}/diff")
def compare_versions(
    slug: str,
    desk: TheDesk,
    caller: Asker,
    first: Annotated[int, Query(alias="from", ge=1, le=2**31)],
    second: Annotated[int, Query(alias="to", ge=1, le=2**31)],
) -> dict[str, Any]:
    """What differs between two versions."""
    shelf = desk.services.shelf
    changes = changes_between(shelf.get(slug, first).persona, shelf.get(slug, second).persona)
    return {"from": first, "to": second, "changes": changes}


@router.get("/personas/{slug}/avatar.svg", response_class=Response)
def show_avatar(slug: str, desk: TheDesk, caller: Asker, version: VersionQuery = None) -> Response:
    """The drawing of a persona."""
    svg = draw_avatar(desk.services.shelf.get(slug, version, with_deleted=True).persona)
    return Response(svg, media_type="image/svg+xml", headers=_AVATAR_HEADERS)


def detail(shelved: Shelved) -> dict[str, Any]:
    """A persona as its page shows it."""
    return {
        **shelved.summary(),
        "description": shelved.persona.description,
        "created": shelved.created,
        "persona": persona_to_json(shelved.persona),
        "lint": lint_rows(shelved.persona),
    }


def lint_rows(persona: Persona) -> list[dict[str, Any]]:
    """What looks wrong about a persona."""
    return remarks_on(persona)
