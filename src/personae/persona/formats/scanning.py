"""Which entries of a lorebook a chat calls up, where they go, and what the token budget leaves out."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from personae.persona.formats.limits import MOST_PASSES, MOST_SCANNED
from personae.persona.formats.lorebook import Lorebook, LoreEntry
from personae.persona.formats.macros import Macros
from personae.persona.formats.patterns import Patterns
from personae.persona.formats.tavern import Logic, TavernRules

_SLASHED = re.compile(r"/.+/[dgimsuvy]*", re.DOTALL)


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
    """``before_char``, ``after_char``, ``before_desc``, ``after_desc``, ``personality``, ``scenario``,
    ``before_examples``, ``after_examples`` or ``chat``."""
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
    an entry that was called up may call up others. Entries of SillyTavern keep to its rules; its chance is that of the
    macros. When the budget is spent, entries of the lowest priority go first, those with ``@@ignore_on_max_context``
    before all others. What is left is ordered by ``insertion_order``.
    """
    moment = moment or Moment()
    patterns = Patterns()
    called: dict[int, LoreEntry] = {}
    texts = [turn.text[-MOST_SCANNED:] for turn in turns]
    spoken = sum(turn.role == "assistant" for turn in turns)
    waiting = [
        entry
        for entry in book.entries
        if entry.enabled and _is_allowed(entry, spoken, moment) and len(turns) >= _rules(entry).delay
    ]
    for number in range(MOST_PASSES):
        recurs = book.recursive_scanning and number > 0
        heard = [entry for entry in called.values() if recurs and not _rules(entry).prevents_recursion]
        echo = [macros.resolve_for_scan(entry.text) for entry in heard]
        found = [
            entry
            for entry in waiting
            if (recurs or not _rules(entry).waits_for_recursion)
            and _is_called(
                entry, book, texts, () if _rules(entry).excludes_recursion else echo, moment, patterns, macros
            )
        ]
        gone = {entry.number for entry in found}
        waiting = [entry for entry in waiting if entry.number not in gone]
        lucky = _one_a_group([entry for entry in found if _has_luck(entry, macros)], called.values(), macros)
        called |= {entry.number: entry for entry in lucky}
        is_awaited = number == 0 and any(_rules(entry).waits_for_recursion for entry in waiting)
        if not (book.recursive_scanning and (lucky or is_awaited)):
            break
    kept, over = _within_budget(called.values(), book, macros, moment, count_tokens, len(turns))
    disabled = {entry.entry.decorators.get("disable_ui_prompt") for entry in kept}
    return Scan(
        tuple(sorted(kept, key=lambda one: (one.entry.insertion_order, one.entry.number))),
        tuple(over),
        dict(patterns.refused),
        frozenset(name for name in disabled if isinstance(name, str)),
    )


_NO_RULES = TavernRules()


def _rules(entry: LoreEntry) -> TavernRules:
    return entry.rules or _NO_RULES


def _has_luck(entry: LoreEntry, macros: Macros) -> bool:
    percent = _rules(entry).probability
    return percent >= 100 or macros.draw(1_000_000) < percent * 10_000


def _one_a_group(found: Sequence[LoreEntry], before: Iterable[LoreEntry], macros: Macros) -> list[LoreEntry]:
    """Of the entries of a group one: the highest of those that override, else one drawn by weight."""
    taken = {_rules(entry).group for entry in before}
    groups: dict[str, list[LoreEntry]] = {}
    for entry in found:
        groups.setdefault(_rules(entry).group, []).append(entry)
    chosen = list(groups.pop("", []))
    for name, members in groups.items():
        if name in taken:
            continue
        first = [entry for entry in members if _rules(entry).overrides]
        chosen.append(max(first, key=lambda entry: entry.insertion_order) if first else _drawn(members, macros))
    return chosen


def _drawn(members: Sequence[LoreEntry], macros: Macros) -> LoreEntry:
    left = macros.draw(1_000_000) / 1_000_000 * sum(_rules(entry).weight for entry in members)
    for entry in members:
        left -= _rules(entry).weight
        if left < 0:
            return entry
    return members[-1]


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
    entry: LoreEntry,
    book: Lorebook,
    texts: Sequence[str],
    echo: Sequence[str],
    moment: Moment,
    patterns: Patterns,
    macros: Macros,
) -> bool:
    asked = entry.decorators
    kept = "keep_activate_after_match" in asked and entry.number in moment.called_before
    if "activate" in asked or kept:
        return True
    own = _rules(entry).scan_depth
    depth = asked.get("scan_depth", book.scan_depth if own is None else own)
    seen = texts if depth is None else texts[len(texts) - min(depth, len(texts)) :]
    searched = "\n".join((*seen, *echo))

    def has(key: str) -> bool:
        return _occurs(macros.resolve(key) if "{{" in key else key, entry, searched, patterns)

    if entry.use_regex:
        return any(map(has, (*entry.keys, *asked.get("additional_keys", ()))))
    if "exclude_keys" in asked and any(map(has, asked["exclude_keys"])):
        return False
    if entry.constant:
        return True
    if "additional_keys" in asked and not any(map(has, asked["additional_keys"])):
        return False
    needs_second = entry.selective and bool(entry.secondary_keys)
    if not any(map(has, entry.keys)):
        return False
    return not needs_second or _fits(_rules(entry).logic, map(has, entry.secondary_keys))


def _fits(logic: Logic, found: Iterable[bool]) -> bool:
    match logic:
        case "any":
            return any(found)
        case "all":
            return all(found)
        case "not_any":
            return not any(found)
        case "not_all":
            return not all(found)


@lru_cache(maxsize=4)
def _folded(text: str) -> str:
    return text.casefold()


def _occurs(key: str, entry: LoreEntry, searched: str, patterns: Patterns) -> bool:
    """Whether a key is in a text, as a pattern, as a whole word or as letters."""
    is_pattern = entry.use_regex or (entry.rules is not None and _SLASHED.fullmatch(key) is not None)
    if is_pattern:
        return patterns.found(key, searched, ignore_case=not entry.case_sensitive)
    if entry.rules is not None and not (key := key.strip()):
        return False
    if not entry.case_sensitive:
        key, searched = key.casefold(), _folded(searched)
    if _rules(entry).whole_words and not any(letter.isspace() for letter in key):
        return re.search(rf"(?<!\w){re.escape(key)}(?!\w)", searched) is not None
    return key in searched


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
    bound = [one for one in wanted if not _rules(one.entry).ignores_budget]
    for one in sorted(bound, key=lambda one: ("ignore_on_max_context" not in one.entry.decorators, one.entry.rank)):
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
    own = _rules(entry)
    depth = asked.get("depth", own.depth if own.place == "chat" else None)
    role = asked.get("role", own.role if own.place == "chat" else role)
    if depth is None and "reverse_depth" in asked:
        depth = max(0, turns - asked["reverse_depth"])
    if depth is not None:
        return Insertion(entry, text, tokens, "chat", min(depth, turns), role)
    return Insertion(entry, text, tokens, own.place or entry.position, role=role)
