"""Running the rules, and mending what can be mended without a question of taste."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from personae.errors import InputError
from personae.persona.files import persona_to_json, read_persona
from personae.persona.formats.macros import Macros
from personae.persona.lint import contradictions, rules
from personae.persona.lint.finding import LintFinding, Rule, Severity
from personae.persona.lint.texts import FACETS, LISTS, TEXTS, texts_of
from personae.persona.persona import Persona


@dataclass(frozen=True, slots=True)
class _Code:
    code: str
    title: str
    severity: Severity
    rule: Rule
    is_fixable: bool = False


_RULES = (
    _Code("P101", "says nothing", "error", rules.says_nothing),
    _Code("P102", "too little to act on", "warning", rules.says_little),
    _Code("P103", "demographics alone", "warning", rules.has_no_manner),
    _Code("P201", "ages differ", "error", contradictions.ages_differ),
    _Code("P202", "a life that does not fit the age", "warning", contradictions.age_does_not_fit),
    _Code("P203", "words against a trait", "warning", contradictions.words_against_traits),
    _Code("P204", "a facet against its domain", "warning", rules.facets_against_domain),
    _Code("P205", "a trait out of reach", "warning", rules.traits_out_of_reach),
    _Code("P206", "pronouns against the gender", "warning", contradictions.pronouns_against_gender),
    _Code("P207", "a text against the marital status", "warning", contradictions.text_against_marriage),
    _Code("P208", "a trait of no known name", "warning", rules.traits_of_no_name),
    _Code("P301", "a score in words", "error", rules.scores_in_words),
    _Code("P302", "an unresolved macro", "warning", rules.unresolved_macros, True),
    _Code("P303", "assistant talk", "error", rules.phrase_rule("assistant", "talks like an assistant")),
    _Code("P304", "an instruction to the model", "error", rules.phrase_rule("instruction", "instructs the model")),
    _Code("P305", "a placeholder", "warning", rules.phrase_rule("placeholder", "is a placeholder")),
    _Code("P401", "a cliché", "hint", rules.phrase_rule("cliche", "is said of everybody")),
    _Code("P402", "a stereotype word", "warning", rules.phrase_rule("stereotype", "is a word of stereotypes")),
    _Code("P403", "a deficit framing", "warning", rules.phrase_rule("deficit", "describes by a deficit")),
    _Code("P404", "a limit as an ability", "warning", rules.limits_without_ability),
    _Code("P405", "an ability without its constraint", "hint", rules.abilities_without_constraint),
    _Code("P501", "an item twice", "hint", rules.repeated_items, True),
    _Code("P502", "stray white space", "hint", rules.stray_space, True),
    _Code("P601", "a source of nothing", "warning", rules.sources_of_nothing, True),
    _Code("P602", "no consent or a closed licence", "error", rules.consent_is_refused),
    _Code("P603", "written by nobody", "warning", rules.written_by_nobody),
)

CODES: dict[str, str] = {one.code: one.title for one in _RULES}
"""All codes and what they stand for: 1 gaps, 2 contradictions, 3 leaks, 4 words, 5 form, 6 sources."""


def lint_persona(persona: Persona, *, ignore: Collection[str] = ()) -> list[LintFinding]:
    """Look a persona over.

    When to use: before a persona is run at a price, and on personas that a model or a stranger wrote. The rules look at
    words and cannot tell irony; a finding is a question.

    Args:
        persona: Whom to look over.
        ignore: Codes that are not looked for.

    Raises:
        InputError: If there is no such code.

    Example:
        >>> ada = Persona(description="Ada is a 40-year-old engineer who mends radios.", demographics={"age": 50})
        >>> [one.code for one in lint_persona(ada)]
        ['P201']
    """
    if unknown := [code for code in ignore if code not in CODES]:
        raise InputError(f"no rule is called {unknown[0]!r}", remedy=f"known are {', '.join(CODES)}")
    return [
        LintFinding(
            one.code, persona.id, hit.path, one.severity, hit.message, hit.remedy, _is_fixable(one, persona, hit.path)
        )
        for one in _RULES
        if one.code not in ignore
        for hit in one.rule(persona)
    ]


def _is_fixable(one: _Code, persona: Persona, path: str) -> bool:
    """Whether a finding can be mended: a macro cannot where the name is one, or where it is none of a name."""
    if not one.is_fixable or one.rule is not rules.unresolved_macros:
        return one.is_fixable
    text = dict(texts_of(persona)).get(path, "")
    return not rules.has_macro(persona.name) and not rules.has_macro_of_a_chat(text)


def fix_persona(persona: Persona) -> Persona:
    """Mend what is safe to mend: white space, repeated items, macros of the name, sources of nothing.

    Example:
        >>> fix_persona(Persona(id="a", name="Ada ", goals=("rest", "Rest"), description="{{char}} builds.")).goals
        ('rest',)
    """
    data = persona_to_json(persona)
    macros = Macros(persona.name.strip())
    is_named = not rules.has_macro(persona.name)

    def mend(text: str) -> str:
        is_plain = is_named and rules.has_macro(text) and not rules.has_macro_of_a_chat(text)
        return (macros.resolve(text) if is_plain else text).strip()

    for name in TEXTS:
        if name in data:
            data[name] = mend(data[name])
    for name in FACETS:
        if name in data:
            data[name] = {key: mend(text) for key, text in data[name].items()}
    for name in LISTS:
        if name in data:
            data[name] = _once([mend(item) for item in data[name]])
    if "provenance" in data:
        known = type(persona).model_fields
        data["provenance"] = {
            path: source
            for path, source in data["provenance"].items()
            if path == "*" or path.partition(".")[0] in known
        }
    _mend_inside(data, "abilities", ("ability", "constraint"), mend)
    _mend_inside(data, "memories", ("text",), mend)
    return read_persona(data, where=persona.id).persona


def _mend_inside(data: dict[str, Any], name: str, keys: tuple[str, ...], mend: Any) -> None:
    if name not in data:
        return
    first = keys[0]
    mended = [{**item, **{key: mend(item[key]) for key in keys if key in item}} for item in data[name]]
    data[name] = [item for item in mended if item[first]]


def _once(items: list[str]) -> list[str]:
    seen: dict[str, str] = {}
    for item in items:
        if item:
            seen.setdefault(" ".join(item.casefold().split()), item)
    return list(seen.values())
