"""The face of a character: the picture around a card, and the main icon among the files of an archive, are one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from personae.persona.formats.card import card_data
from personae.persona.formats.content import PNG

PICTURE = "image.png"
"""Name under which the picture of a card travels with its persona."""

EMBEDDED = ("embeded://", "embedded://")
"""How a card points into its archive; the specification spells it with one d, some tools with two."""

PICTURE_ITSELF = "ccdefault:"
"""How a card in a picture points to that picture."""


class Icon(NamedTuple):
    """An icon of a card: which of its assets, and the file it points to."""

    number: int
    name: str
    """Name of the file inside the archive; empty for what is not in it."""
    is_main: bool


def embedded_name(uri: Any) -> str:
    """Name inside the archive that an address points to; empty if it points elsewhere."""
    for scheme in EMBEDDED:
        if isinstance(uri, str) and uri.startswith(scheme):
            return uri.removeprefix(scheme)
    return ""


def icons_of(card: Any) -> list[Icon]:
    """The icons that a card names, the main one first."""
    assets = card_data(card).get("assets")
    found = [
        Icon(number, embedded_name(asset.get("uri")), asset.get("name") == "main")
        for number, asset in enumerate(assets if isinstance(assets, list) else [])
        if isinstance(asset, Mapping) and asset.get("type") == "icon"
    ]
    return sorted(found, key=lambda icon: not icon.is_main)


def face_of(card: Any, files: Mapping[str, bytes]) -> Icon | None:
    """The icon that can stand as the picture of a card: the first whose file is there and is a PNG."""
    return next((icon for icon in icons_of(card) if files.get(icon.name, b"").startswith(PNG)), None)


def as_picture(card: Any, icon: Icon) -> Any:
    """The card with an icon pointing to the picture that the card is put into."""
    assets = list(card_data(card)["assets"])
    assets[icon.number] = {**assets[icon.number], "uri": PICTURE_ITSELF}
    return {**card, "data": {**card["data"], "assets": assets}}


def as_file(card: Any) -> Any:
    """The card with its main icon pointing to the picture that lies beside it in an archive."""
    address = f"{EMBEDDED[0]}{PICTURE}"
    assets = card_data(card).get("assets")
    kept = list(assets) if isinstance(assets, list) else []
    icon = next(
        (icon for icon in icons_of(card) if icon.is_main and kept[icon.number].get("uri") == PICTURE_ITSELF), None
    )
    if icon is not None:
        kept[icon.number] = {**kept[icon.number], "uri": address, "ext": "png"}
    else:
        kept.append({"type": "icon", "uri": address, "name": "main", "ext": "png"})
    return {**card, "data": {**card["data"], "assets": kept}}
