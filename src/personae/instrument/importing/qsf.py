"""Qualtrics surveys (QSF): questions, blocks, flow, display and skip logic, embedded data, piped text.

The layout is the one that the survey software exports: ``SurveyEntry``, and ``SurveyElements`` of which ``SQ`` are
questions, ``BL`` blocks, ``FL`` the flow. What has no counterpart here is named in a warning.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import PurePath
from typing import Any

from personae.errors import InputError
from personae.instrument.importing.imported import Imported, instrument_key, scale_key, unknown_licence
from personae.instrument.importing.qsf_logic import Names, joined, look_back, plain_text, read_logic, skip_condition
from personae.instrument.importing.qsf_questions import Draft, draft_questions
from personae.instrument.shelf import make_instrument
from personae.instrument.survey.questions import Survey
from personae.instrument.survey.reading import make_survey

_TRASH = "Trash"


def is_qsf(data: object) -> bool:
    """Whether parsed JSON is in this layout."""
    return isinstance(data, dict) and {"SurveyEntry", "SurveyElements"} <= data.keys()


def read_qsf(data: Mapping[str, Any], where: str) -> Imported:
    """Read a survey; where it is nothing but closed questions without logic, as an instrument too.

    Raises:
        InputError: If an element is malformed or the flow names a block or question that does not exist.
    """
    return _Reader(data, where).read()


class _Reader:
    """Reads one survey; warnings gather as it goes."""

    def __init__(self, data: Mapping[str, Any], where: str) -> None:
        self.where = where
        self.warnings: list[str] = []
        self.entry = _table(data["SurveyEntry"], f"{where}: SurveyEntry")
        elements = data["SurveyElements"]
        if not isinstance(elements, list):
            raise InputError("is no list", where=f"{where}: SurveyElements", remedy="export the survey again")
        self.by_kind: dict[str, list[Mapping[str, Any]]] = {}
        for number, element in enumerate(elements):
            one = _table(element, f"{where}: SurveyElements.{number}")
            self.by_kind.setdefault(str(one.get("Element")), []).append(one)
        self.drafts: dict[str, list[Draft]] = {}
        self.embedded: dict[str, str] = {}
        self.names = Names()

    def read(self) -> Imported:
        self._read_questions()
        blocks = self._blocks()
        flow = [block for block in self._flow(blocks) if block.get("questions") or block.get("ends")]
        title = str(self.entry.get("SurveyName") or PurePath(self.where).stem)
        declared: dict[str, Any] = {
            "key": instrument_key(title, "survey"),
            "title": title,
            "source": f"imported from {PurePath(self.where).name} (Qualtrics QSF)",
            "language": str(self.entry.get("SurveyLanguage") or "en").casefold(),
            "instructions": plain_text(str(self.entry.get("SurveyDescription") or "")),
            "blocks": flow,
        }
        used = self.names.fields
        embedded = {**dict.fromkeys(sorted(used), ""), **self.embedded}
        self.warnings += list(look_back(flow, {f"embedded.{name}" for name in embedded}))
        survey = make_survey({**declared, "embedded": embedded}, self.where)
        self.warnings += self.names.warnings
        instruments = (self._instrument(survey),) if _is_form(survey) else ()
        return Imported("Qualtrics survey", instruments, (survey,), warnings=tuple(dict.fromkeys(self.warnings)))

    def _read_questions(self) -> None:
        taken: set[str] = set()
        for element in self.by_kind.get("SQ", []):
            payload = _table(element.get("Payload"), f"{self.where}: question {element.get('PrimaryAttribute')}")
            identity = str(payload.get("QuestionID") or element.get("PrimaryAttribute"))
            drafts = list(draft_questions(payload, identity, f"{self.where}: {identity}", self.warnings))
            for draft in drafts:
                key = scale_key(draft.name, "q")
                while key in taken or key in ("end", "end_of_block"):
                    key += "_again"
                taken.add(key)
                draft.key = key
            self.drafts[identity] = drafts
            self.names.add(identity, drafts)

    def _blocks(self) -> dict[str, Mapping[str, Any]]:
        found: dict[str, Mapping[str, Any]] = {}
        for element in self.by_kind.get("BL", []):
            payload = element.get("Payload")
            for one in payload.values() if isinstance(payload, dict) else payload or []:
                block = _table(one, f"{self.where}: blocks")
                if block.get("Type") != _TRASH:
                    found[str(block.get("ID"))] = block
        if not found:
            raise InputError("has no blocks", where=self.where, remedy="export the whole survey as QSF")
        return found

    def _flow(self, blocks: Mapping[str, Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
        """The blocks in the order of the flow, each under the conditions of the branches that it lies in."""
        flows = self.by_kind.get("FL", [])
        steps = _table(flows[0].get("Payload"), f"{self.where}: flow").get("Flow", []) if flows else []
        used: set[str] = set()
        if not steps:
            steps = [{"Type": "Block", "ID": key} for key in blocks]
        yield from self._steps(steps, blocks, "", used, 0)

    def _steps(
        self, steps: object, blocks: Mapping[str, Mapping[str, Any]], condition: str, used: set[str], depth: int
    ) -> Iterator[dict[str, Any]]:
        if depth > 20 or not isinstance(steps, list):
            raise InputError("nests too deeply or is no list", where=f"{self.where}: flow", remedy="export it again")
        for step in steps:
            one = _table(step, f"{self.where}: flow")
            match one.get("Type"):
                case "Block" | "Standard":
                    yield self._block(str(one.get("ID")), blocks, condition, used)
                case "Branch":
                    branch = read_logic(one.get("BranchLogic"), self.names, "a branch of the flow")
                    if branch is None:
                        self.warnings.append("a branch whose condition cannot be read is asked of everybody")
                    inner = joined("and", [condition, branch or ""])
                    yield from self._steps(one.get("Flow", []), blocks, inner, used, depth + 1)
                case "EndSurvey":
                    key = f"end_{len(used)}"
                    used.add(key)
                    yield {"key": key, "show_if": condition, "ends": True}
                case "EmbeddedData":
                    self._embedded(one, condition)
                case "Group":
                    yield from self._steps(one.get("Flow", []), blocks, condition, used, depth + 1)
                case "BlockRandomizer":
                    self.warnings.append("a randomizer of blocks: its blocks are asked in the order of the file")
                    yield from self._steps(one.get("Flow", []), blocks, condition, used, depth + 1)
                case other:
                    self.warnings.append(f"a step of the flow of the kind {other!r} was left out")

    def _embedded(self, step: Mapping[str, Any], condition: str) -> None:
        for entry in step.get("EmbeddedData", []):
            one = _table(entry, f"{self.where}: EmbeddedData")
            name = scale_key(str(one.get("Field")), "field")
            value = str(one.get("Value") or "")
            if condition and value:
                self.warnings.append(f"the field {name!r} is set within a branch; it is set for everybody here")
            self.embedded.setdefault(name, value)

    def _block(
        self, identity: str, blocks: Mapping[str, Mapping[str, Any]], condition: str, used: set[str]
    ) -> dict[str, Any]:
        if identity not in blocks:
            raise InputError(f"the flow names block {identity!r}, which does not exist", where=self.where)
        block = blocks[identity]
        key = scale_key(f"block {block.get('Description') or identity}")
        while key in used:
            key += "_again"
        used.add(key)
        questions: list[dict[str, Any]] = []
        for element in block.get("BlockElements", []):
            one = _table(element, f"{self.where}: block {identity}")
            if one.get("Type") == "Question":
                questions += self._questions(one, identity)
        return {
            "key": key,
            "title": plain_text(str(block.get("Description") or "")),
            "show_if": condition,
            "questions": questions,
        }

    def _questions(self, element: Mapping[str, Any], block: str) -> list[dict[str, Any]]:
        identity = str(element.get("QuestionID"))
        if identity not in self.drafts:
            raise InputError(f"block {block!r} names question {identity!r}, which does not exist", where=self.where)
        drafts = self.drafts[identity]
        shown = [draft.declared(self.names) for draft in drafts]
        if not shown:
            return []
        show_if = ""
        if drafts[0].logic:
            read = read_logic(drafts[0].logic, self.names, f"question {identity}")
            if read is None:
                self.warnings.append(f"question {identity}: its display logic cannot be read; everybody is asked")
            show_if = read or ""
        for one in shown:
            one["show_if"] = show_if
        shown[-1]["jumps"] = list(self._jumps(element, identity))
        return shown

    def _jumps(self, element: Mapping[str, Any], identity: str) -> Iterator[dict[str, str]]:
        for entry in element.get("SkipLogic") or []:
            skip = _table(entry, f"{self.where}: SkipLogic of {identity}")
            when = skip_condition(skip, self.names)
            target = str(skip.get("SkipToDestination"))
            drafts = self.drafts.get(target)
            to = {"ENDOFSURVEY": "end", "ENDOFBLOCK": "end_of_block"}.get(target, drafts[0].key if drafts else "")
            if when and to:
                yield {"when": when, "to": to}
            else:
                self.warnings.append(f"question {identity}: a skip to {target} cannot be read and was left out")

    def _instrument(self, survey: Survey) -> Any:
        """The survey as a form: a scale for each block, as the layout has no key."""
        questions = [one for one in survey.questions if one.kind == "single"]
        groups: dict[tuple[Any, ...], list[str]] = {}
        for one in questions:
            groups.setdefault(tuple((each.value, each.label) for each in one.options), []).append(one.key)
        formats = [
            {"items": items, "options": [{"value": value, "label": label} for value, label in sorted(options)]}
            for options, items in groups.items()
        ]
        shared = formats[0]["options"] if len(formats) == 1 else []
        data = {
            "key": survey.key,
            "version": "1",
            "title": survey.title,
            "citation": f"Survey from {PurePath(self.where).name}",
            "source": survey.source,
            "language": survey.language,
            "licence": unknown_licence(PurePath(self.where).name),
            "options": shared,
            "items": {one.key: one.text for one in questions},
            "formats": [] if shared else formats,
            "scales": [
                {
                    "key": block.key,
                    "title": block.title or block.key,
                    "items": [one.key for one in block.questions if one.kind == "single"],
                }
                for block in survey.blocks
                if any(one.kind == "single" for one in block.questions)
            ],
            "notes": "The layout has no key: each block is a scale here, and no item is reversed.",
        }
        return make_instrument(data, self.where)


def _is_form(survey: Survey) -> bool:
    """Whether a survey is closed questions alone, all of which everybody is asked."""
    is_plain = all(not block.show_if and not block.ends for block in survey.blocks)
    asked = [one for one in survey.questions if one.kind != "note"]
    return is_plain and all(
        one.kind == "single" and not one.show_if and not one.jumps and "{{" not in one.text for one in asked
    )


def _table(value: object, where: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise InputError("is no object", where=where, remedy="export the survey again")
    return value
