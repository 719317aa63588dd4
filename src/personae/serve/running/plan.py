"""From a form to a run: words that the command line would have given, in files that only the server names."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from personae.canonical import content_hash
from personae.errors import InputError
from personae.instrument.assessment import assessment, parameters_of
from personae.launch import Launch, ModelChoice
from personae.papers import find_paper, load_paper
from personae.persona import Persona
from personae.persona.files import dump_line
from personae.serve.faults import Refusal
from personae.serve.running.catalogue import find_instrument, settings_of
from personae.serve.running.forms import KEYS, UPLOAD, form_schema
from personae.serve.running.uploads import find_upload
from personae.study.folder import whole_file
from personae.study.settings import StudySettings

_MOST_TEXT = 100_000


@dataclass(frozen=True, slots=True)
class Plan:
    """A run as it was asked for, in plain words that another process can be handed."""

    kind: str
    key: str
    title: str
    parameters: Mapping[str, str]
    names: Mapping[str, str]
    """Models by role."""
    options: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Options of models by role."""
    seed: int = 0

    def to_json(self) -> dict[str, Any]:
        """Plain JSON form."""
        return {
            "kind": self.kind,
            "key": self.key,
            "title": self.title,
            "parameters": dict(self.parameters),
            "names": dict(self.names),
            "options": {role: dict(options) for role, options in self.options.items()},
            "seed": self.seed,
        }

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> Plan:
        """Read it back."""
        return Plan(**data)

    def launch(self) -> Launch:
        """The run, ready to start.

        Raises:
            InputError: If a parameter is malformed.
        """
        experiment = load_paper(self.key) if self.kind == "paper" else assessment(self.parameters)
        return Launch(experiment, self.parameters, ModelChoice(self.names, self.options), self.seed)


def make_plan(
    kind: str,
    key: str,
    values: Mapping[str, Any],
    *,
    models: Mapping[str, str],
    known_models: Mapping[str, Mapping[str, str]],
    people: Sequence[Persona],
    seed: int,
    files: Path,
) -> Plan:
    """Make a plan of what a form says, and check all of it.

    Args:
        kind: Paper or instrument.
        key: Which.
        values: Parameters as JSON values; those that are not given have their defaults.
        models: Models by role; the subject's plays roles that are not given.
        known_models: Models that the server may ask, with their options; the first is the default.
        people: Personas that an instrument is put to; none asks the model as itself.
        seed: Seed of the design.
        files: Folder for texts and people that the run reads.

    Raises:
        Refusal: If there is no such experiment, or a model is not one of the server's.
        InputError: If a parameter is unknown or malformed.
    """
    settings = settings_of(kind, key)
    words = _words(settings, values, files)
    if kind == "instrument":
        title = find_instrument(key).title
        words = parameters_of(key, [_people_file(people, files)] if people else [], words)
    else:
        title = find_paper(key).title.partition(":")[0]
        if people:
            raise InputError("brings its own people", where=key, remedy="leave people out")
    default = next(iter(known_models))
    names = {"subject": default, **models}
    for role, name in names.items():
        if name not in known_models:
            remedy = f"choose one of {', '.join(known_models)}"
            raise Refusal(422, "input", f"{name!r} is no model of this server", where=f"models.{role}", remedy=remedy)
    options = {role: known_models[name] for role, name in names.items() if known_models[name]}
    plan = Plan(kind, key, title, words, names, options, seed)
    launch = plan.launch()
    study = launch.experiment.make_study(words)
    for role in set(names) - set(study.roles) - {"subject"}:
        if role not in launch.experiment.roles:
            known = ", ".join(launch.experiment.roles)
            raise InputError(f"has no role {role!r}", where=f"models.{role}", remedy=f"roles: {known}")
        # The form names a model for each role of the experiment; with these parameters nobody plays this one.
        del names[role]
        options.pop(role, None)
    return plan


def plan_of_record(record: Mapping[str, Any]) -> Plan:
    """The plan of a run that a command started.

    Raises:
        Refusal: If it cannot be continued from here.
    """
    if "people" in record:
        raise Refusal(409, "conflict", "people answer here, and nobody else", remedy="send them a link")
    if "paper" in record:
        kind, key = "paper", str(record["paper"])
    elif "assessment" in record:
        kind, key = "instrument", str(record["assessment"])
    else:
        raise Refusal(409, "conflict", "cannot be continued from here", remedy="use what began it")
    if record.get("ledger") or record.get("shard") or record["chosen_models"]["base_url"]:
        raise Refusal(409, "conflict", "is shared with other workers", remedy="personae run resume continues it")
    chosen = record["chosen_models"]
    return Plan(kind, key, key, record["given_parameters"], chosen["names"], chosen["options"], record["seed"])


def _words(settings: type[StudySettings], values: Mapping[str, Any], files: Path) -> dict[str, str]:
    allowed = form_schema(settings)["properties"]
    texts = settings.text_fields()
    words: dict[str, str] = {}
    for name, value in values.items():
        if name not in allowed:
            raise InputError(
                f"the parameter {name!r} cannot be set here", where=f"parameters.{name}", remedy="leave it out"
            )
        if value is None or (name in texts and value == settings.model_fields[name].default):
            continue
        if value == "" and allowed[name].get("format") == UPLOAD and "" not in allowed[name].get("enum", ()):
            continue  # no file is brought
        words[name] = (
            str(_text_file(name, value, files)) if name in texts else _chosen(name, value, allowed[name], files)
        )
    return words


def _chosen(name: str, value: Any, field: Mapping[str, Any], files: Path) -> str:
    """A value as a word of the command line; no word of a client becomes the name of a file."""
    word, format = _word(value), field.get("format")
    if format == UPLOAD and word and word not in field.get("enum", ()):
        return str(find_upload(word, files, f"parameters.{name}"))
    if format == KEYS:
        known = field["examples"]
        if unknown := [one for one in word.split(",") if one.strip() not in known]:
            remedy = f"known are {', '.join(known)}"
            raise InputError(f"{unknown[0].strip()!r} is not known", where=f"parameters.{name}", remedy=remedy)
    return word


def _word(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return ",".join(map(str, value))
    return json.dumps(value) if isinstance(value, dict) else str(value)


def _text_file(name: str, text: Any, files: Path) -> Path:
    """A text that the command line would take from a file: kept under its hash, so that the run can go on later."""
    if not isinstance(text, str) or len(text) > _MOST_TEXT:
        raise InputError("is no text, or too long", where=f"parameters.{name}", remedy=f"at most {_MOST_TEXT} letters")
    return _keep(files / f"{content_hash(text)[:24]}.txt", text)


def _people_file(people: Sequence[Persona], files: Path) -> Path:
    lines = "".join(map(dump_line, people))
    return _keep(files / f"{content_hash(lines)[:24]}.jsonl", lines)


def _keep(path: Path, text: str) -> Path:
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        with whole_file(path) as partial:
            partial.write_text(text, encoding="utf-8")
    return path.resolve()
