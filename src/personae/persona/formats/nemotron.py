"""Nemotron-Personas: rows of census facts with persona texts about work, sports, arts, travel and food (CC-BY-4.0)."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

import orjson

from personae.persona.formats.content import Content
from personae.persona.formats.format import Format, Record, Told
from personae.persona.formats.links import Link, as_age, keep_unread, read_links, write_links
from personae.persona.formats.wording import main_text
from personae.persona.persona import Persona

LICENCE = "CC-BY-4.0"
SOURCE = "Nemotron-Personas"

_TEXTS = ("professional_persona", "sports_persona", "arts_persona", "travel_persona", "culinary_persona")
_CORE = ("uuid", "persona", "professional_persona", "sex", "education_level")
_PLACES = ("city", "state", "country")
_FINER = (
    *("city", "commune", "municipality", "planning_area", "district", "department", "departement", "prefecture"),
    *("province", "state", "region", "area", "zone", "country"),
)
"""Where people live, from small to large; each country has its own."""
_TONGUES = ("native_language", "first_language", "second_language", "third_language")
_AGE = Link("/age", "/demographics/age", as_age)
LINKS = (
    Link("/uuid", "/id"),
    Link("/name", "/name"),
    Link("/persona", "/description"),
    Link("/sex", "/demographics/gender"),
    _AGE,
    Link("/marital_status", "/demographics/marital_status"),
    Link("/education_level", "/demographics/education"),
    Link("/occupation", "/demographics/occupation"),
    Link("/religion", "/demographics/religion"),
    Link("/ethnicity", "/demographics/ethnicity"),
    Link("/cultural_background", "/social_identity/cultural_background"),
    *(Link(f"/{key}", f"/personal_identity/{key}") for key in _TEXTS),
    *(
        Link(f"/{key}", f"/personal_identity/{key}")
        for key in (
            *("bachelors_field", "skills_and_expertise", "hobbies_and_interests"),
            *("linguistic_background", "religious_background", "education_degree"),
        )
    ),
    Link(
        "/career_goals_and_ambitions",
        "/goals",
        lambda value: value.split("\n") if isinstance(value, str) else None,
        lambda value: "\n".join(value),
    ),
)


def _read(row: Any) -> Told:
    fields = read_links(row, LINKS)
    keep_unread(row, (_AGE,), fields)
    facts = fields.setdefault("demographics", {})
    if where := _texts(row, _FINER):
        facts["residence"] = ", ".join(where)
    if tongues := _texts(row, _TONGUES):
        facts["languages"] = list(dict.fromkeys(tongues))
    for key, value in row.items():  # other countries have other texts
        if key.endswith("_persona") and key not in _TEXTS and isinstance(value, str) and value:
            fields.setdefault("personal_identity", {})[key] = value
    fields["provenance"] = _sources(row)
    return Told(fields)


def _texts(row: Any, keys: Sequence[str]) -> list[str]:
    return [row[key] for key in keys if isinstance(row.get(key), str) and row[key]]


def _sources(row: Any) -> Any:
    """What a row says of its sources; the data set itself says it in its card."""
    if isinstance(row.get("provenance"), str):
        try:
            told = orjson.loads(row["provenance"])
        except orjson.JSONDecodeError:
            told = None
        if isinstance(told, dict):
            return told
    written = {"origin": "written", "by": SOURCE, "licence": LICENCE}
    return {"*": written, "demographics": {**written, "origin": "sampled"}}


def _write(persona: Persona) -> dict[str, Any]:
    row = write_links({**persona.content(), "id": persona.id, "description": main_text(persona)}, LINKS)
    if places := [part for part in persona.demographics.residence.split(", ") if part]:
        names = {1: ("country",), 2: ("city", "country")}.get(len(places), _PLACES)
        row |= zip(names, [*places[: len(names) - 1], ", ".join(places[len(names) - 1 :])], strict=True)
    sources = {
        path: source.model_dump(mode="json", exclude_defaults=True) for path, source in persona.provenance.items()
    }
    row = {**dict.fromkeys(_CORE, ""), **row}
    return {**row, "provenance": orjson.dumps(sources).decode()}


def _names(content: Content) -> set[str]:
    return set(content.header) or ({name for row in content.objects[:1] for name in row})


def _recognise(content: Content) -> bool:
    names = _names(content)
    return "persona" in names and ("professional_persona" in names or {"uuid", "sex", "education_level"} <= names)


def pack_parquet(records: Sequence[Record]) -> bytes:
    """Rows as Parquet, with a column for every name that any row has."""
    import polars as pl

    columns = list(dict.fromkeys(name for record in records for name in record.data))
    rows = {name: [record.data.get(name) for record in records] for name in columns}
    target = io.BytesIO()
    pl.DataFrame([pl.Series(name, values, strict=False) for name, values in rows.items()]).write_parquet(target)
    return target.getvalue()


NEMOTRON = Format(
    key="nemotron",
    title="Nemotron-Personas columns, Parquet",
    ending=".parquet",
    slot="nemotron",
    holds_many=True,
    recognise=_recognise,
    unpack=lambda content: [Record(row) for row in (content.rows if content.header else content.objects)],
    read=_read,
    write=_write,
    pack=pack_parquet,
)
