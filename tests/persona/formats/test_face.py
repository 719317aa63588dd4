"""A card's picture and an archive's icon are one face, and files that a format cannot keep are named."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from personae.persona import ReadPersona, convert_personas, read_personas, write_personas
from personae.persona.formats.face import PICTURE
from support.cards import golden, picture, text_chunk

FACE = picture()
ICON = "assets/icon/images/main.png"


def card(*assets: dict[str, Any]) -> dict[str, Any]:
    return {"spec": "chara_card_v3", "spec_version": "3.0", "data": {"name": "Mira", "assets": list(assets)}}


def archive(card: dict[str, Any], files: dict[str, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as packed:
        for name, data in {"card.json": json.dumps(card).encode(), **files}.items():
            packed.writestr(name, data)
    return target.getvalue()


def icon(uri: str, name: str = "main") -> dict[str, Any]:
    return {"type": "icon", "uri": uri, "name": name, "ext": "png"}


def card_in(found: ReadPersona) -> Any:
    return found.persona.extensions["character_card"]


def test_the_picture_of_a_card_becomes_the_icon_of_an_archive_and_comes_back() -> None:
    (mira,) = read_personas(picture(text_chunk(b"ccv3", json.loads(golden("card_v2.json")))))
    written = convert_personas([mira], "charx")
    assert written.report.losses == ()
    (packed,) = read_personas(written.data)
    assert dict(packed.assets) == {PICTURE: FACE}
    assert card_in(packed)["data"]["assets"] == [icon(f"embeded://{PICTURE}")]
    again = convert_personas([packed], "card-png")
    assert again.report.losses == ()
    assert read_personas(again.data)[0].assets[PICTURE] == FACE


@pytest.mark.parametrize("asset", [icon("ccdefault:"), icon("https://example.org/a.png", "other")])
def test_icons_that_a_card_names_stay_its_own(asset: dict[str, Any]) -> None:
    (mira,) = read_personas(picture(text_chunk(b"ccv3", card(asset))))
    (packed,) = read_personas(convert_personas([mira], "charx").data)
    kept = card_in(packed)["data"]["assets"]
    assert icon(f"embeded://{PICTURE}") in kept
    assert (asset in kept) is (asset["name"] == "other")


@pytest.mark.parametrize("scheme", ["embeded://", "embedded://"])
def test_the_icon_of_an_archive_becomes_the_picture(scheme: str) -> None:
    others = {"assets/background/images/sea.png": b"x", "module.risum": b"y"}
    listed = card(icon(f"{scheme}small.png", "small"), icon(f"{scheme}{ICON}"))
    (mira,) = read_personas(archive(listed, {ICON: FACE, "small.png": b"no picture", **others}))
    written = convert_personas([mira], "card-png")
    (again,) = read_personas(written.data)
    assert again.assets[PICTURE] == FACE
    assert card_in(again)["data"]["assets"][1] == icon("ccdefault:")
    lost = set(written.report.paths("dropped"))
    assert lost == {"/assets/small.png", "/assets/assets~1background~1images~1sea.png", "/assets/module.risum"}
    same = convert_personas([mira], "charx")
    assert same.report.losses == ()
    assert read_personas(same.data) == [mira]


def test_a_card_inside_an_icon_does_not_stand_beside_the_card() -> None:
    hidden = picture(text_chunk(b"chara", {"name": "Somebody else", "first_mes": "x"}))
    (mira,) = read_personas(archive(card(icon(f"embeded://{ICON}")), {ICON: hidden}))
    written = convert_personas([mira], "card-png").data
    assert written.count(b"chara\x00") == 1
    assert read_personas(written)[0].persona.name == "Mira"


def test_files_that_a_format_cannot_keep_are_named(tmp_path: Path) -> None:
    (mira,) = read_personas(picture(text_chunk(b"ccv3", card())))
    assert write_personas([mira], tmp_path / "mira.yaml").paths("dropped") == (f"/assets/{PICTURE}",)
    assert write_personas([mira.persona], tmp_path / "mira.yaml").losses == ()
    for key in ("card-v3", "edsl", "csv"):
        report = convert_personas([mira], key).report
        assert f"/assets/{PICTURE}" in report.paths("dropped")
        assert not report.is_complete
