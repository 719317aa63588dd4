"""What a seat is sent: who it is, and the branch of the conversation as it heard it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from personae.model import Message, Request, Sampling
from personae.model.request import Role
from personae.persona import Persona, Turn, compose_card, lorebook_of, macros_of
from personae.serve.gateway.precedence import compose_system
from personae.serve.talk.conversation import ReadingLevel, Said, Seat

CARD = "card"
"""The renderer under which a character with a lorebook is played as its own tools play it."""

_ROLES: dict[str, Role] = {"system": "system", "assistant": "assistant"}

READING: dict[ReadingLevel, str] = {
    "free": "",
    "easy": (
        "Use short sentences and everyday words, as in Easy Read texts: one idea in each sentence, no foreign words, "
        "no figures of speech."
    ),
    "plain": "Use plain words and sentences of at most twenty words, so that a reader of twelve years can follow.",
    "expert": "You may use the technical words of the subject; the reader knows them.",
}
"""What is asked of a seat by its reading level. How far it is kept is measured on every answer."""


def seat_prompt(seat: Seat, words: str) -> str:
    """The system message of a seat: the persona in words, then the reading level."""
    return compose_system(words, [], [READING[seat.reading_level]])


def said_before(branch: Sequence[Said]) -> list[str]:
    """What was said on a branch, the last first: what memories are found by."""
    return [said.text for said in reversed(branch) if said.text.strip() and said.status != "failed"]


def seat_request(
    seat: Seat,
    persona: Persona | None,
    words: str,
    branch: Sequence[Said],
    names: Mapping[str, str],
    *,
    replicate: int = 0,
) -> Request:
    """What a seat is asked.

    What it said itself is the assistant's; what all others said is the user's, with their names where more than one
    other takes part. Turns of one side that follow each other are one.

    Args:
        seat: Who is asked.
        persona: Who it plays.
        words: The persona in words.
        branch: Messages from the first to the one that is answered.
        names: Names of the seats.
        replicate: How many answers of this seat to the same message there are already.
    """
    others = {said.seat for said in branch if said.seat != seat.id}
    turns: list[tuple[Role, str]] = []
    for said in branch:
        if said.status == "failed" or not said.text.strip():
            continue
        role: Role = "assistant" if said.seat == seat.id else "user"
        text = said.text
        if role == "user" and len(others) > 1:
            text = f"{_spoken_name(names.get(said.seat, 'Somebody'))}: {text}"
        if turns and turns[-1][0] == role:
            turns[-1] = (role, f"{turns[-1][1]}\n\n{text}")
        else:
            turns.append((role, text))
    if not turns or turns[-1][0] == "assistant":
        turns.append(("user", "Please go on."))
    if seat.renderer == CARD and persona is not None and lorebook_of(persona) is not None:
        other = names.get(next(iter(others)), "") if len(others) == 1 else ""
        messages = _card_messages(seat, persona, turns, _spoken_name(other or "User"))
    else:
        system = seat_prompt(seat, words)
        messages = [Message("system", system)] if system else []
        messages += [Message(role, text) for role, text in turns]
    own = persona.model if persona is not None else None
    drawn = {
        "temperature": own.temperature if own else None,
        "top_p": own.top_p if own else None,
        "max_tokens": own.max_tokens if own else None,
        "seed": None,
    }
    drawn |= {key: value for key, value in seat.sampling.items() if value is not None}
    return Request(tuple(messages), Sampling(**drawn), replicate=replicate)  # type: ignore[arg-type]  # checked by pydantic


def _card_messages(seat: Seat, persona: Persona, turns: Sequence[tuple[Role, str]], user: str) -> list[Message]:
    """A chat with a character whose lorebook is called up by what is said."""
    macros = macros_of(persona, user=user, chat=seat.id)
    composed = list(compose_card(persona, [Turn(role, text) for role, text in turns], macros).turns)
    words = composed.pop(0).text if composed[0].role == "system" else ""
    system = seat_prompt(seat, words)
    chat = [Message(_ROLES.get(turn.role, "user"), turn.text) for turn in composed]
    return [*([Message("system", system)] if system else []), *chat]


def _spoken_name(name: str) -> str:
    """How a model is told who speaks: to it, "You" is itself."""
    return "User" if name.strip().casefold() == "you" else name
