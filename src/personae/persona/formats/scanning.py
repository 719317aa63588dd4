"""Which entries of a lorebook a chat calls up, where they go, and what the token budget leaves out."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field

from personae.persona.formats.limits import MOST_PASSES
from personae.persona.formats.lorebook import Lorebook, LoreEntry
from personae.persona.formats.macros import Macros
from personae.persona.formats.searching import Search, rules_of
from personae.persona.formats.tavern import OUTLET


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
    ``before_examples``, ``after_examples``, ``chat``, or ``outlet`` for a text that only enters where a macro asks for
    it."""
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
    an entry that was called up may call up others. Entries of SillyTavern keep to its rules; their chance is that of
    the macros. When the budget is spent, entries of the lowest priority go first, those with
    ``@@ignore_on_max_context`` before all others. What is left is ordered by ``insertion_order``.
    """
    moment = moment or Moment()
    names = {"assistant": macros.char, "user": macros.user}
    search = Search(book, [(names.get(turn.role, turn.role), turn.text) for turn in turns], macros)
    called = _called(book, turns, macros, moment, search)
    kept, over = _within_budget(called, book, macros, moment, count_tokens, len(turns))
    disabled = {one.entry.decorators.get("disable_ui_prompt") for one in kept}
    # SillyTavern puts what was called up later before what has the same order.
    step = -1 if book.is_of_tavern else 1
    order = {entry.number: step * place for place, entry in enumerate(called)}
    return Scan(
        tuple(sorted(kept, key=lambda one: (one.entry.insertion_order, order[one.entry.number]))),
        tuple(over),
        dict(search.patterns.refused),
        frozenset(name for name in disabled if isinstance(name, str)),
    )


def _called(
    book: Lorebook, turns: Sequence[Turn], macros: Macros, moment: Moment, search: Search
) -> tuple[LoreEntry, ...]:
    """The entries that are called up, in the order of the book or of their rounds."""
    called: dict[int, LoreEntry] = {}
    spoken = sum(turn.role == "assistant" for turn in turns)
    waiting = [
        entry
        for entry in book.entries
        if entry.enabled and _is_allowed(entry, spoken, moment) and len(turns) >= rules_of(entry).delay
    ]
    recurs = book.is_of_tavern if book.recursive_scanning is None else book.recursive_scanning
    levels = sorted({level for entry in waiting if (level := rules_of(entry).waits_for_recursion)})
    level = levels.pop(0) if levels else 0
    echoes: list[list[str]] = []  # kept, as the search knows them by their identity
    for number in range(MOST_PASSES):
        heard = [entry for entry in called.values() if number and not rules_of(entry).prevents_recursion]
        echo = [macros.resolve_for_scan(entry.text) for entry in heard]
        echoes.append(echo)
        ready = [entry for entry in waiting if _is_ready(entry, number, level)]
        found = [entry for entry in ready if _is_sure(entry, moment) or search.is_found(entry, echo)]
        gone = {entry.number for entry in found}
        waiting = [entry for entry in waiting if entry.number not in gone]
        chosen = _one_a_group(found, called.values(), search, echo, macros)
        lucky = [entry for entry in chosen if _has_luck(entry, macros)]
        called |= {entry.number: entry for entry in lucky}
        if recurs and any(not rules_of(entry).prevents_recursion for entry in lucky):
            continue
        if not (recurs and levels):
            break
        level = levels.pop(0)
    return tuple(called.values() if book.is_of_tavern else sorted(called.values(), key=lambda entry: entry.number))


def _is_ready(entry: LoreEntry, number: int, level: int) -> bool:
    """Whether an entry takes part in a round of the scan, the first of which has the number 0."""
    rules = rules_of(entry)
    if number == 0:
        return not rules.waits_for_recursion
    return rules.waits_for_recursion <= level and not rules.excludes_recursion


def _has_luck(entry: LoreEntry, macros: Macros) -> bool:
    percent = rules_of(entry).probability
    return percent >= 100 or macros.draw(1_000_000) < percent * 10_000


def _one_a_group(
    found: Sequence[LoreEntry], before: Iterable[LoreEntry], search: Search, echo: Sequence[str], macros: Macros
) -> list[LoreEntry]:
    """Of the entries of a group one: of those with most keys the highest that overrides, else one drawn by weight."""
    taken = {name for entry in before for name in rules_of(entry).groups}
    groups: dict[str, list[LoreEntry]] = {}
    for entry in found:
        for name in rules_of(entry).groups:
            groups.setdefault(name, []).append(entry)
    lost: set[int] = set()
    for name, group in groups.items():
        members = [entry for entry in group if entry.number not in lost]
        lost |= {entry.number for entry in members}
        if name in taken or not members:
            continue
        if any(rules_of(entry).scores for entry in members):
            scores = {entry.number: search.score(entry, echo) for entry in members}
            best = max(scores.values())
            members = [one for one in members if scores[one.number] == best or not rules_of(one).scores]
        first = [entry for entry in members if rules_of(entry).overrides]
        chosen = max(first, key=lambda entry: entry.insertion_order) if first else _drawn(members, macros)
        lost.discard(chosen.number)
    return [entry for entry in found if entry.number not in lost]


def _drawn(members: Sequence[LoreEntry], macros: Macros) -> LoreEntry:
    if len(members) == 1:
        return members[0]
    left = macros.draw(1_000_000) / 1_000_000 * sum(rules_of(entry).weight for entry in members)
    for entry in members:
        left -= rules_of(entry).weight
        if left < 0:
            return entry
    return members[-1]


def _is_allowed(entry: LoreEntry, spoken: int, moment: Moment) -> bool:
    """Whether the conditions hold that have nothing to do with keys."""
    asked = entry.decorators
    if not rules_of(entry).is_for_replies:
        return False
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


def _is_sure(entry: LoreEntry, moment: Moment) -> bool:
    """Whether an entry is called up whatever its keys are."""
    asked = entry.decorators
    is_kept = "keep_activate_after_match" in asked and entry.number in moment.called_before
    return "activate" in asked or is_kept


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
    bound = [one for one in wanted if not rules_of(one.entry).ignores_budget]
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
    own = rules_of(entry)
    depth = asked.get("depth", own.depth if own.place == "chat" else None)
    role = asked.get("role", own.role if own.place == "chat" else role)
    if depth is None and "reverse_depth" in asked:
        depth = max(0, turns - asked["reverse_depth"])
    if own.place == OUTLET:
        return Insertion(entry, text, tokens, OUTLET)
    if depth is not None:
        return Insertion(entry, text, tokens, "chat", min(depth, turns), role)
    return Insertion(entry, text, tokens, own.place or entry.position, role=role)
