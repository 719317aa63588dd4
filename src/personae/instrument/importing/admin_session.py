"""Administration sessions of Serapio-García et al. (2023): batteries of measures with scales, options and framings.

A session has ``measures`` (``items`` by identifier; ``scales`` with ``item_ids``, ``reverse_keyed_item_ids``,
``response_scale_ids`` and the identifiers of framings), ``response_scales`` (``response_choices`` by value), and the
texts of ``item_preambles``, ``item_postambles`` and ``response_choice_postambles``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import PurePath
from typing import Any

from pydantic import Field

from personae.errors import InputError
from personae.instrument.importing.imported import (
    Foreign,
    Framing,
    Imported,
    instrument_key,
    scale_key,
    unknown_licence,
)
from personae.instrument.shelf import make_instrument


class _Scale(Foreign):
    user_readable_name: str
    item_ids: tuple[str, ...] = Field(min_length=1)
    reverse_keyed_item_ids: tuple[str, ...] = ()
    item_preamble_ids: tuple[str, ...] = ()
    item_postamble_ids: tuple[str, ...] = ()
    response_scale_ids: tuple[str, ...] = Field(min_length=1)
    response_choice_postamble_ids: tuple[str, ...] = ()


class _Measure(Foreign):
    user_readable_name: str
    items: dict[str, str] = Field(min_length=1)
    scales: dict[str, _Scale] = Field(min_length=1)


class _ResponseScale(Foreign):
    user_readable_name: str = ""
    response_choices: dict[str, str] = Field(min_length=2)


class _Session(Foreign):
    measures: dict[str, _Measure] = Field(min_length=1)
    response_scales: dict[str, _ResponseScale] = Field(min_length=1)
    item_preambles: Mapping[str, str] = Field(default_factory=dict)
    item_postambles: Mapping[str, str] = Field(default_factory=dict)
    response_choice_postambles: Mapping[str, str] = Field(default_factory=dict)


def is_admin_session(data: object) -> bool:
    """Whether parsed JSON is in this layout."""
    return isinstance(data, dict) and {"measures", "response_scales"} <= data.keys()


def read_admin_session(data: object, where: str) -> Imported:
    """Read a session: an instrument for each measure, and the framings of its scales.

    Raises:
        InputError: If it is malformed, or an identifier leads nowhere.
    """
    session = _Session.read(data, where)
    instruments, framings, warnings = [], {}, []
    for name, measure in session.measures.items():
        place = f"{where}: measures.{name}"
        instrument = make_instrument(_declared(name, measure, session, place), place)
        instruments.append(instrument)
        framings[instrument.key] = {
            scale_key(key): _framing(scale, session, f"{place}.scales.{key}") for key, scale in measure.scales.items()
        }
        scored = {item for scale in measure.scales.values() for item in scale.item_ids}
        if unscored := [item for item in measure.items if item not in scored]:
            warnings.append(f"{name}: in no scale, so asked and not scored: {', '.join(unscored)}")
        warnings += list(_doubts(name, measure))
    return Imported("administration session", tuple(instruments), framings=framings, warnings=tuple(warnings))


def _declared(name: str, measure: _Measure, session: _Session, place: str) -> dict[str, Any]:
    chosen: dict[str, str] = {}  # response scale of each item
    for key, scale in measure.scales.items():
        for item in scale.item_ids:
            chosen.setdefault(item, scale.response_scale_ids[0])
            if scale.response_scale_ids[0] != chosen[item]:
                raise InputError(
                    f"item {item!r} has the response scales {chosen[item]!r} and {scale.response_scale_ids[0]!r}",
                    where=f"{place}.scales.{key}",
                    remedy="give an item one response scale in all scales that hold it",
                )
    used = list(dict.fromkeys(chosen.values()))
    options = {one: _options(one, session.response_scales, place) for one in used}
    file = PurePath(place.partition(": ")[0]).name
    scored = set(chosen)
    return {
        "key": instrument_key(name),
        "version": "1",
        "title": measure.user_readable_name,
        "citation": f"{measure.user_readable_name}, as in {file}; cite the form itself",
        "source": f"imported from {file} (administration session)",
        "language": "en",
        "licence": unknown_licence(file),
        "options": options[used[0]],
        "items": dict(measure.items),
        "fillers": [item for item in measure.items if item not in scored],
        "formats": [
            {"items": [item for item in measure.items if chosen.get(item) == one], "options": options[one]}
            for one in used[1:]
        ],
        "scales": [
            {
                "key": scale_key(key),
                "title": scale.user_readable_name,
                "items": scale.item_ids,
                "reverse": scale.reverse_keyed_item_ids,
            }
            for key, scale in measure.scales.items()
        ],
    }


def _options(name: str, scales: Mapping[str, _ResponseScale], place: str) -> list[dict[str, Any]]:
    if name not in scales:
        raise InputError(
            f"there is no response scale {name!r}", where=place, remedy=f"response_scales has {', '.join(scales)}"
        )
    choices = scales[name].response_choices
    if stray := next((value for value in choices if not value.removeprefix("-").isdecimal()), ""):
        raise InputError(
            f"the choice {stray!r} is no whole number",
            where=f"{place.partition(': ')[0]}: response_scales.{name}",
            remedy="name choices by the values that are scored",
        )
    return [{"value": int(value), "label": choices[value]} for value in sorted(choices, key=int)]


def _framing(scale: _Scale, session: _Session, place: str) -> Framing:
    def texts(ids: tuple[str, ...], known: Mapping[str, str], what: str) -> dict[str, str]:
        if lost := [one for one in ids if one not in known]:
            raise InputError(f"{what} has no {lost[0]!r}", where=place, remedy="add it, or leave it out of the scale")
        return {one: known[one] for one in ids}

    return Framing(
        texts(scale.item_preamble_ids, session.item_preambles, "item_preambles"),
        texts(scale.item_postamble_ids, session.item_postambles, "item_postambles"),
        texts(scale.response_choice_postamble_ids, session.response_choice_postambles, "response_choice_postambles"),
    )


def _doubts(name: str, measure: _Measure) -> Iterator[str]:
    for key, scale in measure.scales.items():
        if len(scale.response_scale_ids) > 1:
            rest = ", ".join(scale.response_scale_ids[1:])
            yield f"{name}.{key}: only its first response scale is taken over; the others are {rest}"
