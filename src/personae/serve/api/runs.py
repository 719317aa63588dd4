"""Experiments and runs of the studio: chosen, priced, started, watched, stopped, continued, read and compared."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated, Any, Literal

import orjson
from fastapi import APIRouter, BackgroundTasks, Query, Request, Response, UploadFile
from pydantic import Field, JsonValue
from starlette.responses import FileResponse

from personae.errors import PersonaeError
from personae.serve.api.asking import Asker, Cursor, Limit, StrictRoute, TheDesk, Words, whole_number
from personae.serve.api.bodies import Body, Name, Slug
from personae.serve.api.desk import Desk
from personae.serve.api.events import EventStream
from personae.serve.faults import Refusal, not_found
from personae.serve.identity import Caller
from personae.serve.running import (
    CellReader,
    Plan,
    describe_experiment,
    keep_upload,
    list_experiments,
    make_plan,
    price,
    refuse_unconfirmed,
    text_columns,
)
from personae.serve.settings import MOST_UPLOAD
from personae.serve.wire import too_large
from personae.study import read_record

router = APIRouter(route_class=StrictRoute, tags=["runs"])

_TITLES = {
    "report.html": "The report",
    "observations.parquet": "Observations, one row a cell",
    "findings.json": "Findings and comparisons",
    "run.json": "The record of the run",
}
_OPEN = (".parquet", ".csv", ".json", ".html")
_REPORT_POLICY = (
    "sandbox allow-downloads; default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:;"
    " frame-ancestors 'self'"
)
"""A report is a page of its own: it may look as it likes, and do nothing."""

Kind = Literal["paper", "instrument"]
Cells = Annotated[int, Field(ge=1, le=2**53)]
Dollars = Annotated[float, Field(gt=0, lt=1e9)]


class Start(Body):
    """A run is asked for."""

    kind: Kind
    key: Name
    parameters: Annotated[dict[str, JsonValue], Field(max_length=100)] = Field(default_factory=dict)
    models: Annotated[dict[str, Name], Field(max_length=20)] = Field(default_factory=dict)
    people: Annotated[list[Slug], Field(max_length=1000)] = Field(default_factory=list)
    seed: Annotated[int, Field(ge=0, lt=2**53)] = 0
    limit: Cells | None = None
    cost_limit: Dollars | None = None
    token_limit: Cells | None = None
    confirm: bool = False


class Resume(Body):
    """A run goes on."""

    limit: Cells | None = None
    cost_limit: Dollars | None = None
    token_limit: Cells | None = None
    confirm: bool = False


@router.get("/experiments")
def all_experiments(caller: Asker, q: Words = "", kind: Literal["", "paper", "instrument"] = "") -> dict[str, Any]:
    """Papers and instruments that can be started, and papers that cannot yet."""
    return {"items": list_experiments(q, kind)}


@router.get("/experiments/{kind}/{key}")
def one_experiment(kind: Kind, key: str, caller: Asker) -> dict[str, Any]:
    """What a form needs to start an experiment."""
    return describe_experiment(kind, key)


@router.post("/experiments/files", status_code=201)
def bring_file(desk: TheDesk, caller: Asker, file: UploadFile) -> dict[str, Any]:
    """Bring a file that a parameter of an experiment names; its name here is what the parameter is given."""
    data = file.file.read(MOST_UPLOAD + 1)
    if len(data) > MOST_UPLOAD:
        raise too_large(MOST_UPLOAD)
    name = keep_upload(data, file.filename or "", desk.services.settings.folder / "files")
    desk.services.audit.note(caller.user, "run.file", name)
    return {"name": name, "bytes": len(data)}


@router.post("/runs/estimate")
async def estimate_run(body: Start, desk: TheDesk, caller: Asker, request: Request) -> dict[str, Any]:
    """What a run is expected to take; no model is asked. It ends when whoever asked is gone."""
    plan = await asyncio.to_thread(_plan, desk, body)
    above = desk.services.settings.confirm_above
    asked = asyncio.ensure_future(price(desk.runs, plan, body.limit, above, most=body.cost_limit))
    try:
        while not asked.done():
            await asyncio.wait({asked}, timeout=0.5)
            if not asked.done() and await request.is_disconnected():
                raise Refusal(499, "gone", "nobody waits for the estimate")
    finally:
        if not asked.done():
            asked.cancel()
            await asyncio.wait({asked})
    return asked.result()


@router.post("/runs", status_code=201)
async def start_run(body: Start, desk: TheDesk, caller: Asker) -> dict[str, Any]:
    """Start a run, or go on with the same one; one that may cost much has to be confirmed."""
    plan = await asyncio.to_thread(_plan, desk, body)
    _admit(desk, caller)
    if not body.confirm:
        above = desk.services.settings.confirm_above
        await refuse_unconfirmed(desk.runs, plan, body.limit, above, most=body.cost_limit)
    id = await desk.paid.start(plan, caller, _limits(body))
    desk.services.audit.note(caller.user, "run.start", id)
    return desk.runs.describe(id)


@router.get("/runs")
def list_runs(desk: TheDesk, caller: Asker, limit: Limit = 50, cursor: Cursor = "") -> dict[str, Any]:
    """The runs, the latest first."""
    start = whole_number(cursor) or 0
    items, total = desk.runs.page(limit, start)
    return {"items": items, "next": str(start + limit) if start + limit < total else None, "total": total}


@router.get("/runs/compare")
def compare_runs(
    desk: TheDesk, caller: Asker, id: Annotated[list[str], Query(min_length=2, max_length=12)]
) -> dict[str, Any]:
    """The findings of several runs side by side."""
    rows: dict[tuple[str, str, tuple[str, ...]], dict[str, Any]] = {}
    for one in dict.fromkeys(id):
        for finding in _findings(desk, one)["findings"]:
            key = (finding["name"], finding["unit"], tuple(finding["conventions"]))
            row = rows.setdefault(key, {"name": key[0], "unit": key[1], "conventions": list(key[2]), "by_run": {}})
            row["by_run"][one] = {name: finding[name] for name in ("subject", "estimate", "low", "high", "n")}
    return {
        "runs": [desk.runs.describe(one) for one in dict.fromkeys(id)],
        "differs": _differences({one: read_record(desk.runs.path(one)) for one in dict.fromkeys(id)}),
        "findings": list(rows.values()),
    }


@router.get("/runs/{id}")
def read_run(id: str, desk: TheDesk, caller: Asker, background: BackgroundTasks) -> dict[str, Any]:
    """A run with its record."""
    path = desk.runs.path(id)
    shown = desk.runs.describe(id)
    try:
        record = read_record(path)
    except PersonaeError:  # it has just begun
        record = {}
    statuses = (shown["progress"] or {}).get("statuses", {})
    if (path / "ledger.sqlite").is_file():
        background.add_task(_cells(desk, id).look)
    return {**shown, "record": _without_secrets(record), "statuses": statuses}


@router.delete("/runs/{id}", status_code=204)
def remove_run(id: str, desk: TheDesk, caller: Asker) -> Response:
    """Take a run out of the list; its folder is moved aside, not destroyed."""
    desk.runs.remove(id)
    desk.services.audit.note(caller.user, "run.remove", id)
    return Response(status_code=204)


@router.get("/runs/{id}/spending")
def read_spending(id: str, desk: TheDesk, caller: Asker) -> dict[str, Any]:
    """What its calls took, by role; nothing while it is on."""
    path = desk.runs.path(id)
    is_on = desk.runs.describe(id)["state"] in ("running", "stopping")
    return {"items": [] if is_on else desk.spendings.of(path)}


@router.post("/runs/{id}/stop")
async def stop_run(id: str, desk: TheDesk, caller: Asker) -> dict[str, Any]:
    """Stop a run in good order."""
    await desk.runs.stop(id)
    desk.services.audit.note(caller.user, "run.stop", id)
    return desk.runs.describe(id)


@router.post("/runs/{id}/resume")
async def resume_run(id: str, desk: TheDesk, caller: Asker, body: Resume | None = None) -> dict[str, Any]:
    """Go on with a run: only what is missing or failed is asked for; what may cost much has to be confirmed."""
    wanted, settings = body or Resume(), desk.services.settings
    plan = desk.runs.plan_of(id, settings.known_models)
    _admit(desk, caller)
    if not wanted.confirm:
        rows = await asyncio.to_thread(desk.spendings.of, desk.runs.path(id))
        spent = sum(float(row["cost"] or 0.0) for row in rows)
        above, most = settings.confirm_above, wanted.cost_limit
        await refuse_unconfirmed(desk.runs, plan, wanted.limit, above, most=most, spent=spent)
    await desk.paid.resume(id, plan, caller, _limits(wanted))
    desk.services.audit.note(caller.user, "run.resume", id)
    return desk.runs.describe(id)


@router.get("/runs/{id}/events", response_class=Response)
async def watch_run(id: str, desk: TheDesk, caller: Asker) -> Response:
    """Progress and state of a run until it is no longer on."""
    desk.runs.path(id)
    return EventStream(desk.runs.watch(id))


@router.get("/runs/{id}/findings")
def read_findings(id: str, desk: TheDesk, caller: Asker) -> dict[str, Any]:
    """What came out, beside what was published."""
    found = _findings(desk, id)
    kept = ("is_simulated", "cells", "expected_cells", "findings", "comparisons")
    return {**{name: found[name] for name in kept}, "statuses": found["statuses"].get("whole observation", {})}


@router.get("/runs/{id}/cells")
def list_cells(
    id: str,
    desk: TheDesk,
    caller: Asker,
    status: Annotated[str, Query(max_length=20)] = "",
    q: Words = "",
    limit: Limit = 50,
    cursor: Cursor = "",
) -> dict[str, Any]:
    """The cells of a run as they were finished.

    The cursor is the number of a row, the first being 0, so that any page can be asked for. A large run is looked
    through in pieces: ``is_all`` says whether it was looked through to its end; if not, the same call again goes on.
    """
    page = _cells(desk, id).page(status=status, query=q, limit=limit, start=whole_number(cursor) or 0)
    return {
        "items": page.items,
        "next": None if page.following is None else str(page.following),
        "total": page.total,
        "statuses": page.statuses,
        "looked_at": page.looked_at,
        "of": page.of,
        "is_all": page.is_all,
    }


@router.get("/runs/{id}/cells/{cell}")
def read_cell(id: str, cell: str, desk: TheDesk, caller: Asker) -> dict[str, Any]:
    """A cell with its prompts and answers."""
    return _cells(desk, id).cell(cell)


@router.get("/runs/{id}/factors")
def list_factors(id: str, desk: TheDesk, caller: Asker) -> dict[str, Any]:
    """The factors of a run's design, with some of their values."""
    return {"items": _cells(desk, id).factors()}


@router.get("/runs/{id}/texts")
def list_texts(id: str, desk: TheDesk, caller: Asker) -> dict[str, Any]:
    """Columns of a run that hold texts which people could rate."""
    return {"items": text_columns(desk.runs.path(id))}


@router.get("/runs/{id}/files")
def list_files(id: str, desk: TheDesk, caller: Asker) -> dict[str, Any]:
    """Files that a run has written."""
    return {"items": [_file_row(path) for path in _files(desk, id)]}


@router.get("/runs/{id}/files/{name}", response_class=Response)
def download_file(id: str, name: str, desk: TheDesk, caller: Asker) -> Response:
    """One of these files; what is not in the list is no file."""
    for path in _files(desk, id):
        if path.name == name:
            return FileResponse(path, filename=f"{id}-{name}", media_type="application/octet-stream")
    raise not_found("file", name)


@router.get("/runs/{id}/report", response_class=Response)
def show_report(id: str, desk: TheDesk, caller: Asker) -> Response:
    """The report of a run, in a sandbox."""
    path = desk.runs.path(id) / "report.html"
    if not path.is_file():
        raise not_found("report", id)
    return Response(
        path.read_bytes(), media_type="text/html; charset=utf-8", headers={"content-security-policy": _REPORT_POLICY}
    )


def _plan(desk: Desk, body: Start) -> Plan:
    people = [desk.services.shelf.get(slug).persona for slug in dict.fromkeys(body.people)]
    return make_plan(
        body.kind,
        body.key,
        body.parameters,
        models=body.models,
        known_models=desk.services.settings.known_models,
        people=people,
        seed=body.seed,
        files=desk.services.settings.folder / "files",
    )


def _admit(desk: Desk, caller: Caller) -> None:
    if caller.key is not None:
        desk.services.keys.admit(caller.key)


def _limits(body: Start | Resume) -> dict[str, Any]:
    return {"limit": body.limit, "cost_limit": body.cost_limit, "token_limit": body.token_limit}


def _differences(records: dict[str, dict[str, Any]]) -> dict[str, dict[str, str]]:
    """What the records of runs of one experiment do not agree in: parameters, seed, models by role; by run."""
    plain: dict[str, dict[str, str]] = {}
    for id, record in records.items():
        models = {role: str(one.get("name", "")) for role, one in (record["models"] or {}).items()}
        plain[id] = {**{name: str(value) for name, value in record["parameters"].items()}, **models}
        plain[id]["seed"] = str(record["seed"])
    names = dict.fromkeys(name for one in plain.values() for name in one)
    kept = [name for name in names if len({one.get(name, "") for one in plain.values()}) > 1]
    return {id: {name: one[name] for name in kept if name in one} for id, one in plain.items()}


def _findings(desk: Desk, id: str) -> dict[str, Any]:
    path = desk.runs.path(id) / "findings.json"
    if not path.is_file():
        remedy = "wait until it is done; its cells can be read already"
        raise Refusal(409, "conflict", "the run is not concluded", where=id, remedy=remedy)
    found: dict[str, Any] = orjson.loads(path.read_bytes())
    return found


def _cells(desk: Desk, id: str) -> CellReader:
    return CellReader(desk.runs.path(id), desk.cells)


def _files(desk: Desk, id: str) -> list[Path]:
    path = desk.runs.path(id)
    found = [one for one in path.iterdir() if one.suffix in _OPEN and one.is_file() and one.name != "studio.json"]
    order = list(_TITLES)
    return sorted(found, key=lambda one: (order.index(one.name) if one.name in order else len(order), one.name))


def _file_row(path: Path) -> dict[str, Any]:
    title = _TITLES.get(path.name) or f"{path.stem.replace('_', ' ').capitalize()}, as {path.suffix[1:].upper()}"
    return {"name": path.name, "bytes": path.stat().st_size, "title": title}


def _without_secrets(record: dict[str, Any]) -> dict[str, Any]:
    """The record without options of models, which belong to the server, and not to whoever looks at a run."""
    chosen = record.get("chosen_models")
    return record if chosen is None else {**record, "chosen_models": {"names": chosen.get("names", {})}}
