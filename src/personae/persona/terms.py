"""Consent and licence of each field, and a persona without the fields that may not be passed on.

Terms are noted in ``provenance``, for a field or for all of them (``*``). They are words; what is understood is listed
here, and what is not understood is treated as not given.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

from personae.persona.files import persona_to_json, read_persona
from personae.persona.formats.loss import Loss
from personae.persona.formats.pointers import leaves, split_pointer, take
from personae.persona.persona import Persona
from personae.persona.provenance import Provenance

Use = Literal["share", "adapt", "commercial"]
"""What is to be done with the persona: passing it on, passing on a changed form of it, making money with it."""

NO_CONSENT = (
    *("no", "none", "refused", "denied", "declined", "withdrawn", "revoked", "expired", "not given", "not obtained"),
    *("opted out", "opt out"),
)
"""First words of a consent that is none."""

NOT_FOR_MONEY = (
    "research only",
    "only research",
    "only for research",
    "non commercial",
    "noncommercial",
    "no commercial",
)
"""Words of a consent that allows no commercial use."""

_NO_WORDS = re.compile(r"[^a-z0-9]+")
_CLOSED = ("all rights reserved", "proprietary", "no redistribution", "confidential")


@dataclass(frozen=True, slots=True)
class Allowed:
    """A persona with what may be passed on, and what was left out."""

    persona: Persona
    withheld: tuple[Loss, ...] = ()


def respect_terms(
    persona: Persona,
    *,
    uses: Iterable[Use] = ("share",),
    needs_consent: bool = False,
    licences: Iterable[str] | None = None,
) -> Allowed:
    """Leave out the fields whose consent or licence does not allow a use.

    Originals of other formats repeat fields in their own words, so that none of them is passed on once a field is left
    out.

    Args:
        persona: Whom to pass on.
        uses: What is to be done.
        needs_consent: Whether fields without a word about consent are left out too; for data of real people.
        licences: The only licences that are accepted; a field without one is left out then.

    Example:
        >>> ada = Persona(id="a", name="Ada", goals=("rest",), provenance={"goals": Provenance(consent="withdrawn")})
        >>> respect_terms(ada).persona.goals, respect_terms(ada).withheld[0].path
        ((), '/goals')
    """
    wanted, accepted = set(uses), None if licences is None else {_plain(one) for one in licences}
    data = persona_to_json(persona)
    withheld = []
    for path, value in list(leaves({key: data[key] for key in data if key not in ("format", "id", "provenance")})):
        if path.startswith("/extensions"):
            continue
        dotted = ".".join(split_pointer(path))
        if isinstance(value, list) and any(key.startswith(f"{dotted}.") for key in persona.provenance):
            sources = [persona.provenance_of(f"{dotted}.{place}") for place in range(len(value))]
            whys = [_objection(one, wanted, needs_consent, accepted) for one in sources]
            withheld += [Loss(persona.id, f"{path}/{n}", "withheld", why) for n, why in enumerate(whys) if why]
            _keep_items(data, path, [n for n, why in enumerate(whys) if not why])
        elif why := _objection(persona.provenance_of(dotted), wanted, needs_consent, accepted):
            take(data, path)
            data["provenance"] = {
                key: source
                for key, source in data.get("provenance", {}).items()
                if key != dotted and not key.startswith(f"{dotted}.")
            }
            withheld.append(Loss(persona.id, path, "withheld", why))
    if not withheld:
        return Allowed(persona)
    if data.pop("extensions", None):
        withheld.append(Loss(persona.id, "/extensions", "withheld", "originals repeat what was left out"))
    return Allowed(read_persona(data, where=persona.id).persona, tuple(withheld))


def _keep_items(data: dict[str, Any], path: str, places: list[int]) -> None:
    """Keep these items of a list, with their sources under the places that they then have."""
    around: Any = data
    *outer, last = split_pointer(path)
    for key in outer:
        around = around[key]
    items, dotted = around[last], ".".join((*outer, last))
    now = {f"{dotted}.{before}": f"{dotted}.{after}" for after, before in enumerate(places)}
    gone = {f"{dotted}.{place}" for place in range(len(items))} - set(now)
    kept = {}
    for key, source in data.get("provenance", {}).items():
        item = next((one for one in (*now, *gone) if key == one or key.startswith(f"{one}.")), "")
        if item not in gone:
            kept[now[item] + key[len(item) :] if item else key] = source
    data["provenance"] = kept
    if places:
        around[last] = [items[place] for place in places]
    else:
        take(data, path)


def _objection(source: Provenance, uses: set[Use], needs_consent: bool, accepted: set[str] | None) -> str:
    consent, licence = _plain(source.consent), _plain(source.licence)
    is_free = consent.startswith(("no restriction", "no objection", "no limit", "no commercial"))
    if not is_free and any(consent == word or consent.startswith(f"{word} ") for word in map(_plain, NO_CONSENT)):
        return f"consent: {source.consent}"
    if "commercial" in uses and any(words in consent for words in NOT_FOR_MONEY):
        return f"consent: {source.consent} allows no commercial use"
    if needs_consent and not consent:
        return "no consent is noted"
    if accepted is not None and licence not in accepted:
        return f"licence: {source.licence or 'none is noted'}"
    if licence and any(words in licence for words in _CLOSED):
        return f"licence: {source.licence}"
    parts = licence.split()
    if "commercial" in uses and ("nc" in parts or "noncommercial" in parts or "non commercial" in licence):
        return f"licence: {source.licence} allows no commercial use"
    if "adapt" in uses and ("nd" in parts or "noderivatives" in parts or "no derivatives" in licence):
        return f"licence: {source.licence} allows no changes"
    return ""


def _plain(text: str) -> str:
    return _NO_WORDS.sub(" ", text.casefold()).strip()
