"""From a card to the messages that a model is sent in a chat with the character."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from personae.persona.formats.card import CARD_V3, SLOT, card_data
from personae.persona.formats.decorators import ROLES
from personae.persona.formats.format import to_record
from personae.persona.formats.lorebook import lorebook_of
from personae.persona.formats.macros import Macros
from personae.persona.formats.scanning import Insertion, Moment, Scan, Turn, estimate_tokens, scan_lorebook
from personae.persona.formats.tavern import OUTLET
from personae.persona.persona import Persona

SYSTEM_PROMPT = "Write {{char}}'s next reply in a conversation with {{user}}."
"""What is put where a card brings no system prompt, and for ``{{original}}`` where it does."""

PERSONALITY, SCENARIO = "{{char}}'s personality: ", "Scenario: "

NOTE_DEPTH = 4
"""Messages after a character's note, where it does not say how many."""

EXAMPLE = "[Example Chat]"
"""What stands before each conversation of the examples, where the card has ``<START>``."""

_START = re.compile(r"<start>", re.IGNORECASE)
_ORIGINAL = re.compile(r"\{\{original\}\}", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class CardPrompt:
    """The messages of a chat with a character, and what the lorebook gave to them."""

    turns: tuple[Turn, ...]
    scan: Scan


def macros_of(persona: Persona, *, user_persona: str = "", **given: Any) -> Macros:
    """Macros for a character: ``{{char}}`` is the nickname, else the name, and texts of the card are known.

    Args:
        persona: The character.
        user_persona: Who the user is, for ``{{persona}}`` and for entries of a lorebook that search it.
        given: What :class:`Macros` takes: ``user``, ``chat``, ``rng``, ``now``.
    """
    data = _data_of(persona)
    nickname, note = data.get("nickname"), _note(data)
    named = {
        **{key: data.get(key) for key in ("description", "personality", "scenario", "creator_notes")},
        "examples": data.get("mes_example"),
        "greeting": data.get("first_mes"),
        "version": data.get("character_version"),
        "note": note.get("prompt"),
        "persona": user_persona,
    }
    texts = {key: text for key, text in named.items() if isinstance(text, str)}
    return Macros(nickname if isinstance(nickname, str) and nickname else persona.name, **{"texts": texts, **given})


def greetings_of(persona: Persona, macros: Macros, *, in_group: bool = False) -> list[str]:
    """How the character may open a chat: ``first_mes``, then the alternate greetings.

    Args:
        persona: The character.
        macros: Those of the chat.
        in_group: Whether several characters take part, so that the greetings meant for groups alone may be said too.
    """
    data = card_data(persona.extensions.get(SLOT))
    keys = ("alternate_greetings", "group_only_greetings") if in_group else ("alternate_greetings",)
    given = [data.get(key) for key in keys]
    others = [text for texts in given for text in (texts if isinstance(texts, list) else [texts])]
    texts = [data.get("first_mes"), *others]
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
    data = _data_of(persona)
    book = lorebook_of(persona)
    macros.said = _latest(turns)
    scan = scan_lorebook(book, turns, macros, moment=moment, count_tokens=count_tokens) if book else Scan(())
    macros.outlets = _outlets(scan)
    placed: dict[str, list[Insertion]] = {}
    for one in scan.insertions:
        placed.setdefault(one.position, []).append(one)

    def lore(position: str) -> list[str]:
        return [one.text for one in placed.get(position, [])]

    def text_of(key: str) -> str:
        text = data.get(key)
        return macros.resolve(text).strip() if isinstance(text, str) else ""

    def said(key: str, before: str = "") -> list[str]:
        return [macros.resolve(before) + told] if (told := text_of(key)) else []

    examples = [f"{EXAMPLE}\n{told}" for part in _START.split(text_of("mes_example")) if (told := part.strip())]

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
        *examples,
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


def _data_of(persona: Persona) -> Mapping[str, Any]:
    """What the card of a persona says: the one it came with, with what was edited since, or a fresh one."""
    return card_data(to_record(CARD_V3, persona, where=persona.id))


def _latest(turns: Sequence[Turn]) -> dict[str, str]:
    """The latest messages, by the macros that stand for them."""
    kinds = {"lastmessage": ("user", "assistant"), "lastusermessage": ("user",), "lastcharmessage": ("assistant",)}
    return {name: next((one.text for one in reversed(turns) if one.role in roles), "") for name, roles in kinds.items()}


def _outlets(scan: Scan) -> dict[str, str]:
    """The texts that enter where a macro asks for them, by the name that it gives."""
    found: dict[str, list[str]] = {}
    for one in scan.insertions:
        if one.position == OUTLET and one.entry.rules is not None:
            found.setdefault(one.entry.rules.outlet, []).append(one.text)
    return {name: "\n".join(texts) for name, texts in found.items() if name}


def _note(data: Mapping[str, Any]) -> Mapping[str, Any]:
    extensions = data.get("extensions")
    note = extensions.get("depth_prompt") if isinstance(extensions, Mapping) else None
    return note if isinstance(note, Mapping) else {}


def render_card(persona: Persona) -> str:
    """Tell the model who it is as a chat with the card would, before anything was said.

    The card's own system prompt, its texts with the macros resolved, the entries of its lorebook that are always there,
    its examples and its last word. A persona without a card is told as the card that it would be written as.
    """
    if SLOT not in persona.extensions and set(persona.content()) <= {"model", "extensions"}:
        return ""
    return "\n\n".join(turn.text for turn in compose_card(persona, [], macros_of(persona)).turns)


def _note_of(data: Mapping[str, Any], macros: Macros) -> list[tuple[int, Turn]]:
    """The note that SillyTavern keeps with a card: a text, how deep in the chat it stands, and whose it is."""
    note = _note(data)
    text = note.get("prompt")
    if not isinstance(text, str) or not (told := macros.resolve(text).strip()):
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
