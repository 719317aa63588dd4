"""Sessions: dialogues of clients with a self-report, from a user's JSONL, or simulated with planted traits.

A line of the file is ``{"client": "c1", "session": "1", "dialogue": [{"speaker": "counsellor", "text": ...}, ...],
"answers": {"1": 4, ...}}``; ``speaker`` is ``client`` or anybody else, ``answers`` the client's own to the
questionnaire. A CSV file has a row for each turn: ``client``, ``session``, ``speaker``, ``text``; answers stand in any
row of their client, in columns named as the items.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import orjson

from personae.canonical import content_hash
from personae.errors import InputError
from personae.instrument import Administration, Instrument, Turn, make_form
from personae.instrument.assessment.answers import read_rows
from personae.model import Request
from personae.persona import Persona, render
from personae.respondent import SimulatedRespondent

if TYPE_CHECKING:
    import numpy as np

CLIENT, COUNSELLOR = "client", "counsellor"
TRAITS = tuple(
    f"big_five.{name}" for name in ("extraversion", "agreeableness", "conscientiousness", "neuroticism", "openness")
)
_COLUMNS = ("client", "session", "speaker", "text")
_QUESTIONS = ("What brings you here today?", "And how are things with other people?", "How do you spend your days?")


@dataclass(frozen=True, slots=True)
class Session:
    """One session of one client."""

    client: str
    session: str
    dialogue: tuple[Turn, ...]
    answers: Mapping[str, int]
    """What the client answered to the questionnaire, by item."""

    @property
    def id(self) -> str:
        """Client and session."""
        return f"{self.client}/{self.session}"

    @property
    def hash(self) -> str:
        """Hash of what was said; the self-report is nothing that a model reads."""
        return content_hash([[turn.speaker, turn.text] for turn in self.dialogue])


def read_sessions(path: Path, instrument: Instrument) -> list[Session]:
    """Read a user's file.

    Raises:
        InputError: If it cannot be read, or a line is malformed; the message names the line.
    """
    if path.suffix.lower() == ".csv":
        return _read_table(path, instrument)
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError("cannot be read", where=str(path), remedy="give JSONL in UTF-8") from error
    found = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        where = f"{path}:{number}"
        try:
            row = orjson.loads(line)
            turns = tuple(Turn(str(turn["speaker"]), str(turn["text"])) for turn in row["dialogue"])
            answers = {str(item): int(value) for item, value in row.get("answers", {}).items()}
            session = Session(str(row["client"]), str(row.get("session", number)), turns, answers)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise InputError(
                f"is no session ({type(error).__name__}: {error})",
                where=where,
                remedy="write client, session, dialogue (speaker, text) and answers",
            ) from error
        if strange := sorted(set(session.answers) - set(instrument.items)):
            raise InputError(f"answers an item {strange[0]!r} that {instrument.key} does not have", where=where)
        found.append(session)
    if not found:
        raise InputError("holds no sessions", where=str(path))
    return found


def _read_table(path: Path, instrument: Instrument) -> list[Session]:
    turns: dict[tuple[str, str], list[Turn]] = {}
    answers: dict[str, dict[str, int]] = {}
    for number, row in enumerate(read_rows(path), start=2):
        where = f"{path}, row {number}"
        if missing := next((name for name in ("client", "speaker", "text") if not row.get(name)), ""):
            raise InputError(f"has no {missing}", where=where, remedy="name columns client, session, speaker, text")
        turns.setdefault((row["client"], row.get("session") or "1"), []).append(Turn(row["speaker"], row["text"]))
        own = answers.setdefault(row["client"], {})
        for name, value in row.items():
            if name in _COLUMNS or not value:
                continue
            if name not in instrument.items:
                remedy = f"columns are {', '.join(_COLUMNS)} and items of {instrument.key}"
                raise InputError(f"the column {name!r} is no item", where=where, remedy=remedy)
            try:
                told = int(value)
            except ValueError:
                raise InputError(f"{value!r} is no answer", where=f"{where}, column {name}") from None
            if own.setdefault(name, told) != told:
                raise InputError(f"answers item {name} twice, differently", where=where, remedy="answer it once")
    if not turns:
        raise InputError("holds no sessions", where=str(path))
    return [Session(client, session, tuple(said), answers[client]) for (client, session), said in turns.items()]


def simulated_sessions(clients: int, sessions: int, instrument: Instrument, rng: np.random.Generator) -> list[Session]:
    """Clients whose traits were planted: they speak, and answer the questionnaire, as the simulated respondent does.

    SIMULATED: no client was ever like this. The truth is known, which is what they are for.
    """
    sim = SimulatedRespondent()
    form = make_form(instrument, Administration())
    prompt = form.prompt(Administration().template)
    found = []
    for number in range(1, clients + 1):
        traits = {trait: float(rng.normal()) for trait in TRAITS}
        system = render(Persona(id=f"client-{number}", traits=traits), "second-person").text
        reply = sim.answer(Request.of(prompt, system=system).with_seed(number))
        given = zip(form.item_ids, form.read_sheet(reply.text), strict=True)
        answers = {item: answer.value for item, answer in given if answer.value is not None}
        for session in range(1, sessions + 1):
            turns = []
            for place, question in enumerate(_QUESTIONS):
                ask = Request.of(f"{question} Answer in 60 words: tell us about yourself.", system=system)
                text = sim.answer(ask.with_seed(1000 * number + 10 * session + place)).text
                turns += [Turn(COUNSELLOR, question), Turn(CLIENT, text)]
            found.append(Session(f"client-{number}", str(session), tuple(turns), answers))
    return found
