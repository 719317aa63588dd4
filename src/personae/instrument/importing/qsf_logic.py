"""Logic and piped text of Qualtrics surveys, as conditions and pipes of ours."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from personae.instrument.importing.imported import scale_key
from personae.instrument.survey.conditions import parse_condition
from personae.instrument.survey.questions import PIPE

if TYPE_CHECKING:
    from personae.instrument.importing.qsf_questions import Draft

_TAG = re.compile(r"<[^<>]{0,2000}>")
_BREAK = re.compile(r"<\s*(?:br|/p|/div|/li)\b[^<>]{0,200}>", re.IGNORECASE)
_PIPED = re.compile(r"\$\{([^{}]{1,300})\}")
_QUESTION = re.compile(r"^q://(QID\d+)(?:_\w+)?/(ChoiceGroup/SelectedChoices|ChoiceTextEntryValue|[\w/]+)")
_FIELD = re.compile(r"^e://Field/(.+)$")
_LOCATOR = re.compile(
    r"q://(QID\d+)/(?:SelectableChoice|ChoiceTextEntryValue|ChoiceNumericEntryValue)?/?([\w.-]*)(?:/(\w+))?"
)
_SIGNS = {
    "EqualTo": "==",
    "NotEqualTo": "!=",
    "GreaterThan": ">",
    "GreaterThanOrEqual": ">=",
    "LessThan": "<",
    "LessThanOrEqual": "<=",
}


@dataclass
class Names:
    """Which question of ours a question of the file became."""

    questions: dict[str, list[Draft]] = field(default_factory=dict)
    fields: set[str] = field(default_factory=set)
    """Embedded fields that are used."""
    warnings: list[str] = field(default_factory=list)

    def add(self, identity: str, drafts: list[Draft]) -> None:
        """Remember what a question became."""
        self.questions[identity] = drafts

    def key(self, identity: str, row: str = "") -> str:
        """The key of a question, or of one row of a matrix; empty if there is none."""
        drafts = [one for one in self.questions.get(identity, []) if one.kind != "note"]
        chosen = [one for one in drafts if one.row == row] if row else drafts
        return chosen[0].key if chosen else ""

    def piped(self, text: str) -> str:
        """A text with its pipes in our spelling; what has no counterpart stays as it is, with a warning."""

        def replace(match: re.Match[str]) -> str:
            if found := _FIELD.match(match[1]):
                name = scale_key(found[1], "field")
                self.fields.add(name)
                return f"{{{{embedded.{name}}}}}"
            found = _QUESTION.match(match[1])
            if found and (key := self.key(found[1])):
                return f"{{{{answers.{key}}}}}"
            self.warnings.append(f"the piped text {match[0]} has no counterpart and stands as it is")
            return match[0]

        return _PIPED.sub(replace, text)


def plain_text(text: str) -> str:
    r"""A text without markup.

    Example:
        >>> plain_text("<b>Tea</b>&nbsp;or<br>coffee?")
        'Tea or\ncoffee?'
    """
    text = html.unescape(_TAG.sub("", _BREAK.sub("\n", text))).replace("\xa0", " ")
    lines = (re.sub(r"[ \t]+", " ", line).strip() for line in text.splitlines())
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def joined(how: str, parts: Sequence[str]) -> str:
    """Several conditions as one; those that are empty always hold."""
    known = [part for part in parts if part]
    if len(known) < 2:
        return known[0] if known else ""
    return f" {how} ".join(f"({part})" for part in known)


def negated(condition: str) -> str:
    """The opposite of a condition."""
    return f"not ({condition})"


def read_logic(logic: object, names: Names, what: str) -> str | None:
    """Read display or branch logic: groups of expressions; ``None`` if any of them cannot be read."""
    if not isinstance(logic, Mapping):
        return None
    groups: list[tuple[str, str]] = []
    for key, group in logic.items():
        if not str(key).isdecimal() or not isinstance(group, Mapping):
            continue
        parts: list[tuple[str, str]] = []
        for number, expression in group.items():
            if not str(number).isdecimal() or not isinstance(expression, Mapping):
                continue
            read = _expression(expression, names)
            if read is None:
                names.warnings.append(f"{what}: the expression {_named(expression)} cannot be read")
                return None
            parts.append((_conjunction(expression), read))
        if not parts:
            return None
        groups.append(("or" if "Or" in str(group.get("Type", "")) else "and", _chained(parts)))
    return _chained(groups) if groups else None


def skip_condition(skip: Mapping[str, Any], names: Names) -> str:
    """The condition of one entry of skip logic; empty if it cannot be read."""
    return (
        _expression(
            {
                "LogicType": "Question",
                "ChoiceLocator": skip.get("ChoiceLocator") or skip.get("Locator"),
                "Operator": skip.get("Condition"),
                "RightOperand": skip.get("RightOperand"),
            },
            names,
        )
        or ""
    )


def _conjunction(expression: Mapping[str, Any]) -> str:
    said = expression.get("Conjuction") or expression.get("Conjunction") or "And"  # the first is how it is spelled
    return "or" if str(said).casefold() == "or" else "and"


def _chained(parts: Sequence[tuple[str, str]]) -> str:
    """Conditions one after the other; "and" binds more closely than "or", as in ours."""
    if len(parts) == 1:
        return parts[0][1]
    first, *rest = parts
    return f"({first[1]})" + "".join(f" {how} ({part})" for how, part in rest)


def _expression(expression: Mapping[str, Any], names: Names) -> str | None:
    operator, value = str(expression.get("Operator")), expression.get("RightOperand")
    if expression.get("LogicType") == "EmbeddedField":
        field_name = scale_key(str(expression.get("LeftOperand")), "field")
        names.fields.add(field_name)
        return _compared(f"embedded.{field_name}", operator, value)
    if expression.get("LogicType") != "Question":
        return None
    place = _LOCATOR.search(str(expression.get("ChoiceLocator") or expression.get("LeftOperand") or ""))
    if place is None:
        return None
    identity, choice, answer = place[1], place[2], place[3]
    drafts = names.questions.get(identity, [])
    row = choice if answer and any(one.row == choice for one in drafts) else ""
    key = names.key(identity, row)
    if not key:
        return None
    draft = next(one for one in drafts if one.key == key)
    if operator in ("Selected", "NotSelected"):
        chosen = draft.values.get(answer or choice)
        if chosen is None:
            return None
        found = f"{key} {'has' if draft.kind == 'multiple' else '=='} {chosen}"
        return found if operator == "Selected" else negated(found)
    if operator in ("Displayed", "NotDisplayed"):
        return negated(f"{key} skipped") if operator == "Displayed" else f"{key} skipped"
    return _compared(key, operator, value)


def _compared(name: str, operator: str, value: object) -> str | None:
    if operator in ("Empty", "NotEmpty"):
        return f"{name} answered" if operator == "NotEmpty" else negated(f"{name} answered")
    if value is None:
        return None
    spelled = _spelled(str(value))
    if operator in ("Contains", "DoesNotContain"):
        text = spelled if spelled.startswith(("'", '"')) else f'"{value}"'
        return f"{name} has {text}" if operator == "Contains" else negated(f"{name} has {text}")
    return f"{name} {_SIGNS[operator]} {spelled}" if operator in _SIGNS else None


def _spelled(value: str) -> str:
    if re.fullmatch(r"-?\d+(?:\.\d+)?", value):
        return value
    quote = "'" if '"' in value else '"'
    return f"{quote}{value.replace(quote, '')}{quote}"


def _named(expression: Mapping[str, Any]) -> str:
    return f"{expression.get('LogicType')} {expression.get('Operator')} {expression.get('LeftOperand')}"


def look_back(blocks: Sequence[dict[str, Any]], known: set[str]) -> Iterator[str]:
    """Take out, in place, what speaks of a question that comes later, and say so.

    Survey software lets a condition or a pipe speak of any question; of one that comes later there is no answer yet.
    """
    order = [name for block in blocks for name in (block["key"], *(one["key"] for one in block.get("questions", ())))]
    seen = set(known)

    def keeps(condition: str, what: str) -> Iterator[str]:
        if condition and (later := sorted(parse_condition(condition).names() - seen)):
            yield f"{what}: its condition speaks of {later[0]}, which is not asked before it; left out"

    for block in blocks:
        for warning in keeps(block.get("show_if", ""), f"block {block['key']}"):
            yield warning
            block["show_if"] = ""
        for one in block.get("questions", ()):
            for warning in keeps(one["show_if"], f"question {one['key']}"):
                yield warning
                one["show_if"] = ""
            for kind, name in PIPE.findall(one["text"]):
                if kind == "answers" and name not in seen:
                    yield f"question {one['key']}: it pipes {name}, which is not asked before it; left out"
                    one["text"] = one["text"].replace(f"{{{{answers.{name}}}}}", "…")
            if one["kind"] != "note":
                seen.add(one["key"])
            jumps = one.get("jumps", [])
            ahead = {"end", "end_of_block", *order[order.index(one["key"]) + 1 :]}
            if any(jump["to"] not in ahead for jump in jumps):
                yield f"question {one['key']}: a skip leads back; left out"
                one["jumps"] = [jump for jump in jumps if jump["to"] in ahead]
