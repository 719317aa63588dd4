"""Which entries of a lorebook a chat calls up, where they go, and what the token budget leaves out."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field

from personae.persona.formats.limits import MOST_PASSES, MOST_SCANNED
from personae.persona.formats.lorebook import Lorebook, LoreEntry
from personae.persona.formats.macros import Macros
from personae.persona.formats.patterns import Patterns


@dataclass(frozen=True, slots=True)
class Turn:
    """One message of a chat."""

    role: str
    """``user``, ``assistant`` or ``system``."""
    text: str


@dataclass(frozen=True, slots=True)
class Moment:
    """What decorators may ask about a chat beside its messages."""

    greeting: int | None = None
    """Which greeting opened the chat: 0 for ``first_mes``, then the alternate ones; ``None`` if it is not known."""
    user_icon: str | None = None
    called_before: Collection[int] = ()
    """Numbers of the entries that earlier turns of this chat called up."""
    context_is_full: bool = False


@dataclass(frozen=True, slots=True)
class Insertion:
    """The text of one entry that goes into the prompt."""

    entry: LoreEntry
    text: str
    tokens: int
    position: str
    """``before_char``, ``after_char``, ``before_desc``, ``after_desc``, ``personality``, ``scenario`` or ``chat``."""
    depth: int | None = None
    """For ``chat``: how many messages stand after it."""
    role: str = "system"


@dataclass(frozen=True, slots=True)
class Scan:
    """What a scan came to, in the order in which it enters the prompt."""

    insertions: tuple[Insertion, ...]
    over_budget: tuple[LoreEntry, ...] = ()
    refused_patterns: dict[str, str] = field(default_factory=dict)
    disabled_prompts: frozenset[str] = frozenset()
    """``system_prompt`` or ``post_history_instructions`` where an entry asks that they be left out."""


def estimate_tokens(text: str) -> int:
    """About how many tokens a text has: four letters each, as servers reckon for English."""
    return (len(text) + 3) // 4


def scan_lorebook(
    book: Lorebook,
    turns: Sequence[Turn],
    macros: Macros,
    *,
    moment: Moment | None = None,
    count_tokens: Callable[[str], int] = estimate_tokens,
) -> Scan:
    """Find the entries that a chat calls up.

    An entry is called up if a key occurs in the latest ``scan_depth`` messages, in any case of letters unless it says
    otherwise; ``constant`` entries always are; decorators narrow or widen this. With ``recursive_scanning`` the text of
    an entry that was called up may call up others. When the budget is spent, entries of the lowest priority go first,
    those with ``@@ignore_on_max_context`` before all others. What is left is ordered by ``insertion_order``.
    """
    moment = moment or Moment()
    patterns = Patterns()
    called: dict[int, LoreEntry] = {}
    texts = [turn.text[-MOST_SCANNED:] for turn in turns]
    spoken = sum(turn.role == "assistant" for turn in turns)
    waiting = [entry for entry in book.entries if entry.enabled and _is_allowed(entry, spoken, moment)]
    for _ in range(MOST_PASSES):
        echo = [macros.resolve_for_scan(entry.text) for entry in called.values()] if book.recursive_scanning else []
        found = [entry for entry in waiting if _is_called(entry, book, texts, echo, moment, patterns)]
        called |= {entry.number: entry for entry in found}
        waiting = [entry for entry in waiting if entry.number not in called]
        if not (found and book.recursive_scanning):
            break
    kept, over = _within_budget(called.values(), book, macros, moment, count_tokens, len(turns))
    disabled = {entry.entry.decorators.get("disable_ui_prompt") for entry in kept}
    return Scan(
        tuple(sorted(kept, key=lambda one: (one.entry.insertion_order, one.entry.number))),
        tuple(over),
        dict(patterns.refused),
        frozenset(name for name in disabled if isinstance(name, str)),
    )


def _is_allowed(entry: LoreEntry, spoken: int, moment: Moment) -> bool:
    """Whether the conditions hold that have nothing to do with keys."""
    asked = entry.decorators
    if "activate" in asked:
        return True
    if "dont_activate" in asked or ("dont_activate_after_match" in asked and entry.number in moment.called_before):
        return False
    if "keep_activate_after_match" in asked and entry.number in moment.called_before:
        return True
    if spoken < asked.get("activate_only_after", 0) or spoken % asked.get("activate_only_every", 1):
        return False
    if moment.greeting is not None and asked.get("is_greeting", moment.greeting) != moment.greeting:
        return False
    return moment.user_icon is None or asked.get("is_user_icon", moment.user_icon) == moment.user_icon


def _is_called(
    entry: LoreEntry, book: Lorebook, texts: Sequence[str], echo: Sequence[str], moment: Moment, patterns: Patterns
) -> bool:
    asked = entry.decorators
    kept = "keep_activate_after_match" in asked and entry.number in moment.called_before
    if "activate" in asked or kept:
        return True
    depth = asked.get("scan_depth", book.scan_depth)
    seen = texts if depth is None else texts[len(texts) - min(depth, len(texts)) :]
    searched = "\n".join((*seen, *echo))

    def has_any(keys: Iterable[str]) -> bool:
        if entry.use_regex:
            return any(patterns.found(key, searched, ignore_case=not entry.case_sensitive) for key in keys)
        if entry.case_sensitive:
            return any(key in searched for key in keys)
        folded = searched.casefold()
        return any(key.casefold() in folded for key in keys)

    if entry.use_regex:
        return has_any((*entry.keys, *asked.get("additional_keys", ())))
    if "exclude_keys" in asked and has_any(asked["exclude_keys"]):
        return False
    if entry.constant:
        return True
    if "additional_keys" in asked and not has_any(asked["additional_keys"]):
        return False
    needs_second = entry.selective and bool(entry.secondary_keys)
    return has_any(entry.keys) and (not needs_second or has_any(entry.secondary_keys))


def _within_budget(
    called: Iterable[LoreEntry],
    book: Lorebook,
    macros: Macros,
    moment: Moment,
    count_tokens: Callable[[str], int],
    turns: int,
) -> tuple[list[Insertion], list[LoreEntry]]:
    over = []
    wanted = []
    for entry in called:
        text = macros.resolve(entry.text).strip()
        if moment.context_is_full and "ignore_on_max_context" in entry.decorators:
            over.append(entry)
        elif text:
            wanted.append(_place(entry, text, count_tokens(text), turns))
    if book.token_budget is None:
        return wanted, over
    spent = sum(one.tokens for one in wanted)
    for one in sorted(wanted, key=lambda one: ("ignore_on_max_context" not in one.entry.decorators, one.entry.rank)):
        if spent <= book.token_budget:
            break
        spent -= one.tokens
        wanted.remove(one)
        over.append(one.entry)
    return wanted, over


def _place(entry: LoreEntry, text: str, tokens: int, turns: int) -> Insertion:
    asked = entry.decorators
    role = asked.get("role", "system")
    if "position" in asked:
        return Insertion(entry, text, tokens, asked["position"], role=role)
    depth = asked.get("depth")
    if depth is None and "reverse_depth" in asked:
        depth = max(0, turns - asked["reverse_depth"])
    if depth is not None:
        return Insertion(entry, text, tokens, "chat", min(depth, turns), role)
    return Insertion(entry, text, tokens, entry.position, role=role)
