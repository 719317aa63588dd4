"""From a card to the messages that a model is sent in a chat with the character."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from personae.persona.formats.card import SLOT, card_data, write_card
from personae.persona.formats.decorators import ROLES
from personae.persona.formats.lorebook import lorebook_of
from personae.persona.formats.macros import Macros
from personae.persona.formats.scanning import Insertion, Moment, Scan, Turn, estimate_tokens, scan_lorebook
from personae.persona.persona import Persona

SYSTEM_PROMPT = "Write {{char}}'s next reply in a conversation with {{user}}."
"""What is put where a card brings no system prompt, and for ``{{original}}`` where it does."""

PERSONALITY, SCENARIO, EXAMPLES = (
    "{{char}}'s personality: ",
    "Scenario: ",
    "How {{char}} talks:\n",
)

NOTE_DEPTH = 4
"""Messages after a character's note, where it does not say how many."""

_ORIGINAL = re.compile(r"\{\{original\}\}", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class CardPrompt:
    """The messages of a chat with a character, and what the lorebook gave to them."""

    turns: tuple[Turn, ...]
    scan: Scan


def macros_of(persona: Persona, **given: Any) -> Macros:
    """Macros for a character: ``{{char}}`` is the nickname, else the name."""
    nickname = card_data(persona.extensions.get(SLOT)).get("nickname")
    return Macros(nickname if isinstance(nickname, str) and nickname else persona.name, **given)


def greetings_of(persona: Persona, macros: Macros) -> list[str]:
    """How the character may open a chat: ``first_mes``, then the alternate greetings."""
    data = card_data(persona.extensions.get(SLOT))
    alternate = data.get("alternate_greetings")
    texts = [data.get("first_mes"), *(alternate if isinstance(alternate, list) else [])]
    return [macros.resolve(text) for text in texts if isinstance(text, str) and text]


def compose_card(
    persona: Persona,
    turns: Sequence[Turn],
    macros: Macros,
    *,
    system_prompt: str = SYSTEM_PROMPT,
    post_history: str = "",
    moment: Moment | None = None,
    count_tokens: Callable[[str], int] = estimate_tokens,
) -> CardPrompt:
    """Compose what a model is sent: system prompt, card, lorebook, chat, and the word after the chat.

    A card's own system prompt and post-history instructions replace those given here, which it can ask for by
    ``{{original}}``. Nothing that is meant for people enters: no creator's notes, tags, versions, names of entries.

    When to use: to play a card in a chat as its own tools would. In an experiment, where a persona is a treatment, use
    :func:`personae.persona.render`.
    """
    card = persona.extensions.get(SLOT) or write_card(persona, 3)
    data = card_data(card)
    book = lorebook_of(persona)
    scan = scan_lorebook(book, turns, macros, moment=moment, count_tokens=count_tokens) if book else Scan(())
    placed: dict[str, list[Insertion]] = {}
    for one in scan.insertions:
        placed.setdefault(one.position, []).append(one)

    def lore(position: str) -> list[str]:
        return [one.text for one in placed.get(position, [])]

    def said(key: str, before: str = "") -> list[str]:
        text = data.get(key)
        told = macros.resolve(text).strip() if isinstance(text, str) else ""
        return [macros.resolve(before) + told] if told else []

    is_silent = "system_prompt" in scan.disabled_prompts
    parts = [
        "" if is_silent else _own_or_given(data, "system_prompt", system_prompt, macros),
        *lore("before_char"),
        *lore("before_desc"),
        *said("description"),
        *lore("after_desc"),
        *said("personality", PERSONALITY),
        *lore("personality"),
        *said("scenario", SCENARIO),
        *lore("scenario"),
        *lore("after_char"),
        *lore("before_examples"),
        *said("mes_example", EXAMPLES),
        *lore("after_examples"),
    ]
    chat = [Turn(turn.role, turn.text) for turn in turns]
    deep = [(one.depth or 0, Turn(one.role, one.text)) for one in placed.get("chat", [])] + _note_of(data, macros)
    for depth, turn in sorted(deep, key=lambda one: -one[0]):
        chat.insert(max(0, len(turns) - depth) + (len(chat) - len(turns)), turn)
    is_off = "post_history_instructions" in scan.disabled_prompts
    last = "" if is_off else _own_or_given(data, "post_history_instructions", post_history, macros)
    system = "\n\n".join(part for part in parts if part)
    return CardPrompt(
        (*([Turn("system", system)] if system else []), *chat, *([Turn("system", last)] if last else [])), scan
    )


def _note_of(data: Mapping[str, Any], macros: Macros) -> list[tuple[int, Turn]]:
    """The note that SillyTavern keeps with a card: a text, how deep in the chat it stands, and whose it is."""
    extensions = data.get("extensions")
    note = extensions.get("depth_prompt") if isinstance(extensions, Mapping) else None
    text = note.get("prompt") if isinstance(note, Mapping) else None
    if not isinstance(note, Mapping) or not isinstance(text, str) or not (told := macros.resolve(text).strip()):
        return []
    depth, role = note.get("depth"), note.get("role")
    if not isinstance(depth, int) or isinstance(depth, bool) or depth < 0:
        depth = NOTE_DEPTH
    return [(depth, Turn(role if role in ROLES else "system", told))]


def _own_or_given(data: Mapping[str, Any], key: str, given: str, macros: Macros) -> str:
    own = data.get(key)
    if not isinstance(own, str) or not own.strip():
        return macros.resolve(given).strip()
    resolved = macros.resolve(_ORIGINAL.sub("\x00", own))
    return resolved.replace("\x00", macros.resolve(given)).strip()
