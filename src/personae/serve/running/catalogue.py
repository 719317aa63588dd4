"""Experiments that can be started from a form: papers that run, and instruments, with a schema of their parameters."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

from personae.errors import InputError
from personae.instrument import Instrument, list_instruments, load_instrument
from personae.instrument.assessment import AssessmentSettings
from personae.papers import catalogue, find_paper, is_runnable, load_paper
from personae.papers.settings import PaperSettings
from personae.serve.faults import not_found
from personae.serve.running.forms import askable, form_schema, set_elsewhere
from personae.study.experiment import Experiment
from personae.study.settings import StudySettings

Kind = Literal["paper", "instrument"]


def list_experiments(query: str, kind: str) -> list[dict[str, Any]]:
    """Papers, then instruments, that hold all words of the query."""
    words = query.lower().split()[:8]
    rows: list[dict[str, Any]] = []
    if kind in ("", "paper"):
        rows += [
            {
                "kind": "paper",
                "key": one.key,
                "number": one.number,
                "title": one.title,
                "year": one.year,
                "summary": one.summary,
                "runs": is_runnable(one),
            }
            for one in catalogue()
        ]
    if kind in ("", "instrument"):
        rows += [
            {
                "kind": "instrument",
                "key": one.key,
                "number": None,
                "title": one.title,
                "year": None,
                "summary": ", ".join(scale.title for scale in one.scales)[:300],
                "runs": one.key in askable(),
            }
            for one in map(load_instrument, list_instruments())
        ]
    return [
        row for row in rows if all(word in f"{row['key']} {row['title']} {row['summary']}".lower() for word in words)
    ]


def describe_experiment(kind: str, key: str) -> dict[str, Any]:
    """What a form needs to start an experiment.

    Raises:
        Refusal: If there is none, or it cannot be started from here.
    """
    if kind == "paper":
        entry, paper = find_paper(key), _paper(key)
        settings = settings_of(kind, key)
        return {
            "kind": kind,
            "key": entry.key,
            "title": entry.title,
            "summary": entry.summary,
            "link": entry.link,
            "parameters": form_schema(settings),
            "elsewhere": set_elsewhere(settings),
            "roles": dict(paper.roles),
            "full": full_size(settings, paper),
            "takes_people": False,
            "claims": [
                {
                    "name": one.name,
                    "subject": one.subject,
                    "value": one.value,
                    "where": one.where,
                    "confidence": one.confidence,
                }
                for one in paper.claims
            ],
        }
    instrument = find_instrument(key)
    return {
        "kind": "instrument",
        "key": instrument.key,
        "title": instrument.title,
        "summary": ", ".join(scale.title for scale in instrument.scales),
        "link": "",
        "parameters": _form_of(instrument),
        "elsewhere": set_elsewhere(AssessmentSettings),
        "roles": {"subject": "answers the instrument"},
        "full": {},
        "takes_people": True,
        "claims": [],
    }


def _form_of(instrument: Instrument) -> dict[str, Any]:
    """The form of an assessment, with the wordings and languages that this instrument has."""
    schema = form_schema(AssessmentSettings)
    fields = schema["properties"]
    languages = dict.fromkeys([instrument.language, *(one.language for one in instrument.wordings)])
    fields["wording"]["enum"] = ["original", *(one.key for one in instrument.wordings)]
    fields["language"] |= {
        "enum": ["", *languages],
        "description": "language of the wording; empty: that of the wording",
    }
    return schema


def settings_of(kind: str, key: str) -> type[StudySettings]:
    """The parameters of an experiment, as a class that reads and checks them.

    Raises:
        Refusal: If a paper has none that a form could be made from.
    """
    if kind == "instrument":
        return AssessmentSettings
    _paper(key)  # its classes are known once it is imported
    for known in _below(PaperSettings):
        if getattr(known, "paper", None) == find_paper(key).key:
            return known
    raise not_found("form for the experiment", key)


def full_size(settings: type[StudySettings], paper: Experiment) -> dict[str, Any]:
    """The parameters at which a study has its published size, as JSON values."""
    if not paper.full:
        return {}
    try:
        read = settings.read(paper.full).model_dump(mode="json")
    except InputError:  # such as one that needs a file beside it
        return {}
    return {name: read[name] for name in paper.full if name in form_schema(settings)["properties"]}


def find_instrument(key: str) -> Instrument:
    """An instrument of the library; no file of the server is ever read under a client's name.

    Raises:
        Refusal: If there is none of this key.
    """
    if key not in list_instruments():
        raise not_found("instrument", key)
    return load_instrument(key)


def _paper(key: str) -> Experiment:
    entry = next((one for one in catalogue() if one.key == key), None)
    if entry is None or not is_runnable(entry):
        raise not_found("paper that runs", key)
    return load_paper(entry.key)


def _below(known: type[StudySettings]) -> Iterator[type[StudySettings]]:
    for one in known.__subclasses__():
        yield one
        yield from _below(one)
