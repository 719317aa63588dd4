"""Links: the owner's list of them, and all that somebody who was sent one may do, without any login."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Response

from personae.serve.api.asking import Asker, StrictRoute, TheDesk
from personae.serve.api.bodies import Answers, NewLink
from personae.serve.api.desk import Desk
from personae.serve.api.instruments import find, keep_answers, person_of
from personae.serve.api.ratings import NewAnswer, give_answer
from personae.serve.rating import RatingSet
from personae.serve.taking.forms import form_of, read_row
from personae.serve.taking.links import CONSENT

router = APIRouter(route_class=StrictRoute, tags=["links"])

Rater = Annotated[str, Query(max_length=60)]


@router.get("/links")
def list_links(desk: TheDesk, caller: Asker) -> dict[str, Any]:
    """The caller's links, the newest first, and what people are told by those without words of their own."""
    return {"items": [link.to_json() for link in desk.links.all(caller.user)], "consent": CONSENT}


@router.delete("/links/{token}", status_code=204)
def withdraw(token: str, desk: TheDesk, caller: Asker) -> Response:
    """End a link."""
    desk.links.withdraw(caller.user, token)
    return Response(status_code=204)


@router.get("/take/{token}")
def show_form(token: str, desk: TheDesk) -> dict[str, Any]:
    """What somebody who was invited sees; needs no login."""
    link = desk.links.find(token, "instrument")
    shown = {"title": link.title, "consent": link.consent, "is_open": not link.is_full}
    return {**shown, "form": form_of(find(link.target))}


@router.post("/take/{token}")
async def take_by_link(token: str, body: Answers, desk: TheDesk) -> dict[str, Any]:
    """Answer by a link; needs no login, and nothing but the answers is kept."""
    link = desk.links.find(token, "instrument")
    instrument = find(link.target)
    read_row(instrument, body.answers)  # refused answers use nothing up
    person = person_of(token, body)
    desk.links.admit(link, person)
    scored = await keep_answers(desk, instrument, body, person)
    return {key: value for key, value in scored.items() if key != "run"}


@router.post("/ratings/{id}/links", status_code=201)
def invite_raters(id: str, body: NewLink, desk: TheDesk, caller: Asker) -> dict[str, Any]:
    """Make a link by which others rate."""
    one = desk.board.get(caller.user, id)
    title = body.title.strip() or one.title
    made = desk.links.new(caller.user, "rating", id, title, body.consent, body.most, body.days)
    desk.services.audit.note(caller.user, "link.create", id)
    return made.to_json()


@router.get("/rate/{token}")
def show_rating(token: str, desk: TheDesk) -> dict[str, Any]:
    """What somebody who was invited to rate sees first."""
    link = desk.links.find(token, "rating")
    one = desk.board.get_shared(link.target)
    shown = {"title": link.title, "consent": link.consent, "is_open": not link.is_full}
    return {**shown, "kind": one.kind, "question": one.question}


@router.post("/rate/{token}/begin")
def begin_rating(token: str, desk: TheDesk) -> dict[str, Any]:
    """Agree to take part; the random name that this gives is the rater's from then on."""
    return {"rater": desk.links.let_in(desk.links.find(token, "rating"))}


@router.get("/rate/{token}/next")
def next_shared(token: str, desk: TheDesk, rater: Rater) -> dict[str, Any]:
    """The rater's next task, blind."""
    one, guest = _invited(desk, token, rater)
    return desk.board.following(one, guest)


@router.post("/rate/{token}/answers")
def answer_shared(token: str, body: NewAnswer, desk: TheDesk, rater: Rater) -> dict[str, Any]:
    """Answer a task."""
    one, guest = _invited(desk, token, rater)
    return give_answer(desk, one, guest, body)


@router.post("/rate/{token}/undo")
def undo_shared(token: str, desk: TheDesk, rater: Rater) -> dict[str, Any]:
    """Take the rater's last answer back."""
    one, guest = _invited(desk, token, rater)
    return desk.board.undo(one, guest)


@router.delete("/ratings/{id}/raters/{rater}", status_code=204)
def erase_rater(id: str, rater: str, desk: TheDesk, caller: Asker) -> Response:
    """Erase all answers of a rater who withdraws."""
    desk.board.erase(desk.board.get(caller.user, id), rater)
    desk.services.audit.note(caller.user, "rater.erase", id)
    return Response(status_code=204)


def _invited(desk: Desk, token: str, rater: str) -> tuple[RatingSet, str]:
    link = desk.links.find(token, "rating")
    return desk.board.get_shared(link.target), desk.links.check_guest(link, rater)
