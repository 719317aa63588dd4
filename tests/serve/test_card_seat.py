"""A seat that plays a character card: its lorebook is called up by what is said, as its own tools do it."""

from __future__ import annotations

import json
from typing import Any

from personae.persona import Persona, read_personas, render
from personae.serve.talk.conversation import Said, Seat
from personae.serve.talk.prompt import seat_request

ENTRY = {"keys": ["cellar"], "content": "RATS for {{user}}", "enabled": True, "insertion_order": 0}
DATA = {
    "name": "Mira",
    "description": "{{char}} keeps the light.",
    "system_prompt": "Stay in the tower.",
    "post_history_instructions": "Be short.",
    "character_book": {"entries": [ENTRY]},
    "extensions": {"depth_prompt": {"prompt": "She limps.", "depth": 1, "role": "system"}},
}


def mira(**changes: Any) -> Persona:
    card = {"spec": "chara_card_v2", "spec_version": "2.0", "data": {**DATA, **changes}}
    return read_personas(json.dumps(card).encode())[0].persona


def asked(persona: Persona, *texts: str, renderer: str = "card") -> list[tuple[str, str]]:
    seat = Seat("s1", "persona", "Mira", renderer=renderer, reading_level="plain")
    branch = [
        Said(str(k), None, "s1" if k % 2 else "me", "assistant" if k % 2 else "user", text, "done", 0.0)
        for k, text in enumerate(texts)
    ]
    words = render(persona, renderer).text
    request = seat_request(seat, persona, words, branch, {"me": "Bo", "s1": "Mira"})
    return [(one.role, str(one.content)) for one in request.messages]


def test_what_is_said_calls_up_the_lorebook() -> None:
    sent = asked(mira(), "Hello.", "Yes?", "What is in the cellar?")
    assert [role for role, _ in sent] == ["system", "user", "assistant", "system", "user", "system"]
    assert sent[0][1].startswith("Stay in the tower.")
    assert "RATS for Bo" in sent[0][1]
    assert "at most twenty words" in sent[0][1]
    assert (sent[3][1], sent[5][1]) == ("She limps.", "Be short.")
    assert "RATS" not in asked(mira(), "Hello.")[0][1]


def test_other_renderers_and_cards_without_a_book_are_sent_in_words() -> None:
    assert [role for role, _ in asked(mira(), "the cellar", renderer="second-person")] == ["system", "user"]
    plain = asked(mira(character_book=None), "the cellar")
    assert [role for role, _ in plain] == ["system", "user"]
    assert "She limps." in plain[0][1]
