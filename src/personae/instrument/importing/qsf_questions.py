"""Questions of Qualtrics surveys, as questions of ours: one, or one for each row of a matrix."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from personae.errors import InputError
from personae.instrument.importing.qsf_logic import Names, plain_text

_ONE = frozenset({"SAVR", "SAHR", "SACOL", "DL", "SB", "NPS"})
_SEVERAL = frozenset({"MAVR", "MAHR", "MACOL", "MSB"})
_NOT_ASKED = frozenset({"Timing", "Meta", "Captcha", "FileUpload", "Draw"})


@dataclass
class Draft:
    """A question before its texts are piped."""

    name: str
    kind: str
    text: str
    options: list[tuple[int, str]] = field(default_factory=list)
    values: dict[str, int] = field(default_factory=dict)
    """Value of each choice, by its identifier in the file."""
    row: str = ""
    least: float | None = None
    most: float | None = None
    logic: object = None
    key: str = ""

    def declared(self, names: Names) -> dict[str, Any]:
        """The question as a survey declares it."""
        return {
            "key": self.key,
            "kind": self.kind,
            "text": names.piped(self.text) or self.name,
            "options": [{"value": value, "label": names.piped(label)} for value, label in self.options],
            "least": self.least,
            "most": self.most,
        }


def draft_questions(payload: Mapping[str, Any], identity: str, where: str, warnings: list[str]) -> Iterator[Draft]:
    """Draft the questions that one question of the file becomes."""
    kind, selector = str(payload.get("QuestionType")), str(payload.get("Selector"))
    name = str(payload.get("DataExportTag") or identity)
    text = plain_text(str(payload.get("QuestionText") or ""))
    logic = payload.get("DisplayLogic")
    if kind == "DB":
        if text:
            yield Draft(name, "note", text, logic=logic)
    elif kind == "MC":
        options, values = _choices(payload, "Choices", where)
        if selector not in _ONE | _SEVERAL:
            warnings.append(f"{identity}: choices shown as {selector!r} are asked as one choice")
        yield Draft(name, "multiple" if selector in _SEVERAL else "single", text, options, values, logic=logic)
    elif kind == "Matrix":
        yield from _matrix(payload, name, text, where, warnings)
    elif kind == "TE":
        least, most, is_number = _validated(payload)
        if selector == "FORM":
            warnings.append(f"{identity}: a form of several fields is asked as one free text")
        yield Draft(name, "number" if is_number else "text", text, least=least, most=most, logic=logic)
    elif kind == "Slider":
        yield from _sliders(payload, name, text, where)
    elif kind in _NOT_ASKED:
        warnings.append(f"{identity}: a question of the kind {kind!r} is not asked of respondents; left out")
    else:
        warnings.append(f"{identity}: a question of the kind {kind!r} has no counterpart; it is asked as a free text")
        listed = [label for _, label in _choices(payload, "Choices", where)[0]] if payload.get("Choices") else []
        yield Draft(name, "text", "\n".join([text, *(f"- {label}" for label in listed)]), logic=logic)


def _matrix(payload: Mapping[str, Any], name: str, text: str, where: str, warnings: list[str]) -> Iterator[Draft]:
    rows = _ordered(payload.get("Choices"), payload.get("ChoiceOrder"), f"{where}: Choices")
    is_several = str(payload.get("SubSelector")) == "MultipleAnswer"
    if payload.get("Selector") not in ("Likert", "Profile", "Bipolar"):
        warnings.append(f"{name}: a matrix shown as {payload.get('Selector')!r} is asked as one choice a row")
    options, values = _choices(payload, "Answers", where)
    for row, label in rows:
        asked = f"{text}\n{label}" if text else label
        kind = "multiple" if is_several else "single"
        yield Draft(f"{name}_{row}", kind, asked, options, values, row, logic=payload.get("DisplayLogic"))


def _sliders(payload: Mapping[str, Any], name: str, text: str, where: str) -> Iterator[Draft]:
    settings = payload.get("Configuration")
    given: Mapping[str, Any] = settings if isinstance(settings, Mapping) else {}
    least, most = _number(given.get("CSSliderMin"), 0.0), _number(given.get("CSSliderMax"), 100.0)
    rows = _ordered(payload.get("Choices"), payload.get("ChoiceOrder"), f"{where}: Choices")
    for row, label in rows:
        asked = f"{text}\n{label}" if label else text
        yield Draft(
            f"{name}_{row}" if len(rows) > 1 else name,
            "number",
            asked,
            row=row,
            least=least,
            most=most,
            logic=payload.get("DisplayLogic"),
        )


def _choices(payload: Mapping[str, Any], field_name: str, where: str) -> tuple[list[tuple[int, str]], dict[str, int]]:
    """Options in the order shown, and the value of each: recoded if the file recodes it, else its number."""
    order = payload.get("ChoiceOrder" if field_name == "Choices" else "AnswerOrder")
    listed = _ordered(payload.get(field_name), order, f"{where}: {field_name}")
    recoded = payload.get("RecodeValues")
    codes: Mapping[str, Any] = recoded if isinstance(recoded, Mapping) else {}
    values: dict[str, int] = {}
    for place, (identity, _) in enumerate(listed, start=1):
        said = str(codes.get(identity, identity))
        values[identity] = int(said) if said.removeprefix("-").isdecimal() else place
    if len(set(values.values())) < len(values):
        values = {identity: place for place, (identity, _) in enumerate(listed, start=1)}
    if len(listed) < 2:
        raise InputError("has fewer than two choices", where=f"{where}: {field_name}", remedy="export it again")
    seen: dict[str, int] = {}
    options = []
    for identity, label in listed:
        seen[label.casefold()] = seen.get(label.casefold(), 0) + 1
        count = seen[label.casefold()]
        options.append((values[identity], label if count == 1 else f"{label} ({count})"))
    return options, values


def _ordered(table: object, order: object, where: str) -> list[tuple[str, str]]:
    """Identifier and words of choices, in the order that the file gives them."""
    if isinstance(table, list):
        table = {str(place): one for place, one in enumerate(table, start=1)}
    if not isinstance(table, Mapping):
        raise InputError("is no table of choices", where=where, remedy="export the survey again")
    ids: Sequence[str] = [str(one) for one in order] if isinstance(order, list) and order else list(table)
    found = []
    for identity in ids:
        if not isinstance(entry := table.get(identity), Mapping):
            raise InputError(
                f"has no choice {identity!r}, which its order names", where=where, remedy="export it again"
            )
        found.append((identity, plain_text(str(entry.get("Display") or "")) or identity))
    return found


def _validated(payload: Mapping[str, Any]) -> tuple[float | None, float | None, bool]:
    validation = payload.get("Validation")
    settings = validation.get("Settings") if isinstance(validation, Mapping) else None
    given: Mapping[str, Any] = settings if isinstance(settings, Mapping) else {}
    if given.get("ContentType") != "ValidNumber":
        return None, None, False
    inner = given.get("ValidNumber")
    bounds: Mapping[str, Any] = inner if isinstance(inner, Mapping) else {}
    return _bound(bounds.get("Min")), _bound(bounds.get("Max")), True


def _bound(value: object) -> float | None:
    return _number(value, None) if value not in (None, "") else None


def _number(value: object, fallback: Any) -> Any:
    try:
        return float(str(value))
    except ValueError:
        return fallback
