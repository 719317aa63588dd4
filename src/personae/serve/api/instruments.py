"""Instruments: browsed, taken oneself, sent to others."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from fastapi import APIRouter, Response

from personae.instrument import Instrument, answer_matrix, list_instruments, load_instrument, score_scale
from personae.serve.api.asking import Asker, Cursor, Limit, StrictRoute, TheDesk, Words, whole_number
from personae.serve.api.bodies import Answers, NewLink
from personae.serve.api.desk import Desk
from personae.serve.api.files import download
from personae.serve.faults import not_found
from personae.serve.taking.forms import (
    form_of,
    lack_of_texts,
    read_row,
    scale_rows,
    score_rows,
    structure_of,
    summary_of,
)
from personae.serve.taking.people import new_person

router = APIRouter(route_class=StrictRoute, tags=["instruments"])


@router.get("/instruments")
def browse(caller: Asker, q: Words = "", limit: Limit = 50, cursor: Cursor = "") -> dict[str, Any]:
    """Instruments of the library that hold all words of ``q`` in title, citation or scales."""
    start = whole_number(cursor) or 0
    words = q.lower().split()
    found = []
    for key in list_instruments():
        one = summary_of(load_instrument(key))
        told = " ".join([one["key"], one["title"], one["citation"], *one["scales"]]).lower()
        if all(word in told for word in words):
            found.append(one)
    following = str(start + limit) if start + limit < len(found) else None
    return {"items": found[start : start + limit], "next": following, "total": len(found)}


@router.get("/instruments/{key}")
def read_instrument(key: str, desk: TheDesk, caller: Asker) -> dict[str, Any]:
    """An instrument: what is asked, how it is scored, whose it is."""
    instrument = find(key)
    lack = lack_of_texts(instrument)
    return {
        **structure_of(instrument),
        "scales": scale_rows(instrument),
        "citation": instrument.citation,
        "source": instrument.source,
        "licence": instrument.licence.model_dump(mode="json"),
        "has_texts": not instrument.is_structure_only,
        "how_to_fill": lack.remedy if lack else "",
        "run": desk.people.run_id(instrument),
    }


@router.post("/instruments/{key}/answers")
async def take(key: str, body: Answers, desk: TheDesk, caller: Asker) -> dict[str, Any]:
    """Answer an instrument oneself."""
    return await keep_answers(desk, find(key), body, person_of(key, body))


@router.get("/instruments/{key}/answers")
def summarise(key: str, desk: TheDesk, caller: Asker) -> dict[str, Any]:
    """What people have answered so far: how many, and mean and spread of each scale."""
    instrument = find(key)
    table = desk.people.table(instrument)
    if table is None:
        return {"n": 0, "scales": [], "run": None}
    matrix = answer_matrix(table, instrument)
    rows = []
    for scale in instrument.scales:
        scores = score_scale(matrix, instrument, scale)
        known = scores[np.isfinite(scores)]
        rows.append(
            {
                "key": scale.key,
                "title": scale.title,
                "n": len(known),
                "missing": len(scores) - len(known),
                "mean": float(known.mean()) if len(known) else None,
                "sd": float(known.std(ddof=1)) if len(known) > 1 else None,
            }
        )
    return {"n": table.height, "scales": rows, "run": desk.people.run_id(instrument)}


@router.post("/instruments/{key}/answers/report")
def conclude(key: str, desk: TheDesk, caller: Asker) -> dict[str, Any]:
    """Measure what people have answered, and write the report of it, as for a model."""
    instrument = find(key)
    if desk.people.run_id(instrument) is None:
        raise not_found("answer", key)
    desk.people.conclude(instrument)
    return {"run": desk.people.run_id(instrument)}


@router.get("/instruments/{key}/answers.csv", response_class=Response)
def download_answers(key: str, desk: TheDesk, caller: Asker) -> Response:
    """Answers and scores of people, a row each; nothing in it tells who they are."""
    instrument = find(key)
    table = desk.people.table(instrument)
    names = ["person", *instrument.item_ids, *(f"score.{scale.key}" for scale in instrument.scales)]
    lines = [",".join(names)]
    if table is not None:
        matrix = answer_matrix(table, instrument)
        scores = [score_scale(matrix, instrument, scale) for scale in instrument.scales]
        for number, person in enumerate(table["person"].to_list()):
            values = [*matrix[number], *(column[number] for column in scores)]
            lines.append(",".join([str(person), *("" if math.isnan(value) else f"{value:g}" for value in values)]))
    return download("\n".join([*lines, ""]).encode(), f"{key}-people.csv", "text/csv; charset=utf-8")


@router.post("/instruments/{key}/links", status_code=201)
def invite(key: str, body: NewLink, desk: TheDesk, caller: Asker) -> dict[str, Any]:
    """Make a link by which others answer an instrument."""
    instrument = find(key)
    form_of(instrument)
    made = desk.links.new(
        caller.user, "instrument", key, body.title.strip() or instrument.title, body.consent, body.most, body.days
    )
    desk.services.audit.note(caller.user, "link.create", key)
    return made.to_json()


@router.delete("/instruments/{key}/answers/{person}", status_code=204)
def erase_answers(key: str, person: str, desk: TheDesk, caller: Asker) -> Response:
    """Erase the answers of somebody who withdraws, from the ledger and from what was made of it."""
    instrument = find(key)
    if not desk.people.erase(instrument, person):
        raise not_found("person among those who answered", person)
    desk.cells.forget(desk.people.ledger_file(instrument))
    desk.services.audit.note(caller.user, "answers.erase", key)
    return Response(status_code=204)


async def keep_answers(desk: Desk, instrument: Instrument, body: Answers, person: str) -> dict[str, Any]:
    """Keep one person's answers and say what they come to."""
    form_of(instrument)
    person, row = await desk.people.add(instrument, read_row(instrument, body.answers), body.seconds, person)
    return {
        "person": person,
        "scales": score_rows(instrument, row),
        "answered": sum(value is not None for value in row),
        "items": len(row),
        "run": desk.people.run_id(instrument),
    }


def person_of(around: str, body: Answers) -> str:
    """The random number of whoever sends these answers here: another elsewhere, so that they cannot be joined."""
    return new_person(f"{around} {body.submission}" if body.submission else "")


def find(key: str) -> Instrument:
    """An instrument of the library; a path is none.

    Raises:
        Refusal: If there is no such instrument.
    """
    if key not in list_instruments():
        raise not_found("instrument", key)
    return load_instrument(key)
