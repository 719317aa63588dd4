"""CHARX: a zip archive with ``card.json`` at its root and the card's pictures, sounds and models beside it.

Nothing is ever unpacked to disk. Names that would leave a folder, bombs, links and encrypted archives are refused.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence
from typing import Any

from personae.errors import InputError
from personae.persona.formats.archive import is_safe_name, unpack_archive
from personae.persona.formats.card import (
    CARD_V3,
    SLOT,
    card_data,
    dump_card,
    is_card,
    read_card,
    settle_card,
    write_card,
)
from personae.persona.formats.content import CARD, ZIP, Content, read_json
from personae.persona.formats.face import PICTURE, as_file, embedded_name, icons_of
from personae.persona.formats.format import Format, Record
from personae.persona.formats.genagents import is_agent
from personae.persona.formats.limits import MOST_JSON_BYTES
from personae.persona.persona import Persona

_EPOCH = (1980, 1, 1, 0, 0, 0)
_END = b"PK\x05\x06"
_TAIL = 65_557  # the longest end record of a zip archive


def unpack_charx(content: Content) -> list[Record]:
    """The card of an archive, and its other files by name.

    Raises:
        InputError: If the archive is damaged, hostile, or holds no card.
    """
    where = content.name
    files = unpack_archive(content.data, where)
    if CARD not in files and any(name.startswith("characters/") for name in files):
        raise InputError(
            "is an archive of Backyard (.byaf)", where=where, remedy="export the card from it, or from SillyTavern"
        )
    if CARD not in files:
        raise InputError(f"is an archive without {CARD}", where=where, remedy="this is no character")
    if len(files[CARD]) > MOST_JSON_BYTES:
        raise InputError(f"holds a card of more than {MOST_JSON_BYTES} bytes", where=where)
    card = read_json(files.pop(CARD), f"{where}/{CARD}")
    if not is_card(card):
        raise InputError("holds something that is no card", where=f"{where}/{CARD}")
    return [Record(card, files)]


def pack_charx(records: Sequence[Record]) -> bytes:
    """An archive with the card and its files; the same input gives the same bytes.

    Raises:
        InputError: If there is more than one persona, or a file has a name that leaves the archive.
    """
    if len(records) != 1:
        raise InputError(f"an archive holds one persona, not {len(records)}", remedy="write them into a folder")
    (record,) = records
    is_bare = PICTURE in record.assets and not any(icon.name in record.assets for icon in icons_of(record.data))
    card = as_file(record.data) if is_bare else record.data
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in {CARD: dump_card(card), **record.assets}.items():
            if not is_safe_name(name):
                raise InputError(f"cannot hold a file called {name!r}", remedy="give it a plain relative name")
            archive.writestr(zipfile.ZipInfo(name, _EPOCH), data, zipfile.ZIP_DEFLATED)
    return target.getvalue()


def embedded_assets(card: Any) -> list[str]:
    """Names inside the archive that a card points to."""
    assets = card_data(card).get("assets")
    listed = [asset for asset in assets if isinstance(asset, Mapping)] if isinstance(assets, list) else []
    return [name for asset in listed if (name := embedded_name(asset.get("uri")))]


def _recognise(content: Content) -> bool:
    # Some tools put the archive behind a JPEG, so that the card has a face in every folder.
    is_picture = content.data.startswith(b"\xff\xd8\xff") and _END in content.data[-_TAIL:]
    return is_picture or (content.data.startswith(ZIP) and not is_agent(content.folder))


def _write(persona: Persona) -> Any:
    return write_card(persona, 3)


CARD_CHARX = Format(
    key="charx",
    title="Character Card V3 in a CHARX archive",
    ending=".charx",
    slot=SLOT,
    holds_many=False,
    recognise=_recognise,
    unpack=unpack_charx,
    read=read_card,
    write=_write,
    pack=pack_charx,
    adapt=CARD_V3.adapt,
    settle=settle_card,
    shape=CARD_V3.shape,
    keeps=lambda record: set(record.assets),
)
