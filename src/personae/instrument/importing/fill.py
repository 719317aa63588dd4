"""Filling in the texts of a form whose key and structure are shipped without them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from personae.errors import InputError
from personae.instrument.importing.imported import Imported
from personae.instrument.questionnaire import Instrument
from personae.instrument.shelf import make_instrument


def fill_instrument(
    structure: Instrument, texts: Mapping[str, str], where: str, given: Instrument | None = None
) -> Instrument:
    """Give a form that is structure only the texts that the user has.

    Texts go by identifier where these are the same, else by their order. Options without words of their own take those
    of ``given``, where it has the same values.

    Raises:
        InputError: If the form has texts already, or there are more or fewer than it has items.
    """
    if not structure.is_structure_only:
        raise InputError("has its texts already", where=structure.key, remedy="import the file without --fill")
    if len(texts) != len(structure.items):
        raise InputError(
            f"has {len(texts)} texts; {structure.key} has {len(structure.items)} items",
            where=where,
            remedy="bring the whole form, one text for each item",
        )
    by_id = set(texts) == set(structure.items)
    found = texts if by_id else dict(zip(structure.items, texts.values(), strict=True))
    data = structure.model_dump(exclude={"items", "obtain"})
    if given is not None and not given.formats:
        words = {one.value: one.label for one in given.options}
        if all(one.label == str(one.value) for one in structure.options) and words.keys() == {
            one.value for one in structure.options
        }:
            data["options"] = [one.model_dump() for one in given.options]
    source = f"{structure.source}; texts filled in from the user's own copy" if structure.source else "user's own copy"
    return make_instrument({**data, "items": {item: found[item] for item in structure.items}, "source": source}, where)


def pick_texts(structure: Instrument, imported: Imported, only: str, where: str) -> Instrument:
    """Choose the form of a file that has the texts of a structure: the one that is named, else the one that fits.

    Raises:
        InputError: If none or several fit.
    """
    fitting = [
        one for one in imported.instruments if (one.key == only if only else len(one.items) == len(structure.items))
    ]
    if not only and any(one.key == structure.key for one in fitting):
        fitting = [one for one in fitting if one.key == structure.key]
    if len(fitting) != 1:
        known = ", ".join(f"{one.key} ({len(one.items)} items)" for one in imported.instruments) or "no questionnaire"
        raise InputError(
            f"has {len(fitting) or 'no'} forms that fit {structure.key}, which has {len(structure.items)} items",
            where=where,
            remedy=f"name one with --only; the file has {known}",
        )
    return fitting[0]


def compare_keys(structure: Instrument, given: Instrument) -> Iterator[str]:
    """Say where the key of the user's file differs from ours, which is kept."""
    ids: Mapping[str, str] = dict(zip(given.items, structure.items, strict=True))
    for scale in given.scales:
        items = {ids[item] for item in scale.items}
        ours = next((one for one in structure.scales if set(one.items) == items), None)
        if ours is None:
            if len(given.scales) > 1 or items != set(structure.items):
                yield f"the file's scale {scale.key!r} has other items than any scale of {structure.key}"
            continue
        differing = {ids[item] for item in scale.reverse} ^ set(ours.reverse)
        if differing:
            yield f"{ours.key}: the file and {structure.key} differ over reversing {_listed(structure, differing)}"


def _listed(structure: Instrument, items: set[str]) -> str:
    chosen: Sequence[str] = [item for item in structure.items if item in items]
    return ", ".join(chosen)
