"""Populations: brought, drawn, counted, mapped, filtered, and opened person by person."""

from __future__ import annotations

import io
import tempfile
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
from fastapi import APIRouter, Form, Query, Request, Response, UploadFile
from numpy.typing import NDArray
from pydantic import Field

from personae.errors import InputError
from personae.instrument.assessment.people import draw_people
from personae.persona import BIG_FIVE, Persona, persona_to_json, respect_terms, trait_words
from personae.population import frame_of, personas_of, read_table
from personae.population.microdata import weights_of
from personae.serve.api.asking import Asker, Cursor, Limit, StrictRoute, TheDesk, Words, whole_number
from personae.serve.api.bodies import DrawnPopulation, Name
from personae.serve.api.files import download
from personae.serve.exchange import read_upload
from personae.serve.people.picture import distribution_of, map_of, sample_numbers
from personae.serve.settings import MOST_UPLOAD
from personae.serve.wire import too_large

router = APIRouter(route_class=StrictRoute, tags=["populations"])

Title = Annotated[str, Form(max_length=200)]
Share = Annotated[float, Field(ge=0, le=1)]
Targets = dict[Name, dict[Name, Share]]
_ASKED = ("q", "limit", "cursor", "sort")


@router.get("/populations")
def list_populations(desk: TheDesk, caller: Asker, limit: Limit = 50, cursor: Cursor = "") -> dict[str, Any]:
    """All populations, the newest first."""
    found, start = desk.halls.all(), whole_number(cursor) or 0
    following = str(start + limit) if start + limit < len(found) else None
    items = [one.to_json() for one in found[start : start + limit]]
    return {"items": items, "next": following, "total": len(found)}


@router.post("/populations", status_code=201)
def bring(desk: TheDesk, caller: Asker, file: UploadFile, title: Title = "") -> dict[str, Any]:
    """Bring a population as a file: CSV or Parquet with columns named as fields of a persona, or any persona format."""
    data = file.file.read(MOST_UPLOAD + 1)
    if len(data) > MOST_UPLOAD:
        raise too_large(MOST_UPLOAD)
    people, format, weights = _read(data, file.filename or "")
    called = title.strip() or f"{len(people)} people"
    made = desk.halls.put(called, people, f"a file ({format})", is_simulated=False, weights=weights)
    desk.services.audit.note(caller.user, "population.create", made.id)
    return made.to_json()


@router.post("/populations/generate", status_code=201)
def draw(body: DrawnPopulation, desk: TheDesk, caller: Asker) -> dict[str, Any]:
    """Draw people of whom nothing is known but traits, each standard normal and independent of the others."""
    traits = list(dict.fromkeys(body.traits or BIG_FIVE))
    if unknown := [trait for trait in traits if trait not in trait_words()]:
        raise InputError(f"there are no words for {unknown[0]!r}", where="traits", remedy="GET /api/personas/schema")
    people = list(draw_people(body.size, traits, np.random.default_rng(body.seed)))
    made = desk.halls.put(body.title, people, f"drawn, seed {body.seed}", is_simulated=True)
    desk.services.audit.note(caller.user, "population.create", made.id)
    return made.to_json()


@router.get("/populations/{id}")
def read_population(id: str, desk: TheDesk, caller: Asker) -> dict[str, Any]:
    """A population and its columns."""
    hall = desk.halls.get(id)
    columns = [{"name": name, **column} for name, column in hall.columns.items()]
    return {**hall.to_json(), "columns": columns, "targets": hall.targets}


@router.delete("/populations/{id}", status_code=204)
def delete_population(id: str, desk: TheDesk, caller: Asker) -> Response:
    """Remove a population."""
    desk.halls.delete(id)
    desk.services.audit.note(caller.user, "population.delete", id)
    return Response(status_code=204)


@router.put("/populations/{id}/targets")
def aim(id: str, body: Targets, desk: TheDesk, caller: Asker) -> dict[str, Any]:
    """Set the shares that categories of columns are wanted to have."""
    return {"targets": desk.halls.aim(desk.halls.get(id), body).targets}


@router.post("/populations/{id}/weights")
def weigh(id: str, desk: TheDesk, caller: Asker) -> dict[str, Any]:
    """Weight the people so that all wanted shares are reached, each column by itself (raking)."""
    return {"weighting": desk.halls.weigh(desk.halls.get(id)).weighting}


@router.delete("/populations/{id}/weights", status_code=204)
def unweigh(id: str, desk: TheDesk, caller: Asker) -> Response:
    """Let all people count alike again."""
    desk.halls.unweigh(desk.halls.get(id))
    return Response(status_code=204)


@router.get("/populations/{id}/export", response_class=Response)
def export_people(id: str, desk: TheDesk, caller: Asker, format: Literal["csv", "parquet"] = "parquet") -> Response:
    """Everybody as a table that this page and ``personae population`` read, with the weights if there are some.

    What consent or licence forbids to pass on is left out. In CSV, lists become one text.
    """
    import polars as pl

    hall = desk.halls.get(id)
    pairs = list(desk.halls.people(hall))
    frame = frame_of(respect_terms(person).persona for person, _ in pairs)
    if hall.weighting is not None:
        frame = frame.with_columns(pl.Series("weight", [weight for _, weight in pairs]))
    if format == "csv":
        lists = [name for name, kind in frame.schema.items() if kind == pl.List]
        text = frame.with_columns(pl.col(name).list.join("; ") for name in lists).write_csv()
        return download(text.encode(), f"{hall.title}.csv", "text/csv; charset=utf-8")
    packed = io.BytesIO()
    frame.write_parquet(packed)
    return download(packed.getvalue(), f"{hall.title}.parquet", "application/vnd.apache.parquet")


@router.get("/populations/{id}/distribution")
def read_distribution(
    id: str, desk: TheDesk, caller: Asker, column: Annotated[str, Query(max_length=200)]
) -> dict[str, Any]:
    """How one column is distributed, beside what is wanted."""
    hall = desk.halls.get(id)
    kind = hall.column(column)["kind"]
    values, targets = desk.halls.values(hall, column), hall.targets.get(column, {})
    return distribution_of(column, kind, values, targets, desk.halls.weights(hall))


@router.get("/populations/{id}/map")
def draw_map(
    id: str, desk: TheDesk, caller: Asker, color: Annotated[str, Query(max_length=200)] = ""
) -> dict[str, Any]:
    """Where people lie beside each other."""
    hall = desk.halls.get(id)
    if color:
        hall.column(color)
    return map_of(desk.halls.rows(hall, sample_numbers(hall.size)), hall.columns, color)


@router.get("/populations/{id}/people")
def list_people(
    id: str,
    request: Request,
    desk: TheDesk,
    caller: Asker,
    q: Words = "",
    limit: Limit = 50,
    cursor: Cursor = "",
    sort: Annotated[str, Query(max_length=201)] = "",
) -> dict[str, Any]:
    """People who hold the words of ``q``; any column as a further parameter filters, numbers by ``2..4``.

    ``sort`` names a column, ``-`` before it puts the largest first.
    """
    filters = {name: value[:300] for name, value in request.query_params.items() if name not in _ASKED}
    start = whole_number(cursor) or 0
    items, following, total = desk.halls.page(desk.halls.get(id), q, filters, limit, start, sort)
    return {"items": items, "next": None if following is None else str(following), "total": total}


@router.get("/populations/{id}/people/{person}")
def open_person(id: str, person: str, desk: TheDesk, caller: Asker) -> dict[str, Any]:
    """One person whole."""
    return {"persona": persona_to_json(desk.halls.person(desk.halls.get(id), person))}


def _read(data: bytes, name: str) -> tuple[list[Persona], str, NDArray[np.float64] | None]:
    """People of an upload; of its name only the ending counts, and no file of this name is made or read."""
    ending = next((one for one in (".csv", ".parquet") if name.lower().endswith(one)), "")
    if ending:
        with tempfile.TemporaryDirectory(prefix="personae-") as folder:
            path = Path(folder) / f"upload{ending}"
            path.write_bytes(data)
            table = read_table(path)
            weights = weights_of(table) if "weight" in table.columns else None
            return list(personas_of(table)), ending.removeprefix("."), weights
    format, read = read_upload(data, name)
    return [one.persona for one in read], format, None
